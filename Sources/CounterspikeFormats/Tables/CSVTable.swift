package import Counterspike

/// A table of finite numbers in text: a row a line, a column a word, under a heading or not.
///
/// The form is that of ``DelimitedText``. Every cell must have a number; what is missing is refused with
/// line and column and never left out, because numbers would then stand in the wrong columns.
package struct CSVTable: Sendable {
  /// The most numbers of one table.
  private static let limit = 1 << 26

  /// Shape `[rows, columns]`.
  package let values: [Float]
  package let columns: Int
  /// The names of the columns; `nil`: there is no heading.
  package let names: [String]?

  package var rows: Int { values.count / columns }

  /// - Throws: `unreadableFile`; `damagedFile`, naming the byte, the line and the column.
  package init(contentsOf path: String) throws(CounterspikeError) {
    try self.init(WholeFile.bytes(of: path, as: .table), path: path)
  }

  package init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
    var text = try DelimitedText(bytes, path: path)
    var values: [Float] = []
    var names: [String]?
    var columns: Int?
    while let line = try text.next() {
      let words = line.words
      if line.isComment { continue }
      if columns == nil, line.isHeading(of: text) {
        names = words.map { text.text(of: $0) }
        columns = words.count
        continue
      }
      let expected = columns ?? words.count
      guard words.count == expected else {
        throw text.damaged(
          line,
          (words.count == 1 ? "there is 1 column" : "there are \(words.count) columns")
            + ", and \(expected) in the "
            + (names != nil && values.isEmpty ? "heading" : "lines before"),
          "let every line have as many columns; a decimal comma needs semicolons or tabs between "
            + "numbers")
      }
      columns = expected
      for (column, word) in words.enumerated() {
        values.append(try Self.number(word, column, line, text))
      }
      guard values.count <= Self.limit else {
        throw text.damaged(
          line, "the table has more than 2²⁶ numbers", "divide it into several samples")
      }
    }
    guard let columns, !values.isEmpty else {
      throw .damagedEvents(
        path, at: bytes.count,
        bytes.isEmpty
          ? "the file is empty"
          : names == nil
            ? "the file has no line of numbers" : "the file has a heading and no numbers",
        "put a table of numbers in it")
    }
    self.values = values
    self.columns = columns
    self.names = names
  }

  private static func number(
    _ word: Range<Int>, _ column: Int, _ line: DelimitedText.Line, _ text: DelimitedText
  ) throws(CounterspikeError) -> Float {
    guard !word.isEmpty else {
      throw text.damaged(
        line, column: column, "there is no number",
        "fill in what is missing, or remove the column or line")
    }
    do {
      return try Float(text.bytes[word], hasDecimalComma: text.separator != .comma)
    } catch {
      let quoted = "“\(text.excerpt(of: word))”"
      switch error {
      case .notFinite:
        throw text.damaged(
          line, column: column, "\(quoted) is no finite number",
          "fill in what is missing, or remove the column or line")
      case .tooLarge:
        throw text.damaged(
          line, column: column, "\(quoted) is beyond numbers of 32 bits, 3.4e38",
          "scale the values down")
      case .noNumber, .notWhole:
        throw text.damaged(
          line, column: column, "\(quoted) is no number",
          "let every line after the heading have numbers only")
      }
    }
  }

  /// Whether a text file is rather a time series than a recording of events, by its heading or its first
  /// line of numbers.
  package static func isLikely(_ bytes: [UInt8], path: String) throws(CounterspikeError) -> Bool {
    var text = try DelimitedText(bytes, path: path)
    while let line = try text.next() {
      let words = line.words
      if EventHeading(line, text) != nil { return false }
      if line.isComment { continue }
      if line.isHeading(of: text) { return true }
      // Events have four whole numbers, of which the last is a polarity.
      guard words.count == 4 else { return true }
      let values = words.map { text.text(of: $0) }
      return
        !(values.dropFirst().allSatisfy { Int($0) != nil }
        && ["0", "1", "-1"].contains(values[3]))
    }
    return false
  }
}

extension DelimitedText.Line {
  /// Whether there is a name among the words and no number: names of columns.
  package func isHeading(of text: DelimitedText) -> Bool {
    let hasDecimalComma = text.separator != .comma
    let isNumber = words.map { word -> Bool in
      do throws(DecimalNumber.Failure) {
        _ = try DecimalNumber(text.bytes[word], hasDecimalComma: hasDecimalComma)
        return true
      } catch {
        // “nan” is rather a missing number than the name of a column.
        return error == .notFinite
      }
    }
    return !isNumber.contains(true) && words.contains { !$0.isEmpty }
  }
}
