import Counterspike
import Testing

@testable import CounterspikeStudy

@Suite("Errors on their way through the layers")
struct DiagnosisErrorsTests {
  /// Layers of these errors and gradients, the first one first; nothing else is remarkable of them.
  private func errors(
    _ layers: [(error: Double, gradient: Double)], firingRate: Double = 0.2,
    _ optimizer: OptimizerSettings = OptimizerSettings()
  ) -> DiagnosisErrors {
    DiagnosisErrors(
      layers: layers.enumerated().map { place, layer in
        DiagnosisErrors.Layer(
          seen: DiagnosisReport.Layer(
            name: "dense_\(place + 1)", firingRate: firingRate, current: 0.6, error: layer.error,
            gradient: layer.gradient, zeroWeight: layer.error == 0 ? nil : 0), weight: 0.1)
      }, optimizer: optimizer, batchSize: 10)
  }

  @Test("no error arrives: the layer next to the output explains those before it")
  func noError() {
    let found = errors([(0, 0), (0, 0), (0.1, 0.1)])
    #expect(found.blocked?.cause == .noError && found.blocked?.place == 1)
    #expect(errors([(0.1, 0.1), (0.1, 0.1)]).blocked == nil)
  }

  @Test("a rule that gives nearly all neurons the weight zero is told as such")
  func ruleWeight() {
    var layer = errors([(0.1, 0.1)]).layers[0]
    for (share, isBlocked) in [(0.98, false), (0.99, true)] {
      layer.seen = DiagnosisReport.Layer(
        name: "output", firingRate: 0.2, current: 0.6, error: 0.1, gradient: 0.1,
        zeroWeight: share)
      let found = DiagnosisErrors(layers: [layer], optimizer: OptimizerSettings(), batchSize: 10)
      #expect((found.blocked?.cause == .ruleWeight) == isBlocked)
    }
  }

  @Test(
    "errors vanish where AdamW's ε is larger than a step's gradient, or sgd's step counts for nothing"
  )
  func vanishing() {
    var optimizer = OptimizerSettings()
    optimizer.kind = .adamW
    optimizer.epsilon = 1e-8
    #expect(errors([(1, 1e-10), (1, 1)], optimizer).vanishing == 0)
    #expect(errors([(1, 1e-8), (1, 1)], optimizer).vanishing == nil)
    optimizer.kind = .sgd
    optimizer.learningRate = 1e-3
    // A step of 1e-3·10·g against weights of 0.1.
    #expect(errors([(1, 1e-9), (1, 1)], optimizer).vanishing == 0)
    #expect(errors([(1, 1e-7), (1, 1)], optimizer).vanishing == nil)
    // What gets nothing has no gradient for that reason, and what is frozen needs none.
    for change in [{ $0.isFed = false }, { $0.isFrozen = true }]
      as [(inout DiagnosisErrors.Layer) -> Void]
    {
      var layers = errors([(1, 1e-9), (1, 1)], optimizer).layers
      change(&layers[0])
      let found = DiagnosisErrors(layers: layers, optimizer: optimizer, batchSize: 10)
      #expect(found.vanishing == nil)
    }
  }

  @Test("errors explode where they are more than a thousand times the output's")
  func exploding() {
    let found = errors([(2000, 1), (500, 1), (1, 1)]).exploding
    #expect(found.map(\.place) == [0] && found.first?.growth == 2000)
    #expect(errors([(999, 1), (1, 1)]).exploding.isEmpty)
    #expect(errors([(5, 1), (0, 0)]).exploding.isEmpty)
  }

  @Test("numbers of messages have the digits that count")
  func numbers() {
    let wanted = [
      (24_321.5, "24000"), (3.14159, "3.1"), (2.44e12, "2.4e12"), (9.96e6, "1e7"), (100, "100"),
      (0.0123, "0.012"), (.infinity, "infinitely many"),
    ]
    for (value, text) in wanted { #expect(value.text(digits: 2) == text) }
  }
}
