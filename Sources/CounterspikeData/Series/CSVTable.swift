package import Counterspike
internal import Foundation

/// A table of numbers in text: a row a line, numbers between commas, semicolons, tabs or spaces; the
/// first line may be a heading. Empty lines are passed over.
package struct CSVTable {
  /// The most numbers of one table.
  private static let limit = 1 << 26

  /// Shape `[rows, columns]`.
  package let values: [Float]
  package let columns: Int

  /// - Throws: `unreadableFile`; `damagedFile`, naming the byte of the line.
  package init(contentsOf path: String) throws(CounterspikeError) {
    try self.init(WholeFile.bytes(of: path, as: .table), path: path)
  }

  package init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
    var values: [Float] = []
    var columns = 0
    var offset = 0
    while offset < bytes.count {
      let end = bytes.endOfLine(at: offset) ?? bytes.count
      defer { offset = end }
      let words = bytes[offset..<end].split { byte in
        byte <= UInt8(ascii: " ") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
      }
      if words.isEmpty { continue }
      // Numbers have fewer letters; what is longer need not be copied.
      let numbers = words.map { word in
        word.count < 64 ? Float(String(decoding: word, as: UTF8.self)) : nil
      }
      if offset == 0, numbers.allSatisfy({ $0 == nil }) { continue }
      guard !numbers.contains(where: { $0?.isFinite != true }),
        columns == 0 || numbers.count == columns
      else {
        let line = String(decoding: bytes[offset..<end].prefix(60), as: UTF8.self).excerptOfFile
        throw .damagedEvents(
          path, at: offset,
          "the line “\(line)” is not \(columns == 0 ? "of numbers" : "\(columns) numbers")",
          "let every line have the same number of finite numbers")
      }
      columns = numbers.count
      values += numbers.compactMap(\.self)
      guard values.count <= Self.limit else {
        throw .damagedEvents(
          path, at: offset, "the table has more than 2²⁶ numbers", "divide it into several samples")
      }
    }
    guard columns > 0 else {
      throw .damagedEvents(
        path, at: bytes.count, "the file has no line of numbers", "put a table of numbers in it")
    }
    self.values = values
    self.columns = columns
  }
}
