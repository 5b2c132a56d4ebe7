internal import Counterspike
internal import CounterspikeFormats

/// Events as text, `.csv` or `.txt`: a line an event, four numbers a line, in the form of
/// ``DelimitedText``.
///
/// The columns are named in the first line or in a comment before the numbers, in any order, or are t,
/// x, y, p. Times are whole microseconds or in the unit that their column's name has (`t_ns`, `time
/// [s]`), rounded down to microseconds. y counts from the top; a polarity is 1 (ON), 0 or −1 (OFF).
enum CSVEventFile {
  /// - Parameter sensor: `nil`: the smallest that holds all events.
  /// - Throws: `damagedFile`, naming the byte and the line, and for a text without events that does not
  ///   name their columns; one that does is a recording in which nothing happened.
  static func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    var events = EventCollector(path: path, sensor: sensor, capacity: bytes.count / 12)
    var text = try DelimitedText(bytes, path: path)
    var heading: EventHeading?
    var hasEvents = false
    while let line = try text.next() {
      if line.isComment {
        if !hasEvents { heading = EventHeading(line, text) ?? heading }
        continue
      }
      if !hasEvents, line.isHeading(of: text) {
        heading = EventHeading(line, text)
        guard heading != nil else {
          let names = line.words.map { text.text(of: $0) }.joined(separator: " ").excerptOfFile
          throw text.damaged(
            line, "the names “\(names)” are others than \(EventColumn.names), four of them",
            "name those columns, the time perhaps with its unit (t_ns, t_ms, t_s), or leave the line out"
          )
        }
        continue
      }
      hasEvents = true
      try read(line, heading ?? .usual, text, into: &events)
    }
    guard hasEvents || heading != nil || bytes.isEmpty else {
      throw .damagedEvents(
        path, at: bytes.count, "the file has no line of numbers",
        "let every line be one event: t, x, y, p")
    }
    return events.stream()
  }

  private static func read(
    _ line: DelimitedText.Line, _ heading: EventHeading, _ text: DelimitedText,
    into events: inout EventCollector
  ) throws(CounterspikeError) {
    guard line.words.count == 4 else {
      throw text.damaged(
        line,
        (line.words.count == 1 ? "there is 1 column" : "there are \(line.words.count) columns")
          + ", where 4 are expected",
        "let every line be one event: t, x, y, p")
    }
    var row = EventRow()
    for (place, column) in heading.columns.enumerated() {
      row[column] = try number(line, place, column, heading.unit, text)
    }
    guard let isOn = row.isOn else {
      throw text.damaged(
        line, "the polarity is \(row.polarity)",
        "it must be 1 (ON), 0 or -1 (OFF); let the columns be t, x, y, p or name them")
    }
    try events.append(time: row.time, x: row.x, y: row.y, isOn: isOn, at: line.offset)
  }

  private static func number(
    _ line: DelimitedText.Line, _ place: Int, _ column: EventColumn, _ unit: EventHeading.TimeUnit,
    _ text: DelimitedText
  ) throws(CounterspikeError) -> Int64 {
    let word = line.words[place]
    let power = column == .time ? unit.rawValue : 0
    if power == 0, let value = plain(text.bytes, word) { return value }
    do {
      return try DecimalNumber(text.bytes[word], hasDecimalComma: text.separator != .comma)
        .scaled(by: power, isExact: power == 0)
    } catch {
      let quoted = "“\(text.excerpt(of: word))”"
      let (problem, remedy) =
        switch error {
        case .noNumber where word.isEmpty: ("there is no number", "fill it in, or remove the line")
        case .noNumber: ("\(quoted) is no number", "let every line be one event: t, x, y, p")
        case .notFinite: ("\(quoted) is no finite number", "remove the line")
        case .notWhole where column == .time:
          (
            "the time \(quoted) is no whole number of microseconds",
            "name the unit in a first line: t_s, x, y, p for seconds, t_ns for nanoseconds"
          )
        case .notWhole:
          ("\(quoted) is no whole number", "let x, y and p be whole numbers")
        case .tooLarge:
          (
            "\(quoted) is beyond numbers of 64 bits",
            column == .time
              ? "let times be in microseconds, or name their unit in a first line"
              : "let x, y and p be small whole numbers"
          )
        }
      throw text.damaged(line, column: place, problem, remedy)
    }
  }

  /// A whole number of few digits, as nearly all of them are.
  private static func plain(_ bytes: [UInt8], _ word: Range<Int>) -> Int64? {
    let isNegative = !word.isEmpty && bytes[word.lowerBound] == UInt8(ascii: "-")
    let start = word.lowerBound + (isNegative ? 1 : 0)
    guard start < word.upperBound, word.upperBound - start <= 18 else { return nil }
    var value: Int64 = 0
    for place in start..<word.upperBound {
      let digit = Int64(bytes[place]) - 48
      guard (0...9).contains(digit) else { return nil }
      value = 10 * value + digit
    }
    return isNegative ? -value : value
  }
}
