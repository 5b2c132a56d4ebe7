internal import Counterspike

/// Events as text, `.csv` or `.txt`: a line an event, four numbers a line.
///
/// Between the numbers stand commas, semicolons, spaces or tabs. The columns are named in the first
/// line, in any order, or are t, x, y, p. Times are whole microseconds, y counts from the top, a
/// polarity is 1 (ON), 0 or −1 (OFF). Empty lines and lines that begin with '#' are left out; one
/// of the latter may name the columns, too.
enum CSVEventFile {
  /// A line longer than this holds no event.
  private static let longestLine = 1000

  /// - Parameter sensor: `nil`: the smallest that holds all events.
  /// - Throws: `damagedFile`, naming the byte that the line or word begins at.
  static func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    var events = EventCollector(path: path, sensor: sensor, capacity: bytes.count / 12)
    var columns: [EventColumn]?
    var offset = 0
    var line = 0
    while offset < bytes.count {
      let end = bytes.endOfLine(at: offset) ?? bytes.count
      defer { offset = end }
      line += 1
      guard end - offset <= longestLine else {
        throw .damagedEvents(
          path, at: offset,
          "line \(line) has \(end - offset) bytes, and an event has no more than \(longestLine)",
          "let every line be one event: t, x, y, p")
      }
      let isComment = bytes[offset] == UInt8(ascii: "#")
      let words = words(of: bytes, from: isComment ? offset + 1 : offset, to: end)
      guard let first = words.first else { continue }
      if isComment || columns == nil && !isNumber(bytes[first.lowerBound]) {
        let names = words.map { String(decoding: bytes[$0], as: UTF8.self) }
        let named = names.compactMap { EventColumn(named: $0) }
        if Set(named).count == 4, names.count == 4 {
          columns = named
        } else if !isComment {
          throw .damagedEvents(
            path, at: offset,
            "the first line, “\(names.joined(separator: " ").excerptOfFile)”, names other columns "
              + "than \(EventColumn.names)", "name those, or leave the line out")
        }
        continue
      }
      let order = columns ?? EventColumn.usualOrder
      columns = order
      try read(words, order, line, bytes, path, at: offset, into: &events)
    }
    return events.stream()
  }

  private static func read(
    _ words: [Range<Int>], _ order: [EventColumn], _ line: Int, _ bytes: [UInt8], _ path: String,
    at offset: Int, into events: inout EventCollector
  ) throws(CounterspikeError) {
    guard words.count == 4 else {
      throw .damagedEvents(
        path, at: offset, "line \(line) has \(words.count) numbers, where 4 are expected",
        "let every line be one event: t, x, y, p")
    }
    var row = EventRow()
    for (column, word) in zip(order, words) {
      guard let value = number(bytes[word]) else {
        throw .damagedEvents(
          path, at: word.lowerBound,
          "“\(String(decoding: bytes[word], as: UTF8.self).excerptOfFile)” on line \(line) is no whole "
            + "number", "times must be whole microseconds, x, y and p whole numbers")
      }
      row[column] = value
    }
    guard let isOn = row.isOn else {
      throw .damagedEvents(
        path, at: offset, "the polarity on line \(line) is \(row.polarity)",
        "it must be 1 (ON), 0 or -1 (OFF); let the columns be t, x, y, p or name them")
    }
    try events.append(time: row.time, x: row.x, y: row.y, isOn: isOn, at: offset)
  }

  private static func words(of bytes: [UInt8], from start: Int, to end: Int) -> [Range<Int>] {
    var words: [Range<Int>] = []
    words.reserveCapacity(4)
    var begin: Int?
    for place in start..<max(start, end) {
      let byte = bytes[place]
      let isBetween =
        byte <= UInt8(ascii: " ") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";")
      if isBetween {
        if let first = begin { words.append(first..<place) }
        begin = nil
      } else if begin == nil {
        begin = place
      }
    }
    if let begin { words.append(begin..<end) }
    return words
  }

  private static func isNumber(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || [UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ".")].contains(byte)
  }

  /// A whole number, also one that is written as 1.5e+01, as NumPy does.
  private static func number(_ word: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    var isPlain = word.count < 19
    let isNegative = word.first == UInt8(ascii: "-")
    for byte in isNegative ? word.dropFirst() : word where isPlain {
      let digit = Int64(byte) - 48
      isPlain = (0...9).contains(digit)
      value = isPlain ? 10 * value + digit : value
    }
    if isPlain, word.count > (isNegative ? 1 : 0) { return isNegative ? -value : value }
    guard word.count <= 40, word.allSatisfy({ isNumber($0) || $0 | 0x20 == UInt8(ascii: "e") })
    else { return nil }
    return Double(String(decoding: word, as: UTF8.self)).flatMap { Int64(whole: $0) }
  }
}
