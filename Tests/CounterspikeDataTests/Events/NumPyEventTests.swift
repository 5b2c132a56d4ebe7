import Counterspike
import CounterspikeData
import Testing

/// Records as NumPy writes them; the headers are those of numpy 2.4.6's `numpy.save`.
@Suite("Events in NumPy's records")
struct NumPyEventTests {
  private static func little(_ value: Int64, _ size: Int) -> [UInt8] {
    EventFiles.little(value, size)
  }

  /// Two events: t 30 and 40, x 1 and 3, y 2 and 4, ON and OFF, in records that `record` makes.
  private static func file(
    _ description: String, shape: String = "(2,)",
    _ record: (EventFiles.Event) -> [UInt8]
  ) -> [UInt8] {
    let events: [EventFiles.Event] = [(30, 1, 2, true), (40, 3, 4, false)]
    return EventFiles.numPy(description, shape: shape, events.flatMap(record))
  }

  static let files: [(String, [UInt8])] = [
    (
      "a camera maker's, with padding",
      file("[('x', '<u2'), ('y', '<u2'), ('p', '<i2'), ('', '|V2'), ('t', '<i8')]") {
        little(Int64($0.x), 2) + little(Int64($0.y), 2) + little($0.isOn ? 1 : 0, 2) + [9, 9]
          + little($0.time, 8)
      }
    ),
    (
      "aligned, with padding at the end",
      file("[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '|b1'), ('', '|V3')]") {
        little($0.time, 8) + little(Int64($0.x), 2) + little(Int64($0.y), 2) + [$0.isOn ? 1 : 0]
          + [7, 7, 7]
      }
    ),
    (
      "with titles",
      file("[(('when', 't'), '<i8'), (('column', 'x'), '<u2'), ('y', '<u2'), ('p', '|b1')]") {
        little($0.time, 8) + little(Int64($0.x), 2) + little(Int64($0.y), 2) + [$0.isOn ? 1 : 0]
      }
    ),
    (
      "with records inside of records",
      file("[('t', '<i8'), ('pos', [('x', '<u2'), ('y', '<u2')]), ('p', '|b1')]") {
        little($0.time, 8) + little(Int64($0.x), 2) + little(Int64($0.y), 2) + [$0.isOn ? 1 : 0]
      }
    ),
    (
      "with arrays, text, complex and half numbers beside",
      file(
        "[('xy', '<u2', (2, 3)), ('timestamp', '<i8'), ('x', '<u2', (1,)), ('y', '<u2'), "
          + "('polarity', '|b1'), ('s', '|S3'), ('u', '<U2'), ('c', '<c8'), ('h', '<f2')]"
      ) {
        [UInt8](repeating: 8, count: 12) + little($0.time, 8) + little(Int64($0.x), 2)
          + little(Int64($0.y), 2) + [$0.isOn ? 1 : 0] + [UInt8](repeating: 8, count: 3 + 8 + 8 + 2)
      }
    ),
    (
      "with dates in nanoseconds, most significant byte first",
      file("[('t', '>M8[ns]'), ('x', '>i4'), ('y', '|u1'), ('on', '|i1')]", shape: "(2, 1)") {
        EventFiles.big($0.time * 1000, 8) + EventFiles.big(Int64($0.x), 4) + [UInt8($0.y)]
          + [$0.isOn ? 1 : 255]
      }
    ),
    (
      "with lengths of time in seconds",
      file("[('x', '<f4'), ('y', '<f8'), ('p', '<u8'), ('ts', '<m8[us]')]", shape: "(1, 2)") {
        little(Int64(Float($0.x).bitPattern), 4)
          + little(Int64(bitPattern: Double($0.y).bitPattern), 8)
          + little($0.isOn ? 1 : 0, 8) + little($0.time, 8)
      }
    ),
  ]

  @Test("are read", arguments: files)
  func records(name: String, bytes: [UInt8]) throws {
    let stream = try EventFileTests.read(bytes, .numPy)
    #expect(stream.times == [30, 40] && stream.x == [1, 3] && stream.y == [2, 4], "\(name)")
    #expect(stream.polarities == [true, false])
  }

  @Test(
    "are refused where they hold no events",
    arguments: [
      ("[('t', '|O'), ('x', '<u2')]", "has the field “t” of type “|O”"),
      ("[('t', '<i8', (2,)), ('x', '<u2'), ('y', '<u2'), ('p', '?')]", "the fields are t, x, y, p"),
      ("[('t', '|V8'), ('x', '<u2'), ('y', '<u2'), ('p', '?')]", "the fields are t, x, y, p"),
      ("[('t', '<i8', (2,]", "without a shape in its place"),
      ("[('a', [('b', [('c', [('d', [('x', '<u2')])])])])]", "more than three deep"),
      ("[('t', '<i8', (99999999999,))]", "too large"),
      ("[]", "has no fields"), ("[('', '|V2')]", "has no fields"),
      ("[(('t', 'x', 'y'), '<u2')]", "has a field without a name and a type"),
    ])
  func refused(description: String, text: String) throws {
    let error = #expect(throws: CounterspikeError.self) {
      try EventFileTests.read(EventFiles.numPy(description, shape: "(0,)", []), .numPy)
    }
    #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
  }

  @Test("with times in seconds are refused with what the number is and the remedy")
  func seconds() throws {
    let bytes = EventFiles.numPy(
      "'<f8'", shape: "(1, 4)",
      [0.25, 1, 2, 1].flatMap { Self.little(Int64(bitPattern: $0.bitPattern), 8) })
    let error = #expect(throws: CounterspikeError.self) { try EventFileTests.read(bytes, .numPy) }
    #expect(error?.message.contains("the time of event 0 is 0.25, no whole number") == true)
    #expect(error?.message.contains("multiply seconds by 10⁶") == true)
  }
}
