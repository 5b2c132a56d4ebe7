internal import Counterspike
internal import CounterspikeFormats

/// The recordings of N-MNIST and N-Caltech101, `.bin`: events of five bytes, no header.
///
///     byte 0          x
///     byte 1          y; 240: no event, but 2¹³ µs more for everything from here on
///     byte 2, bit 7   polarity, 1 = ON
///     other 23 bits   time in microseconds, most significant bit first
///
/// - Note: Orchard, Jayawant, Cohen, Thakor, "Converting static image datasets to spiking
///   neuromorphic datasets using saccades", Frontiers in Neuroscience 9:437, 2015. The marker for
///   the overflow of the camera's time is no part of the description, but of the authors' reader
///   (eventvision.py), and the published recordings of N-MNIST have none left. Times of recordings
///   beyond 2²³ µs = 8.4 s begin anew, which is undone here.
enum ATISBinaryFile {
  static let eventSize = 5
  /// The row of an overflow marker.
  static let overflowRow: UInt8 = 240

  /// - Parameter sensor: `nil`: the smallest that holds all events.
  /// - Throws: `damagedFile`.
  static func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    guard bytes.count.isMultiple(of: eventSize) else {
      throw .damagedEvents(
        path, at: bytes.count / eventSize * eventSize,
        "the last event has \(bytes.count % eventSize) of 5 bytes; the file has \(bytes.count)",
        "it is truncated or no recording of this format: fetch it again")
    }
    var events = EventCollector(path: path, sensor: sensor, capacity: bytes.count / eventSize)
    var clock = WrappingClock(period: 1 << 23)
    var overflow: Int64 = 0
    for offset in stride(from: 0, to: bytes.count, by: eventSize) {
      let row = bytes[offset + 1]
      if row == overflowRow {
        overflow += 1 << 13
        continue
      }
      let word = bytes[offset + 2]
      let raw =
        Int64(word & 0x7F) << 16 | Int64(bytes[offset + 3]) << 8 | Int64(bytes[offset + 4])
      try events.append(
        time: clock.time(raw) + overflow, x: Int64(bytes[offset]), y: Int64(row),
        isOn: word & 0x80 != 0, at: offset)
    }
    let stream = events.stream()
    // No header says what such a file is; that time goes on does.
    guard stream.notes[.unordered] == 0 else {
      throw .damagedEvents(
        path, at: 0,
        "time goes back \(stream.notes[.unordered]) times in \(stream.count) events, as it does in no "
          + "recording of N-MNIST", "name a file with events of five bytes, x, y, polarity and time"
      )
    }
    return stream
  }
}
