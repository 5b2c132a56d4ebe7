import Foundation
import Testing

@testable import CLIDrawing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Text in pictures and pages")
struct XMLTextTests {
  static let names = [
    "a\u{1B}[31mb", "<\u{301}script>", "&\u{338}amp", "\"\u{301} onload='x'", "]]>",
    "\u{0}\u{8}\u{B}",
    "\u{FFFE}\u{FFFF}", "\u{85}\u{9F}", "\u{202E}gnp.exe", "a\u{0301}\u{200D}👩‍👩‍👧", "plain, ünïcode θ",
  ]

  @Test("what XML forbids or means something by is escaped, scalar by scalar", arguments: names)
  func escaped(name: String) throws {
    let element = try Self.parse("<a b=\"\(name.escaped)\">\(name.escaped)</a>")
    // The parser gives back what was written, what is forbidden as its number.
    let shown = name.unicodeScalars.map { scalar in
      switch scalar.value {
      case 0...8, 0xB...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF, 0x202E:
        "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      default: String(scalar)
      }
    }.joined()
    #expect(Array(element.text.unicodeScalars) == Array(shown.unicodeScalars))
    #expect(Array(element.attribute.unicodeScalars) == Array(shown.unicodeScalars))
  }

  @Test("a drawing is well-formed with any name in any place", arguments: names)
  func drawing(name: String) {
    var drawing = Drawing(width: 10, height: 10, title: name)
    drawing.text(name, 0, 0)
    drawing.text(name, .nan, .infinity, isUpright: true)
    drawing.bar(x: 0, y: 0, width: 1, height: 1, style: "one", title: name)
    drawing.dot(0, .nan, style: "one", title: name)
    drawing.curve([], style: "one")
    drawing.cells([], size: 1, style: "one")
    #expect(AuditPageTests.isWellFormed(drawing.svg()))
    #expect(AuditPageTests.isWellFormed(drawing.svg(styles: Drawing.fileStyles)))
    #expect(!drawing.svg().contains("nan") && !drawing.svg().contains("inf"))
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var text = ""
    var attribute = ""

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      attribute = attributes["b"] ?? ""
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
  }

  private static func parse(_ text: String) throws -> (text: String, attribute: String) {
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    try #require(parser.parse(), "\(text)")
    return (reader.text, reader.attribute)
  }
}
