/// Evenly chosen membrane potentials of a layer: of any number of samples little is kept.
struct MembraneSample: Sendable {
  private(set) var values: [Float] = []
  /// Of all potentials that were seen; -infinity: of none.
  private(set) var largest = -Float.infinity

  /// The most membrane potentials that are kept of a sample.
  private static let kept = 1 << 12

  /// Takes up the finite ones of some potentials.
  ///
  /// - Parameters:
  ///   - potentials: shape `[T, B, N]`.
  ///   - neurons: N
  ///   - samples: B
  mutating func add(_ potentials: [Float], neurons: Int, samples: Int) {
    // A stride without a factor in common with the layer's size meets all neurons.
    var stride = max(1, potentials.count / (Self.kept * samples))
    while stride > 1, Self.commonDivisor(stride, neurons) > 1 { stride += 1 }
    for place in Swift.stride(from: 0, to: potentials.count, by: stride)
    where potentials[place].isFinite {
      values.append(potentials[place])
    }
    largest = max(largest, potentials.max() ?? largest)
  }

  private static func commonDivisor(_ left: Int, _ right: Int) -> Int {
    right == 0 ? left : commonDivisor(right, left % right)
  }
}
