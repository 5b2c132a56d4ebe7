import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Neurons in a caller's memory")
struct NeuronArrayTests {
  static let neurons: [NeuronCase] = ([NeuronDynamics()] + NeuronDynamics.kinds).flatMap {
    dynamics in
    [(1, 5.0, 3.0), (7, 2, 1), (12, 5, 2), (40, 20, 4)].map {
      NeuronCase(
        membraneTimeConstant: $1, synapticTimeConstant: $2, timeSteps: $0, dynamics: dynamics)
    }
  }
  static let rules: [SpikeRule] = [
    .neighborhood(NeighborhoodRule(filtersTwice: false, weight: .inverseCube(bound: 5))),
    .neighborhood(NeighborhoodRule(filtersTwice: true, weight: .gaussian(deviation: 0.3))),
    .surrogate(SurrogateRule(shape: .sigmoid, width: 0.2, resetGradient: false)),
    .surrogate(SurrogateRule(shape: .arctangent, width: 0.5, resetGradient: true)),
    .slayer(SLAYERRule(alpha: 2.5, beta: 5)), .tsslbp,
  ]

  @Test("output and δ are the layer's, byte for byte", arguments: neurons)
  func layer(neuron: NeuronCase) {
    let sample = NeuronArraySample(neuron, count: 24, seed: 1)
    var layer = neuron.layer
    layer.channels = 24
    let output = FloatBuffer(count: layer.outputCount)
    let scratch = NeuronScratch(timeSteps: neuron.timeSteps)
    _ = layer.forward(
      currents: FloatBuffer(sample.currents).all, output: output.all, scratch: scratch)
    var state = NeuronArraySample.State(24)
    #expect(sample.forward(0..<neuron.timeSteps, &state) == output.all.array)
    for rule in Self.rules where rule.covers(neuron.dynamics) {
      let deltas = FloatBuffer(sample.currents)
      layer.backward(
        rule: rule, currents: deltas.all, gradient: FloatBuffer(sample.gradient).all,
        scratch: scratch)
      var sums: NeuronArray.ConstantGradients?
      #expect(sample.backward(rule, sums: &sums) == deltas.all.array, "\(rule)")
    }
  }

  @Test(
    "any number of neurons, divided at any block, gives each neuron the same", arguments: neurons)
  func counts(neuron: NeuronCase) {
    for count in [1, 7, 8, 13, 31, 77] {
      let sample = NeuronArraySample(neuron, count: count, seed: 2)
      for rule in Self.rules where rule.covers(neuron.dynamics) {
        var sums: NeuronArray.ConstantGradients?
        let all = sample.backward(rule, sums: &sums)
        let middle = min(count, 16)
        #expect(
          sample.backward(rule, portions: [0..<middle, middle..<count], sums: &sums) == all)
        let place = count - 1
        var alone = sample.alone(place)
        alone.gradient = sample.series(sample.gradient, place).map { Float($0) }
        #expect(
          alone.backward(rule, sums: &sums) == sample.series(all, place).map { Float($0) },
          "\(rule), neuron \(place) of \(count)")
      }
    }
  }

  @Test("a series goes on where another ended", arguments: neurons)
  func state(neuron: NeuronCase) {
    let sample = NeuronArraySample(neuron, count: 13, seed: 3)
    let half = neuron.timeSteps / 2
    var state = NeuronArraySample.State(13)
    let whole = sample.forward(0..<neuron.timeSteps, &state)
    let end = state
    state = NeuronArraySample.State(13)
    let first = sample.forward(0..<half, &state)
    let membrane = state.membrane
    let second = sample.forward(half..<neuron.timeSteps, &state)
    #expect(first + second == whole)
    #expect(state == end)
    // What comes later decides δ, and the membrane that it starts from.
    guard neuron.dynamics.adaptation == nil else { return }
    for rule in Self.rules where rule.covers(neuron.dynamics) && rule != .tsslbp {
      var sums: NeuronArray.ConstantGradients?
      let all = sample.backward(rule, sums: &sums).dropFirst(half * 13)
      let late = sample.backward(rule, from: half, membrane: membrane, sums: &sums)
      #expect(largestDifference(late, all.map { Double($0) }) < 2e-5, "\(rule)")
    }
  }

  @Test("currents that repeat give the same output, and the sum of δ", arguments: neurons)
  func still(neuron: NeuronCase) {
    for count in [5, 8, 77] {
      let sample = NeuronArraySample(neuron, count: count, seed: 7)
      for rule in Self.rules where rule.covers(neuron.dynamics) {
        let one = sample.still(rule, isRepeated: true)
        let all = sample.still(rule, isRepeated: false)
        #expect(one.output == all.output)
        let expected = (0..<count).map { sample.series(all.deltas, $0).reduce(0, +) }
        #expect(relativeDifference(one.deltas, expected) < 1e-5, "\(rule)")
      }
    }
  }

  @Test(
    "neighborhood of currents that repeat is that of every step's, to the last bit",
    arguments: [1, 2, 5, 11, 12, 13, 40, 100], [(5.0, 1.0), (1.1, 3), (50, 2)])
  func period(timeSteps: Int, constants: (Double, Double)) {
    let neuron = NeuronCase(
      membraneTimeConstant: constants.0, synapticTimeConstant: constants.1, timeSteps: timeSteps)
    var sample = NeuronArraySample(neuron, count: 157, seed: 9)
    // Every period up to T, the borders between them, silent neurons and such as fire at every step.
    for place in 0..<157 { sample.currents[place] = Float(place - 20) * 0.01 }
    (sample.currents[0], sample.currents[1], sample.currents[2]) = (1e30, -1e30, 0)
    for rule in NeuronArrayTests.periodic {
      let one = sample.still(rule, isRepeated: true)
      let all = sample.still(rule, isRepeated: false)
      var expected = [Float](repeating: 0, count: 157)
      for (index, delta) in all.deltas.enumerated() { expected[index % 157] += delta }
      #expect(one.output == all.output)
      #expect(one.deltas.map(\.bitPattern) == expected.map(\.bitPattern), "\(rule)")
    }
  }

  private static let periodic: [SpikeRule] = [
    .inverseCube(bound: 5), .inverse(bound: 100), .lorentzian(width: 0.25),
    .gaussian(deviation: 0.5),
    .none,
  ].flatMap { (weight: NeighborhoodRule.Weight) in
    [false, true].map { .neighborhood(NeighborhoodRule(filtersTwice: $0, weight: weight)) }
  }

  @Test("rules with a derivative give the same step by step as at once", arguments: neurons)
  func steps(neuron: NeuronCase) {
    let sample = NeuronArraySample(neuron, count: 21, seed: 4)
    for rule in Self.rules where rule.covers(neuron.dynamics) {
      if case .neighborhood = rule { continue }
      var sums: NeuronArray.ConstantGradients?
      let expected = sample.backward(rule, sums: &sums).map { Double($0) }
      #expect(relativeDifference(sample.stepwise(rule), expected) < 1e-5, "\(rule)")
    }
  }

  @Test("neighborhood step by step is its definition", arguments: neurons)
  func neighborhoodSteps(neuron: NeuronCase) {
    let sample = NeuronArraySample(neuron, count: 17, seed: 5)
    let weight = NeighborhoodRule.Weight.lorentzian(width: 0.3)
    let deltas = sample.stepwise(
      .neighborhood(NeighborhoodRule(filtersTwice: false, weight: weight)))
    for place in 0..<17 {
      let expected = StepReference(neuron.reference, weight).deltas(
        sample.series(sample.currents, place), sample.series(sample.gradient, place))
      #expect(
        relativeDifference(sample.series(deltas, place).map { Float($0) }, expected) < 1e-4)
    }
  }

  @Test("gradients of the constants are the reference's sums", arguments: neurons)
  func constants(neuron: NeuronCase) throws {
    let sample = NeuronArraySample(neuron, count: 19, seed: 6)
    let rule = SurrogateRule(shape: .sigmoid, width: 0.3, resetGradient: false)
    var sums: NeuronArray.ConstantGradients? = .init()
    _ = sample.backward(.surrogate(rule), sums: &sums)
    var expected = (0.0, 0.0, 0.0)
    let reference = neuron.reference
    for place in 0..<19 {
      let currents = sample.series(sample.currents, place)
      let gradient = sample.series(sample.gradient, place)
      let one = reference.constantGradients(
        reference.run(currents), gradient: gradient,
        deltas: reference.surrogate(currents: currents, gradient: gradient, rule: rule))
      expected.0 += one.membraneDecay
      expected.1 += one.synapticDecay
      expected.2 += one.threshold
    }
    let found = try #require(sums)
    #expect(abs(found.membraneDecay - expected.0) < 1e-4 * max(1, abs(expected.0)))
    #expect(abs(found.synapticDecay - expected.1) < 1e-4 * max(1, abs(expected.1)))
    #expect(abs(found.threshold - expected.2) < 1e-4 * max(1, abs(expected.2)))
  }
}

extension NeuronArraySample {
  /// One of the neurons.
  fileprivate func alone(_ place: Int) -> NeuronArraySample {
    var result = NeuronArraySample(neuron, count: 1, seed: 0)
    result.currents = series(currents, place).map { Float($0) }
    return result
  }
}

/// Neighborhood aggregation step by step, in double precision: flips to first order in what the membrane
/// carries on.
private struct StepReference {
  let neuron: NeuronReference
  let weight: NeighborhoodRule.Weight

  init(_ neuron: NeuronReference, _ weight: NeighborhoodRule.Weight) {
    self.neuron = neuron
    self.weight = weight
  }

  func deltas(_ currents: [Double], _ gradient: [Double]) -> [Double] {
    let trace = neuron.run(currents)
    let (m, d) = (neuron.membraneDecay, neuron.synapticDecay)
    let rho = Double(neuron.dynamics.adaptation?.decay ?? 0)
    let beta = Double(neuron.dynamics.adaptation?.strength ?? 0)
    func reset(_ u: Double) -> Double {
      switch neuron.dynamics.reset {
      case .zero: 0
      case .subtraction: u - neuron.threshold
      case .none: u
      }
    }
    var result = gradient
    var (ofA, ofV, ofB) = (0.0, 0.0, 0.0)
    for t in currents.indices.reversed() {
      let (u, theta) = (trace.membrane[t], trace.thresholds[t])
      let fired = trace.spikes[t] == 1
      ofA += gradient[t]
      // The loss with the other spike less that with this one.
      let change = fired ? -1.0 : 1.0
      let after = fired ? theta - reset(u) : reset(theta) - u
      let difference = change * ((1 - d) * ofA + (1 - rho) * ofB) + after * ofV
      result[t] = difference * neuron.weight(theta - u, weight)
      ofB = rho * ofB - beta * result[t]
      let kept = fired && neuron.dynamics.reset == .zero ? 0.0 : 1.0
      ofV = m * (result[t] + kept * ofV)
      ofA *= d
    }
    return result
  }
}
