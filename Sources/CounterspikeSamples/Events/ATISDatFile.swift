internal import Counterspike
internal import CounterspikeFormats

/// The recordings of N-CARS, `.dat`, version 2 of the format of ATIS and Prophesee cameras.
///
///     header      lines of text that begin with '%'; one may give "Version", "Width", "Height"
///     byte 0      type of the events: 0 or 12, both of a brightness change
///     byte 1      bytes per event: 8
///     events      two 32-bit words, least significant byte first: the time in microseconds; and
///                 x in bits 0–13, y in bits 14–27, polarity in bit 28, 1 = ON. The highest three
///                 bits are not looked at. The time begins anew after 2³² µs.
///
/// - Note: Sironi, Brambilla, Bourdis, Lagorce, Benosman, "HATS: histograms of averaged time
///   surfaces for robust event-based object classification", CVPR 2018, for the data.
enum ATISDatFile {
  static let eventSize = 8

  /// - Parameter sensor: `nil`: that of the header or, where it gives none, the smallest that holds
  ///   all events.
  /// - Throws: `damagedFile`.
  static func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    var offset = 0
    var fields: [String: Int] = [:]
    while offset < bytes.count, bytes[offset] == UInt8(ascii: "%") {
      guard let end = bytes.endOfLine(at: offset) else {
        throw .damagedEvents(
          path, at: offset, "the header's line does not end",
          "it is truncated: fetch the recording again")
      }
      note(bytes[offset..<end], in: &fields)
      offset = end
    }
    guard offset > 0 else {
      throw .damagedEvents(
        path, at: 0, "the file begins with no header, which are lines that begin with %",
        "put a recording in the format .dat in its place")
    }
    if let version = fields["version"], version != 2 {
      throw .damagedEvents(
        path, at: 0, "the header says version \(version), and version 2 is what is read",
        "convert the recording to version 2, or to CSV")
    }
    guard bytes.count >= offset + 2 else {
      throw .damagedEvents(
        path, at: offset, "the file ends before type and size of the events, two bytes",
        "it is truncated: fetch it again")
    }
    guard [0, 12].contains(bytes[offset]), bytes[offset + 1] == eventSize else {
      throw .damagedEvents(
        path, at: offset,
        "the events are of type \(bytes[offset]) and \(bytes[offset + 1]) bytes, where type 0 or "
          + "12 and 8 bytes are expected", "convert the recording to CSV")
    }
    offset += 2
    guard (bytes.count - offset).isMultiple(of: eventSize) else {
      let rest = (bytes.count - offset) % eventSize
      throw .damagedEvents(
        path, at: bytes.count - rest, "the last event has \(rest) of 8 bytes",
        "the recording is truncated: fetch it again")
    }
    return try events(
      bytes, from: offset, path: path, sensor: sensor ?? headerSensor(fields))
  }

  private static func events(
    _ bytes: [UInt8], from start: Int, path: String, sensor: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    var events = EventCollector(
      path: path, sensor: sensor, capacity: (bytes.count - start) / eventSize)
    var clock = WrappingClock(period: 1 << 32)
    for offset in stride(from: start, to: bytes.count, by: eventSize) {
      let word = bytes.littleEndian32(at: offset + 4)
      try events.append(
        time: clock.time(Int64(bytes.littleEndian32(at: offset))), x: Int64(word & 0x3FFF),
        y: Int64(word >> 14 & 0x3FFF), isOn: word >> 28 & 1 == 1, at: offset)
    }
    return events.stream()
  }

  /// Keeps the numbers of a line that is made of names and numbers, as "% Width 304", and the sensor of
  /// "% geometry 1280x720". Any other line is a remark.
  private static func note(_ line: ArraySlice<UInt8>, in fields: inout [String: Int]) {
    for part in String(decoding: line.prefix(200), as: UTF8.self).split(separator: "%") {
      let words = part.lowercased().split(whereSeparator: \.isWhitespace).prefix(3)
      guard words.count == 2 else { continue }
      if words[0] == "geometry" {
        let sizes = words[1].split(separator: "x").map { Int($0) }
        if sizes.count == 2 { (fields["width"], fields["height"]) = (sizes[0], sizes[1]) }
      } else if let number = Int(words[1]) {
        fields[String(words[0])] = number
      }
    }
  }

  private static func headerSensor(_ fields: [String: Int]) -> SensorSize? {
    guard let width = fields["width"], let height = fields["height"],
      (1...16384).contains(width), (1...16384).contains(height)
    else { return nil }
    return SensorSize(width: width, height: height)
  }
}
