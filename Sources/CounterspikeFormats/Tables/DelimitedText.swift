package import Counterspike

/// Lines of words in a text file: the only reader of tables in text, comma- or tab-separated, as
/// spreadsheets, NumPy and cameras' programs write them.
///
/// A byte-order mark of UTF-8 is passed over. Lines end with LF, CR LF or CR, the last one perhaps with
/// the file. Empty lines are passed over; those that begin with `#` are comments. Words stand between
/// semicolons or, where there are none, tabs or commas or blanks, and may be quoted. Where the words are
/// not divided by commas, a comma in a number is its decimal point.
package struct DelimitedText {
  package enum Separator: Sendable {
    case semicolon
    case tab
    case comma
    case blanks
  }

  /// A line that has words, or a comment.
  package struct Line {
    /// Counted from 1.
    package let number: Int
    /// Where it begins, in bytes.
    package let offset: Int
    package let isComment: Bool
    /// Where the words stand, without quotation marks and blanks around.
    package var words: [Range<Int>] = []
  }

  package let bytes: [UInt8]
  package let path: String
  package let separator: Separator
  /// A line longer than this is no line of a table.
  private static let longestLine = 1 << 20
  /// The part of a file that decides the separator, in bytes.
  private static let sample = 1 << 16

  private var offset: Int
  private var number = 0

  /// - Throws: `damagedFile` for a file that is not in UTF-8 or ASCII.
  package init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
    self.bytes = bytes
    self.path = path
    for (mark, name) in [
      ([0xFF, 0xFE, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"), ([0xFF, 0xFE], "UTF-16"),
      ([0xFE, 0xFF], "UTF-16"),
    ] as [([UInt8], String)] where bytes.starts(with: mark) {
      throw .damagedEvents(
        path, at: 0, "the text is in \(name), by its byte-order mark", "save it as UTF-8")
    }
    if let zero = bytes.prefix(Self.sample).firstIndex(of: 0) {
      throw .damagedEvents(
        path, at: zero, "there is a byte of zero, which is no text in UTF-8",
        "save it as text in UTF-8, or give it the ending of its format")
    }
    offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    separator = Self.separator(of: bytes.prefix(Self.sample).dropFirst(offset))
  }

  /// The next line with words, or comment.
  ///
  /// - Throws: `damagedFile` for quotation marks that are not closed, and for endless lines.
  package mutating func next() throws(CounterspikeError) -> Line? {
    while offset < bytes.count {
      let start = offset
      let end = Self.end(of: bytes, from: start)
      offset = end
      if end < bytes.count {
        let isPair =
          bytes[end] == Self.carriageReturn && end + 1 < bytes.count
          && bytes[end + 1] == Self.lineFeed
        offset += isPair ? 2 : 1
      }
      number += 1
      guard end - start <= Self.longestLine else {
        throw .damagedEvents(
          path, at: start,
          "line \(number) has \(end - start) bytes, more than a line of a table has",
          "check that it is the right file")
      }
      guard let first = (start..<end).first(where: { !Self.isBlank(bytes[$0]) }) else { continue }
      let isComment = bytes[first] == UInt8(ascii: "#")
      var line = Line(number: number, offset: start, isComment: isComment)
      line.words.reserveCapacity(4)
      try split(isComment ? first + 1 : first, end, line: number, into: &line.words)
      if line.words.isEmpty { continue }
      return line
    }
    return nil
  }

  /// The text of a word, fit for a message.
  package func excerpt(of word: Range<Int>) -> String {
    String(decoding: bytes[word].prefix(240), as: UTF8.self).excerptOfFile
  }

  package func text(of word: Range<Int>) -> String { String(decoding: bytes[word], as: UTF8.self) }

  /// The file's words are not what they should be.
  package func damaged(
    _ line: Line, column: Int? = nil, _ problem: String, _ remedy: String
  ) -> CounterspikeError {
    let place = column.map { "line \(line.number), column \($0 + 1)" } ?? "line \(line.number)"
    let offset = column.flatMap {
      line.words.indices.contains($0) ? line.words[$0].lowerBound : nil
    }
    return .damagedEvents(path, at: offset ?? line.offset, "\(place): \(problem)", remedy)
  }

  // MARK: Words

  private func split(
    _ start: Int, _ end: Int, line: Int, into words: inout [Range<Int>]
  ) throws(CounterspikeError) {
    var place = start
    while true {
      while place < end, Self.isBlank(bytes[place]) && !isSeparator(bytes[place]) { place += 1 }
      if place == end, separator == .blanks { return }
      var word = place..<place
      if place < end, bytes[place] == Self.quote {
        guard let close = (place + 1..<end).first(where: { bytes[$0] == Self.quote }) else {
          throw .damagedEvents(
            path, at: place, "line \(line) has a quotation mark that is not closed",
            "close it, or remove it")
        }
        word = trimmed(place + 1, close)
        place = close + 1
        while place < end, !isSeparator(bytes[place]) { place += 1 }
      } else {
        let first = place
        while place < end, !isSeparator(bytes[place]) { place += 1 }
        word = trimmed(first, place)
      }
      words.append(word)
      if place == end { return }
      place += 1
      if separator == .blanks {
        while place < end, Self.isBlank(bytes[place]) { place += 1 }
        if place == end { return }
      }
    }
  }

  private func trimmed(_ start: Int, _ end: Int) -> Range<Int> {
    var (first, last) = (start, end)
    while first < last, Self.isBlank(bytes[first]) { first += 1 }
    while last > first, Self.isBlank(bytes[last - 1]) { last -= 1 }
    return first..<last
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    switch separator {
    case .semicolon: byte == UInt8(ascii: ";")
    case .tab: byte == Self.tab
    case .comma: byte == UInt8(ascii: ",")
    case .blanks: Self.isBlank(byte)
    }
  }

  // MARK: Bytes

  private static let tab = UInt8(ascii: "\t")
  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == tab }

  /// Where the line that begins at `start` ends, without its line end.
  private static func end(of bytes: [UInt8], from start: Int) -> Int {
    var place = start
    while place < bytes.count, bytes[place] != lineFeed, bytes[place] != carriageReturn {
      place += 1
    }
    return place
  }

  /// What divides the words, by the first line that is no comment: what stands between quotation marks
  /// does not count.
  private static func separator(of bytes: ArraySlice<UInt8>) -> Separator {
    for line in bytes.split(whereSeparator: { $0 == lineFeed || $0 == carriageReturn }) {
      let words = line.drop(while: isBlank)
      guard let first = words.first, first != UInt8(ascii: "#") else { continue }
      var isQuoted = false
      let plain = words.filter { byte in
        if byte == quote { isQuoted.toggle() }
        return !isQuoted && byte != quote
      }
      if plain.contains(UInt8(ascii: ";")) { return .semicolon }
      guard plain.contains(UInt8(ascii: ",")) else {
        return plain.contains(tab) ? .tab : .blanks
      }
      // Digits, signs, points, commas and exponents. Commas divide where each has something to divide: “0,5 1,2” and “0,5⇥1,2” are decimal ones.
      let parts = plain.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      let isDivided = parts.contains { part in
        part.split(whereSeparator: isBlank).count > 1
      }
      let isOfNumbers = plain.allSatisfy {
        isBlank($0) || (43...57).contains($0) || $0 | 0x20 == 101
      }
      if isDivided, isOfNumbers { return plain.contains(tab) ? .tab : .blanks }
      return .comma
    }
    return .comma
  }
}
