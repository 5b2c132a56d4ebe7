import Counterspike
import CounterspikeData
import Testing

@Suite("Changes of training recordings")
struct EventAugmentationTests {
  static let shape = [10, 2, 12, 16]

  /// Recordings that are full of spikes, or have one in every place where (place + n) is a multiple
  /// of `step`.
  static func set(
    _ count: Int = 1, labels: [Int]? = nil, every step: Int = 1,
    _ change: (inout EventAugmentationSettings) -> Void
  ) throws -> EventSet {
    var settings = EventSettings()
    settings.timeWindow = 1
    let binning = try EventBinning(
      settings, sensor: SensorSize(width: 16, height: 12), timeSteps: 10)
    let streams = (0..<count).map { number -> EventStream in
      var (times, x, y, on): ([Int64], [UInt16], [UInt16], [Bool]) = ([], [], [], [])
      for place in 0..<(10 * 2 * 12 * 16) where place == 0 || (place + number).isMultiple(of: step)
      {
        times.append(Int64(place / 384))
        on.append(place / 192 % 2 == 1)
        y.append(UInt16(place / 16 % 12))
        x.append(UInt16(place % 16))
      }
      return EventStream(width: 16, height: 12, times: times, x: x, y: y, polarities: on)
    }
    var augmentation = EventAugmentationSettings()
    change(&augmentation)
    return EventSet(
      streams, labels: labels ?? Array(repeating: 0, count: count), classCount: 2,
      binning: binning, augmentation: augmentation, seed: 5)
  }

  /// Where a recording that was full has no spike: the smallest box that holds all such places, and
  /// their number.
  static func gap(_ values: [Float]) -> (box: EventBox, count: Int)? {
    let empty = values.indices.filter { values[$0] == 0 }
    guard !empty.isEmpty else { return nil }
    func range(_ places: [Int]) -> Range<Int> { (places.min() ?? 0)..<((places.max() ?? 0) + 1) }
    let box = EventBox(
      steps: range(empty.map { $0 / 384 }), rows: range(empty.map { $0 / 16 % 12 }),
      columns: range(empty.map { $0 % 16 }))
    return (box, empty.count)
  }

  static func volume(_ box: EventBox) -> Int {
    2 * box.steps.count * box.rows.count * box.columns.count
  }

  @Test("empty one stretch of time, of any length up to the share")
  func time() throws {
    let set = try Self.set { $0.dropTime = 0.5 }
    var lengths: Set<Int> = []
    var firsts: Set<Int> = []
    for epoch in 0..<300 {
      guard let (box, count) = Self.gap(set.values(0, epoch: epoch)) else {
        lengths.insert(0)
        continue
      }
      #expect(count == Self.volume(box) && box.rows.count == 12 && box.columns.count == 16)
      lengths.insert(box.steps.count)
      firsts.insert(box.steps.lowerBound)
    }
    #expect(lengths == [0, 1, 2, 3, 4, 5] && firsts == Set(0...9))
  }

  @Test("empty one rectangle, of any size up to the share")
  func area() throws {
    let set = try Self.set { $0.dropArea = 0.25 }
    var largest = 0
    for epoch in 0..<300 {
      guard let (box, count) = Self.gap(set.values(0, epoch: epoch)) else { continue }
      #expect(count == Self.volume(box) && box.steps.count == 10)
      largest = max(largest, box.rows.count * box.columns.count)
    }
    #expect((40...48).contains(largest), "\(largest) of 192 pixels")
  }

  @Test("fill a box from another recording of the class, and from none of another class")
  func mix() throws {
    let set = try Self.set(4, labels: [0, 0, 1, 0], every: 5) { $0.mix = 0.5 }
    let plain = try Self.set(4, labels: [0, 0, 1, 0], every: 5) { _ in }
    let own = plain.values(0)
    var partners: Set<Int> = []
    var mixed = 0
    for epoch in 0..<400 {
      let values = set.values(0, epoch: epoch)
      let changed = values.indices.filter { values[$0] != own[$0] }
      guard !changed.isEmpty else { continue }
      mixed += 1
      #expect(changed.count <= 3840 / 2)
      for other in 1...3 {
        let theirs = plain.values(other)
        if changed.allSatisfy({ values[$0] == theirs[$0] }) { partners.insert(other) }
      }
    }
    // Half of the epochs, less those whose box is empty.
    #expect((150...230).contains(mixed) && partners == [1, 3])
    // The only one of its class stays as it is.
    #expect((0..<20).allSatisfy { set.values(2, epoch: $0) == plain.values(2) })
  }

  @Test("are a function of seed, epoch and index, and leave each other alone")
  func streams() throws {
    let boxes = try Self.set { $0.dropTime = 0.4 }
    let both = try Self.set {
      $0.dropTime = 0.4
      $0.drop = 0.3
    }
    #expect(boxes.values(0, epoch: 3) == boxes.values(0, epoch: 3))
    for epoch in 0..<20 {
      let emptied = boxes.values(0, epoch: epoch)
      let dropped = both.values(0, epoch: epoch)
      #expect(zip(emptied, dropped).allSatisfy { $0 == 1 || $1 == 0 })
    }
  }
}
