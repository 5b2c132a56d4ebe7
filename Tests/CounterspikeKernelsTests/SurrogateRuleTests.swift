import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Surrogate gradient")
struct SurrogateRuleTests {
  static let rules = [0.2, 1].flatMap { width in
    [false, true].map { SurrogateRule(shape: .sigmoid, width: width, resetGradient: $0) }
  }

  @Test(
    "δ is the reference's for every shape",
    arguments: NeuronCase.drivenShapes, rules)
  func shapes(neuron: NeuronCase, rule: SurrogateRule) {
    check(NeuronSample(neuron, seed: 7), rule)
  }

  @Test(
    "δ is the reference's for every length and memory",
    arguments: NeuronCase.series.filter { $0.timeSteps <= 100 }, rules)
  func lengths(neuron: NeuronCase, rule: SurrogateRule) {
    check(NeuronSample(neuron, seed: 8), rule)
  }

  private func check(_ sample: NeuronSample, _ rule: SurrogateRule) {
    let reference = sample.neuron.reference
    // Far from the threshold the derivative has the rounding of its large exponent.
    let error = sample.worstError(.surrogate(rule), floor: 1e-3) {
      reference.surrogate(currents: $0, gradient: $1, rule: rule)
    }
    #expect(error < 2e-5)
  }

  @Test("two steps worked out by hand", arguments: [false, true])
  func byHand(reset: Bool) {
    // m = d = ½, θ = 1, c = (1, 2): u = (1, 2.5), the first a tie that does not fire. With width 1
    // and g = (0, 4): e = (2, 4), E = (1, 2), f(0) = ¼, f(1.5) = σ(1.5)·(1 − σ(1.5)).
    let layer = NeuronLayer(
      membraneDecay: 0.5, synapticDecay: 0.5, threshold: 1, timeSteps: 2, batch: 1, channels: 8)
    let buffer = FloatBuffer([1, 2].flatMap { [Float](repeating: $0, count: 8) })
    layer.backward(
      rule: .surrogate(SurrogateRule(shape: .sigmoid, width: 1, resetGradient: reset)),
      currents: buffer.all,
      gradient: FloatBuffer([0, 4].flatMap { [Float](repeating: $0, count: 8) }).all,
      scratch: NeuronScratch(timeSteps: 2))
    let sigmoid = 1 / (1 + exponential(-1.5))
    let last = 2 * sigmoid * (1 - sigmoid)
    let first = 0.25 + 0.5 * last - (reset ? 0.5 * 1 * 0.25 * last : 0)
    #expect(abs(Double(buffer.all[8]) - last) < 1e-6)
    #expect(abs(Double(buffer.all[0]) - first) < 1e-6)
  }
}
