public import Counterspike
internal import CounterspikeFormats
internal import Foundation

/// Labelled recordings of event cameras in memory, binned and packed; unpacked and transformed when
/// read. Copies share the storage.
public struct EventSet: SampleSource {
  /// The shape of one recording, `[T, C, H, W]`.
  public let shape: [Int]
  /// The number of classes.
  public let classCount: Int
  /// The random transforms, if there are any.
  public private(set) var augmentation: EventAugmentationSettings?
  /// The seed of the random transforms.
  public let seed: UInt64

  private let runs: SpikeRuns
  private let labels: [UInt16]
  /// The recordings of each class, where recordings are mixed.
  private var members: [[Int]] = []

  /// Bins recordings.
  ///
  /// - Parameters:
  ///   - recordings: on sensors no larger than that of `binning`.
  ///   - labels: the classes, shape `[recordings]`, each in `0 ..< classCount`.
  ///   - classCount: the number of classes, at most 65,536.
  ///   - augmentation: random transforms; `nil`, or all of them off: none.
  ///   - seed: the seed of the random transforms.
  /// - Precondition: as many labels as recordings, all below `classCount`.
  public init(
    _ recordings: [EventStream], labels: [Int], classCount: Int, binning: EventBinning,
    augmentation: EventAugmentationSettings? = nil, seed: UInt64 = 0
  ) {
    precondition(
      recordings.count == labels.count,
      "\(labels.count) labels for \(recordings.count) recordings")
    var runs = SpikeRuns(isBinary: binning.settings.values == .binary, size: binning.size)
    var counts = [UInt8](repeating: 0, count: binning.size)
    for recording in recordings {
      _ = binning.count(recording, into: &counts)
      runs.append(counts)
    }
    self.init(
      runs, labels: labels.map { UInt16($0) }, classCount: classCount, shape: binning.shape,
      augmentation: augmentation, seed: seed)
  }

  /// The recordings of another set, with random transforms.
  package init(_ recordings: EventSet, augmentation: EventAugmentationSettings) {
    self = recordings
    self.augmentation = augmentation == EventAugmentationSettings() ? nil : augmentation
    findMembers()
  }

  private mutating func findMembers() {
    guard let augmentation, augmentation.mix > 0 else { return }
    members = Array(repeating: [], count: classCount)
    for (index, label) in labels.enumerated() { members[Int(label)].append(index) }
  }

  package init(
    _ runs: SpikeRuns, labels: [UInt16], classCount: Int, shape: [Int],
    augmentation: EventAugmentationSettings?, seed: UInt64
  ) {
    precondition(runs.count == labels.count, "\(labels.count) labels of \(runs.count) recordings")
    precondition(
      runs.size == shape.reduce(1, *), "\(runs.size) bins in a recording of shape \(shape)")
    precondition(
      labels.allSatisfy { Int($0) < classCount }, "a label is not in 0 ..< \(classCount)")
    self.runs = runs
    self.labels = labels
    self.classCount = classCount
    self.shape = shape
    self.augmentation = augmentation.flatMap { $0 == EventAugmentationSettings() ? nil : $0 }
    self.seed = seed
    findMembers()
  }

  /// The number of recordings.
  public var count: Int { labels.count }

  /// What the packed recordings take, in memory or in a file, in bytes.
  public var byteCount: Int { runs.byteCount + runs.count * MemoryLayout<Int>.stride }

  /// All recordings as they are packed.
  package var packed: [UInt8] { runs.packed }

  /// The bytes that each recording takes.
  var packedLengths: [Int] { (0..<runs.count).map { runs.range(of: $0).count } }

  /// The class of recording `index`.
  ///
  /// - Precondition: `index` is in `0 ..< count`.
  public func label(at index: Int) -> Int {
    Int(labels[index])
  }

  /// Asks the system to read recordings that are kept in a file; does not wait for it.
  public func willLoad(_ indices: ArraySlice<Int>) {
    for index in indices { runs.prefetch(index) }
  }

  /// Writes the spikes of recording `index`, transformed if there is an augmentation.
  ///
  /// - Parameters:
  ///   - index: in `0 ..< count`.
  ///   - epoch: the epoch, counted from 0, that transforms are drawn for; the result depends on
  ///     seed, epoch and index alone.
  ///   - values: shape `[T, C, H, W]`, 0 or 1, or the number of events; every element is written.
  /// - Precondition: `index` is in range and `values` has T·C·H·W elements.
  /// - Complexity: O(T·C·H·W), no allocation.
  public func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    precondition(
      index >= 0 && index < labels.count, "recording \(index) is not in 0 ..< \(labels.count)")
    precondition(
      values.count == runs.size, "\(values.count) elements cannot hold a recording of \(shape)")
    values.update(repeating: 0)
    if let augmentation {
      var transform = EventTransform(
        augmentation, shape: shape, seed: seed, epoch: epoch, index: index)
      let other = transform.mixed == nil ? nil : partner(of: index, transform.partner)
      if other == nil { transform.mixed = nil }
      unpack(runs.range(of: index), &transform, isOther: false, into: &values)
      if let other { unpack(runs.range(of: other), &transform, isOther: true, into: &values) }
    } else {
      unpack(runs.range(of: index), into: &values)
    }
  }

  private func unpack(_ range: Range<Int>, into values: inout MutableSpan<Float>) {
    let bytes = runs.bytes.span
    var bin = 0
    var place = range.lowerBound
    while let next = SpikeRuns.next(
      bytes, isBinary: runs.isBinary, end: range.upperBound, place: &place, bin: &bin)
    {
      values[next.bin] = Float(next.count)
    }
  }

  private func unpack(
    _ range: Range<Int>, _ transform: inout EventTransform, isOther: Bool,
    into values: inout MutableSpan<Float>
  ) {
    let bytes = runs.bytes.span
    var bin = 0
    var place = range.lowerBound
    while let next = SpikeRuns.next(
      bytes, isBinary: runs.isBinary, end: range.upperBound, place: &place, bin: &bin)
    {
      for _ in 0..<next.count {
        guard let target = transform.place(of: next.bin, isOther: isOther) else { continue }
        values[target] = runs.isBinary ? 1 : values[target] + 1
      }
    }
  }

  /// Another recording of the same class, if there is one.
  ///
  /// - Parameter place: which, in 0 ..< 1 of all others.
  private func partner(of index: Int, _ place: Float) -> Int? {
    let members = members[Int(labels[index])]
    guard members.count > 1 else { return nil }
    let other = min(Int(place * Float(members.count - 1)), members.count - 2)
    // They ascend; the recording itself is passed over.
    return members[members[other] < index ? other : other + 1]
  }
}
