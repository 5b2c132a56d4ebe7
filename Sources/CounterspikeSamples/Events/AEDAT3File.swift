internal import Counterspike
internal import CounterspikeFormats

/// Recordings in AEDAT 3.1, `.aedat`, the format of DVS128 Gesture.
///
///     header      lines of text that begin with '#', from "#!AER-DAT3.1" to "#!END-HEADER"; one
///                 may name the camera, as "#Source 1: DVS128"
///     packets     a header of 28 bytes, least significant byte first: 16-bit type of the events,
///                 16-bit source, then 32-bit numbers: bytes per event, place of the time in them,
///                 times that the time began anew, room for events, events, valid events
///     events      of type 1, polarity: two 32-bit words: validity in bit 0, polarity in bit 1, y in
///                 bits 2–16, x in bits 17–31; and 31 bits of the time in microseconds
///
/// Packets of other types are left out, and so are events that are not valid.
///
/// - Note: Amir et al., "A low power, fully event-based gesture recognition system", CVPR 2017, for
///   the data; iniVation's description of AEDAT 3.1 for the format.
enum AEDAT3File {
  private static let packetHeaderSize = 28
  private static let polarityType: UInt16 = 1

  private static let cameras: [(name: String, sensor: SensorSize)] = [
    ("dvs128", SensorSize(width: 128, height: 128)),
    ("davis128", SensorSize(width: 128, height: 128)),
    ("davis240", SensorSize(width: 240, height: 180)),
    ("davis346", SensorSize(width: 346, height: 260)),
    ("davis640", SensorSize(width: 640, height: 480)),
  ]

  /// - Parameter sensor: `nil`: that of the camera in the header or, where it is unknown, the
  ///   smallest that holds all events.
  /// - Throws: `damagedFile`.
  static func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    var (offset, camera) = try header(bytes, path)
    var events = EventCollector(
      path: path, sensor: sensor ?? camera, capacity: (bytes.count - offset) / 8)
    while offset < bytes.count {
      let packet = try Packet(bytes, at: offset, path)
      offset += packetHeaderSize
      if packet.type == polarityType {
        try read(packet, bytes, from: offset, path, into: &events)
      }
      offset += packet.size
    }
    return events.stream()
  }

  private static func header(
    _ bytes: [UInt8], _ path: String
  ) throws(CounterspikeError) -> (end: Int, camera: SensorSize?) {
    guard bytes.has("#!AER-DAT3") else {
      throw .damagedEvents(
        path, at: 0, "the file does not begin with #!AER-DAT3.1",
        "put a recording in AEDAT 3.1 in its place")
    }
    var offset = 0
    var camera: SensorSize?
    while offset < bytes.count, bytes[offset] == UInt8(ascii: "#") {
      guard let end = bytes.endOfLine(at: offset) else { break }
      if bytes.has("#!END-HEADER", at: offset) { return (end, camera) }
      camera = sensor(String(decoding: bytes[offset..<end].prefix(200), as: UTF8.self)) ?? camera
      offset = end
    }
    throw .damagedEvents(
      path, at: offset, "the header breaks off without #!END-HEADER",
      "the recording is truncated: fetch it again")
  }

  /// The sensor of the camera that a line of the header names: `#Source 1: DAVIS240C`.
  private static func sensor(_ line: String) -> SensorSize? {
    let parts = line.lowercased().split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[0].hasPrefix("#source") else { return nil }
    let name = parts[1].drop(while: \.isWhitespace)
    return cameras.first { name.hasPrefix($0.name) }?.sensor
  }

  private struct Packet {
    let type: UInt16
    let eventSize: Int
    let timeOffset: Int
    let overflow: Int64
    let count: Int
    /// Of all events, in bytes.
    let size: Int

    init(_ bytes: [UInt8], at offset: Int, _ path: String) throws(CounterspikeError) {
      let rest = bytes.count - offset
      guard rest >= AEDAT3File.packetHeaderSize else {
        throw .damagedEvents(
          path, at: offset, "the last packet's header has \(rest) of 28 bytes",
          "the recording is truncated: fetch it again")
      }
      type = bytes.littleEndian16(at: offset)
      let numbers = (0..<6).map { Int(bytes.littleEndian32(at: offset + 4 + 4 * $0)) }
      eventSize = numbers[0]
      timeOffset = numbers[1]
      overflow = Int64(numbers[2])
      count = numbers[4]
      let (size, isTooLarge) = eventSize.multipliedReportingOverflow(by: count)
      self.size = size
      guard eventSize > 0, overflow < 1 << 29, numbers[3] == count, numbers[5] <= count else {
        throw .damagedEvents(
          path, at: offset,
          "the packet's header says events of \(eventSize) bytes, \(overflow) overflows of the "
            + "time, room for \(numbers[3]) events, \(count) events, \(numbers[5]) valid ones; at "
            + "least 1 byte, fewer than 2²⁹ overflows, as many events as there is room, and no "
            + "more valid ones are expected", "fetch the recording again")
      }
      guard !isTooLarge, size <= rest - AEDAT3File.packetHeaderSize else {
        throw .damagedEvents(
          path, at: offset,
          "the packet has \(count) events of \(eventSize) bytes, and the file ends "
            + "\(rest - AEDAT3File.packetHeaderSize) bytes after the packet's header",
          "the recording is truncated: fetch it again")
      }
    }
  }

  private static func read(
    _ packet: Packet, _ bytes: [UInt8], from start: Int, _ path: String,
    into events: inout EventCollector
  ) throws(CounterspikeError) {
    guard packet.eventSize == 8, packet.timeOffset == 4 else {
      throw .damagedEvents(
        path, at: start - packetHeaderSize,
        "the packet has polarity events of \(packet.eventSize) bytes with the time at byte "
          + "\(packet.timeOffset), where 8 bytes and byte 4 are expected",
        "fetch the recording again")
    }
    for index in 0..<packet.count {
      let offset = start + 8 * index
      let word = bytes.littleEndian32(at: offset)
      guard word & 1 == 1 else { continue }
      let time = bytes.littleEndian32(at: offset + 4)
      guard time < 1 << 31 else {
        throw .damagedEvents(
          path, at: offset + 4, "the event's time, \(time), has more than 31 bits",
          "fetch the recording again")
      }
      try events.append(
        time: packet.overflow << 31 | Int64(time), x: Int64(word >> 17),
        y: Int64(word >> 2 & 0x7FFF), isOn: word >> 1 & 1 == 1, at: offset)
    }
  }
}
