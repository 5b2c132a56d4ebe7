/// A sample that can be drawn, in a file and in a terminal.
package protocol Picture {
  /// - Parameter title: which sample it is.
  func canvas(title: String) -> Canvas

  /// Lines for a terminal, without the title.
  ///
  /// - Parameters:
  ///   - columns: the most characters of a line.
  ///   - colours: without any, shapes and characters tell what colours would.
  func lines(columns: Int, colours: TerminalColours) -> [String]
}

/// What all drawings share: the title above, space around.
struct PictureFrame {
  static let margin = 10.0
  let title: String
  let width: Double
  /// The title in lines that fit.
  private let titleLines: [String]

  /// - Parameter width: what the content needs, margins included; short titles get what they need, too.
  init(title: String, width: Double) {
    let needed =
      Double(min(title.drawable.cells, 48)) * Canvas.characterWidth + 2 * Self.margin + 1
    self.title = title.drawable
    self.width = max(width, needed)
    let cells = Int((self.width - 2 * Self.margin - 1) / Canvas.characterWidth)
    let lines = self.title.wrapped(toCells: cells)
    titleLines =
      lines.count <= 3
      ? lines
      : Array(lines.prefix(2)) + [lines.dropFirst(2).joined(separator: " ").cut(toCells: cells)]
  }

  /// Where the content begins.
  var top: Double { Self.margin + Double(titleLines.count) * Canvas.lineHeight + 6 }

  /// A canvas with the title.
  ///
  /// - Parameter height: of the content, from ``top`` on.
  func canvas(height: Double) -> Canvas {
    var canvas = Canvas(width: width, height: top + height + Self.margin, title: title)
    for (number, line) in titleLines.enumerated() {
      canvas.text(
        line, .init(Self.margin, Self.margin + 9 + Double(number) * Canvas.lineHeight),
        isBold: true)
    }
    return canvas
  }
}
