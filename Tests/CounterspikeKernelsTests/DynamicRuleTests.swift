import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Rules on neurons of any dynamics")
struct DynamicRuleTests {
  static let cases = NeuronCase.dynamicShapes + NeuronCase.dynamicSeries

  @Test("the surrogate's δ is the reference's", arguments: cases, [false, true])
  func surrogate(neuron: NeuronCase, reset: Bool) {
    let rule = SurrogateRule(shape: .sigmoid, width: 0.5, resetGradient: reset)
    let reference = neuron.reference
    let error = NeuronSample(neuron, seed: 21).worstError(.surrogate(rule), floor: 1e-3) {
      reference.surrogate(currents: $0, gradient: $1, rule: rule)
    }
    #expect(error < 3e-5)
  }

  @Test(
    "neighborhood aggregation is that of replays to the end, for every weight", arguments: cases,
    [false, true])
  func neighborhood(neuron: NeuronCase, twice: Bool) {
    let reference = neuron.reference
    let sample = NeuronSample(neuron, seed: 22)
    var weights: [NeighborhoodRule.Weight] = [
      .none, .inverse(bound: 5), .inverseCube(bound: 5), .lorentzian(width: 0.25),
      .gaussian(deviation: 0.5),
    ]
    // A still image's currents are rounded before they reach the membrane, which 1/r shows near 0.
    if !neuron.isStill { weights.append(.inverse(bound: .infinity)) }
    for weight in weights {
      let rule = NeighborhoodRule(filtersTwice: twice, weight: weight)
      let error = sample.worstError(.neighborhood(rule), floor: 1e-4) {
        reference.neighborhood(currents: $0, gradient: $1, rule: rule)
      }
      #expect(error < 2e-5, "\(weight)")
    }
  }

  @Test(
    "SLAYER's δ is the reference's behind any reset",
    arguments: cases.filter { $0.dynamics.adaptation == nil })
  func slayer(neuron: NeuronCase) {
    let rule = SLAYERRule(alpha: 1, beta: 2)
    #expect(SpikeRule.slayer(rule).covers(neuron.dynamics))
    let reference = neuron.reference
    let error = NeuronSample(neuron, seed: 23).worstError(.slayer(rule), floor: 1e-3) {
      reference.slayer(currents: $0, gradient: $1, rule: rule)
    }
    #expect(error < 3e-5)
  }

  @Test(
    "general neighborhoods agree with the simple rule where they are it",
    arguments: NeuronCase.dynamicSeries.filter { $0.timeSteps <= 30 })
  func general(neuron: NeuronCase) {
    let weight = NeighborhoodRule.Weight.lorentzian(width: 0.25)
    let sample = NeuronSample(neuron, seed: 24)
    let simple = sample.backward(
      .neighborhood(NeighborhoodRule(filtersTwice: true, weight: weight)))
    let general = sample.backward(
      .general(GeneralNeighborhoodRule(neighbors: .simple(weight), filtersTwice: true)))
    #expect(relativeDifference(simple, general.map { Double($0) }) < 1e-5)
  }

  @Test(
    "what is added to the currents turns a waveform into its neighbor",
    arguments: NeuronDynamics.kinds)
  func algebra(dynamics: NeuronDynamics) {
    let neuron = NeuronReference(
      membraneDecay: 0.7, synapticDecay: 0.5, threshold: 1, dynamics: dynamics)
    let currents = [0.9, 0.8, 1.3, -0.2, 0.9, 0.4]
    let base = neuron.unperturbed(currents)
    for k in currents.indices {
      let neighbor = neuron.inverting(k, of: base, currents: currents)
      #expect(neuron.spikes(membrane: neighbor.membrane) == neighbor.spikes)
      let difference = zip(neuron.currents(membrane: neighbor.membrane), currents).map { $0 - $1 }
      for (a, b) in zip(difference, neighbor.perturbation) { #expect(abs(a - b) < 1e-12) }
      // A train that is forced is reached by no less.
      let forced = neuron.forcing(neighbor.spikes, from: k, currents: currents)
      for (a, b) in zip(forced.perturbation, neighbor.perturbation) { #expect(abs(a - b) < 1e-12) }
    }
  }

  @Test("the record of a flip is the replay's", arguments: NeuronCase.dynamicSeries)
  func record(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 25)
    let reference = neuron.reference
    let currents = sample.series(3)
    let base = reference.unperturbed(currents)
    for k in currents.indices {
      let expected = reference.inverting(k, of: base, currents: currents)
      let ours = sample.layer.inverting(k, currents: currents.map { Float($0) })
      #expect(ours.spikes.map { Double($0) } == expected.spikes)
      #expect(abs(ours.perturbation - expected.perturbation[k]) < 1e-4)
    }
  }

  @Test("TSSL-BP knows the reset to zero alone, SLAYER no adaptation")
  func coverage() {
    for dynamics in NeuronDynamics.kinds {
      #expect(!SpikeRule.tsslbp.covers(dynamics))
      #expect(
        SpikeRule.slayer(SLAYERRule(alpha: 1, beta: 1)).covers(dynamics)
          == (dynamics.adaptation == nil))
    }
    #expect(SpikeRule.tsslbp.covers(NeuronDynamics()))
  }

  @Test("a rule that is not defined for the neurons is refused")
  func refused() async {
    await #expect(processExitsWith: .failure) {
      var layer = NeuronCase().layer
      layer.dynamics.reset = .subtraction
      layer.backward(
        rule: .tsslbp, currents: FloatBuffer(count: 40).all, gradient: FloatBuffer(count: 40).all,
        scratch: NeuronScratch(timeSteps: 5))
    }
  }

  @Test("a membrane that is no number does not hang or trap")
  func noNumber() {
    var layer = NeuronCase(timeSteps: 9).layer
    layer.dynamics.reset = .subtraction
    let currents = FloatBuffer([Float](repeating: .nan, count: layer.currentCount))
    layer.backward(
      rule: .neighborhood(NeighborhoodRule(filtersTwice: true, weight: .inverseCube(bound: 5))),
      currents: currents.all,
      gradient: FloatBuffer([Float](repeating: 1, count: layer.outputCount)).all,
      scratch: NeuronScratch(timeSteps: 9))
    #expect(currents.all.array.contains { $0.isNaN })
  }
}
