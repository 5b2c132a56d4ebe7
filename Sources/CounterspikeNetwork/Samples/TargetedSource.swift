public import CounterspikeSystem

/// The samples of another source with numbers as targets, in place of classes.
public struct TargetedSource: SampleSource {
  public let source: any SampleSource
  /// `[B, K]`, K numbers a sample, or `[B, T, K]`, K numbers at each time step.
  public let targets: Tensor

  /// - Precondition: as many targets as samples.
  public init(_ source: any SampleSource, targets: Tensor) {
    precondition(
      (2...3).contains(targets.shape.count) && targets.shape[0] == source.count,
      "targets of shape \(targets.shape) for \(source.count) samples")
    self.source = source
    self.targets = targets
  }

  public var count: Int { source.count }
  public var shape: [Int] { source.shape }
  /// K
  public var classCount: Int { targets.shape[targets.shape.count - 1] }
  public var targetShape: [Int] { Array(targets.shape.dropFirst()) }
  /// All samples are of one class.
  public func label(at index: Int) -> Int { 0 }
  public func willLoad(_ indices: ArraySlice<Int>) { source.willLoad(indices) }

  public func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    source.load(index, epoch: epoch, into: &values)
  }

  public func loadTarget(_ index: Int, into values: inout MutableSpan<Float>) {
    let size = targetShape.reduce(1, *)
    for i in 0..<size { values[i] = targets.scalars[index * size + i] }
  }
}
