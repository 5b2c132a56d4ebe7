public import CounterspikeSystem

/// Samples that are already in memory, as one tensor.
public struct TensorSource: SampleSource {
  /// `[B, C, H, W]` static inputs or `[B, T, C, H, W]` spike trains.
  public let samples: Tensor
  public let labels: [Int]
  public let classCount: Int

  /// - Precondition: as many labels as samples, all in `0 ..< classCount`.
  public init(samples: Tensor, labels: [Int], classCount: Int) {
    precondition(
      samples.shape.count >= 4 && samples.shape[0] == labels.count,
      "\(labels.count) labels for samples of shape \(samples.shape)")
    precondition(
      labels.allSatisfy { (0..<classCount).contains($0) },
      "labels must be in 0 ..< \(classCount)")
    self.samples = samples
    self.labels = labels
    self.classCount = classCount
  }

  public var count: Int { labels.count }
  public var shape: [Int] { Array(samples.shape.dropFirst()) }
  public func label(at index: Int) -> Int { labels[index] }

  public func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    let size = shape.reduce(1, *)
    for i in 0..<size { values[i] = samples.scalars[index * size + i] }
  }
}
