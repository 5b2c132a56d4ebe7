internal import Counterspike
internal import CounterspikeFormats

/// Recordings in AEDAT 4.0, `.aedat4`, the format of iniVation's cameras and programs.
///
///     offset 0     "#!AER-DAT4.0\r\n"
///     offset 14    a FlatBuffer “IOHE” with its size before it: the packing of packets (0 none, 1 and 2
///                  LZ4, 3 and 4 Zstandard), where a table of all packets begins or −1, and the streams
///                  as XML
///     packets      4 bytes: the stream; 4 bytes: the packet's size; then the packet, packed
///     a packet     a FlatBuffer with its size before it; of events, “EVTS”: a vector of 16 bytes each:
///                  time in microseconds (8), x (2), y (2), ON (1), three to fill up
///
/// All numbers are little-endian. Of several streams of events the first one is read. Other streams
/// and the table are passed over.
///
/// - Note: iniVation's description of the format, and the files of dv-processing 2.0.
enum AEDAT4File {
  static let beginning: StaticString = "#!AER-DAT4.0\r\n"
  private static let headerStart = 14
  private static let packetHeaderSize = 8
  private static let eventSize = 16

  /// - Parameter sensor: `nil`: that of the header or, where it has none, the smallest that holds all
  ///   events.
  /// - Throws: `damagedFile`; `missingLibrary` for packed packets in a build that cannot unpack them.
  static func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    let header = try Header(bytes, path)
    var events = EventCollector(
      path: path, sensor: sensor ?? header.sensor,
      capacity: header.packing == nil ? (header.packetsEnd - header.end) / eventSize : 0)
    var offset = header.end
    while offset < header.packetsEnd {
      let rest = header.packetsEnd - offset - packetHeaderSize
      guard rest >= 0 else {
        throw .damagedEvents(
          path, at: offset, "the last packet's header has \(rest + packetHeaderSize) of 8 bytes",
          "the recording is truncated: fetch it again")
      }
      let stream = Int32(bitPattern: bytes.littleEndian32(at: offset))
      let size = Int(bytes.littleEndian32(at: offset + 4))
      guard size <= rest else {
        throw .damagedEvents(
          path, at: offset, "the packet has \(size) bytes, and the packets end after \(rest)",
          "the recording is truncated: fetch it again")
      }
      let start = offset + packetHeaderSize
      offset = start + size
      guard stream == header.stream else { continue }
      try read(bytes, start..<offset, header.packing, path, into: &events)
    }
    var stream = events.stream()
    stream.notes[.otherStreams] = header.hasOthers ? 1 : 0
    return stream
  }

  private struct Header {
    /// `nil`: packets are as they are.
    let packing: PackedBytes.Packing?
    /// Where the first packet begins, and where the last one ends.
    let end: Int
    let packetsEnd: Int
    /// The stream of events.
    let stream: Int32
    let sensor: SensorSize?
    let hasOthers: Bool

    init(_ bytes: [UInt8], _ path: String) throws(CounterspikeError) {
      let start = AEDAT4File.headerStart
      guard bytes.has(AEDAT4File.beginning) else {
        throw .damagedEvents(
          path, at: 0, "the file does not begin with #!AER-DAT4.0",
          "put a recording in AEDAT 4.0 in its place")
      }
      guard let size = FlatBuffer.size(bytes, at: start),
        let table = FlatBuffer(bytes, at: start, letters: "IOHE"), let xml = table.text(2),
        let streams = AEDAT4Streams(xml)
      else {
        throw .damagedEvents(
          path, at: start, "there is no sound header “IOHE” with the streams as XML",
          "the recording is damaged or truncated: fetch it again")
      }
      switch table.int32(0) ?? 0 {
      case 0: packing = nil
      case 1, 2: packing = .lz4
      case 3, 4: packing = .zstandard
      case let number:
        throw .damagedEvents(
          path, at: start, "the packing has the number \(number), and 0 to 4 are known",
          "record it without compression, or by LZ4 or Zstandard")
      }
      end = start + size
      let position = table.int64(1) ?? -1
      guard position <= 0 || (Int64(end)...Int64(bytes.count)).contains(position) else {
        throw .damagedEvents(
          path, at: start,
          "the table of packets stands at byte \(position) by the header, and the file ends at "
            + "\(bytes.count)", "the recording is truncated: fetch it again")
      }
      packetsEnd = position > 0 ? Int(position) : bytes.count
      let found = streams.all.filter { $0.type == "EVTS" }
      guard let first = found.first else {
        let types = streams.all.map { $0.type.excerptOfFile }.joined(separator: ", ")
        throw .damagedEvents(
          path, at: start,
          "the streams are \(types.isEmpty ? "none" : types), and none is of events",
          "record the camera's events, too")
      }
      stream = first.id
      hasOthers = found.count > 1
      if let width = first.width, let height = first.height,
        SensorSize.allowed.contains(width), SensorSize.allowed.contains(height)
      {
        sensor = SensorSize(width: width, height: height)
      } else {
        sensor = nil
      }
    }
  }

  /// Reads the packet that stands at `range`.
  private static func read(
    _ bytes: [UInt8], _ range: Range<Int>, _ packing: PackedBytes.Packing?, _ path: String,
    into events: inout EventCollector
  ) throws(CounterspikeError) {
    var (content, start) = (bytes, range.lowerBound)
    if let packing {
      // More than what events can be packed to.
      let limit = min(1 << 28, 1 << 16 + 1000 * range.count)
      content = try PackedBytes.content(
        of: bytes[range], packing, limit: limit,
        PackedBytes.Source(path: path, offset: range.lowerBound))
      start = 0
    }
    guard let size = FlatBuffer.size(content, at: start),
      packing != nil || size <= range.count,
      let table = FlatBuffer(content, at: start, letters: "EVTS")
    else {
      throw .damagedEvents(
        path, at: range.lowerBound, "the packet is no sound “EVTS”",
        "the recording is damaged: fetch it again")
    }
    // A packet without events has no vector.
    guard let vector = table.vector(0, elementSize: eventSize) else { return }
    for index in 0..<vector.count {
      let place = vector.start + index * eventSize
      try events.append(
        time: Int64(bitPattern: content.littleEndian64(at: place)),
        x: Int64(Int16(bitPattern: content.littleEndian16(at: place + 8))),
        y: Int64(Int16(bitPattern: content.littleEndian16(at: place + 10))),
        isOn: content[place + 12] != 0, at: packing == nil ? place : range.lowerBound)
    }
  }
}
