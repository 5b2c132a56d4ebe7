import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Recordings in AEDAT 4")
struct AEDAT4Tests {
  /// The events of the fixtures, by the rule that made them.
  static let stream: EventStream = {
    let places = Array(0..<600)
    return EventStream(
      width: 346, height: 260, times: places.map { 1_700_000_000_000_000 + 137 * Int64($0) },
      x: places.map { UInt16($0 * 37 % 346) }, y: places.map { UInt16($0 * $0 % 260) },
      polarities: places.map { $0 % 3 == 0 })
  }()

  static func fixture(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: RealData.fixture("aedat4/\(name).aedat4"))))
  }

  #if Archives
    static let compressions = ["NONE", "LZ4", "LZ4_HIGH", "ZSTD", "ZSTD_HIGH"]
  #else
    static let compressions = ["NONE"]
  #endif

  @Test("have the events that iniVation's library wrote, however packed", arguments: compressions)
  func reading(name: String) throws {
    let stream = try EventStream(contentsOf: RealData.fixture("aedat4/\(name).aedat4"))
    #expect(stream == Self.stream)
    #expect(stream.notes == EventNotes() && stream.isSensorStated)
  }

  /// A file of packets of events, by the format's description.
  static func file(
    _ streams: [(id: Int64, type: String)], packets: [(stream: Int64, times: [Int64])],
    sensor: String =
      #"<attr key="sizeX" type="int">34</attr><attr key="sizeY" type="int">30</attr>"#
  ) -> [UInt8] {
    let nodes = streams.map { stream in
      #"<node name="\#(stream.id)" path="/\#(stream.id)/">"#
        + #"<attr key="typeIdentifier" type="string">\#(stream.type)</attr>"#
        + #"<node name="info" path="/info/">\#(sensor)</node></node>"#
    }
    let xml = Array(#"<dv version="2.0"><node name="outInfo">\#(nodes.joined())</node></dv>"#.utf8)
    var bytes = Array("#!AER-DAT4.0\r\n".utf8)
    bytes += buffer("IOHE", fields: [(size: 4, 0), (size: 8, -1)], vector: xml, elementSize: 1)
    for packet in packets {
      var events: [UInt8] = []
      for (index, time) in packet.times.enumerated() {
        events += EventFiles.little(time, 8) + EventFiles.little(Int64(index % 34), 2)
        events += EventFiles.little(Int64(index % 30), 2) + [index % 2 == 0 ? 1 : 0, 0, 0, 0]
      }
      let content = buffer("EVTS", fields: [], vector: events, elementSize: 16)
      bytes += EventFiles.little(packet.stream, 4) + EventFiles.little(Int64(content.count), 4)
      bytes += content
    }
    return bytes
  }

  /// A FlatBuffer with its size before it: a table of numbers and, as its last field, a vector.
  static func buffer(
    _ letters: String, fields: [(size: Int, value: Int64)], vector: [UInt8], elementSize: Int
  ) -> [UInt8] {
    var list: [UInt8] = []
    var table: [UInt8] = []
    for field in fields {
      list += EventFiles.little(Int64(4 + table.count), 2)
      table += EventFiles.little(field.value, field.size)
    }
    list += EventFiles.little(Int64(4 + table.count), 2)
    // The vector follows the field that points to it.
    table += EventFiles.little(4, 4)
    let header =
      EventFiles.little(Int64(4 + list.count), 2) + EventFiles.little(Int64(4 + table.count), 2)
    let content =
      EventFiles.little(Int64(8 + header.count + list.count), 4) + Array(letters.utf8) + header
      + list
      + EventFiles.little(Int64(header.count + list.count), 4) + table
      + EventFiles.little(Int64(vector.count / elementSize), 4) + vector
    return EventFiles.little(Int64(content.count), 4) + content
  }

  @Test("of several streams give the first one of events, and say so")
  func streams() throws {
    let bytes = Self.file(
      [(3, "IMUS"), (5, "EVTS"), (7, "EVTS")],
      packets: [(3, [1, 2]), (7, [5, 6]), (5, [10, 20, 30]), (5, []), (5, [40])])
    let stream = try EventFileTests.read(bytes, .aedat4)
    #expect(stream.times == [10, 20, 30, 40] && stream.x == [0, 1, 2, 0])
    #expect(stream.polarities == [true, false, true, true])
    #expect(stream.width == 34 && stream.height == 30)
    #expect(stream.notes.texts == ["several streams of events; the first one is read"])
    let open = try EventFileTests.read(
      Self.file([(1, "EVTS")], packets: [(1, [1, 2])], sensor: ""), .aedat4)
    #expect(open.width == 2 && !open.isSensorStated)
  }

  @Test("that are damaged are refused by place and remedy")
  func damage() throws {
    let sound = Self.file([(1, "EVTS")], packets: [(1, [1, 2])])
    let packet =
      sound.count
      - Self.buffer("EVTS", fields: [], vector: [UInt8](repeating: 0, count: 32), elementSize: 16)
      .count - 8
    var huge = sound
    huge.replaceSubrange((sound.count - 36)..<(sound.count - 32), with: [255, 255, 255, 127])
    // A vector that claims more elements than there are is none.
    #expect(try EventFileTests.read(huge, .aedat4).count == 0)
    for (bytes, text) in [
      (Array("#!AER-DAT4.0\r\n".utf8), "byte 14: there is no sound header “IOHE”"),
      (Array(sound.prefix(60)), "byte 14: there is no sound header"),
      (Array(sound.dropLast()), "byte \(packet): the packet has "),
      (sound + [1, 2, 3], "byte \(sound.count): the last packet's header has 3 of 8 bytes"),
      (
        Self.file([(1, "IMUS")], packets: []), "the streams are IMUS, and none is of events"
      ),
      (Self.file([(1, "EVTS")], packets: [(1, [.max])]), "is beyond 36,000 years"),
    ] {
      let error = #expect(throws: CounterspikeError.self) {
        try EventFileTests.read(bytes, .aedat4)
      }
      #expect(error?.code == .damagedFile)
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }
  }

  #if Archives
    @Test("with damaged packed packets are refused", arguments: ["LZ4", "ZSTD"])
    func damagedPackets(name: String) throws {
      var bytes = try Self.fixture(name)
      // Into the second packet of events.
      let place = bytes.count / 2
      for offset in 0..<40 { bytes[place + offset] ^= 0xA5 }
      let error = #expect(throws: CounterspikeError.self) {
        try EventFileTests.read(bytes, .aedat4)
      }
      #expect(error?.code == .damagedFile)
      #expect(error?.message.hasPrefix("“the/file”, byte ") == true)
    }
  #else
    @Test("with packed packets are refused for want of a library")
    func packed() throws {
      let error = #expect(throws: CounterspikeError.self) {
        try EventFileTests.read(Self.fixture("LZ4"), .aedat4)
      }
      #expect(error?.code == .missingLibrary)
    }
  #endif

  @Test(
    "as a camera recorded them have the events that the package aedat 2.2.0 counts",
    .enabled(
      if: RealData.has("other-event-samples/sample.aedat4"),
      "no recording in AEDAT 4; name a folder with other-event-samples/ by COUNTERSPIKE_TEST_DATA"))
  func real() throws {
    let stream = try EventStream(
      contentsOf: RealData.folder + "/other-event-samples/sample.aedat4")
    #expect(stream.count == 111_954 && stream.width == 320 && stream.height == 240)
    #expect(stream.times.first == 1_605_537_493_718_345 && stream.duration == 589_917)
  }
}
