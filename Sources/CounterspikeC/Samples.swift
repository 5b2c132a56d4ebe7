// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The names are the header's.
public import CCounterspike
internal import Counterspike
internal import Synchronization

/// Samples that a caller pushes.
final class SampleStore: Sendable {
  private struct Content {
    var values: [Float] = []
    var labels: [Int] = []
    var targets: [Float] = []
  }

  let shape: [Int]
  let classCount: Int
  /// Of the numbers that the output is compared with; empty where samples have classes.
  let targetShape: [Int]
  private let content = Mutex(Content())

  init(shape: [Int], classCount: Int) {
    self.shape = shape
    self.classCount = classCount
    targetShape = []
  }

  init(shape: [Int], targetShape: [Int]) {
    self.shape = shape
    self.targetShape = targetShape
    classCount = targetShape.last ?? 0
  }

  var size: Int { shape.reduce(1, *) }
  var targetSize: Int { targetShape.reduce(1, *) }

  func append(_ values: [Float], _ labels: [Int], targets: [Float] = []) {
    content.withLock {
      $0.values += values
      $0.labels += labels
      $0.targets += targets
    }
  }

  /// What there is now; later additions do not change it.
  ///
  /// - Throws: where there is none.
  func source(_ name: String) throws -> any SampleSource {
    let content = content.withLock { $0 }
    guard !content.labels.isEmpty else {
      throw CounterspikeError(.mismatch, "there are no \(name) samples; add at least one")
    }
    let samples = TensorSource(
      samples: Tensor(shape: [content.labels.count] + shape, scalars: content.values),
      labels: content.labels, classCount: classCount)
    guard !targetShape.isEmpty else { return samples }
    return NumberSource(samples: samples, targetShape: targetShape, targets: content.targets)
  }
}

/// Samples in memory with numbers as targets.
struct NumberSource: SampleSource {
  let samples: TensorSource
  let targetShape: [Int]
  /// One sample's after the other.
  let targets: [Float]

  var count: Int { samples.count }
  var shape: [Int] { samples.shape }
  var classCount: Int { samples.classCount }
  func label(at index: Int) -> Int { samples.label(at: index) }

  func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    samples.load(index, epoch: epoch, into: &values)
  }

  func loadTarget(_ index: Int, into values: inout MutableSpan<Float>) {
    for i in 0..<values.count { values[i] = targets[index * values.count + i] }
  }
}

extension SampleStore {
  /// The lengths of a sample's axes.
  ///
  /// - Throws: where no sample has them.
  fileprivate static func lengths(
    _ shape: UnsafePointer<Int64>?, _ dimensions: Int32
  ) throws -> [Int] {
    guard dimensions == 3 || dimensions == 4 else {
      throw Argument(
        "a sample has \(dimensions) dimensions; give 3, [C, H, W], or 4, [T, C, H, W]")
    }
    return try unsafe lengths(shape, Int(dimensions), of: "a sample has", name: "shape")
  }

  /// The lengths of targets' axes.
  ///
  /// - Throws: where no targets have them.
  fileprivate static func targetLengths(
    _ shape: UnsafePointer<Int64>?, _ dimensions: Int32
  ) throws -> [Int] {
    guard dimensions == 1 || dimensions == 2 else {
      throw Argument("a target has \(dimensions) dimensions; give 1, [K], or 2, [T, K]")
    }
    return try unsafe lengths(shape, Int(dimensions), of: "a target has", name: "target_shape")
  }

  private static func lengths(
    _ shape: UnsafePointer<Int64>?, _ dimensions: Int, of what: String, name: String
  ) throws -> [Int] {
    let shape = try unsafe Argument.require(shape, name)
    let lengths = (0..<dimensions).map { unsafe Int(shape[$0]) }
    var size = 1
    for length in lengths {
      let (next, isTooLarge) = size.multipliedReportingOverflow(by: length)
      guard length >= 1, !isTooLarge, next < 1 << 40 else {
        throw Argument("\(what) the shape \(lengths); no length may be less than 1 or too large")
      }
      size = next
    }
    return lengths
  }
}

@c @implementation
public func counterspike_samples_create(
  _ shape: UnsafePointer<Int64>?, _ dimensions: Int32, _ classes: Int32,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var handle: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    guard classes >= 1 else { throw Argument("classes is \(classes); give at least 1") }
    let lengths = try unsafe SampleStore.lengths(shape, dimensions)
    unsafe handle = Handle.make(SampleStore(shape: lengths, classCount: Int(classes)))
  }
  return unsafe handle
}

@c @implementation
public func counterspike_samples_destroy(_ samples: OpaquePointer?) {
  unsafe Handle.destroy(samples, SampleStore.self)
}

@c @implementation
public func counterspike_samples_append(
  _ samples: OpaquePointer?, _ count: Int64, _ values: UnsafePointer<Float>?,
  _ labels: UnsafePointer<Int32>?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let store = try unsafe Handle.read(samples, "samples", SampleStore.self)
    let copy = try unsafe Numbers.values(values, count, times: store.size)
    guard store.targetShape.isEmpty else {
      throw Argument(
        "the samples have numbers, not classes; use counterspike_samples_append_numbers")
    }
    let labels = try unsafe Argument.require(labels, "labels")
    let classes = unsafe UnsafeBufferPointer(start: labels, count: Int(count)).map { Int($0) }
    if let place = classes.firstIndex(where: { !(0..<store.classCount).contains($0) }) {
      throw Argument(
        "sample \(place) has the label \(classes[place]), and the classes are 0 ..< "
          + "\(store.classCount); check the labels")
    }
    store.append(copy, classes)
  }
}

@c @implementation
public func counterspike_samples_create_numbers(
  _ shape: UnsafePointer<Int64>?, _ dimensions: Int32, _ targetShape: UnsafePointer<Int64>?,
  _ targetDimensions: Int32, _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var handle: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    let store = try unsafe SampleStore(
      shape: SampleStore.lengths(shape, dimensions),
      targetShape: SampleStore.targetLengths(targetShape, targetDimensions))
    unsafe handle = Handle.make(store)
  }
  return unsafe handle
}

@c @implementation
public func counterspike_samples_append_numbers(
  _ samples: OpaquePointer?, _ count: Int64, _ values: UnsafePointer<Float>?,
  _ targets: UnsafePointer<Float>?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let store = try unsafe Handle.read(samples, "samples", SampleStore.self)
    guard !store.targetShape.isEmpty else {
      throw Argument("the samples have classes, not numbers; use counterspike_samples_append")
    }
    let copy = try unsafe Numbers.values(values, count, times: store.size)
    let numbers = try unsafe Numbers.values(
      targets, count, times: store.targetSize, name: "targets")
    store.append(copy, Array(repeating: 0, count: Int(count)), targets: numbers)
  }
}
