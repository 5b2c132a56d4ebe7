public import Counterspike

/// Samples of a given shape whose values are a function of their place alone: white noise of mean 0
/// and variance 1, for measuring speed.
///
/// Value i of all samples, counted through, is (h(i)/2³² − ½)·√12 with h the finalizer of
/// MurmurHash3 on 32 bits; sample n has label n modulo the number of classes. Other programs can
/// make the same batch in two lines.
public struct SyntheticSamples: SampleSource {
  public let count: Int
  public let shape: [Int]
  public let classCount: Int
  private let values: [Float]

  /// - Parameters:
  ///   - count: of samples.
  ///   - shape: `[C, H, W]` of static inputs, `[T, C, H, W]` of spike trains.
  ///   - isPositive: the values' magnitudes are taken.
  public init(count: Int, shape: [Int], classCount: Int, isPositive: Bool = false) {
    precondition(
      count > 0 && classCount > 0 && shape.allSatisfy { $0 > 0 },
      "\(count) samples of shape \(shape) in \(classCount) classes")
    self.count = count
    self.shape = shape
    self.classCount = classCount
    values = (0..<count * shape.reduce(1, *)).map { index in
      let uniform = Double(Self.hash(UInt32(truncatingIfNeeded: index))) * 0x1p-32
      let value = Float((uniform - 0.5) * 12.0.squareRoot())
      return isPositive ? abs(value) : value
    }
  }

  public func label(at index: Int) -> Int { index % classCount }

  public func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    let size = values.count
    for i in 0..<size { values[i] = self.values[index * size + i] }
  }

  /// - Note: Appleby, MurmurHash3, fmix32 (public domain).
  private static func hash(_ word: UInt32) -> UInt32 {
    var h = word
    h ^= h >> 16
    h &*= 0x85EB_CA6B
    h ^= h >> 13
    h &*= 0xC2B2_AE35
    h ^= h >> 16
    return h
  }
}
