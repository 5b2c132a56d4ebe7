internal import CounterspikeFormats

/// A recording of an event camera: where and when a pixel became brighter or darker.
///
/// Four columns of equal length, in the order of time. Row 0 is the top of the picture.
public struct EventStream: Sendable, Equatable {
  /// Number of columns of the sensor, in pixels.
  public let width: Int
  /// Number of rows of the sensor, in pixels.
  public let height: Int
  /// When each event happened, in microseconds, never going back; the origin is the camera's.
  public let times: [Int64]
  /// The column of each event, in `0 ..< width`.
  public let x: [UInt16]
  /// The row of each event, in `0 ..< height`, counted from the top.
  public let y: [UInt16]
  /// Whether each event is ON (brighter) or OFF (darker).
  public let polarities: [Bool]
  /// What a reader found unusual; nothing in a recording that was not read from a file.
  package var notes = EventNotes()
  /// Whether the file, or who read it, said how large the sensor is.
  package var isSensorStated = true

  /// - Precondition: the columns have one length, times never go back and are within ±2⁶⁰, and all
  ///   events lie on the sensor.
  public init(
    width: Int, height: Int, times: [Int64], x: [UInt16], y: [UInt16], polarities: [Bool]
  ) {
    precondition(
      times.count == x.count && times.count == y.count && times.count == polarities.count,
      "\(times.count) times, \(x.count) columns, \(y.count) rows, \(polarities.count) polarities")
    precondition(
      zip(times, times.dropFirst()).allSatisfy { $0 <= $1 }, "the times of events go back")
    precondition(
      times.allSatisfy { abs($0 / 2) < 1 << 59 }, "the time of an event is beyond 36,000 years")
    precondition(
      x.allSatisfy { $0 < width } && y.allSatisfy { $0 < height },
      "an event lies outside of the sensor of \(width)×\(height)")
    self.init(unchecked: width, height, times, x, y, polarities)
  }

  /// For columns that were checked when they were read.
  package init(
    unchecked width: Int, _ height: Int, _ times: [Int64], _ x: [UInt16], _ y: [UInt16],
    _ polarities: [Bool]
  ) {
    self.width = width
    self.height = height
    self.times = times
    self.x = x
    self.y = y
    self.polarities = polarities
  }

  /// Whether both have the same events on the same sensor.
  public static func == (first: EventStream, second: EventStream) -> Bool {
    first.width == second.width && first.height == second.height && first.times == second.times
      && first.x == second.x && first.y == second.y && first.polarities == second.polarities
  }

  /// The number of events.
  public var count: Int { times.count }

  /// From the first event to the last, in microseconds; 0 without events.
  public var duration: Int64 { (times.last ?? 0) - (times.first ?? 0) }

  /// The events with `start ≤ time < end`, both in microseconds; times stay as they are.
  ///
  /// - Precondition: `start ≤ end`.
  /// - Complexity: O(log n + events of the part).
  public func part(from start: Int64, to end: Int64) -> EventStream {
    precondition(start <= end, "a part from \(start) to \(end) µs")
    let range = index(of: start)..<index(of: end)
    var part = EventStream(
      unchecked: width, height, Array(times[range]), Array(x[range]), Array(y[range]),
      Array(polarities[range]))
    part.notes = notes
    part.isSensorStated = isSensorStated
    return part
  }

  /// The index of the first event at `time` or later.
  private func index(of time: Int64) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
