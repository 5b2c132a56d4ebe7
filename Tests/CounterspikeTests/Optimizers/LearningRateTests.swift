import Counterspike
import Testing

@Suite("A learning rate schedule")
struct LearningRateTests {
  private func rates(
    _ kind: ScheduleSettings.Kind, epochs: Int = 4, stepsPerEpoch: Int = 25,
    _ change: (inout ScheduleSettings) -> Void = { _ in }
  ) -> [Float] {
    var schedule = ScheduleSettings()
    schedule.kind = kind
    change(&schedule)
    return (0..<epochs * stepsPerEpoch).map {
      schedule.learningRate(step: $0, peak: 0.5, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
    }
  }

  @Test("that is constant is the peak at every step")
  func constant() {
    #expect(rates(.constant).allSatisfy { $0 == 0.5 })
  }

  @Test("that is exponential falls by the decay every epoch, smoothly in between")
  func exponential() {
    let rates = rates(.exponential) { $0.decay = 0.81 }
    #expect(rates[0] == 0.5)
    for epoch in 1..<4 {
      #expect(abs(rates[epoch * 25] / rates[(epoch - 1) * 25] - 0.81) < 1e-6)
    }
    for (a, b) in zip(rates, rates.dropFirst()) { #expect(b < a) }
    let ratio = rates[1] / rates[0]
    for (a, b) in zip(rates, rates.dropFirst()) { #expect(abs(b / a - ratio) < 1e-6) }
  }

  @Test("that is exponential may stay, or stop after an epoch")
  func exponentialEnds() {
    #expect(rates(.exponential) { $0.decay = 1 }.allSatisfy { $0 == 0.5 })
    let stopped = rates(.exponential) { $0.decay = 0 }
    #expect(stopped[..<25].allSatisfy { $0 == 0.5 } && stopped[25...].allSatisfy { $0 == 0 })
  }

  @Test("that is a cosine falls from the peak towards the final fraction", arguments: [0, 0.1, 1])
  func cosine(fraction: Float) {
    let rates = rates(.cosine) { $0.finalFraction = fraction }
    #expect(rates[0] == 0.5)
    #expect(abs(rates[50] - 0.5 * (1 + fraction) / 2) < 1e-6)
    #expect(abs((rates.last ?? 0) - 0.5 * fraction) < 2e-4)
    for (a, b) in zip(rates, rates.dropFirst()) { #expect(fraction == 1 ? b == a : b < a) }
    // Half a cosine is symmetric about its middle.
    for k in 1...49 {
      #expect(abs(rates[50 - k] + rates[50 + k] - 0.5 * (1 + fraction)) < 1e-6)
    }
  }

  @Test(
    "rises linearly while it warms up, then begins at its peak",
    arguments: ScheduleSettings.Kind.allCases, [0.6, 1, 2] as [Float])
  func warmUp(kind: ScheduleSettings.Kind, epochs: Float) {
    let rates = rates(kind) {
      $0.warmUpEpochs = epochs
      $0.decay = 0.9
    }
    let steps = Int(epochs * 25)
    #expect(rates[0] > 0)
    for step in 0..<steps {
      #expect(abs(rates[step] - 0.5 * Float(step + 1) / Float(steps + 1)) < 1e-6)
    }
    #expect(abs(rates[steps] - 0.5) < 1e-6)
    #expect(abs((rates.max() ?? 0) - 0.5) < 1e-6)
    if kind == .cosine { #expect((rates.last ?? 1) < 2e-3) }
    for (a, b) in zip(rates[steps...], rates[(steps + 1)...]) { #expect(b <= a + 1e-6) }
  }

  @Test("is sound when warming up takes the whole run, or the run is a single step")
  func extremes() {
    let all = rates(.cosine) { $0.warmUpEpochs = 4 }
    for (a, b) in zip(all, all.dropFirst()) { #expect(a < b && b < 0.5) }
    let longer = rates(.cosine) { $0.warmUpEpochs = 9 }
    for (a, b) in zip(longer, longer.dropFirst()) { #expect(a < b && b < 0.5) }
    for kind in ScheduleSettings.Kind.allCases {
      #expect(rates(kind, epochs: 1, stepsPerEpoch: 1) == [0.5])
    }
  }
}
