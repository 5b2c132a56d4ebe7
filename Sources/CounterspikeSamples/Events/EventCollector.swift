internal import Counterspike
internal import CounterspikeFormats

/// Takes events as a reader finds them, checks each, and makes a stream of them.
struct EventCollector {
  let path: String
  /// What events must lie on; `nil`: the smallest that holds all of them.
  let sensor: SensorSize?
  private var times: [Int64] = []
  private var x: [UInt16] = []
  private var y: [UInt16] = []
  private var polarities: [Bool] = []
  private var largestX = 0
  private var largestY = 0

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
        sensor == nil
          ? "coordinates must be whole numbers from 0 to 65535; check the order of the columns"
          : "set data.events.sensor to the camera's size, or use a recording of that camera")
    }
    guard abs(time / 2) < EventTimeline.limit / 2 else {
      throw .damagedEvents(
        path, at: offset, "the event's time, \(time) µs, is beyond 36,000 years",
        "times must be in microseconds; divide nanoseconds by 1000")
    }
    times.append(time)
    x.append(UInt16(column))
    y.append(UInt16(row))
    polarities.append(isOn)
    largestX = max(largestX, Int(column))
    largestY = max(largestY, Int(row))
  }

  /// The events in the order of time, as ``EventTimeline`` brings them into it; events of one time stay
  /// in the file's order.
  consuming func stream() -> EventStream {
    let width = sensor?.width ?? largestX + 1
    let height = sensor?.height ?? largestY + 1
    let timeline = EventTimeline(times)
    var stream =
      if let order = timeline.order {
        EventStream(
          unchecked: width, height, order.map { timeline.times[$0] }, order.map { x[$0] },
          order.map { y[$0] }, order.map { polarities[$0] })
      } else {
        EventStream(unchecked: width, height, times, x, y, polarities)
      }
    stream.isSensorStated = sensor != nil
    stream.notes = timeline.notes
    return stream
  }
}
