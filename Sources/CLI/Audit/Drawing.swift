/// A picture in SVG, put together piece by piece.
struct Drawing {
  let width: Double
  let height: Double
  private var pieces: [String] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  enum Anchor: String {
    case start
    case middle
    case end
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String = "axis"
  ) {
    pieces.append(
      "<line class=\"\(style)\" x1=\"\(x1.place)\" y1=\"\(y1.place)\" x2=\"\(x2.place)\" "
        + "y2=\"\(y2.place)\"/>")
  }

  mutating func bar(
    x: Double, y: Double, width: Double, height: Double, style: String, title: String = ""
  ) {
    pieces.append(
      "<rect class=\"\(style)\" x=\"\(x.place)\" y=\"\(y.place)\" width=\"\(width.place)\" "
        + "height=\"\(height.place)\"><title>\(title.escaped)</title></rect>")
  }

  mutating func dot(_ x: Double, _ y: Double, style: String) {
    pieces.append(
      "<circle class=\"\(style)\" cx=\"\(x.place)\" cy=\"\(y.place)\" r=\"1.6\"/>")
  }

  mutating func curve(_ points: [(x: Double, y: Double)], style: String) {
    let places = points.map { "\($0.x.place),\($0.y.place)" }.joined(separator: " ")
    pieces.append("<polyline class=\"\(style)\" points=\"\(places)\"/>")
  }

  mutating func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, style: String = "label"
  ) {
    pieces.append(
      "<text class=\"\(style)\" x=\"\(x.place)\" y=\"\(y.place)\" "
        + "text-anchor=\"\(anchor.rawValue)\">\(text.escaped)</text>")
  }

  /// The picture as an element of a page, or, with the styles, a file of its own.
  func svg(styles: String? = nil) -> String {
    let size = "width=\"\(width.place)\" height=\"\(height.place)\""
    let box = "viewBox=\"0 0 \(width.place) \(height.place)\""
    let head = "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(box) role=\"img\">"
    let style = styles.map { "<style>\($0)</style>" } ?? ""
    return head + style + pieces.joined(separator: "\n") + "</svg>"
  }

  private static let colours = [
    ("ink", "#1d2733", "#e4e9ee"), ("soft", "#8593a3", "#8d9aa8"), ("page", "#ffffff", "#14191f"),
    ("grid", "#dfe5eb", "#2c3540"), ("one", "#0b6e99", "#5ab4dc"), ("two", "#c2571a", "#ee9a62"),
    ("three", "#6a7f2c", "#b3c970"), ("four", "#8a4fa3", "#c79bdb"), ("five", "#b8860b", "#e3c04f"),
    ("six", "#c2346b", "#ef86ab"), ("seven", "#3f7d6e", "#84c8b6"), ("eight", "#6b6f76", "#b4b9c0"),
  ]

  /// Colours and lines of all pictures, fit for light and dark pages.
  static let styles = """
    :root { color-scheme: light dark; \(variables { $0.1 })}
    @media (prefers-color-scheme: dark) { :root { \(variables { $0.2 })} }
    \(rules)
    """

  /// The same for a file of its own, in light colours: most programs that draw SVG, librsvg and
  /// Inkscape among them, know no variables.
  static let fileStyles = colours.reduce(rules) { text, colour in
    text.replacing("var(--\(colour.0))", with: colour.1)
  }

  private static func variables(_ value: ((String, String, String)) -> String) -> String {
    colours.map { "--\($0.0): \(value($0)); " }.joined()
  }

  private static let rules = """
    svg { background: var(--page); font: 12px system-ui, sans-serif; }
    .label { fill: var(--ink); } .tick { fill: var(--soft); font-size: 11px; }
    .axis { stroke: var(--soft); } .grid { stroke: var(--grid); }
    .whisker { stroke: var(--ink); stroke-width: 1.2; }
    rect.one { fill: var(--one); } rect.two { fill: var(--two); } rect.three { fill: var(--three); }
    circle { fill-opacity: 0.55; } circle.one { fill: var(--one); } circle.two { fill: var(--two); }
    circle.three { fill: var(--three); }
    polyline { stroke-width: 2; }
    line, polyline { fill: none; }
    .one { stroke: var(--one); } .two { stroke: var(--two); } .three { stroke: var(--three); } \
    .four { stroke: var(--four); } .five { stroke: var(--five); } .six { stroke: var(--six); } \
    .seven { stroke: var(--seven); } .eight { stroke: var(--eight); }
    rect, circle { stroke: none; }
    """
}

extension Double {
  /// A place in a picture: a tenth of a unit is finer than any screen.
  fileprivate var place: String {
    let text = fixed(1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension String {
  /// The text as HTML shows it.
  var escaped: String {
    var result = ""
    for character in self {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
