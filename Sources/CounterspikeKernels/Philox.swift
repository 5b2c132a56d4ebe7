/// Counter-based random numbers: Philox 4×32 with ten rounds.
///
/// The n-th number of a stream is a function of (key, counter) alone, so that a sample's dropout
/// mask or augmentation is the same whichever thread computes it and in whatever order.
///
/// - Note: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
package enum Philox {
  /// The four random words at `counter` of the stream `key`.
  @inlinable
  package static func block(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var key = key
    var c = counter
    for _ in 0..<10 {
      let product0 = UInt64(c[0]) &* 0xD251_1F53
      let product1 = UInt64(c[2]) &* 0xCD9E_8D57
      c = SIMD4(
        UInt32(truncatingIfNeeded: product1 >> 32) ^ c[1] ^ key[0],
        UInt32(truncatingIfNeeded: product1),
        UInt32(truncatingIfNeeded: product0 >> 32) ^ c[3] ^ key[1],
        UInt32(truncatingIfNeeded: product0))
      key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return c
  }
}

/// A stream of random numbers that is named by what it is for, not by who draws it.
package struct RandomStream: RandomNumberGenerator, Sendable {
  /// What the numbers are used for; keeps streams of one seed apart.
  package enum Purpose: UInt32, Sendable {
    case weights = 1
    case shuffle = 2
    case augmentation = 3
    case dropout = 4
    case noise = 5
    case audit = 6
    case split = 7
    case encoding = 8
    case boxes = 9
  }

  let key: SIMD2<UInt32>
  var counter: SIMD4<UInt32>
  var block = SIMD4<UInt32>()
  var used = 4

  /// The stream of `seed` for one purpose and up to two indices (an epoch and a sample, say).
  package init(seed: UInt64, purpose: Purpose, _ first: Int = 0, _ second: Int = 0) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    counter = SIMD4(
      0, UInt32(truncatingIfNeeded: second), UInt32(truncatingIfNeeded: first), purpose.rawValue)
  }

  /// The next 32 random bits.
  package mutating func next32() -> UInt32 {
    if used == 4 {
      block = Philox.block(key: key, counter: counter)
      counter[0] &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  package mutating func next() -> UInt64 {
    let high = UInt64(next32())
    return high << 32 | UInt64(next32())
  }

  /// A uniform number in 0 ..< 1, a multiple of 2⁻²⁴.
  package mutating func uniform() -> Float {
    Float(next32() >> 8) * 0x1p-24
  }

  /// A uniform integer in `0 ..< bound`, without modulo bias beyond 2⁻³².
  package mutating func integer(below bound: Int) -> Int {
    Int((UInt64(next32()) &* UInt64(bound)) >> 32)
  }
}

extension RandomStream {
  /// A number of the standard normal distribution (Box, Muller 1958; one of the pair is used).
  package mutating func normal() -> Double {
    let radius = (Double(next32()) + 1) * 0x1p-32
    let angle = Double(next32()) * 0x1p-32
    return (-2 * naturalLogarithm(radius)).squareRoot() * cosine(2 * .pi * angle)
  }

  /// A random order of `0 ..< count` (Fisher, Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1))
    }
    return order
  }
}
