"""The part of Scripts/docs that handles Markdown: checks links, and makes a DocC catalog of docs/ and recipes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LINK = re.compile(r"(!?)\[((?:[^\]\[]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def tracked(pattern):
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", pattern],
                           capture_output=True, text=True, check=True).stdout
    return [Path(file) for file in files.split("\n") if file]


def without_code(text):
    """The text with blocks and spans of code blanked."""
    text = re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", " ", m.group()), text,
                  flags=re.M | re.S)
    text = re.sub(r"^    .*$", "", text, flags=re.M)
    return re.sub(r"`[^`\n]*`", lambda m: " " * len(m.group()), text)


def anchors(text):
    """The anchors that a host of Markdown gives to headings."""
    found = set()
    for heading in re.findall(r"^#+ +(.*)$", text, flags=re.M):
        words = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number, name = 0, anchor
        while name in found:
            number += 1
            name = f"{anchor}-{number}"
        found.add(name)
    return found


def check():
    """Fails where a relative link of a Markdown file leads to no file or no heading."""
    wrong = []
    for file in tracked("*.md"):
        text = file.read_text(encoding="utf-8")
        for _, _, target in LINK.findall(without_code(text)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            place = (file.parent / path) if path else file
            if not place.exists():
                wrong.append(f"{file}: {target} is no file")
            elif anchor and place.suffix == ".md":
                if anchor not in anchors(place.read_text(encoding="utf-8")):
                    wrong.append(f"{file}: {target} is no heading")
    for line in wrong:
        print(f"docs: {line}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


def page(file, pages):
    """A page of docs/ as an article: links to other pages by their names, others as plain text."""
    text = file.read_text(encoding="utf-8")

    def link(match):
        image, words, target = match.groups()
        path, _, anchor = target.partition("#")
        if image or re.match(r"[a-z]+:", target):
            return match.group() if not image else f"![{words}]({os.path.basename(path)})"
        name = (file.parent / path).resolve() if path else file.resolve()
        if name in pages:
            section = f"#{heading(name, anchor)}" if anchor else ""
            return f"[{words}](doc:{pages[name]}{section})"
        return f"{words} (`{os.path.relpath(name)}`)"

    # Code is left as it is. A point of re.S would go beyond the end of an indented line.
    parts = re.split(r"(^```.*?^```|^    [^\n]*$|`[^`\n]*`)", text, flags=re.M | re.S)
    return "".join(part if place % 2 else LINK.sub(link, part) for place, part in enumerate(parts))


def heading(file, anchor):
    """The anchor that DocC gives to the heading with an anchor of Markdown."""
    for words in re.findall(r"^#+ +(.*)$", file.read_text(encoding="utf-8"), flags=re.M):
        if anchor in anchors(f"# {words}"):
            return re.sub(r"[^\w\-.~!$&'()*+,;=:@]", "", words.replace("`", "").replace(" ", "-"))
    return anchor


def assemble(folder):
    """Makes the catalog."""
    catalog = Path(folder)
    catalog.mkdir(parents=True)
    files = sorted(Path("docs").glob("*.md")) + [Path("CONTRIBUTING.md")]
    pages = {file.resolve(): f"guide-{file.stem.lower()}" for file in files}
    for file in files:
        (catalog / f"guide-{file.stem.lower()}.md").write_text(page(file, pages), encoding="utf-8")
    for file in [*Path("docs").glob("*.svg"), *Path("docs/images").glob("*.png")]:
        shutil.copy(file, catalog)
    recipes = sorted(Path("Recipes").glob("*.yaml"))
    for file in recipes:
        text = file.read_text(encoding="utf-8").rstrip()
        first = text.split("\n")[0].lstrip("# ")
        (catalog / f"recipe-{file.stem}.md").write_text(
            f"# Recipe {file.stem}\n\n{first}\n\n## The file\n\n```yaml\n{text}\n```\n",
            encoding="utf-8")
    lists = "\n".join(f"- <doc:{name}>" for name in pages.values())
    chosen = "\n".join(f"- <doc:recipe-{file.stem}>" for file in recipes)
    (catalog / "Guide.md").write_text(
        "# Guide\n\n@Metadata {\n  @TechnologyRoot\n}\n\n"
        "The command's pages, and the recipes that come with it.\n\n"
        f"## Topics\n\n### Pages\n\n{lists}\n\n### Recipes\n\n{chosen}\n", encoding="utf-8")


def includes(scratch):
    """The module maps of C that the libraries need: ours, and those of packages in a build folder."""
    flags = []
    folders = list(Path("Sources").iterdir()) + list(Path(scratch).glob("checkouts/*/Sources/*"))
    # What the build made for targets of C that have none.
    for file in sorted(Path(scratch).glob("debug/*.build/module.modulemap")):
        flags += ["-Xcc", f"-fmodule-map-file={file}"]
    for folder in sorted(folders):
        maps = [folder / "module.modulemap", folder / "include" / "module.modulemap"]
        for file in maps:
            if file.exists():
                flags += ["-Xcc", f"-fmodule-map-file={file}"]
    print(" ".join(flags))


if __name__ == "__main__":
    {"check": check, "assemble": assemble, "includes": includes}[sys.argv[1]](*sys.argv[2:])
