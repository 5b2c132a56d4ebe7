import CounterspikeKernels
import Testing

@Suite("Philox")
struct PhiloxTests {
  @Test("gives the published known answers")
  func knownAnswers() {
    // kat_vectors of the authors' Random123 distribution, philox4x32 10.
    #expect(
      Philox.block(key: SIMD2(0, 0), counter: SIMD4(repeating: 0))
        == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Philox.block(key: SIMD2(repeating: .max), counter: SIMD4(repeating: .max))
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Philox.block(
        key: SIMD2(0xA409_3822, 0x299F_31D0),
        counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344))
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test("streams of other purposes, epochs and samples differ")
  func streamsDiffer() {
    var first: Set<UInt64> = []
    for purpose in [RandomStream.Purpose.weights, .shuffle, .dropout] {
      for epoch in 0..<3 {
        for sample in 0..<3 {
          var stream = RandomStream(seed: 1, purpose: purpose, epoch, sample)
          first.insert(stream.next())
        }
      }
    }
    #expect(first.count == 27)
  }

  @Test("the same name gives the same stream, wherever it is drawn")
  func repeats() {
    var first = RandomStream(seed: 5, purpose: .noise, 2, 3)
    var second = RandomStream(seed: 5, purpose: .noise, 2, 3)
    var other = RandomStream(seed: 5 << 32, purpose: .noise, 2, 3)
    let words = (0..<9).map { _ in first.next32() }
    #expect(words == (0..<9).map { _ in second.next32() })
    #expect(words != (0..<9).map { _ in other.next32() })
    // Word for word the blocks of the generator, in order.
    let block = Philox.block(key: SIMD2(5, 0), counter: SIMD4(1, 3, 2, 5))
    #expect(Array(words[4..<8]) == (0..<4).map { block[$0] })
  }

  @Test("uniform numbers lie in 0 ..< 1, evenly")
  func uniform() {
    var stream = RandomStream(seed: 6, purpose: .audit)
    let count = 40_000
    var bins = [Int](repeating: 0, count: 16)
    var sum = 0.0
    for _ in 0..<count {
      let x = stream.uniform()
      guard x >= 0, x < 1 else {
        Issue.record("\(x)")
        return
      }
      sum += Double(x)
      bins[Int(x * 16)] += 1
    }
    // Four standard deviations.
    #expect(abs(sum / Double(count) - 0.5) < 4 / (12 * Double(count)).squareRoot())
    #expect(isEven(bins))
  }

  @Test("integers cover their range, evenly", arguments: [1, 2, 3, 7, 10, 1000])
  func integers(bound: Int) {
    var stream = RandomStream(seed: 7, purpose: .audit)
    var bins = [Int](repeating: 0, count: bound)
    for _ in 0..<20_000 {
      let x = stream.integer(below: bound)
      guard bins.indices.contains(x) else {
        Issue.record("\(x) is not below \(bound)")
        return
      }
      bins[x] += 1
    }
    #expect(bins.allSatisfy { $0 > 0 })
    #expect(isEven(bins))
  }

  @Test("normal numbers have the moments and the tails of a normal distribution")
  func normal() {
    var stream = RandomStream(seed: 8, purpose: .audit)
    let count = 40_000.0
    let x = (0..<Int(count)).map { _ in stream.normal() }
    let mean = x.reduce(0, +) / count
    let second = x.reduce(0) { $0 + $1 * $1 } / count
    let third = x.reduce(0) { $0 + $1 * $1 * $1 } / count
    let fourth = x.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
    // Four standard deviations: the moments of even order vary by 2, 15 and 96.
    #expect(abs(mean) < 4 / count.squareRoot())
    #expect(abs(second - 1) < 4 * (2 / count).squareRoot())
    #expect(abs(third) < 4 * (15 / count).squareRoot())
    #expect(abs(fourth - 3) < 4 * (96 / count).squareRoot())
    #expect(x.allSatisfy { $0.isFinite })
    #expect(abs(Double(x.count { abs($0) > 1.96 }) / count - 0.05) < 0.005)
  }

  @Test("a permutation has every number once", arguments: [0, 1, 2, 10, 1000])
  func permutation(count: Int) {
    var stream = RandomStream(seed: 9, purpose: .shuffle)
    let order = stream.permutation(count)
    #expect(order.sorted() == Array(0..<count))
    if count >= 10 {
      #expect(order != Array(0..<count))
      #expect(stream.permutation(count) != order)
    }
  }

  @Test("every order of three comes equally often")
  func permutations() {
    var stream = RandomStream(seed: 10, purpose: .shuffle)
    var bins: [[Int]: Int] = [:]
    for _ in 0..<6000 { bins[stream.permutation(3), default: 0] += 1 }
    #expect(bins.count == 6)
    #expect(isEven(Array(bins.values)))
  }

  /// Whether χ² is within what chance exceeds once in some ten thousand times.
  private func isEven(_ bins: [Int]) -> Bool {
    let expected = Double(bins.reduce(0, +)) / Double(bins.count)
    let chiSquare = bins.reduce(0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    let freedom = Double(bins.count - 1)
    return chiSquare <= freedom + 4 * (2 * freedom).squareRoot() + 10
  }
}
