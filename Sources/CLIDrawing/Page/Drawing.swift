/// A picture in SVG, put together piece by piece.
package struct Drawing {
  package let width: Double
  package let height: Double
  /// What the picture shows, for those who do not see it.
  package let title: String
  private var pieces: [String] = []

  package init(width: Double, height: Double, title: String) {
    self.width = width
    self.height = height
    self.title = title
  }

  package enum Anchor: String {
    case start
    case middle
    case end
  }

  package mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String = "axis"
  ) {
    pieces.append(
      "<line class=\"\(style)\" x1=\"\(x1.place)\" y1=\"\(y1.place)\" x2=\"\(x2.place)\" "
        + "y2=\"\(y2.place)\"/>")
  }

  package mutating func bar(
    x: Double, y: Double, width: Double, height: Double, style: String, title: String = ""
  ) {
    pieces.append(
      "<rect class=\"\(style)\" x=\"\(x.place)\" y=\"\(y.place)\" width=\"\(width.place)\" "
        + "height=\"\(height.place)\"><title>\(title.escaped)</title></rect>")
  }

  package mutating func dot(_ x: Double, _ y: Double, style: String, title: String = "") {
    pieces.append(
      "<circle class=\"\(style)\" cx=\"\(x.place)\" cy=\"\(y.place)\" r=\"3\">"
        + "<title>\(title.escaped)</title></circle>")
  }

  /// Squares that are filled alike, by their upper left corners.
  package mutating func cells(_ corners: [(x: Double, y: Double)], size: Double, style: String) {
    guard !corners.isEmpty else { return }
    let side = size.place
    let path = corners.map { "M\($0.x.place) \($0.y.place)h\(side)v\(side)h-\(side)z" }.joined()
    pieces.append("<path class=\"\(style)\" d=\"\(path)\"/>")
  }

  /// Upright strokes of one length, by their upper ends.
  package mutating func strokes(
    _ places: [(x: Double, y: Double)], length: Double, width: Double, style: String
  ) {
    guard !places.isEmpty else { return }
    let path = places.map { "M\($0.x.place) \($0.y.place)v\(length.place)" }.joined()
    pieces.append("<path class=\"\(style)\" stroke-width=\"\(width.place)\" d=\"\(path)\"/>")
  }

  package mutating func curve(_ points: [(x: Double, y: Double)], style: String) {
    let places = points.map { "\($0.x.place),\($0.y.place)" }.joined(separator: " ")
    pieces.append("<polyline class=\"\(style)\" points=\"\(places)\"/>")
  }

  package mutating func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, style: String = "label",
    isUpright: Bool = false
  ) {
    let turn = isUpright ? "transform=\"rotate(-90 \(x.place) \(y.place))\" " : ""
    pieces.append(
      "<text class=\"\(style)\" x=\"\(x.place)\" y=\"\(y.place)\" \(turn)"
        + "text-anchor=\"\(anchor.rawValue)\">\(text.escaped)</text>")
  }

  /// The picture as an element of a page, or, with the styles, a file of its own.
  package func svg(styles: String? = nil) -> String {
    let size = "width=\"\(width.place)\" height=\"\(height.place)\""
    let box = "viewBox=\"0 0 \(width.place) \(height.place)\""
    let head = "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) \(box) role=\"img\">"
    let style = styles.map { "<style>\($0)</style>" } ?? ""
    return head + "<title>\(title.escaped)</title>" + style + pieces.joined(separator: "\n")
      + "</svg>"
  }
}

extension Double {
  /// A place in a picture: a tenth of a unit is finer than any screen.
  fileprivate var place: String {
    let text = isFinite ? fixed(1) : "0"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
