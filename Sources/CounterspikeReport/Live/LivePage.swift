/// The page of a running training; it asks for the numbers once a second.
///
/// It holds nothing of the run: names and texts come with the numbers and are set as text, so that none can
/// be taken for markup.
struct LivePage {
  let token: String
  /// Tells the page's own script and style from others.
  let nonce: String

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Counterspike</title>
    <link rel="icon" href="data:,">
    <style nonce="\(nonce)">
    \(LivePageStyle.styles)
    </style>
    </head>
    <body>
    <header>
    <h1 id="name">Counterspike</h1>
    <p id="network"></p>
    </header>
    <main>
    <p class="status" role="status"><span id="phase">connecting</span> <span id="place"></span></p>
    <progress id="progress" max="1" value="0" aria-label="part of the training that is done"></progress>
    <dl>
    <div><dt>Loss</dt><dd id="loss-now"></dd></div>
    <div><dt class="measure">Accuracy</dt><dd id="quality-now"></dd></div>
    <div><dt>Time left</dt><dd id="left"></dd></div>
    <div><dt>Samples a second</dt><dd id="speed"></dd></div>
    <div><dt>Learning rate</dt><dd id="rate"></dd></div>
    </dl>
    <p class="actions">
    <button id="pause" type="button" disabled>Pause</button>
    <button id="save" type="button" disabled>Save now</button>
    <button id="stop" type="button" disabled>Stop and save</button>
    </p>
    <section><h2>Loss</h2><div class="chart" id="loss"></div></section>
    <section><h2 class="measure">Accuracy</h2><div class="chart" id="quality"></div></section>
    <section><h2>Firing rates</h2><div class="chart" id="rates"></div></section>
    <section><h2>Spikes of one sample</h2><p id="sample" class="faint"></p>
    <div class="chart" id="raster"></div></section>
    <section><h2>Notes</h2><ul id="notes"></ul></section>
    </main>
    <footer><p id="folder" class="faint"></p></footer>
    <script nonce="\(nonce)">
    const token = "\(token)";
    \(LivePageScript.charts)
    \(LivePageScript.page)
    </script>
    </body>
    </html>

    """
  }
}

/// How the page looks.
enum LivePageStyle {
  static let styles = """
    :root { --ink: #1d2733; --faint: #5a6776; --page: #ffffff; --grid: #dfe5eb; --c0: #0b6e99; \
    --c1: #c2571a; --c2: #6a7f2c; --c3: #8a4fa3; --c4: #b8860b; --c5: #c2346b; --c6: #3f7d6e; \
    --c7: #6b6f76; }
    @media screen and (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --faint: #a3b0bd; \
    --page: #14191f; --grid: #2c3540; --c0: #5ab4dc; --c1: #ee9a62; --c2: #b3c970; --c3: #c79bdb; \
    --c4: #e3c04f; --c5: #ef86ab; --c6: #84c8b6; --c7: #b4b9c0; } }
    * { box-sizing: border-box; }
    body { color: var(--ink); background: var(--page); font: 15px/1.5 system-ui, sans-serif; \
    max-width: 1100px; margin: 0 auto; padding: 1em; overflow-wrap: anywhere; }
    h1 { font-size: 1.5em; line-height: 1.2; margin: 0; } h2 { font-size: 1.05em; margin: 0 0 .3em; }
    header p { margin: .2em 0 0; color: var(--faint); }
    main { display: grid; gap: 1em 2em; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); \
    margin-top: 1em; }
    .status, progress, dl, .actions { grid-column: 1 / -1; margin: 0; }
    #phase { font-weight: 600; } #phase.failed, #phase.lost { color: var(--c5); }
    progress { width: 100%; height: .6em; accent-color: var(--c0); }
    dl { display: flex; flex-wrap: wrap; gap: .3em 2em; } dt { color: var(--faint); font-size: 13px; }
    dd { margin: 0; font-size: 1.2em; font-variant-numeric: tabular-nums; min-width: 4.5em; }
    .actions { display: flex; flex-wrap: wrap; gap: .6em; }
    button { font: inherit; color: inherit; background: none; border: 1px solid var(--faint); \
    border-radius: 5px; padding: .35em 1em; cursor: pointer; }
    button:disabled { opacity: .45; cursor: default; }
    button:focus-visible { outline: 2px solid var(--c0); outline-offset: 2px; }
    section { min-width: 0; } .faint { color: var(--faint); font-size: 13px; margin: 0; }
    svg { display: block; width: 100%; height: auto; font: 11px system-ui, sans-serif; }
    svg text { fill: var(--faint); } svg .grid { stroke: var(--grid); } svg path { fill: none; stroke-width: 1.8; }
    .key { display: flex; flex-wrap: wrap; gap: 0 1em; font-size: 13px; }
    .key svg { display: inline-block; width: 26px; height: 10px; margin-right: .3em; }
    \((0..<8).map { ".s\($0) { stroke: var(--c\($0)); }" }.joined(separator: " "))
    .s1 { stroke-dasharray: 8 3; } .s2 { stroke-dasharray: 3 3; } .s3 { stroke-dasharray: 10 3 2 3; } \
    .s4 { stroke-dasharray: 1 4; stroke-linecap: round; } .s5 { stroke-dasharray: 14 4; } \
    .s6 { stroke-dasharray: 6 2 2 2 2 2; }
    .spike { fill: var(--ink); } ul { margin: 0; padding-left: 1.2em; }
    """
}
