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
  }

  let shape: [Int]
  let classCount: Int
  private let content = Mutex(Content())

  init(shape: [Int], classCount: Int) {
    self.shape = shape
    self.classCount = classCount
  }

  var size: Int { shape.reduce(1, *) }

  func append(_ values: [Float], _ labels: [Int]) {
    content.withLock {
      $0.values += values
      $0.labels += labels
    }
  }

  /// What there is now; later additions do not change it.
  ///
  /// - Throws: where there is none.
  func source(_ name: String) throws -> TensorSource {
    let content = content.withLock { $0 }
    guard !content.labels.isEmpty else {
      throw CounterspikeError(.mismatch, "there are no \(name) samples; add at least one")
    }
    return TensorSource(
      samples: Tensor(shape: [content.labels.count] + shape, scalars: content.values),
      labels: content.labels, classCount: classCount)
  }
}

@c @implementation
public func counterspike_samples_create(
  _ shape: UnsafePointer<Int64>?, _ dimensions: Int32, _ classes: Int32,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var handle: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    let shape = try unsafe Argument.require(shape, "shape")
    guard dimensions == 3 || dimensions == 4 else {
      throw Argument(
        "a sample has \(dimensions) dimensions; give 3, [C, H, W], or 4, [T, C, H, W]")
    }
    guard classes >= 1 else { throw Argument("classes is \(classes); give at least 1") }
    let lengths = (0..<Int(dimensions)).map { unsafe Int(shape[$0]) }
    var size = 1
    for length in lengths {
      let (next, isTooLarge) = size.multipliedReportingOverflow(by: length)
      guard length >= 1, !isTooLarge, next < 1 << 40 else {
        throw Argument(
          "a sample has the shape \(lengths); no length may be less than 1 or too large")
      }
      size = next
    }
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
