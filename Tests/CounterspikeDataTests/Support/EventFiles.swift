import CounterspikeData
import CounterspikeKernels

/// Recordings as bytes of the formats that are read, written by the formats' descriptions.
enum EventFiles {
  typealias Event = (time: Int64, x: Int, y: Int, isOn: Bool)

  /// Reproducible events in the order of time.
  static func random(
    _ count: Int, width: Int = 34, height: Int = 34, duration: Int = 300_000, seed: UInt64 = 1
  ) -> EventStream {
    var random = RandomStream(seed: seed, purpose: .noise)
    let times = (0..<count).map { _ in Int64(random.integer(below: duration)) }.sorted()
    return EventStream(
      width: width, height: height, times: times,
      x: times.map { _ in UInt16(random.integer(below: width)) },
      y: times.map { _ in UInt16(random.integer(below: height)) },
      polarities: times.map { _ in random.integer(below: 2) == 1 })
  }

  static func events(_ stream: EventStream) -> [Event] {
    stream.times.indices.map {
      (stream.times[$0], Int(stream.x[$0]), Int(stream.y[$0]), stream.polarities[$0])
    }
  }

  static func little(_ value: Int64, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func big(_ value: Int64, _ size: Int) -> [UInt8] { little(value, size).reversed() }

  static func atisBinary(_ stream: EventStream) -> [UInt8] { atisBinary(events(stream)) }

  static func atisBinary(_ events: [Event]) -> [UInt8] {
    events.flatMap { event in
      [UInt8(event.x), UInt8(event.y)]
        + big((event.isOn ? 1 << 23 : 0) | event.time & 0x7F_FFFF, 3)
    }
  }

  static func atisDat(
    _ stream: EventStream, header: String = datHeader, type: UInt8 = 0
  ) -> [UInt8] {
    atisDat(events(stream), header: header, type: type)
  }

  static let datHeader = "% Data file containing events\n% Version 2\n"

  static func atisDat(
    _ events: [Event], header: String = datHeader, type: UInt8 = 0
  ) -> [UInt8] {
    Array(header.utf8) + [type, 8]
      + events.flatMap { event in
        little(event.time, 4)
          + little(Int64(event.x) | Int64(event.y) << 14 | (event.isOn ? 1 << 28 : 0), 4)
      }
  }

  /// Of a sensor of 128×128 pixels.
  static func aedat2(_ stream: EventStream) -> [UInt8] { aedat2(events(stream)) }

  static func aedat2(_ events: [Event], header: String = "# This is a raw AE data file") -> [UInt8]
  {
    Array("#!AER-DAT2.0\r\n\(header)\r\n#End Of ASCII Header\r\n".utf8)
      + events.flatMap { event in
        big(Int64(127 - event.y) << 8 | Int64(127 - event.x) << 1 | (event.isOn ? 0 : 1), 4)
          + big(event.time, 4)
      }
  }

  static let aedat3Header =
    "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"

  /// In packets of 100 events; between them one of another type, and invalid events.
  static func aedat3(_ stream: EventStream) -> [UInt8] { aedat3(events(stream)) }

  static func aedat3(_ all: [Event]) -> [UInt8] {
    var bytes = Array(aedat3Header.utf8)
    for start in stride(from: 0, to: all.count, by: 100) {
      let part = all[start..<min(start + 100, all.count)]
      bytes += packet(type: 0, eventSize: 8, count: 1) + [UInt8](repeating: 7, count: 8)
      bytes += packet(
        type: 1, eventSize: 8, count: part.count + 1, overflow: (part.first?.time ?? 0) >> 31)
      bytes += part.flatMap { event in
        little(Int64(event.x) << 17 | Int64(event.y) << 2 | (event.isOn ? 3 : 1), 4)
          + little(event.time & 0x7FFF_FFFF, 4)
      }
      bytes += little(0, 8)
    }
    return bytes
  }

  static func packet(
    type: Int64, eventSize: Int64, count: Int, overflow: Int64 = 0, capacity: Int? = nil
  ) -> [UInt8] {
    little(type, 2) + little(1, 2) + little(eventSize, 4) + little(4, 4) + little(overflow, 4)
      + little(Int64(capacity ?? count), 4) + little(Int64(count), 4) + little(Int64(count), 4)
  }

  static func csv(_ stream: EventStream, heading: String = "") -> [UInt8] {
    csv(events(stream), heading: heading)
  }

  static func csv(_ events: [Event], heading: String = "") -> [UInt8] {
    Array(heading.utf8)
      + events.flatMap { Array("\($0.time),\($0.x),\($0.y),\($0.isOn ? 1 : 0)\n".utf8) }
  }

  /// - Parameter numbers: the array's bytes.
  static func numPy(
    _ description: String, shape: String, order: String = "False", version: UInt8 = 1,
    _ numbers: [UInt8]
  ) -> [UInt8] {
    let text =
      "{'descr': \(description), 'fortran_order': \(order), 'shape': \(shape), }          \n"
    return [0x93] + Array("NUMPY".utf8) + [version, 0]
      + little(Int64(text.utf8.count), version == 1 ? 2 : 4) + Array(text.utf8) + numbers
  }

  /// A plain array of 64-bit integers.
  static func numPy(_ stream: EventStream) -> [UInt8] { numPy(events(stream)) }

  static func numPy(_ events: [Event]) -> [UInt8] {
    numPy(
      "'<i8'", shape: "(\(events.count), 4)",
      events.flatMap { event in
        little(event.time, 8) + little(Int64(event.x), 8) + little(Int64(event.y), 8)
          + little(event.isOn ? 1 : 0, 8)
      })
  }
}
