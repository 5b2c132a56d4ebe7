import Testing

@testable import CounterspikeTraining

@Suite("Statistics of an audit")
struct AuditStatisticsTests {
  private static func agreement(_ predictions: [Double], _ truths: [Double])
    -> AuditReport.Agreement
  {
    AuditStatistics(resamples: 20, seed: 1).agreements(
      predictions: [predictions], truths: truths, members: Array(truths.indices), group: 1)[0]
  }

  @Test(
    "correlation, signs and slope of few, equal and extreme numbers",
    arguments: [
      ([], [], nil, nil, nil), ([2], [1], nil, 1, 2), ([-2], [1], nil, 0, -2),
      ([1], [0], nil, nil, nil), ([2, 4], [1, 2], 1, 1, 2), ([2, -1], [-1, 2], -1, 0, -0.8),
      ([0, 0], [1, 2], nil, 0, 0), ([3, 3], [1, 2], nil, 1, 1.8), ([1, 2], [0, 0], nil, nil, nil),
      ([.nan, 1], [1, 2], nil, 0.5, nil), ([1, 2], [.nan, 2], nil, 1, nil),
      ([.infinity, 1], [1, 2], nil, 1, nil), ([1e200, 2e200], [1e200, 2e200], nil, 1, nil),
      ([1e-200, 1], [1e-200, 1], 1, 1, 1),
    ] as [([Double], [Double], Double?, Double?, Double?)])
  func extremes(
    predictions: [Double], truths: [Double], correlation: Double?, sign: Double?, scale: Double?
  ) {
    let agreement = Self.agreement(predictions, truths)
    #expect(agreement.count == truths.count)
    for (found, expected) in [
      (agreement.correlation, correlation), (agreement.signAgreement, sign),
      (agreement.scale, scale),
    ] {
      #expect((found == nil) == (expected == nil), "\(String(describing: found))")
      guard let found, let expected else { continue }
      #expect(abs(found.value - expected) < 1e-12)
      #expect(found.low <= found.high && found.low.isFinite && found.high.isFinite)
    }
  }
}
