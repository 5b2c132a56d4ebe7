internal import CLIDrawing

/// How a report looks beyond what all pages have, and what it does by itself.
enum ReportPageStyle {
  static let styles = """
    h3 { font-size: 1.1em; margin: 1.8em 0 .3em; } h4 { font-size: 1em; margin: 1.4em 0 .3em; }
    .row { grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); }
    .pictures { display: flex; flex-wrap: wrap; gap: 10px; align-items: flex-start; }
    .pictures p { flex: 1 1 12em; margin: 0; }
    img { image-rendering: pixelated; border: 1px solid var(--grid); max-width: 100%; }
    .beside { display: grid; gap: 12px 40px; grid-template-columns: minmax(0, 1fr); } \
    @media (min-width: 760px) { .beside { grid-template-columns: 340px minmax(0, 1fr); } }
    figure { margin: 0 1em .6em 0; } figcaption { font-size: 13px; }
    .problem { border-left: 4px solid var(--two); padding-left: 1em; }
    .sample { border-top: 1px solid var(--grid); margin-top: 1.4em; }
    .slider input { width: min(20em, 100%); vertical-align: middle; accent-color: var(--two); }
    .slider input:focus-visible { outline: 2px solid var(--one); outline-offset: 2px; }
    .readings { list-style: none; margin: 0 0 1em; padding: 0; max-height: 8em; overflow-y: auto; \
    font-size: 13px; }
    .cursor { stroke: var(--two); stroke-width: 1.5; stroke-opacity: .8; }
    .spikes { stroke: var(--ink); } .plain { fill: var(--soft); }
    .number { fill: var(--ink); font-size: 11px; } .number.on { fill: var(--page); }
    polyline.two, line.two { stroke-dasharray: 8 3; } polyline.three, line.three { \
    stroke-dasharray: 3 3; } polyline.four, line.four { stroke-dasharray: 10 3 2 3; } \
    polyline.five, line.five { stroke-dasharray: 1 4; stroke-linecap: round; } \
    polyline.six, line.six { stroke-dasharray: 14 4; } polyline.seven, line.seven { \
    stroke-dasharray: 6 2 2 2 2 2; }
    line.one, line.two, line.three, line.four, line.five, line.six, line.seven, line.eight { \
    stroke-width: 2; }
    \(Drawing.names.dropFirst(3).map { "circle.\($0) { fill: var(--\($0)); }" }.joined(separator: " "))
    summary { cursor: pointer; font-weight: 600; } a { color: var(--one); }
    pre { overflow-x: auto; font-size: 12px; max-width: 100%; white-space: pre-wrap; }
    nav ul { display: flex; flex-wrap: wrap; gap: .2em 1.2em; list-style: none; padding: 0; }
    @media print { .slider, nav { display: none; } }
    """

  /// Points at the step that a slider is at, in all pictures of its sample. Without scripts, all readings
  /// are there.
  ///
  /// It has no `<` and `&`, so that the page stays well-formed XML.
  static let script = """
    for (const sample of document.querySelectorAll(".sample")) {
      const slider = sample.querySelector("input");
      const readings = [...sample.querySelectorAll(".readings li")];
      const lines = sample.querySelectorAll(".cursor");
      const point = () => {
        const step = Number(slider.value);
        const x = Number(sample.dataset.left) + step * Number(sample.dataset.step);
        for (const line of lines) {
          line.setAttribute("x1", x);
          line.setAttribute("x2", x);
        }
        readings.forEach((reading, index) => { reading.hidden = index + 1 !== step; });
        slider.setAttribute("aria-valuetext", readings[step - 1].textContent);
      };
      slider.addEventListener("input", point);
      point();
    }
    """
}
