extension Drawing {
  private static let colours = [
    ("ink", "#1d2733", "#e4e9ee"), ("soft", "#8593a3", "#8d9aa8"), ("faint", "#5a6776", "#a3b0bd"),
    ("page", "#ffffff", "#14191f"),
    ("grid", "#dfe5eb", "#2c3540"), ("one", "#0b6e99", "#5ab4dc"), ("two", "#c2571a", "#ee9a62"),
    ("three", "#6a7f2c", "#b3c970"), ("four", "#8a4fa3", "#c79bdb"), ("five", "#b8860b", "#e3c04f"),
    ("six", "#c2346b", "#ef86ab"), ("seven", "#3f7d6e", "#84c8b6"), ("eight", "#6b6f76", "#b4b9c0"),
  ]

  /// Colours and lines of all pictures, fit for light and dark pages; paper is always light.
  package static let styles = """
    :root { color-scheme: light; \(variables { $0.1 })}
    @media screen { :root { color-scheme: light dark; } }
    @media screen and (prefers-color-scheme: dark) { :root { \(variables { $0.2 })} }
    \(rules)
    """

  /// The same for a file of its own, in light colours: most programs that draw SVG, librsvg and
  /// Inkscape among them, know no variables.
  package static let fileStyles = colours.reduce(rules) { text, colour in
    text.replacing("var(--\(colour.0))", with: colour.1)
  }

  private static func variables(_ value: ((String, String, String)) -> String) -> String {
    colours.map { "--\($0.0): \(value($0)); " }.joined()
  }

  private static let rules = """
    svg { background: var(--page); font: 12px system-ui, sans-serif; }
    .label, .title { fill: var(--ink); } .tick { fill: var(--faint); font-size: 11px; }
    .title { font-size: 11px; }
    .axis { stroke: var(--soft); } .grid { stroke: var(--grid); }
    .mark { stroke: var(--ink); stroke-dasharray: 3 3; } .leader { stroke: var(--soft); }
    .whisker { stroke: var(--ink); stroke-width: 1.2; }
    polyline { stroke-width: 2; stroke-linejoin: round; }
    line, polyline { fill: none; }
    \(rule("rect, circle, path", "fill", names.prefix(3)))
    .d1 { fill-opacity: .22; } .d2 { fill-opacity: .4; } .d3 { fill-opacity: .6; }
    .d4 { fill-opacity: .8; }
    \(rule("line, polyline", "stroke", names[...]))
    """

  /// Names of colours of data, in the order in which they are given to curves.
  package static let names = ["one", "two", "three", "four", "five", "six", "seven", "eight"]

  private static func rule(
    _ elements: String, _ property: String, _ names: ArraySlice<String>
  ) -> String {
    names.map { name in
      let selectors = elements.split(separator: ", ").map { "\($0).\(name)" }
      return "\(selectors.joined(separator: ", ")) { \(property): var(--\(name)); }"
    }.joined(separator: " ")
  }
}
