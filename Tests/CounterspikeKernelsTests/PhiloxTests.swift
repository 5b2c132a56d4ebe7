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
}
