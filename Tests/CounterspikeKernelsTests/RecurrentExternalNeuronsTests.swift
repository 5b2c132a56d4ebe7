import CounterspikeKernels
import CounterspikeProducts
import CounterspikeReference
import Testing

/// The built-in neurons written outside of the kernels, whose recurrent layers ``RecurrentNeuronsTests`` judges.
@Suite("Recurrent neurons from outside")
struct RecurrentExternalNeuronsTests {
  typealias Case = RecurrentNeuronsTests.Case
  typealias Sample = RecurrentNeuronsTests.Sample

  static let cases = RecurrentNeuronsTests.cases.filter {
    $0.dynamics.reset == .subtraction || $0.dynamics.isRenewed
  }

  /// With the dynamics of a case: b and a reset by subtraction where it has them.
  private static func neurons(_ neuron: Case) -> RecurrentExternalNeurons {
    let layer = neuron.layer
    let m = layer.membraneDecay
    let outside: ExternalNeuron
    if layer.dynamics.isRenewed {
      outside = ExternalNeuronTests.leaky(m)
    } else {
      outside = ExternalNeuronTests.adaptive(
        membraneDecay: m, threshold: layer.threshold,
        strength: layer.dynamics.adaptation?.strength ?? 0,
        decay: layer.dynamics.adaptation?.decay ?? 0)
    }
    return RecurrentExternalNeurons(
      ExternalNeurons(outside, layer, channels: neuron.neurons))
  }

  private func forward(
    _ sample: Sample, _ flips: [RecurrentNeurons.Flip] = [], samples: Int? = nil
  ) throws -> (currents: [Float], output: [Float], spikes: Int) {
    let neurons = Self.neurons(sample.neuron)
    let currents = sample.buffer(sample.currents)
    let output = FloatBuffer([Float](repeating: .nan, count: sample.neuron.layer.outputCount))
    let spikes = try neurons.forward(
      currents: currents.all, output: output.all, weights: sample.weights.all,
      states: FloatBuffer([Float](repeating: .nan, count: neurons.stateCount)).all,
      samples: samples ?? sample.neuron.batch, flips: flips)
    return (currents.all.array, output.all.array, spikes)
  }

  @Test("do what the built-in ones do, to the last bit", arguments: cases, VectorLevel.available)
  func forward(neuron: Case, level: VectorLevel) throws {
    try VectorLevel.$tested.withValue(level) {
      let sample = Sample(neuron, seed: 51)
      let flip = RecurrentNeurons.Flip(
        row: neuron.batch - 1, neuron: 3, step: min(2, neuron.timeSteps - 1))
      for flips in [[], [flip]] {
        let wanted = try sample.forward(flips)
        let ours = try forward(sample, flips)
        #expect(ours.currents == wanted.currents.all.array)
        // The adaptive threshold of two factors is rounded otherwise.
        #expect(relativeDifference(ours.output, wanted.output.all.array.map { Double($0) }) < 1e-5)
        #expect(flips.isEmpty ? ours.spikes == wanted.spikes : true)
      }
    }
  }

  @Test(
    "have the built-in ones' δ", arguments: cases,
    [
      SpikeRule.neighborhood(
        NeighborhoodRule(filtersTwice: false, weight: .lorentzian(width: 0.3))),
      .neighborhood(NeighborhoodRule(filtersTwice: true, weight: .gaussian(deviation: 0.4))),
      .surrogate(SurrogateRule(shape: .sigmoid, width: 0.3, resetGradient: false)),
    ])
  func deltas(neuron: Case, rule: SpikeRule) throws {
    let sample = Sample(neuron, seed: 52)
    let (built, _, _) = try sample.forward()
    let ours = FloatBuffer(built.all.array)
    try sample.backward(rule, built)
    let neurons = Self.neurons(neuron)
    try neurons.backward(
      rule: rule, currents: ours.all, gradient: sample.buffer(sample.gradient).all,
      weights: sample.weights.all, samples: neuron.batch,
      room: FloatBuffer([Float](repeating: .nan, count: neurons.roomCount)).all)
    #expect(relativeDifference(ours.all.array, built.all.array.map { Double($0) }) < 1e-4)
    #expect(ours.all.array.contains { $0 != 0 })
  }

  @Test("rows that pad a batch stay silent and have no gradient")
  func padding() throws {
    let neuron = Case(timeSteps: 6, batch: 3)
    let sample = Sample(neuron, seed: 53)
    let (currents, output, _) = try forward(sample, samples: 2)
    let plane = neuron.layer.plane
    let used = plane / 3 * 2
    for t in 0..<6 { #expect(output[t * plane + used..<(t + 1) * plane].allSatisfy { $0 == 0 }) }
    let neurons = Self.neurons(neuron)
    let deltas = FloatBuffer(currents)
    try neurons.backward(
      rule: .neighborhood(NeighborhoodRule(filtersTwice: false, weight: .none)),
      currents: deltas.all, gradient: sample.buffer(sample.gradient).all,
      weights: sample.weights.all, samples: 2, room: FloatBuffer(count: neurons.roomCount).all)
    for t in 0..<6 {
      #expect(deltas.all.array[t * plane + used..<(t + 1) * plane].allSatisfy { $0 == 0 })
      #expect(deltas.all.array[t * plane..<t * plane + used].contains { $0 != 0 })
    }
  }
}
