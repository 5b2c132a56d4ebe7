internal import Counterspike

extension Canvas {
  /// The drawing as an SVG file.
  package var svg: String {
    let box = "viewBox=\"0 0 \(width.svg) \(height.svg)\""
    let size = "width=\"\((width * 1.5).svg)\" height=\"\((height * 1.5).svg)\""
    let head = """
      <svg xmlns="http://www.w3.org/2000/svg" \(box) \(size) role="img" \
      font-family="'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="10">
      <title>\(title.escaped)</title>
      <rect width="\(width.svg)" height="\(height.svg)" fill="#ffffff"/>

      """
    return head + shapes.map { Self.element($0) + "\n" }.joined() + "</svg>\n"
  }

  private static func element(_ shape: Shape) -> String {
    switch shape {
    case .rectangle(let box, let colour):
      return "<rect \(attributes(box)) fill=\"\(colour.hexadecimal)\"/>"
    case .line(let points, let colour, let width):
      let places = points.map { "\($0.x.svg),\($0.y.svg)" }.joined(separator: " ")
      return "<polyline points=\"\(places)\" fill=\"none\" stroke=\"\(colour.hexadecimal)\" "
        + "stroke-width=\"\(width.svg)\" stroke-linejoin=\"round\"/>"
    case .circle(let centre, let radius, let colour):
      return "<circle cx=\"\(centre.x.svg)\" cy=\"\(centre.y.svg)\" r=\"\(radius.svg)\" "
        + "fill=\"\(colour.hexadecimal)\"/>"
    case .pixels(let grid, let box): return element(grid, in: box)
    case .text(let text):
      return "<text x=\"\(text.place.x.svg)\" y=\"\(text.place.y.svg)\" "
        + "text-anchor=\"\(text.anchor.rawValue)\" fill=\"\(text.colour.hexadecimal)\""
        + (text.isBold ? " font-weight=\"bold\"" : "") + ">\(text.text.escaped)</text>"
    }
  }

  private static func attributes(_ box: Box) -> String {
    "x=\"\(box.x.svg)\" y=\"\(box.y.svg)\" width=\"\(box.width.svg)\" height=\"\(box.height.svg)\""
  }

  /// One path a colour, in it a rectangle for each run of pixels of that colour in a row; the most
  /// frequent colour is the ground.
  private static func element(_ grid: PixelGrid, in box: Box) -> String {
    var paths: [Colour: String] = [:]
    var counts: [Colour: Int] = [:]
    var order: [Colour] = []
    for y in 0..<grid.height {
      var x = 0
      while x < grid.width {
        let colour = grid[x, y]
        var end = x + 1
        while end < grid.width, grid[end, y] == colour { end += 1 }
        if counts[colour] == nil { order.append(colour) }
        counts[colour, default: 0] += end - x
        paths[colour, default: ""] += "M\(x) \(y)h\(end - x)v1h\(x - end)z"
        x = end
      }
    }
    let most = counts.values.max() ?? 0
    let ground = order.first { counts[$0] == most } ?? .black
    let scale = "\((box.width / Double(grid.width)).svg) \((box.height / Double(grid.height)).svg)"
    var text =
      "<rect \(attributes(box)) fill=\"\(ground.hexadecimal)\"/>\n"
      + "<g transform=\"translate(\(box.x.svg) \(box.y.svg)) scale(\(scale))\" "
      + "shape-rendering=\"crispEdges\">\n"
    for colour in order where colour != ground {
      text += "<path fill=\"\(colour.hexadecimal)\" d=\"\(paths[colour] ?? "")\"/>\n"
    }
    return text + "</g>"
  }
}

extension Double {
  /// With three decimals at most.
  fileprivate var svg: String {
    var text = fixed(3)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text == "-0" ? "0" : text
  }
}

extension String {
  /// The text as a drawing shows it: on one line, what XML forbids as an escape to read. So the space that
  /// it takes is known.
  var drawable: String {
    onOneLine.unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isForbidden {
        text += scalar.escaped(asASCII: true)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Unicode.Scalar {
  /// Whether it may not, or should not, stand in an XML file.
  fileprivate var isForbidden: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF: true
    default: false
    }
  }
}
