import CounterspikeKernels
import Testing

@testable import CounterspikeStudy

@Suite("Intervals of an audit")
struct AuditStatisticsTests {
  @Test("are those of resamples that were all drawn first, from the same stream")
  func resamples() {
    var stream = RandomStream(seed: 3, purpose: .audit, 1)
    let count = 50
    let truths = (0..<count).map { $0.isMultiple(of: 9) ? 0 : stream.normal() }
    let predictions = [0.3, 1.0].map { noise in truths.map { 2 * $0 + noise * stream.normal() } }
    let members = (0..<count).filter { !$0.isMultiple(of: 4) }
    let statistics = AuditStatistics(resamples: 40, seed: 5)
    let found = statistics.agreements(
      predictions: predictions, truths: truths, members: members, group: 2)

    var other = RandomStream(seed: 5, purpose: .audit, 1 << 20, 2)
    let draws = (0..<40).map { _ in
      members.map { _ in members[other.integer(below: members.count)] }
    }
    for (agreement, predictions) in zip(found, predictions) {
      func slope(_ indices: [Int]) -> Double {
        indices.reduce(0) { $0 + predictions[$1] * truths[$1] }
          / indices.reduce(0) { $0 + truths[$1] * truths[$1] }
      }
      let sorted = draws.map(slope).sorted()
      #expect(agreement.count == members.count)
      #expect(agreement.scale?.value == slope(members))
      #expect(agreement.scale?.low == sorted[1] && agreement.scale?.high == sorted[38])
      func signs(_ indices: [Int]) -> Double {
        let counted = indices.filter { truths[$0] != 0 }
        let right = counted.count { (truths[$0] > 0) == (predictions[$0] > 0) }
        return Double(right) / Double(counted.count)
      }
      #expect(agreement.signAgreement?.low == draws.map(signs).sorted()[1])
    }
  }
}
