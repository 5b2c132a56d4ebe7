import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Files of events")
struct EventFileTests {
  static func read(
    _ bytes: [UInt8], _ format: EventFormat, sensor: SensorSize? = nil
  ) throws -> EventStream {
    try format.read(bytes, path: "the/file", sensor: sensor)
  }

  /// Of 128×128 pixels, with events in the last row and column.
  static let stream = EventStream(
    width: 128, height: 128, times: [0, 5, 5, 70_000, 8_000_000], x: [0, 127, 3, 60, 1],
    y: [127, 0, 4, 61, 126], polarities: [true, false, true, true, false])

  @Test(
    "give back the events that were written",
    arguments: [
      (.atisBinary, EventFiles.atisBinary(stream)), (.atisDat, EventFiles.atisDat(stream)),
      (.atisDat, EventFiles.atisDat(stream, type: 12)),
      (.aedat2, EventFiles.aedat2(stream)), (.aedat3, EventFiles.aedat3(stream)),
      (.csv, EventFiles.csv(stream)), (.csv, EventFiles.csv(stream, heading: "t,x,y,p\n")),
      (.numPy, EventFiles.numPy(stream)),
    ] as [(EventFormat, [UInt8])])
  func roundTrip(format: EventFormat, bytes: [UInt8]) throws {
    #expect(try Self.read(bytes, format) == Self.stream)
    #expect(
      try Self.read(bytes, format, sensor: SensorSize(width: 128, height: 128)) == Self.stream)
  }

  @Test(
    "are recognized by their first bytes and names",
    arguments: [
      ("a.bin", .atisBinary, EventFiles.atisBinary(stream)),
      ("a.dat", .atisDat, EventFiles.atisDat(stream)),
      ("a.aedat", .aedat2, EventFiles.aedat2(stream)),
      ("other", .aedat3, EventFiles.aedat3(stream)), ("a.TXT", .csv, EventFiles.csv(stream)),
      ("a", .numPy, EventFiles.numPy(stream)),
    ] as [(String, EventFormat, [UInt8])])
  func recognition(name: String, format: EventFormat, bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: name)
    #expect(try EventStream(contentsOf: "\(folder.path)/\(name)") == Self.stream)
  }

  @Test("of other kinds are refused with the kinds that are read")
  func unknown() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], to: "a.mat")
    try folder.write(Array("#!AER-DAT5.0\r\n".utf8), to: "a.aedat5")
    for (name, text) in [("a.mat", ".bin (N-MNIST)"), ("a.aedat5", "none of 2.0, 3.1 and 4.0")] {
      let error = #expect(throws: CounterspikeError.self) {
        try EventStream(contentsOf: "\(folder.path)/\(name)")
      }
      #expect(error?.code == .damagedFile)
      #expect(error?.message.contains(text) == true)
    }
    let absent = #expect(throws: CounterspikeError.self) {
      try EventStream(contentsOf: folder.path + "/none.bin")
    }
    #expect(absent?.code == .unreadableFile)
  }

  @Test("without events are recordings without events")
  func empty() throws {
    let none = EventStream(width: 128, height: 128, times: [], x: [], y: [], polarities: [])
    let sensor = SensorSize(width: 128, height: 128)
    #expect(try Self.read([], .atisBinary, sensor: sensor) == none)
    #expect(try Self.read(EventFiles.atisDat(none), .atisDat, sensor: sensor) == none)
    #expect(try Self.read(EventFiles.aedat2(none), .aedat2) == none)
    #expect(try Self.read(EventFiles.aedat3(none), .aedat3) == none)
    #expect(try Self.read([], .csv, sensor: sensor) == none)
    #expect(try Self.read(EventFiles.numPy(none), .numPy, sensor: sensor) == none)
    #expect(none.duration == 0)
  }

  @Test("of N-MNIST's format go on counting when their 23 bits of time are full")
  func wrapping() throws {
    // Beyond 2²³ µs, with a straggler from before.
    let raw: [Int64] = [8_388_000, 100, 8_388_600, 200, 4_000_000, 8_000_000, 300]
    let bytes: [UInt8] = raw.flatMap { time -> [UInt8] in [1, 2] + EventFiles.big(time, 3) }
    let full: Int64 = 1 << 23
    var times: [Int64] = [8_388_000, 8_388_600]
    times += [100, 200, 4_000_000, 8_000_000, full + 300].map { full + $0 }
    #expect(try Self.read(bytes, .atisBinary).times == times)
  }

  @Test("of N-MNIST's format have 8,192 µs more after each overflow marker, which is no event")
  func overflowMarkers() throws {
    let bytes: [UInt8] =
      [1, 2, 0, 0, 50, 0, 240, 0, 0, 0, 3, 4, 0x80, 0, 7] + [0, 240, 0, 0, 0, 5, 6, 0, 0, 1]
    let stream = try Self.read(bytes, .atisBinary, sensor: SensorSize(width: 34, height: 34))
    #expect(stream.times == [50, 8199, 16_385])
    #expect(stream.x == [1, 3, 5] && stream.y == [2, 4, 6])
    #expect(stream.polarities == [false, true, false])
  }

  @Test("with times in disorder are put in order, those of one time left as they stand")
  func disorder() throws {
    let stream = try Self.read(Array("9 1 1 0\n5 2 2 1\n9 3 3 0\n5 4 4 1\n".utf8), .csv)
    #expect(stream.times == [5, 5, 9, 9])
    #expect(stream.x == [2, 4, 1, 3])
  }

  @Test("of ATIS cameras take the sensor's size from the header")
  func datHeader() throws {
    let header = "% Date 2020\n% Width 304\n% Height 240\n% Version 2\n"
    let stream = try Self.read(EventFiles.atisDat(Self.stream, header: header), .atisDat)
    #expect(stream.width == 304 && stream.height == 240)
    // A remark with such words says nothing.
    let remark = "% seen at Width 20 and Height 20\n% geometry 1280x720\n% Version 2\n"
    let wide = try Self.read(EventFiles.atisDat(Self.stream, header: remark), .atisDat)
    #expect(wide.width == 1280 && wide.height == 720)
    let small = "% Height 100 % Width 304\n"
    let error = #expect(throws: CounterspikeError.self) {
      try Self.read(EventFiles.atisDat(Self.stream, header: small), .atisDat)
    }
    #expect(
      error?.message.contains("“the/file”, byte 27: the event is at x 0, y 127, outside") == true)
  }

  @Test("in AEDAT 3.1 count on over the overflows of their time")
  func aedatOverflow() throws {
    let times: [Int64] = [(3 << 31) + 5, (3 << 31) + 6]
    let stream = EventStream(
      width: 128, height: 128, times: times, x: [1, 2], y: [3, 4], polarities: [true, false])
    #expect(try Self.read(EventFiles.aedat3(stream), .aedat3) == stream)
  }

  @Test("in AEDAT 2.0 leave out what is no event of a pixel")
  func externalEvents() throws {
    let bytes = EventFiles.aedat2(Self.stream) + EventFiles.big(0x8000, 4) + EventFiles.big(9, 4)
    #expect(try Self.read(bytes, .aedat2) == Self.stream)
  }

  @Test(
    "in AEDAT 2.0 are the DVS128's by the header's line about the chip, not by a word in a remark",
    arguments: [
      ("# AEChip: net.sf.jaer.chip.retina.DVS128", nil),
      ("# recorded at Davis, with an apsDVS beside it", nil),
      ("# AEChip: DVS128\r\n# comment: DAVIS240C", nil),
      ("# HardwareInterface: DVS128 CypressFX2", nil),
      ("# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C", "DAVIS240C"),
      ("# HardwareInterface: DAVIS FX3", "DAVIS"),
      ("# AEChip: ch.unizh.ini.jaer.chip.retina.DVS640", "DVS640"),
    ] as [(String, String?)])
  func chip(header: String, other: String?) throws {
    let bytes = EventFiles.aedat2(EventFiles.events(Self.stream), header: header)
    guard let other else {
      #expect(try Self.read(bytes, .aedat2) == Self.stream)
      return
    }
    let error = #expect(throws: CounterspikeError.self) { try Self.read(bytes, .aedat2) }
    #expect(error?.message.contains("the camera is “\(other)”") == true)
  }

  @Test("in AEDAT 3.1 lie on the sensor of the camera that the source line names")
  func source() throws {
    for (source, size) in [
      ("#Source 1: DAVIS240C", [240, 180]), ("#Source 1: dvs128 beside a DAVIS640", [128, 128]),
      ("#Source 1: other\r\n#Start: DAVIS346", [128, 128]),
    ] {
      let text = EventFiles.aedat3Header.replacing("#Source 1: DVS128", with: source)
      let bytes =
        Array(text.utf8)
        + EventFiles.aedat3(Self.stream).dropFirst(EventFiles.aedat3Header.utf8.count)
      let stream = try Self.read(bytes, .aedat3)
      #expect([stream.width, stream.height] == size, "\(source)")
    }
  }

  @Test(
    "as text may name, order and part their columns as they like",
    arguments: [
      "x,y,p,t\n1,2,1,30\n3,4,0,40\n", "# x y polarity timestamp\n1 2 1 30\n\n3 4 -1 40",
      "30;1;2;1\r\n40;3;4;0\r\n", "#a remark\n 30\t1\t2\t1 \n40\t3\t4\t0\n",
      "3.0e+01 1.0 2.0 1.000e+00\n4e1 3 4 0\n",
    ])
  func text(text: String) throws {
    let stream = try Self.read(Array(text.utf8), .csv)
    #expect(stream.times == [30, 40] && stream.x == [1, 3] && stream.y == [2, 4])
    #expect(stream.polarities == [true, false])
  }

  static let numPyFloats = ([30, 1, 2, 1] as [Float]).flatMap {
    EventFiles.little(Int64($0.bitPattern), 4)
  }
  static let mixedRow: [UInt8] =
    [1, 0, 0, 0, 1, 2, 9, 9, 9, 9] + EventFiles.big(Int64((30.0).bitPattern), 8)
  static let numPyRow: [UInt8] = EventFiles.little(30, 8) + EventFiles.little(1, 2) + [2, 1]

  @Test(
    "of NumPy may have any type, order and version",
    arguments: [
      EventFiles.numPy(
        "[('t', '<i8'), ('x', '<u2'), ('y', '|u1'), ('p', '?')]", shape: "(1,)", numPyRow),
      EventFiles.numPy(
        "[('timestamp','<u8'),('x','<i2'),('y','|i1'),('polarity','|b1'),]", shape: "(1,)",
        version: 2, numPyRow),
      EventFiles.numPy(
        "[('p', '|i1'), ('x', '>i4'), ('y', '|u1'), ('z', '<f4'), ('t', '>f8')]", shape: "(1,)",
        mixedRow),
      EventFiles.numPy("'|u1'", shape: "(1, 4)", version: 3, [30, 1, 2, 1]),
      EventFiles.numPy("\"<f4\"", shape: "(1, 4)", numPyFloats),
    ] as [[UInt8]])
  func numPy(bytes: [UInt8]) throws {
    let stream = try Self.read(bytes, .numPy)
    #expect(stream.times == [30] && stream.x == [1] && stream.y == [2])
    #expect(stream.polarities == [true])
  }

  @Test("of NumPy may be stored column by column")
  func fortranOrder() throws {
    let bytes = EventFiles.numPy(
      "'|u1'", shape: "(2, 4)", order: "True", [30, 40, 1, 3, 2, 4, 1, 0])
    let stream = try Self.read(bytes, .numPy)
    #expect(stream.times == [30, 40] && stream.x == [1, 3] && stream.y == [2, 4])
    #expect(stream.polarities == [true, false])
  }

  @Test(
    "that are damaged are refused with file, byte and remedy",
    arguments: [
      (.atisBinary, [1, 2, 0, 0, 0, 1, 2], "byte 5: the last event has 2 of 5 bytes"),
      (.atisBinary, [34, 2, 0, 0, 0], "byte 0: the event is at x 34, y 2"),
      (.atisDat, [], "byte 0: the file begins with no header"),
      (.atisDat, Array("% Version 2".utf8), "byte 0: the header's line does not end"),
      (.atisDat, Array("% Version 1\n".utf8) + [0, 8], "says version 1"),
      (.atisDat, Array("% a\n".utf8) + [0], "byte 4: the file ends before type and size"),
      (.atisDat, Array("% a\n".utf8) + [14, 8], "byte 4: the events are of type 14 and 8 bytes"),
      (.atisDat, Array("% a\n".utf8) + [0, 8, 1, 2, 3], "byte 6: the last event has 3 of 8"),
      (.aedat2, Array("#!AER".utf8), "byte 0: the file does not begin with #!AER-DAT2.0"),
      (.aedat2, Array("#!AER-DAT2.0\n#x".utf8), "byte 13: the header's line does not end"),
      (
        .aedat2, Array("#!AER-DAT2.0\n# AEChip: DAVIS240C\n".utf8),
        "byte 13: the camera is “DAVIS240C”"
      ),
      (.aedat2, Array("#!AER-DAT2.0\n".utf8) + [0, 0], "byte 13: the last event has 2 of 8"),
      (
        .aedat2, Array("#!AER-DAT2.0\n".utf8) + [0, 1, 0, 0, 0, 0, 0, 0],
        "byte 13: the address is 65536"
      ),
      (.aedat3, Array("#!AER-DAT3.1\r\n#a\r\n".utf8), "byte 18: the header breaks off"),
      (.aedat3, Array(EventFiles.aedat3Header.utf8) + [1], "header has 1 of 28 bytes"),
      (
        .aedat3,
        Array(EventFiles.aedat3Header.utf8) + EventFiles.packet(type: 1, eventSize: 8, count: 9),
        "the packet has 9 events of 8 bytes, and the file ends 0 bytes after"
      ),
      (
        .aedat3,
        Array(EventFiles.aedat3Header.utf8)
          + EventFiles.packet(type: 1, eventSize: 8, count: 0, capacity: 2), "room for 2 events"
      ),
      (
        .aedat3,
        Array(EventFiles.aedat3Header.utf8)
          + EventFiles.packet(type: 1, eventSize: 4, count: 1) + [0, 0, 0, 0],
        "polarity events of 4 bytes"
      ),
      (
        .aedat3,
        Array(EventFiles.aedat3Header.utf8)
          + EventFiles.packet(type: 1, eventSize: 8, count: 1) + EventFiles.little(-1, 8),
        "has more than 31 bits"
      ),
      (.csv, Array("a,b,c,d\n".utf8), "byte 0: line 1: the names “a b c d” are others than t"),
      (.csv, Array("1,2,3,1\n1,2,3\n".utf8), "byte 8: line 2: there are 3 columns"),
      (.csv, Array("1.5,2,3,1\n".utf8), "column 1: the time “1.5” is no whole number"),
      (.csv, Array("1,2,nan,1\n".utf8), "byte 4: line 1, column 3: “nan”"),
      (.csv, Array("1,2,3,2\n".utf8), "byte 0: line 1: the polarity is 2"),
      (.csv, Array("1,-2,3,1\n".utf8), "byte 0: the event is at x -2, y 3"),
      (.csv, Array("9223372036854775807,2,3,1\n".utf8), "is beyond 36,000 years"),
      (
        .csv, [UInt8](repeating: 48, count: 2000),
        "byte 0: line 1: there is 1 column, where 4 are expected"
      ),
      (.numPy, [1, 2, 3], "byte 0: the file does not begin as a NumPy file does"),
      (.numPy, [0x93, 78, 85, 77, 80, 89, 4, 0, 0, 0, 0, 0], "byte 6: the version is 4.0"),
      (.numPy, [0x93, 78, 85, 77, 80, 89, 1, 0, 255, 0, 0, 0], "byte 8: the header has 255 bytes"),
      (
        .numPy, EventFiles.numPy("'<c8'", shape: "(1, 4)", numPyFloats + numPyFloats),
        "the array is not one of numbers"
      ),
      (.numPy, EventFiles.numPy("'<i8'", shape: "(1, 5)", []), "the array's shape is [1, 5]"),
      (
        .numPy, EventFiles.numPy("'<i8'", shape: "(9223372036854775807, 4)", []),
        "0 bytes follow the header"
      ),
      (
        .numPy, EventFiles.numPy("[('t', '<i8'), ('x', '<i8')]", shape: "(0,)", []),
        "the fields are t, x"
      ),
      (
        .numPy, EventFiles.numPy("'|u1'", shape: "(1, 4)", [1, 2, 3, 4]), "the polarity of event 0"
      ),
    ] as [(EventFormat, [UInt8], String)])
  func damage(format: EventFormat, bytes: [UInt8], text: String) throws {
    let sensor = format == .atisBinary ? SensorSize(width: 34, height: 34) : nil
    let error = #expect(throws: CounterspikeError.self) {
      try Self.read(bytes, format, sensor: sensor)
    }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.hasPrefix("“the/file”, byte ") == true, "\(error?.message ?? "")")
    #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("; ") == true && error?.message.contains("\n") == false)
  }
}

@Suite("Trials of DVS128 Gesture")
struct GestureLabelTests {
  @Test("are cut out of a recording, from start up to but without end")
  func trials() throws {
    let folder = try TemporaryFolder()
    let text = "class,startTime_usec,endTime_usec\r\n2,5,70000\r\n11,70000,8000001\n"
    try folder.write(Array(text.utf8), to: "labels.csv")
    let labels = try GestureLabels(contentsOf: folder.path + "/labels.csv")
    let trials = EventFileTests.stream.trials(labels)
    #expect(trials.map(\.label) == [2, 11])
    #expect(trials[0].events.times == [5, 5] && trials[0].events.x == [127, 3])
    #expect(trials[1].events.times == [70_000, 8_000_000])
    #expect(trials[1].events.polarities == [true, false])
    #expect(trials[1].events.width == 128)
  }

  @Test(
    "with damaged labels are refused by byte and line",
    arguments: [
      "1,2\n", "0,1,2\n", "1,5,4\n", "a,b,c\n", "1,2,3,4\n", "1,99999999999999999999,3\n",
      "1,-2,3\n",
    ])
  func damage(line: String) throws {
    let folder = try TemporaryFolder()
    let text = "class,startTime_usec,endTime_usec\n" + line
    try folder.write(Array(text.utf8), to: "labels.csv")
    let error = #expect(throws: CounterspikeError.self) {
      try GestureLabels(contentsOf: folder.path + "/labels.csv")
    }
    #expect(error?.message.contains("labels.csv”, byte 34: “") == true, "\(error?.message ?? "")")
  }
}
