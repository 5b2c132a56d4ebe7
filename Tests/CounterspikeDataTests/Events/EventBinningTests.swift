import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Binning of events")
struct EventBinningTests {
  /// Four events on a sensor of 4×4 pixels.
  static let stream = EventStream(
    width: 4, height: 4, times: [1000, 1999, 2000, 5500], x: [0, 0, 3, 1], y: [0, 0, 2, 3],
    polarities: [true, true, false, true])

  /// The bins that are not empty: `[t, c, y, x]` and the value.
  static func spikes(
    _ stream: EventStream, timeSteps: Int, _ change: (inout EventSettings) -> Void
  ) throws -> [[Int]] {
    var settings = EventSettings()
    settings.timeWindow = 1000
    change(&settings)
    let binning = try EventBinning(
      settings, sensor: SensorSize(width: stream.width, height: stream.height),
      timeSteps: timeSteps)
    let set = EventSet([stream], labels: [0], classCount: 1, binning: binning)
    let shape = set.shape
    return set.values(0).enumerated().filter { $0.element != 0 }.map { bin, value in
      let plane = bin / shape[3] / shape[2]
      return [
        plane / shape[1], plane % shape[1], bin / shape[3] % shape[2], bin % shape[3], Int(value),
      ]
    }
  }

  @Test("by time gives one spike a pixel, polarity and window, from the first event on")
  func timeWindow() throws {
    let spikes = try Self.spikes(Self.stream, timeSteps: 5) { _ in }
    #expect(spikes == [[0, 1, 0, 0, 1], [1, 0, 2, 3, 1], [4, 1, 3, 1, 1]])
    #expect(try Self.spikes(Self.stream, timeSteps: 2) { _ in } == Array(spikes[..<2]))
  }

  @Test("counts steps from time 0 where that is the recording's beginning")
  func origin() throws {
    let stream = EventStream(
      width: 9, height: 1, times: [1000, 1999, 2000, 5500], x: [0, 4, 8, 1], y: [0, 0, 0, 0],
      polarities: [true, true, true, true])
    func bins(_ change: (inout EventSettings) -> Void) throws -> [Int] {
      var settings = EventSettings()
      settings.polarity = .merged
      settings.timeWindow = 1000
      change(&settings)
      let binning = try EventBinning(
        settings, sensor: SensorSize(width: 9, height: 1), timeSteps: 4, origin: .recording)
      let values = EventSet([stream], labels: [0], classCount: 1, binning: binning).values(0)
      return values.indices.filter { values[$0] != 0 }
    }
    #expect(try bins { _ in } == [9, 9 + 4, 18 + 8])
    // Four steps of 1375¼ µs.
    #expect(try bins { $0.slicing = .timeBins } == [0, 9 + 4, 9 + 8, 27 + 1])
    // Five units in one: [4, 1, 1, 2].
    #expect(try bins { $0.downsampling = 5 } == [2, 4 + 1])
  }

  @Test("with counts keeps the number of events, up to 255")
  func counts() throws {
    let spikes = try Self.spikes(Self.stream, timeSteps: 1) { $0.values = .counts }
    #expect(spikes == [[0, 1, 0, 0, 2]])
    let many = [Int64](repeating: 0, count: 300)
    let stream = EventStream(
      width: 1, height: 1, times: many, x: many.map { UInt16($0) }, y: many.map { UInt16($0) },
      polarities: many.map { _ in false })
    #expect(try Self.spikes(stream, timeSteps: 1) { $0.values = .counts } == [[0, 0, 0, 0, 255]])
  }

  @Test("by number of events fills one step after the other")
  func eventCount() throws {
    let spikes = try Self.spikes(Self.stream, timeSteps: 3) {
      $0.slicing = .eventCount
      $0.eventCount = 3
    }
    #expect(spikes == [[0, 0, 2, 3, 1], [0, 1, 0, 0, 1], [1, 1, 3, 1, 1]])
  }

  @Test("into even bins reaches from the first event to the last, however long")
  func timeBins() throws {
    let spikes = try Self.spikes(Self.stream, timeSteps: 2) { $0.slicing = .timeBins }
    #expect(spikes == [[0, 0, 2, 3, 1], [0, 1, 0, 0, 1], [1, 1, 3, 1, 1]])
    let long = EventStream(
      width: 1, height: 1, times: [-(1 << 59), 1 << 59], x: [0, 0], y: [0, 0],
      polarities: [false, true])
    #expect(
      try Self.spikes(long, timeSteps: 1000) { $0.slicing = .timeBins }
        == [[0, 0, 0, 0, 1], [999, 1, 0, 0, 1]])
    let moment = EventStream(
      width: 1, height: 1, times: [7, 7], x: [0, 0], y: [0, 0], polarities: [true, true])
    #expect(
      try Self.spikes(moment, timeSteps: 9) { $0.slicing = .timeBins } == [[0, 1, 0, 0, 1]])
  }

  @Test("merges polarities and pixels, and cuts the centre out, where it is told to")
  func space() throws {
    let merged = try Self.spikes(Self.stream, timeSteps: 1) {
      $0.polarity = .merged
      $0.timeWindow = 10_000
    }
    #expect(merged == [[0, 0, 0, 0, 1], [0, 0, 2, 3, 1], [0, 0, 3, 1, 1]])
    let small = try Self.spikes(Self.stream, timeSteps: 1) {
      $0.downsampling = 3
      $0.timeWindow = 10_000
      $0.values = .counts
    }
    // 4 pixels become 2: the last one stands alone.
    #expect(small == [[0, 0, 0, 1, 1], [0, 1, 0, 0, 2], [0, 1, 1, 0, 1]])
    let stream = EventFiles.random(200, width: 5, height: 4)
    let cut = try Self.spikes(stream, timeSteps: 1) {
      $0.centerCrop = 2
      $0.values = .counts
      $0.timeWindow = 1_000_000
    }
    let inside = (0..<200).filter {
      (1...2).contains(stream.x[$0]) && (1...2).contains(stream.y[$0])
    }
    #expect(cut.reduce(0) { $0 + $1[4] } == inside.count)
    #expect(cut.count == 8 && cut.allSatisfy { $0[2] < 2 && $0[3] < 2 })
  }

  @Test("leaves out events that nothing near them preceded")
  func denoising() throws {
    // The second has a neighbour 500 µs before, the third is too late, the fourth is the same pixel.
    let stream = EventStream(
      width: 8, height: 8, times: [0, 500, 1600, 1700, 1800], x: [3, 4, 5, 5, 0],
      y: [3, 4, 5, 5, 7], polarities: [true, true, true, true, true])
    let spikes = try Self.spikes(stream, timeSteps: 1) {
      $0.denoise = 1000
      $0.timeWindow = 10_000
    }
    #expect(spikes == [[0, 1, 4, 4, 1]])
  }

  @Test("of nothing is nothing")
  func empty() throws {
    let none = EventStream(width: 4, height: 4, times: [], x: [], y: [], polarities: [])
    for slicing in EventSettings.Slicing.allCases {
      #expect(try Self.spikes(none, timeSteps: 3) { $0.slicing = slicing }.isEmpty)
    }
  }

  @Test("refuses cuts larger than the sensor, and bins beyond all memory")
  func limits() {
    for (change, text) in [
      ({ $0.centerCrop = 65 }, "data.events.centerCrop is 65"),
      ({ _ in }, "lower network.timeSteps"),
    ] as [((inout EventSettings) -> Void, String)] {
      var settings = EventSettings()
      change(&settings)
      let error = #expect(throws: CounterspikeError.self) {
        try EventBinning(
          settings, sensor: SensorSize(width: 64, height: 64), timeSteps: 1_000_000)
      }
      #expect(error?.code == .invalidRecipe)
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }
  }
}

@Suite("Sets of recordings")
struct EventSetTests {
  static let streams = (0..<4).map { EventFiles.random(500, seed: UInt64($0)) }

  static func set(
    _ values: EventSettings.Values = .binary,
    _ change: (inout EventAugmentationSettings) -> Void = { _ in }
  ) throws -> EventSet {
    var settings = EventSettings()
    settings.values = values
    settings.timeWindow = 10_000
    change(&settings.augmentation)
    let binning = try EventBinning(
      settings, sensor: SensorSize(width: 34, height: 34), timeSteps: 30)
    return EventSet(
      streams, labels: [3, 0, 1, 2], classCount: 4, binning: binning,
      augmentation: settings.augmentation, seed: 5)
  }

  /// Bins of all events, as the definition says it.
  static func plain(_ stream: EventStream) -> [Float] {
    var values = [Float](repeating: 0, count: 30 * 2 * 34 * 34)
    for event in 0..<stream.count {
      let step = Int(stream.times[event] - stream.times[0]) / 10_000
      guard step < 30 else { continue }
      let channel = stream.polarities[event] ? 1 : 0
      values[
        ((step * 2 + channel) * 34 + Int(stream.y[event])) * 34 + Int(stream.x[event])] += 1
    }
    return values
  }

  @Test("give each recording's bins back, packed in between")
  func packing() throws {
    let counts = try Self.set(.counts)
    let binary = try Self.set()
    #expect(counts.shape == [30, 2, 34, 34] && counts.count == 4)
    #expect((0..<4).map { counts.label(at: $0) } == [3, 0, 1, 2])
    for index in 0..<4 {
      let plain = Self.plain(Self.streams[index])
      #expect(counts.values(index) == plain)
      #expect(binary.values(index) == plain.map { min($0, 1) })
      #expect(binary.values(index, epoch: 3) == binary.values(index))
    }
    #expect(binary.byteCount < 4 * 1200)
  }

  @Test("draw transforms from seed, epoch and index alone")
  func reproducibility() throws {
    func change(_ settings: inout EventAugmentationSettings) {
      settings.shift = 3
      settings.flip = true
      settings.timeJitter = 1.5
      settings.drop = 0.2
    }
    let first = try Self.set(.binary, change)
    let second = try Self.set(.binary, change)
    for index in [2, 0, 3, 1] {
      #expect(first.values(index, epoch: 2) == second.values(index, epoch: 2))
      #expect(first.values(index, epoch: 2) != first.values(index, epoch: 3))
    }
  }

  @Test("are shifted and mirrored as a whole")
  func shiftAndFlip() throws {
    let plain = try Self.set(.counts)
    let set = try Self.set(.counts) {
      $0.shift = 2
      $0.flip = true
    }
    var seen: Set<[Int]> = []
    for epoch in 0..<60 {
      let values = set.values(1, epoch: epoch)
      let original = plain.values(1)
      // Whatever it was, one of the 50 possible changes explains every bin.
      let matches = (0..<50).filter { number in
        let (dy, dx, isMirrored) = (number % 5 - 2, number / 5 % 5 - 2, number >= 25)
        return (0..<values.count).allSatisfy { bin in
          let column = bin % 34 - dx
          let row = bin / 34 % 34 - dy
          guard (0..<34).contains(column), (0..<34).contains(row) else { return values[bin] == 0 }
          let source =
            bin / (34 * 34) * 34 * 34 + row * 34 + (isMirrored ? 33 - column : column)
          return values[bin] == original[source]
        }
      }
      #expect(matches.count == 1)
      seen.formUnion([matches])
    }
    #expect(seen.count > 25)
  }

  @Test("lose the given share of spikes")
  func dropping() throws {
    let set = try Self.set(.counts) { $0.drop = 0.25 }
    let plain = try Self.set(.counts)
    let total = (0..<4).reduce(Float(0)) { $0 + plain.values($1).reduce(0, +) }
    let kept = (0..<4).reduce(Float(0)) { $0 + set.values($1).reduce(0, +) }
    // 2,000 spikes: the standard deviation of the share is 1 %.
    #expect(abs(kept / total - 0.75) < 0.04)
  }

  @Test("have their spikes moved in time by a few steps, and in time alone")
  func jitter() throws {
    let steps: [Int64] = (0..<1000).map { _ in 150_000 }
    let stream = EventStream(
      width: 34, height: 34, times: [0] + steps, x: [0] + steps.indices.map { UInt16($0 % 34) },
      y: [0] + steps.indices.map { UInt16($0 / 34) }, polarities: [false] + steps.map { _ in true })
    var settings = EventSettings()
    settings.timeWindow = 10_000
    settings.augmentation.timeJitter = 2
    let binning = try EventBinning(
      settings, sensor: SensorSize(width: 34, height: 34), timeSteps: 31)
    let set = EventSet(
      [stream], labels: [0], classCount: 1, binning: binning, augmentation: settings.augmentation,
      seed: 1)
    let on = set.values(0).enumerated().filter { $0.element > 0 }.map(\.offset)
      .filter { $0 / (34 * 34) % 2 == 1 }
    #expect(on.count == 1000 && Set(on.map { $0 % (34 * 34) }).count == 1000)
    let moves = on.map { Double($0 / (2 * 34 * 34) - 15) }
    let mean = moves.reduce(0, +) / 1000
    let deviation = (moves.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 1000).squareRoot()
    #expect(abs(mean) < 0.3 && abs(deviation - 2) < 0.3)
  }
}
