internal import Counterspike
internal import CounterspikeFormats

/// Recordings of the DVS128 in AEDAT 2.0, `.aedat`, the format of CIFAR10-DVS.
///
///     header      lines of text that begin with '#', the first of them "#!AER-DAT2.0"
///     events      two 32-bit words, most significant byte first: an address and the time in
///                 microseconds, which begins anew after 2³² µs
///     address     polarity in bit 0, 0 = ON; x in bits 1–7, counted from the right; y in bits
///                 8–14, counted from the bottom; bit 15: no event of a pixel, left out
///
/// - Note: Li, Liu, Ji, Li, Shi, "CIFAR10-DVS: an event-stream dataset for object classification",
///   Frontiers in Neuroscience 11:309, 2017, for the data; jAER's DVS128 for the address.
enum AEDAT2File {
  static let eventSize = 8
  static let sensor = SensorSize(width: 128, height: 128)

  /// - Throws: `damagedFile`.
  static func read(
    _ bytes: [UInt8], path: String, sensor expected: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    guard bytes.has("#!AER-DAT2") else {
      throw .damagedEvents(
        path, at: 0, "the file does not begin with #!AER-DAT2.0",
        "put a recording in AEDAT 2.0 in its place")
    }
    var offset = 0
    // A first event that begins with '#' would need an address that this sensor does not have.
    while offset < bytes.count, bytes[offset] == UInt8(ascii: "#") {
      guard let end = bytes.endOfLine(at: offset) else {
        throw .damagedEvents(
          path, at: offset, "the header's line does not end",
          "it is truncated: fetch the recording again")
      }
      let line = String(decoding: bytes[offset..<end].prefix(200), as: UTF8.self)
      if let camera = otherCamera(line) {
        throw .damagedEvents(
          path, at: offset,
          "the camera is “\(camera.excerptOfFile)”, and of AEDAT 2.0 only the addresses of the DVS128 are "
            + "read", "convert the recording to AEDAT 3.1, AEDAT 4 or CSV")
      }
      offset = end
    }
    guard (bytes.count - offset).isMultiple(of: eventSize) else {
      let rest = (bytes.count - offset) % eventSize
      throw .damagedEvents(
        path, at: bytes.count - rest, "the last event has \(rest) of 8 bytes",
        "the recording is truncated: fetch it again")
    }
    var events = EventCollector(
      path: path, sensor: expected ?? sensor, capacity: (bytes.count - offset) / eventSize)
    var clock = WrappingClock(period: 1 << 32)
    for offset in stride(from: offset, to: bytes.count, by: eventSize) {
      let address = bytes.bigEndian32(at: offset)
      let time = clock.time(Int64(bytes.bigEndian32(at: offset + 4)))
      guard address <= 0xFFFF else {
        throw .damagedEvents(
          path, at: offset,
          "the address is \(address), and those of the DVS128 have 16 bits",
          "convert recordings of other cameras to AEDAT 3.1, AEDAT 4 or CSV")
      }
      if address & 0x8000 != 0 { continue }
      try events.append(
        time: time, x: Int64(127 - (address >> 1 & 0x7F)), y: Int64(127 - (address >> 8 & 0x7F)),
        isOn: address & 1 == 0, at: offset)
    }
    return events.stream()
  }

  /// The name of the camera, where a line of the header names another one than the DVS128.
  ///
  ///     # AEChip: net.sf.jaer.chip.retina.DVS128     a class of jAER, named like its chip
  ///     # HardwareInterface: DAVIS FX3 …             the device's own words
  ///
  /// Any other line is a remark, whatever names are in it.
  private static func otherCamera(_ line: String) -> String? {
    let parts = line.drop { $0 == "#" || $0.isWhitespace }.split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let words = parts[1].split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
    switch parts[0].lowercased() {
    case "aechip":
      guard let chip = words.last else { return nil }
      let isRead = ["dvs128", "tmpdiff128"].contains { chip.lowercased().hasPrefix($0) }
      return isRead ? nil : chip
    case "hardwareinterface":
      return words.first { word in
        ["davis", "apsdvs"].contains { word.lowercased().hasPrefix($0) }
      }
    default: return nil
    }
  }
}
