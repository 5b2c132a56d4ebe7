/// The four columns of events in text and NumPy files, and the names that they go by.
package enum EventColumn: CaseIterable {
  case time
  case x
  case y
  case polarity

  /// The column that is called `name`, in whatever case.
  package init?(named name: String) {
    switch name.lowercased() {
    case "t", "ts", "time", "times", "timestamp", "timestamps": self = .time
    case "x", "xs": self = .x
    case "y", "ys": self = .y
    case "p", "ps", "pol", "polarity", "polarities", "on", "is_increase": self = .polarity
    default: return nil
    }
  }

  /// What messages call the column.
  package var text: String {
    switch self {
    case .time: "the time"
    case .x: "x"
    case .y: "y"
    case .polarity: "the polarity"
    }
  }

  /// The order where nothing names the columns.
  package static let usualOrder: [EventColumn] = [.time, .x, .y, .polarity]

  /// What the names may be, for messages.
  package static let names = "t (or timestamp), x, y and p (or polarity)"
}

/// What one row of such a file holds.
package struct EventRow {
  private var values: (time: Int64, x: Int64, y: Int64, polarity: Int64) = (0, 0, 0, 0)

  package init() {}

  package var time: Int64 { values.time }
  package var x: Int64 { values.x }
  package var y: Int64 { values.y }
  /// Whether the event is ON; `nil`: the polarity is none of 1, 0, −1.
  package var isOn: Bool? { (-1...1).contains(values.polarity) ? values.polarity == 1 : nil }
  package var polarity: Int64 { values.polarity }

  package subscript(column: EventColumn) -> Int64 {
    get {
      switch column {
      case .time: values.time
      case .x: values.x
      case .y: values.y
      case .polarity: values.polarity
      }
    }
    set {
      switch column {
      case .time: values.time = newValue
      case .x: values.x = newValue
      case .y: values.y = newValue
      case .polarity: values.polarity = newValue
      }
    }
  }
}

extension Int64 {
  /// A floating-point number that is whole and exact: at most 2⁵³.
  package init?(whole value: Double) {
    guard value.magnitude <= 0x1p53, value.rounded(.towardZero) == value else { return nil }
    self.init(value)
  }
}
