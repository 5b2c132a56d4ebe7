"""The part of Scripts/screenshots that trains and drives the browser."""

import os
import subprocess
import sys
import tempfile

from browser import Failure, Page, live_address

# A larger file has no place in a repository's documentation.
LIMIT = 1 << 20
FOLDER = "docs/images"


def keep(page, name, top=None, height=900, width=1100):
    """Keeps the page from an element on, or from its beginning."""
    page.size(width, 1000)
    page.scheme("light")
    y = 0
    if top:
        y = page.run(f"(() => {{ const found = {top}; return found && "
                     "found.getBoundingClientRect().top + scrollY - 8; })()")
        if y is None:
            raise Failure(f"{name}: the page has no {top}")
    whole = page.run("document.documentElement.scrollHeight")
    path = f"{FOLDER}/{name}.png"
    page.picture(path, clip={"x": 0, "y": y, "width": width, "height": min(height, whole - y), "scale": 1})
    if os.path.getsize(path) > LIMIT:
        raise Failure(f"{path} has {os.path.getsize(path)} bytes, more than {LIMIT}")
    print(path, os.path.getsize(path))


def heading(text, level="h3"):
    return f"[...document.querySelectorAll('{level}')].find(h => h.textContent === '{text}')"


def main():
    command, browser = sys.argv[1:3]
    data = ["--data", sys.argv[3]] if len(sys.argv) > 3 else []
    os.makedirs(FOLDER, exist_ok=True)
    small = ["--set", "data.trainingLimit=6000", "--set", "data.testLimit=2000"]
    with tempfile.TemporaryDirectory() as folder:
        def run(*arguments):
            subprocess.run([command, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL)

        run("train", "mnist", *data, *small, "--epochs", "4", "--set", "data.validation=0.1", "--quiet",
            "--output", "digits")
        run("report", "digits", "--quiet")
        run("audit", "digits", *data, "--samples", "16", "--flips", "500", "--perturbations", "20", "--quiet",
            "--html", "audit.html")
        page = Page(browser)
        live = subprocess.Popen(
            [command, "train", "mnist", *data, *small, "--epochs", "500", "--live=0", "--output",
             "live"], cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            page.size(1100, 1000)
            page.open(f"file://{folder}/digits/report.html")
            page.wait("document.readyState === 'complete' && document.querySelectorAll('svg').length > 0",
                      "the report is there")
            keep(page, "report", height=800)
            keep(page, "report-spikes", heading("What the network did"), 640)
            page.open(f"file://{folder}/audit.html")
            page.wait("document.readyState === 'complete' && document.title.startsWith('Audit')",
                      "the audit is there")
            keep(page, "audit", heading("Correlation of predicted and true change of the loss", "h2"), 760)
            page.open(live_address(live))
            page.wait("document.getElementById('place').textContent.includes('in epoch 4')",
                      "the training is in its fourth epoch", 300)
            keep(page, "live")
        finally:
            page.close()
            live.terminate()
            live.wait()
    return 0


sys.exit(main())
