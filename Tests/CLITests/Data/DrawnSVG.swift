import Foundation

@testable import CLIDrawing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What an XML parser finds in a drawing.
final class DrawnSVG: NSObject, XMLParserDelegate {
  private(set) var isWellFormed = false
  private(set) var view = Canvas.Box(x: 0, y: 0, width: 0, height: 0)
  private(set) var title = ""
  /// Texts with the space that they take.
  private(set) var texts: [(text: String, box: Canvas.Box)] = []
  /// The space of everything else that has a place of its own.
  private(set) var shapes: [Canvas.Box] = []
  /// The colours of paths, and how many runs of pixels each has.
  private(set) var runs: [String: Int] = [:]

  private var text = ""
  private var attributes: [String: String] = [:]

  init(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    isWellFormed = parser.parse()
  }

  private func number(_ name: String) -> Double { Double(attributes[name] ?? "") ?? 0 }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    self.attributes = attributes
    text = ""
    switch name {
    case "svg":
      let numbers = (attributes["viewBox"] ?? "").split(separator: " ").compactMap { Double($0) }
      view = .init(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    case "rect":
      shapes.append(
        .init(x: number("x"), y: number("y"), width: number("width"), height: number("height")))
    case "circle":
      let radius = number("r")
      shapes.append(
        .init(
          x: number("cx") - radius, y: number("cy") - radius, width: 2 * radius,
          height: 2 * radius))
    case "polyline":
      for point in (attributes["points"] ?? "").split(separator: " ") {
        let place = point.split(separator: ",").compactMap { Double($0) }
        shapes.append(.init(x: place[0], y: place[1], width: 0, height: 0))
      }
    case "path":
      runs[attributes["fill"] ?? "", default: 0] += (attributes["d"] ?? "").count { $0 == "M" }
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "title" { title = text }
    guard name == "text" else { return }
    // Six units a character at ten units of size, from just below the base line.
    let width = 6 * Double(text.cells)
    let shift =
      switch attributes["text-anchor"] {
      case "middle": width / 2
      case "end": width
      default: 0.0
      }
    texts.append(
      (text, .init(x: number("x") - shift, y: number("y") - 8, width: width, height: 10)))
  }

  /// Two texts that lie on each other, if there are any.
  var overlap: (String, String)? {
    for (number, first) in texts.enumerated() {
      for second in texts.dropFirst(number + 1) where first.box.overlaps(second.box) {
        return (first.text, second.text)
      }
    }
    return nil
  }

  /// What is not in the view box.
  var outside: [String] {
    func isInside(_ box: Canvas.Box) -> Bool {
      box.x >= 0 && box.y >= 0 && box.x + box.width <= view.width + 0.001
        && box.y + box.height <= view.height + 0.001
    }
    return texts.filter { !isInside($0.box) }.map(\.text)
      + shapes.filter { !isInside($0) }.map { "\($0)" }
  }
}
