internal import Counterspike

/// Takes events as a reader finds them, checks each, and makes a stream of them.
struct EventCollector {
  /// Times beyond are refused, so that differences of times are numbers, too: 36,000 years.
  private static let timeLimit: Int64 = 1 << 60

  let path: String
  /// What events must lie on; `nil`: the smallest that holds all of them.
  let sensor: SensorSize?
  private var times: [Int64] = []
  private var x: [UInt16] = []
  private var y: [UInt16] = []
  private var polarities: [Bool] = []
  private var largestX = 0
  private var largestY = 0
  private var isSorted = true

  /// - Parameter capacity: events that are expected, at most as many as the file has bytes.
  init(path: String, sensor: SensorSize?, capacity: Int) {
    self.path = path
    self.sensor = sensor
    times.reserveCapacity(capacity)
    x.reserveCapacity(capacity)
    y.reserveCapacity(capacity)
    polarities.reserveCapacity(capacity)
  }

  var count: Int { times.count }

  /// Adds the event that stands at byte `offset` of the file.
  ///
  /// - Throws: `damagedFile` for an event that lies outside of the sensor or of time.
  mutating func append(
    time: Int64, x column: Int64, y row: Int64, isOn: Bool, at offset: Int
  ) throws(CounterspikeError) {
    let width = Int64(sensor?.width ?? 65536)
    let height = Int64(sensor?.height ?? 65536)
    guard column >= 0, column < width, row >= 0, row < height else {
      throw .damagedEvents(
        path, at: offset,
        "the event is at x \(column), y \(row), outside of a sensor of \(width)×\(height) pixels",
        "check that it is a recording of that camera, and fetch it again if it is")
    }
    guard abs(time / 2) < Self.timeLimit / 2 else {
      throw .damagedEvents(
        path, at: offset, "the event's time, \(time) µs, is beyond 36,000 years",
        "times must be in microseconds")
    }
    if let last = times.last, time < last { isSorted = false }
    times.append(time)
    x.append(UInt16(column))
    y.append(UInt16(row))
    polarities.append(isOn)
    largestX = max(largestX, Int(column))
    largestY = max(largestY, Int(row))
  }

  /// All events in the order of their times; events of one time stay in the file's order.
  consuming func stream() -> EventStream {
    let width = sensor?.width ?? largestX + 1
    let height = sensor?.height ?? largestY + 1
    guard !isSorted else {
      return EventStream(unchecked: width, height, times, x, y, polarities)
    }
    // The index decides between equal times: the order then does not hang on the sorting method.
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    return EventStream(
      unchecked: width, height, order.map { times[$0] }, order.map { x[$0] }, order.map { y[$0] },
      order.map { polarities[$0] })
  }
}

extension CounterspikeError {
  /// A recording whose bytes are not what its format demands.
  static func damagedEvents(
    _ path: String, at offset: Int, _ problem: String, _ remedy: String, fileID: String = #fileID,
    line: Int = #line
  ) -> CounterspikeError {
    CounterspikeError(
      .damagedFile, "\(path), byte \(offset): \(problem); \(remedy).", fileID: fileID, line: line)
  }
}

/// Times from a counter of few bits, which begins anew when it is full.
///
/// A step back by more than half of the period is taken for a new beginning, a step forward by as
/// much for a straggler from before it.
struct WrappingClock {
  /// Where the counter begins anew, in microseconds.
  let period: Int64
  private var last: Int64 = 0
  private var base: Int64 = 0

  init(period: Int64) { self.period = period }

  /// The time that the counter's value `raw`, in `0 ..< period`, stands for.
  mutating func time(_ raw: Int64) -> Int64 {
    if raw - last > period / 2, base > 0 { return base - period + raw }
    if last - raw > period / 2 { base += period }
    last = raw
    return base + raw
  }
}

extension String {
  /// The beginning of what a file says, fit for one line of a message: whatever is there, no line
  /// ends and no control characters.
  var excerptOfFile: String {
    let letters = unicodeScalars.prefix(60).map { scalar in
      scalar.properties.generalCategory == .control || scalar.properties.isWhitespace ? " " : scalar
    }
    return String(String.UnicodeScalarView(letters))
  }
}

extension [UInt8] {
  /// The 32-bit number at `offset`, least significant byte first.
  func littleEndian32(at offset: Int) -> UInt32 {
    UInt32(self[offset]) | UInt32(self[offset + 1]) << 8 | UInt32(self[offset + 2]) << 16
      | UInt32(self[offset + 3]) << 24
  }

  /// The 32-bit number at `offset`, most significant byte first.
  func bigEndian32(at offset: Int) -> UInt32 {
    littleEndian32(at: offset).byteSwapped
  }

  /// The 16-bit number at `offset`, least significant byte first.
  func littleEndian16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
  }

  /// Whether the bytes from `offset` on are those of `text`.
  func has(_ text: StaticString, at offset: Int = 0) -> Bool {
    let bytes = Array("\(text)".utf8)
    return offset >= 0 && bytes.count <= count - offset
      && self[offset..<(offset + bytes.count)].elementsEqual(bytes)
  }

  /// Where the line that begins at `offset` ends, line feed included; `nil` if it has none.
  func endOfLine(at offset: Int) -> Int? {
    self[offset...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
  }
}
