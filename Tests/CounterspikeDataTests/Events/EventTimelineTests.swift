import Counterspike
import CounterspikeData
import Testing

/// Time that goes back, restarts, jumps or begins with a stale value, in every format.
@Suite("The time of events")
struct EventTimelineTests {
  /// 300 events, one a millisecond.
  static let even: [Int64] = (0..<300).map { 1000 * Int64($0) }

  static func stream(_ times: [Int64], sensor: Int = 34) -> [EventFiles.Event] {
    times.enumerated().map { index, time in (time, index % sensor, index % 7, index % 3 == 0) }
  }

  /// The events as files of each format that can hold such times.
  static func files(_ times: [Int64]) -> [(EventFormat, [UInt8])] {
    let events = stream(times)
    var files: [(EventFormat, [UInt8])] = [
      (.csv, EventFiles.csv(events)), (.numPy, EventFiles.numPy(events)),
    ]
    if times.allSatisfy({ (0..<1 << 32).contains($0) }) {
      files += [(.aedat2, EventFiles.aedat2(events)), (.atisDat, EventFiles.atisDat(events))]
    }
    if times.allSatisfy({ (0..<1 << 31).contains($0) }) {
      files.append((.aedat3, EventFiles.aedat3(events)))
    }
    if times.allSatisfy({ (0..<1 << 23).contains($0) }) {
      files.append((.atisBinary, EventFiles.atisBinary(events)))
    }
    return files
  }

  /// Reads the times in each format, which must agree.
  static func read(_ times: [Int64]) throws -> (times: [Int64], notes: EventNotes) {
    var first: EventStream?
    for (format, bytes) in files(times) {
      let stream = try EventFileTests.read(bytes, format)
      #expect(
        first.map { $0.times == stream.times && $0.notes == stream.notes } ?? true,
        "\(format.rawValue): \(stream.notes.texts)")
      first = first ?? stream
    }
    let stream = try #require(first)
    return (stream.times, stream.notes)
  }

  @Test("goes on after a clock that was set to zero, with the time before added")
  func restart() throws {
    let (times, notes) = try Self.read(Self.even + Self.even.dropFirst())
    #expect(times == (0..<599).map { 1000 * Int64($0) })
    #expect(notes[.restart] == 1)
    #expect(
      notes.texts == [
        "the clock is set back once; the time before was added to the times that follow"
      ])
  }

  @Test("goes on after a clock that was set back, though not to zero, and more than once")
  func setBack() throws {
    let late = Self.even.map { $0 + 5_000_000 }
    let (times, notes) = try Self.read(late + late + Self.even)
    #expect(times.count == 900 && notes[.restart] == 2)
    #expect(times == times.sorted() && times[899] - times[0] < 900_000)
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 <= 1000 })
  }

  @Test(
    "begins where the recording does, whatever a buffer held before",
    arguments: [3_000_000_000, 4_000_000_000, 5_000_000, 400_000] as [Int64])
  func stale(first: Int64) throws {
    let stale = (0..<5).map { first + $0 }
    let (times, notes) = try Self.read(stale + Self.even)
    #expect(times == Self.even)
    #expect(notes[.stale] == 5)
    #expect(
      notes.texts == ["5 events at the beginning left over from before the recording; left out"])
  }

  @Test("takes a counter for full only just before its end")
  func fullCounter() throws {
    let full: Int64 = 1 << 32
    let raw = (0..<300).map { (full - 150_000 + 1000 * Int64($0)) % full }
    for (format, bytes) in [
      (.aedat2, EventFiles.aedat2(Self.stream(raw))),
      (.atisDat, EventFiles.atisDat(Self.stream(raw))),
    ] as [(EventFormat, [UInt8])] {
      let stream = try EventFileTests.read(bytes, format)
      #expect(stream.times == (0..<300).map { full - 150_000 + 1000 * Int64($0) })
      #expect(stream.notes == EventNotes())
    }
  }

  @Test("sorts in events that are a little late, in silence")
  func disorder() throws {
    var raw = Self.even
    for place in stride(from: 0, to: 290, by: 10) { raw.swapAt(place, place + 1) }
    let (times, notes) = try Self.read(raw)
    #expect(times == Self.even && notes == EventNotes())
  }

  @Test("sorts in a few events that are very late, and says so")
  func late() throws {
    var raw = Self.even
    raw.insert(contentsOf: [50_000, 50_001], at: 200)
    let (times, notes) = try Self.read(raw)
    #expect(times == raw.sorted())
    #expect(notes.texts == ["2 events not in the order of time; sorted in"])
  }

  @Test("leaves out single times that are none of the recording", arguments: [0, 5_000_000])
  func stray(time: Int64) throws {
    var raw = Self.even.map { $0 + 500_000 }
    raw.insert(time, at: 100)
    let (times, notes) = try Self.read(raw)
    #expect(times == Self.even.map { $0 + 500_000 })
    #expect(notes.texts == ["1 event with a time outside of the recording; left out"])
  }

  @Test("is sorted where it is in no order, and said to be; bytes without a header are refused")
  func unordered() throws {
    let raw = (0..<300).map { 1000 * Int64($0 * 101 % 300) }
    for (format, bytes) in Self.files(raw) where format != .atisBinary {
      let stream = try EventFileTests.read(bytes, format)
      #expect(stream.times == raw.sorted() && stream.notes[.unordered] > 0, "\(format.rawValue)")
    }
    let error = #expect(throws: CounterspikeError.self) {
      try EventFileTests.read(EventFiles.atisBinary(Self.stream(raw)), .atisBinary)
    }
    #expect(error?.message.contains("byte 0: time goes back ") == true)
  }

  @Test("that jumps is remarked")
  func jump() throws {
    let raw = Self.even.enumerated().map { $0.offset < 150 ? $0.element : $0.element + 6_000_000 }
    let (times, notes) = try Self.read(raw)
    #expect(times == raw && notes[.jump] == 1)
    let pause = Self.even.enumerated().map { $0.offset < 150 ? $0.element : $0.element + 900_000 }
    #expect(try Self.read(pause).notes == EventNotes())
  }

  @Test("that is probably in nanoseconds is remarked, and refused beyond what microseconds can be")
  func nanoseconds() throws {
    let raw = Self.even.map { 1000 * $0 }
    #expect(try Self.read(raw).notes.texts.first?.contains("nanoseconds") == true)
    let sinceEpoch = Self.even.map { 1_700_000_000_000_000_000 + 1000 * $0 }
    let error = #expect(throws: CounterspikeError.self) {
      try EventFileTests.read(EventFiles.numPy(Self.stream(sinceEpoch)), .numPy)
    }
    #expect(
      error?.message.hasSuffix("; times must be in microseconds; divide nanoseconds by 1000")
        == true)
  }

  @Test("never traps, whatever the numbers are")
  func extremes() throws {
    let ends: [Int64] = [-(1 << 60) + 4, 0, 5, (1 << 60) - 4]
    for seed in 0..<200 {
      var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
      let raw = (0..<(seed % 60)).map { index -> Int64 in
        state = state &* 6_364_136_223_846_793_005 &+ 1
        return ends[Int(state >> 62)] &+ Int64(index % 3)
      }
      let stream = try EventFileTests.read(EventFiles.numPy(Self.stream(raw)), .numPy)
      #expect(zip(stream.times, stream.times.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(stream.count + stream.notes[.stale] + stream.notes[.stray] == raw.count)
    }
  }
}
