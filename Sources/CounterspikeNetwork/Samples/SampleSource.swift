package import CounterspikeSystem

/// A set of labelled samples that a network can be trained on or tested with.
///
/// Sources are read by several worker threads at once, so everything here is immutable; random
/// transforms are a function of `(seed, epoch, index)` alone, never of the thread or the order.
public protocol SampleSource: Sendable {
  /// The number of samples.
  var count: Int { get }

  /// The shape of one sample, `[C, H, W]` for static inputs, `[T, C, H, W]` for spike trains.
  var shape: [Int] { get }

  /// The number of classes; labels are in `0 ..< classCount`. Of samples with numbers as targets, how many
  /// numbers there are.
  var classCount: Int { get }

  /// The shape of the numbers that the output is compared with in regression: `[K]`, one an output
  /// neuron, or `[T, K]`, one a time step and output neuron; empty, as it is without an
  /// implementation, where samples have classes.
  var targetShape: [Int] { get }

  /// Told which samples will be loaded next, so that a source on disk can begin to read them; returns
  /// at once. Nothing depends on it but the speed; without an implementation, nothing is done.
  func willLoad(_ indices: ArraySlice<Int>)

  /// The class of sample `index`.
  func label(at index: Int) -> Int

  /// Writes sample `index`, normalized and, where the source has random transforms, transformed,
  /// in the order of `shape`.
  ///
  /// - Parameters:
  ///   - index: in `0 ..< count`.
  ///   - epoch: the epoch, counted from 0, that random transforms are drawn for; a source without
  ///     any ignores it.
  ///   - values: exactly as many elements as `shape` has; every one is written.
  func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>)

  /// Writes the numbers that the output for sample `index` is compared with, in the order of
  /// ``targetShape``; called only where there are such.
  ///
  /// - Parameters:
  ///   - index: in `0 ..< count`.
  ///   - values: exactly as many elements as ``targetShape`` has; every one is written.
  func loadTarget(_ index: Int, into values: inout MutableSpan<Float>)
}

extension SampleSource {
  public func willLoad(_ indices: ArraySlice<Int>) {}
  public var targetShape: [Int] { [] }
  public func loadTarget(_ index: Int, into values: inout MutableSpan<Float>) {}
}

extension SampleSource {
  /// The classes of samples.
  ///
  /// - Throws: `mismatch` naming the first sample whose class is none.
  package func checkedLabels(
    of indices: [Int], classCount: Int
  ) throws(CounterspikeError) -> [Int32] {
    var labels: [Int32] = []
    labels.reserveCapacity(indices.count)
    for index in indices { labels.append(try checkedLabel(at: index, classCount: classCount)) }
    return labels
  }

  /// The class of a sample.
  ///
  /// - Throws: `mismatch` naming the sample if its class is none.
  package func checkedLabel(
    at index: Int, classCount: Int
  ) throws(CounterspikeError) -> Int32 {
    let label = label(at: index)
    guard (0..<classCount).contains(label) else {
      throw CounterspikeError(
        .mismatch,
        "sample \(index) has the label \(label), and the classes are 0 ..< \(classCount); check the "
          + "labels")
    }
    return Int32(label)
  }
}
