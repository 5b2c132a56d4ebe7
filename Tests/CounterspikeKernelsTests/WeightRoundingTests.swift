import CounterspikeKernels
import Testing

@Suite("Weights of few bits")
struct WeightRoundingTests {
  @Test(
    "are the nearest multiples of their scale, of halves the ones farther from zero",
    arguments: 2...8)
  func integers(bits: Int) {
    let rounding = WeightRounding(bits: bits)
    let limit = Float(1 << (bits - 1) - 1)
    #expect(rounding.limit == limit)
    var random = RandomStream(seed: 3, purpose: .audit)
    let ties = (-256...256).map { Float($0) / 2 }
    let next = ties.flatMap { [$0.nextUp, $0.nextDown] }
    let drawn = (0..<2000).map { _ in (2 * random.uniform() - 1) * 1.1 * limit }
    for ratio in ties + next + drawn {
      let nearest = ratio.rounded(.toNearestOrAwayFromZero)
      let expected = max(-limit, min(limit, nearest))
      #expect(rounding.integer(ratio, scale: 1) == expected, "\(ratio)")
      #expect(rounding.integer(ratio * 0.25, scale: 0.25) == expected, "\(ratio)")
    }
  }

  @Test("reach the limit at the largest magnitude, and need no scale where all are zero")
  func scales() {
    let rounding = WeightRounding(bits: 4)
    #expect(rounding.scale(largest: 3.5) == 0.5)
    #expect(rounding.integer(-3.5, scale: 0.5) == -7)
    for nothing in [0, Float.leastNonzeroMagnitude] {
      let scale = rounding.scale(largest: nothing)
      #expect(scale == 1 && rounding.integer(nothing, scale: scale) == 0)
    }
  }

  @Test("are rounded as they are behind the factor of a normalization")
  func factors() {
    let rounding = WeightRounding(bits: 5)
    let weights = FloatBuffer([0.3, -1.7, 0.02, 2.9, -0.8, 0, 1.1])
    let rounded = FloatBuffer(count: weights.count)
    for factor in [1, 0.37, -4.2] {
      let largest = weights.all.largestMagnitude(factor: factor)
      #expect(largest == WeightRounding.folded(2.9, factor: factor).magnitude)
      let scale = rounding.scale(largest: largest)
      weights.all.round(rounding, scale: scale, factor: factor, into: rounded.all)
      for index in 0..<weights.count {
        let folded = Double(weights.all[index]) * factor
        let multiple = (folded / Double(scale)).rounded() * Double(scale)
        #expect(abs(Double(rounded.all[index]) * factor - multiple) < 1e-6 * Double(largest))
      }
    }
    // Nothing of them gets through.
    weights.all.round(rounding, scale: 1, factor: 0, into: rounded.all)
    #expect(rounded.all.array == weights.all.array)
  }
}
