import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Neighborhood aggregation")
struct NeighborhoodRuleTests {
  /// A weight of the kernels, and the same as one line.
  struct WeightCase: Sendable, CustomTestStringConvertible {
    var weight: NeighborhoodRule.Weight
    /// The smallest largest δ, as a share of the gradients, that is still compared digit by digit.
    var floor = 0.0
    var formula: @Sendable (Double) -> Double

    var testDescription: String { "\(weight)" }

    static let all: [WeightCase] = [
      WeightCase(weight: .none) { _ in 1 },
      WeightCase(weight: .inverse(bound: 5)) { max(-5, min(5, 1 / $0)) },
      WeightCase(weight: .inverse(bound: .infinity)) { 1 / $0 },
      WeightCase(weight: .inverseCube(bound: 5)) { max(-5, min(5, 1 / ($0 * $0 * $0))) },
      WeightCase(weight: .lorentzian(width: 0.25)) {
        ($0 < 0 ? -0.25 : 0.25) / ($0 * $0 + 0.25)
      },
      // Far out, eˣ has the rounding of its large exponent, and in the end it is 0.
      WeightCase(weight: .gaussian(deviation: 0.5), floor: 1e-6) {
        ($0 < 0 ? -2 : 2) / (2 * Double.pi).squareRoot() * exponential(-2 * $0 * $0)
      },
    ]
  }

  /// Sums of up to T errors in single precision, relative to the largest δ of a neuron.
  static let limit = 1e-5

  private func check(_ sample: NeuronSample, _ weight: WeightCase, twice: Bool) {
    let rule = NeighborhoodRule(filtersTwice: twice, weight: weight.weight)
    let neuron = sample.neuron.reference
    var disagreement = 0.0
    let error = sample.worstError(.neighborhood(rule), floor: weight.floor) { currents, gradient in
      let dense = neuron.neighborhood(currents: currents, gradient: gradient, rule: rule)
      let once = neuron.filteredError(gradient)
      let third = NextGreaterElement(neuron: neuron).deltas(
        currents: currents, filtered: twice ? neuron.filteredError(once) : once,
        weight: weight.formula)
      let largest = dense.reduce(0) { max($0, abs($1)) }
      for (a, b) in zip(dense, third) {
        disagreement = max(disagreement, abs(a - b) / max(largest, .leastNormalMagnitude))
      }
      return dense
    }
    #expect(disagreement < 1e-9, "dense ≠ next greater element")
    #expect(error < Self.limit, "renewal ≠ dense")
  }

  @Test(
    "renewal, full replay and next greater element agree for every length and memory",
    arguments: NeuronCase.series, [false, true])
  func lengths(neuron: NeuronCase, twice: Bool) {
    let sample = NeuronSample(neuron)
    for weight in WeightCase.all { check(sample, weight, twice: twice) }
  }

  @Test("they agree however a neuron is driven", arguments: NeuronCase.ordinary)
  func drives(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 2)
    for weight in WeightCase.all { check(sample, weight, twice: false) }
  }

  /// The loss differences, and the weight that takes its distance from a membrane in double
  /// precision.
  @Test(
    "they agree on huge currents and after deep inhibition",
    arguments: NeuronCase.extreme, [UInt64](1...5))
  func extremes(neuron: NeuronCase, seed: UInt64) {
    let sample = NeuronSample(neuron, seed: seed)
    check(sample, WeightCase.all[0], twice: false)
    check(sample, WeightCase.all[2], twice: true)
  }

  @Test("they agree behind pooling and still images", arguments: NeuronCase.drivenShapes)
  func shapes(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 3)
    check(sample, WeightCase.all[0], twice: false)
    check(sample, WeightCase.all[3], twice: true)
  }

  @Test("a spike that deep inhibition keeps from happening is found in the replay")
  func deepInhibition() {
    // A made spike at the inhibited step resets the neuron, which then fires by itself.
    let layer = NeuronLayer(
      membraneDecay: 0.8, synapticDecay: 0.5, threshold: 1, timeSteps: 16, batch: 1, channels: 8)
    for depth: Float in [1, 1e2, 1e4, 1e5, 1e6, 1e7, 1e20] {
      for current: Float in [0.42, 0.6, 1.1] {
        var currents = [Float](repeating: current, count: 16 * 8)
        for lane in 0..<8 { currents[lane] = -depth * Float(lane + 1) }
        let buffer = FloatBuffer(currents)
        var gradient = [Float](repeating: 0, count: 16 * 8)
        for lane in 0..<8 { gradient[15 * 8 + lane] = 1 }
        layer.backward(
          rule: .neighborhood(NeighborhoodRule(filtersTwice: false, weight: .none)),
          currents: buffer.all, gradient: FloatBuffer(gradient).all,
          scratch: NeuronScratch(timeSteps: 16))
        let reference = NeuronReference(membraneDecay: 0.8, synapticDecay: 0.5, threshold: 1)
        for lane in 0..<8 {
          let expected = reference.lossDifferences(
            currents: (0..<16).map { Double(currents[$0 * 8 + lane]) },
            gradient: (0..<16).map { $0 == 15 ? 1 : 0 })
          #expect(
            abs(Double(buffer.all[lane]) - expected[0]) < 1e-5, "depth \(depth), lane \(lane)")
        }
      }
    }
  }

  @Test("three steps worked out by hand", arguments: [false, true])
  func byHand(twice: Bool) {
    // m = ½, d = ½, θ = 1, c = (1.5, 0.75, 0.75): u = (1.5, 0.75, 1.125), s = (1, 0, 1).
    // With g = (0, 0, 1): e = (¼, ½, 1), filtered once more (¾, 1, 1).
    // Removed at 0: from 1, u = 1.25 fires at 1, then 0.75 does not: s = (0, 1, 0).
    // Made at 1: then 0.75 does not fire: s = (1, 1, 0). Removed at 2: s = (1, 0, 0).
    let layer = NeuronLayer(
      membraneDecay: 0.5, synapticDecay: 0.5, threshold: 1, timeSteps: 3, batch: 1, channels: 8)
    let buffer = FloatBuffer([1.5, 0.75, 0.75].flatMap { [Float](repeating: $0, count: 8) })
    let gradient = FloatBuffer([0, 0, 1].flatMap { [Float](repeating: $0, count: 8) })
    layer.backward(
      rule: .neighborhood(
        NeighborhoodRule(filtersTwice: twice, weight: .inverse(bound: .infinity))),
      currents: buffer.all, gradient: gradient.all, scratch: NeuronScratch(timeSteps: 3))
    let e: [Float] = twice ? [0.75, 1, 1] : [0.25, 0.5, 1]
    let expected = [
      0.5 * (-e[0] + e[1] - e[2]) / -0.5, 0.5 * (e[1] - e[2]) / 0.25, 0.5 * -e[2] / -0.125,
    ]
    for (t, value) in expected.enumerated() {
      for lane in 0..<8 { #expect(abs(buffer.all[t * 8 + lane] - value) < 1e-6) }
    }
  }

  @Test("scaling currents and threshold by a power of two changes nothing", arguments: [5, 40])
  func units(steps: Int) {
    let rule = SpikeRule.neighborhood(NeighborhoodRule(filtersTwice: false, weight: .none))
    let neuron = NeuronCase(timeSteps: steps, shape: (2, 1, 1, 24), drive: .mixed)
    let sample = NeuronSample(neuron, seed: 4)
    let expected = sample.backward(rule)
    for power: Float in [0x1p-60, 0x1p-10, 0x1p10, 0x1p60] {
      var scaled = neuron
      scaled.threshold = power
      var other = NeuronSample(scaled, seed: 4)
      other.currents = sample.currents.map { $0 * power }
      other.gradient = sample.gradient
      #expect(other.backward(rule) == expected, "\(power)")
    }
  }

  @Test("a neuron's result depends neither on its place nor on its neighbors", arguments: [5, 40])
  func places(steps: Int) {
    let rule = SpikeRule.neighborhood(
      NeighborhoodRule(filtersTwice: true, weight: .inverseCube(bound: 5)))
    let sample = NeuronSample(
      NeuronCase(timeSteps: steps, shape: (1, 1, 1, 24), drive: .mixed), seed: 5)
    let expected = sample.backward(rule)
    for shift in [1, 3, 8, 13] {
      func shifted(_ values: [Float]) -> [Float] {
        values.indices.map { values[$0 / 24 * 24 + ($0 % 24 + shift) % 24] }
      }
      var other = sample
      other.currents = shifted(sample.currents)
      other.gradient = shifted(sample.gradient)
      #expect(other.backward(rule) == shifted(expected), "\(shift)")
    }
  }

  /// Small multiples of ⅛ and m = ½ make every membrane exact, and many equal to the threshold, where
  /// the search must leave the decision to the replay.
  @Test("replays that just reach the threshold do not fire", arguments: [5, 11, 12, 13, 40, 70])
  func ties(steps: Int) {
    let layer = NeuronLayer(
      membraneDecay: 0.5, synapticDecay: 0.5, threshold: 1, timeSteps: steps, batch: 1,
      channels: 40)
    let reference = NeuronReference(membraneDecay: 0.5, synapticDecay: 0.5, threshold: 1)
    let rule = SpikeRule.neighborhood(NeighborhoodRule(filtersTwice: false, weight: .none))
    var random = RandomStream(seed: 6, purpose: .audit)
    var ties = 0
    for _ in 0..<50 {
      let currents = (0..<steps * 40).map { _ in
        // A few steps of silence let a small sum stay exact in single precision.
        random.uniform() < 0.3 ? 0 : Float(Int(random.uniform() * 9)) / 8
      }
      let gradient = (0..<steps * 40).map { _ in Float(Int(random.uniform() * 17)) - 8 }
      let buffer = FloatBuffer(currents)
      layer.backward(
        rule: rule, currents: buffer.all, gradient: FloatBuffer(gradient).all,
        scratch: NeuronScratch(timeSteps: steps))
      for neuron in 0..<40 {
        let c = (0..<steps).map { Double(currents[$0 * 40 + neuron]) }
        let g = (0..<steps).map { Double(gradient[$0 * 40 + neuron]) }
        ties += reference.unperturbed(c).membrane.filter { $0 == 1 }.count
        let expected = reference.lossDifferences(currents: c, gradient: g)
        for t in 0..<steps {
          let error = abs(Double(buffer.all[t * 40 + neuron]) - expected[t])
          #expect(error < 1e-4, "step \(t) of neuron \(neuron)")
        }
      }
    }
    #expect(ties > 20 * steps)
  }
}
