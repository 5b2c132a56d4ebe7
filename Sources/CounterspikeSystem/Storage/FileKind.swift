/// What files of a kind can need, so that a file is refused by its size and first bytes before it is read.
package struct FileKind: Sendable {
  /// As it is named in messages, “a recipe”.
  package var name: String
  /// The most bytes of such a file.
  package var limit: Int
  /// Whether it is of text, which has no bytes of zero.
  package var isText = false

  package init(_ name: String, limit: Int, isText: Bool = false) {
    self.name = name
    self.limit = limit
    self.isText = isText
  }

  /// Anything that there is memory for.
  package static let any = FileKind("a file", limit: .max)
  package static let recipe = FileKind("a recipe", limit: 4 << 20, isText: true)
  /// One line an epoch; a power cut can leave zeros behind them.
  package static let metrics = FileKind("a file of metrics", limit: 1 << 30)
  /// Names or labels of recordings.
  package static let list = FileKind("a list", limit: 64 << 20, isText: true)
  /// Events or series in text, some 20 bytes an event.
  package static let table = FileKind("a table", limit: 4 << 30, isText: true)
  package static let image = FileKind("an image", limit: 256 << 20)
  /// Events, 4 to 16 bytes each.
  package static let recording = FileKind("a recording", limit: 4 << 30)

  /// A file whose content has `expected` bytes, as it is or compressed.
  package static func content(of expected: Int) -> FileKind {
    FileKind("such a file", limit: 2 * expected + 65_536)
  }
}
