/// The columns that the first line of a text file of events names, with the unit of time.
package struct EventHeading {
  package let columns: [EventColumn]
  package let unit: TimeUnit

  /// Columns t, x, y and p, times in microseconds.
  package static let usual = EventHeading(columns: EventColumn.usualOrder, unit: .microseconds)

  /// Units of time by the power of ten that makes microseconds of them.
  package enum TimeUnit: Int, Sendable {
    case nanoseconds = -3
    case microseconds = 0
    case milliseconds = 3
    case seconds = 6

    package init?(_ name: String) {
      switch name {
      case "ns", "nsec", "nanosecond", "nanoseconds": self = .nanoseconds
      // The micro sign and the Greek letter.
      case "us", "usec", "\u{B5}s", "\u{3BC}s", "microsecond", "microseconds": self = .microseconds
      case "ms", "msec", "millisecond", "milliseconds": self = .milliseconds
      case "s", "sec", "secs", "second", "seconds": self = .seconds
      default: return nil
      }
    }
  }

  private init(columns: [EventColumn], unit: TimeUnit) {
    self.columns = columns
    self.unit = unit
  }

  /// `nil`: the line names other columns, or none.
  package init?(_ line: DelimitedText.Line, _ text: DelimitedText) {
    var names = line.words.map { text.text(of: $0) }
    if line.isComment, names.count != 4 {
      // A comment before the table need not be divided as the table is.
      names = names.joined(separator: " ").split { " \t,;".contains($0) }.map(String.init)
    }
    guard names.count == 4 else { return nil }
    var columns: [EventColumn] = []
    var unit = TimeUnit.microseconds
    for name in names {
      if let column = EventColumn(named: name) {
        columns.append(column)
        continue
      }
      // “t_ns”, “timestamp [us]”, “Time (s)”.
      let parts = name.lowercased().split { " _-[](){}/".contains($0) }.map(String.init)
      guard let last = parts.last, parts.count > 1,
        let column = EventColumn(named: parts.dropLast().joined(separator: "_"))
      else { return nil }
      if column == .time {
        guard let found = TimeUnit(last) else { return nil }
        unit = found
      } else if !["px", "pixel", "pixels"].contains(last) {
        return nil
      }
      columns.append(column)
    }
    guard Set(columns).count == 4 else { return nil }
    self.init(columns: columns, unit: unit)
  }
}
