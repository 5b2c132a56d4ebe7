/// Some of another source's samples.
///
/// Random transforms are those that the samples have in the whole source: they are drawn by the
/// index there.
public struct SampleSubset: SampleSource {
  public let source: any SampleSource
  /// Which samples of ``source``, in the order in which they are counted here.
  public let indices: [Int]

  /// - Precondition: every index is in `0 ..< source.count`.
  public init(_ source: any SampleSource, indices: [Int]) {
    precondition(
      indices.allSatisfy { (0..<source.count).contains($0) },
      "an index is not in 0 ..< \(source.count)")
    self.source = source
    self.indices = indices
  }

  public var count: Int { indices.count }
  public var shape: [Int] { source.shape }
  public var classCount: Int { source.classCount }
  public var targetShape: [Int] { source.targetShape }
  public func label(at index: Int) -> Int { source.label(at: indices[index]) }

  public func willLoad(_ indices: ArraySlice<Int>) {
    source.willLoad(indices.map { self.indices[$0] }[...])
  }

  public func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    source.load(indices[index], epoch: epoch, into: &values)
  }

  public func loadTarget(_ index: Int, into values: inout MutableSpan<Float>) {
    source.loadTarget(indices[index], into: &values)
  }
}
