/// How pages look, and what they do by themselves.
enum PageStyle {
  static let styles = """
    * { box-sizing: border-box; }
    body { color: var(--ink); background: var(--page); font: 15px/1.5 system-ui, sans-serif; \
    max-width: 1180px; margin: 0 auto; padding: 1em; overflow-wrap: anywhere; }
    h1 { font-size: 1.6em; line-height: 1.2; } h2 { font-size: 1.2em; margin: 2em 0 .4em; } \
    h3 { font-size: 1em; margin: 1em 0 .3em; } p { max-width: 75ch; }
    .verdict { font-size: 1.1em; border-left: 4px solid var(--one); padding-left: 1em; }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1em 1em; \
    color: var(--faint); } dt { font-weight: 600; } dd { margin: 0; }
    .row { display: grid; gap: 12px; \
    grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr)); }
    .small { grid-template-columns: repeat(auto-fill, minmax(min(165px, 100%), 1fr)); }
    svg { display: block; max-width: 100%; height: auto; }
    .key span { padding: 0 .8em 0 .5em; border-left: 1em solid; display: inline-block; \
    line-height: 1; } .key .one { border-color: var(--one); } .key .two { border-color: var(--two); } \
    .key .three { border-color: var(--three); }
    .key .d1, .key .d2, .key .d3, .key .d4, .key .d5 { border-color: var(--one); } \
    .key .d1 { border-color: color-mix(in srgb, var(--one) 22%, var(--page)); } \
    .key .d2 { border-color: color-mix(in srgb, var(--one) 40%, var(--page)); } \
    .key .d3 { border-color: color-mix(in srgb, var(--one) 60%, var(--page)); } \
    .key .d4 { border-color: color-mix(in srgb, var(--one) 80%, var(--page)); }
    .wide { overflow-x: auto; margin: 1em 0; max-width: 100%; overflow-wrap: normal; }
    table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
    caption { text-align: left; font-weight: 600; padding: .3em 0; }
    th, td { padding: .15em .6em; text-align: right; white-space: nowrap; \
    border-bottom: 1px solid var(--grid); }
    th:first-child { text-align: left; position: sticky; left: 0; background: var(--page); }
    tbody th { font-weight: normal; } .own th, .own td { font-weight: 600; }
    th button { all: unset; font-weight: 600; } th button:enabled { cursor: pointer; }
    th button:focus-visible, summary:focus-visible, .wide:focus-visible, a:focus-visible { \
    outline: 2px solid var(--one); outline-offset: 2px; }
    th button:enabled::after { content: " ↕"; color: var(--soft); }
    th[aria-sort=ascending] button::after { content: " ↑"; color: var(--ink); }
    th[aria-sort=descending] button::after { content: " ↓"; color: var(--ink); }
    @media print { body { max-width: none; padding: 0; } \
    svg, tr, figure, img { break-inside: avoid; } h2, h3, h4, caption { break-after: avoid; } \
    p { orphans: 3; widows: 3; } .wide { overflow: visible; } table { font-size: 10px; } \
    th, td { white-space: normal; overflow-wrap: anywhere; padding: .1em .35em; } \
    th button:enabled::after { content: none; } }
    """

  /// Sorts a table by the column whose head is pressed, the largest first and then the smallest;
  /// cells without a value stay last. Without scripts, the heads are plain text.
  ///
  /// It has no `<` and `&`, so that the page stays well-formed XML.
  static let script = """
    for (const table of document.querySelectorAll("table")) {
      const body = table.tBodies[0];
      const heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, column) => {
        const button = head.querySelector("button");
        button.disabled = false;
        button.addEventListener("click", () => {
          const isText = column === 0;
          const first = isText ? "ascending" : "descending";
          const second = isText ? "descending" : "ascending";
          const direction = head.getAttribute("aria-sort") === first ? second : first;
          heads.forEach(other => other.setAttribute("aria-sort", "none"));
          head.setAttribute("aria-sort", direction);
          const sign = direction === "ascending" ? 1 : -1;
          const rows = [...body.rows];
          rows.sort((a, b) => {
            if (isText) return sign * a.cells[0].textContent.localeCompare(b.cells[0].textContent);
            const [p, q] = [a, b].map(row => row.cells[column].dataset.value);
            if (p === undefined || q === undefined) {
              return (p === undefined ? 1 : 0) - (q === undefined ? 1 : 0);
            }
            return sign * (Number(p) - Number(q));
          });
          body.append(...rows);
        });
      });
    }
    """
}
