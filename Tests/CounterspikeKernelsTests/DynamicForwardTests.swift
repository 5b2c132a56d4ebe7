import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Neurons of any dynamics, forward")
struct DynamicForwardTests {
  @Test(
    "psc and spike count are the reference's",
    arguments: NeuronCase.dynamicShapes + NeuronCase.dynamicSeries)
  func reference(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 11)
    let layer = sample.layer
    var expected = [Double](repeating: 0, count: layer.outputCount)
    var spikes = 0
    for place in 0..<layer.plane {
      guard let window = sample.window(place) else { continue }
      let trace = neuron.reference.run(sample.series(place))
      for t in 0..<neuron.timeSteps {
        expected[t * layer.pooledPlane + window] += Double(neuron.poolingFactor) * trace.psc[t]
        spikes += Int(trace.spikes[t])
      }
    }
    let result = sample.forward()
    #expect(result.spikes == spikes)
    #expect(largestDifference(result.output, expected) < 4e-6)
  }

  @Test(
    "constants of each channel give the same bytes as the layer's", arguments: NeuronCase.shapes)
  func constants(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 12)
    let output = FloatBuffer(count: sample.layer.outputCount)
    let spikes = sample.layer.forward(
      currents: FloatBuffer(sample.currents).all, output: output.all,
      scratch: NeuronScratch(timeSteps: neuron.timeSteps), constants: sample.constants)
    let fused = sample.forward()
    #expect(spikes == fused.spikes)
    // The pooling factor is multiplied in another order where there is no pooling.
    #expect(largestDifference(output.all.array, fused.output.map { Double($0) }) < 1e-6)
    if neuron.poolingFactor == 1 { #expect(output.all.array == fused.output) }
  }

  @Test("every channel has its own constants")
  func channels() {
    var layer = NeuronCase(timeSteps: 6, shape: (1, 1, 1, 8)).layer
    layer.dynamics.reset = .subtraction
    let decays: [Float] = [0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0]
    let thresholds: [Float] = [1, 0.5, 2, 1.5, 0.25, 1, 3, 1]
    let synapses: [Float] = [0, 0.5, 0.9, 0.1, 0, 0.3, 0.7, 0.99]
    let currents = [Float](repeating: 0.7, count: 48)
    let output = FloatBuffer(count: 48)
    _ = layer.forward(
      currents: FloatBuffer(currents).all, output: output.all,
      scratch: NeuronScratch(timeSteps: 6),
      constants: NeuronConstants(
        membraneDecay: FloatBuffer(decays).all, synapticDecay: FloatBuffer(synapses).all,
        threshold: FloatBuffer(thresholds).all))
    for channel in 0..<8 {
      let psc = NeuronReference(
        membraneDecay: Double(decays[channel]), synapticDecay: Double(synapses[channel]),
        threshold: Double(thresholds[channel]), dynamics: layer.dynamics
      ).run([Double](repeating: Double(Float(0.7)), count: 6)).psc
      #expect(
        largestDifference((0..<6).map { output.all.array[$0 * 8 + channel] }, psc) < 1e-6)
    }
  }

  /// m = ½, no synapse, θ = 1.
  private func spikes(_ dynamics: NeuronDynamics, _ currents: [Float]) -> (
    membrane: [Float], spikes: [Float], psc: [Float]
  ) {
    var layer = NeuronLayer(
      membraneDecay: 0.5, synapticDecay: 0, threshold: 1, timeSteps: currents.count, batch: 1,
      channels: 8)
    layer.dynamics = dynamics
    return layer.record(currents)
  }

  @Test("four steps of each reset, worked out by hand")
  func resetsByHand() {
    let currents: [Float] = [2, 0.75, 0.25, 1]
    let zero = spikes(NeuronDynamics(), currents)
    #expect(zero.membrane == [2, 0.75, 0.625, 1.3125])
    #expect(zero.spikes == [1, 0, 0, 1])
    let subtraction = spikes(NeuronDynamics(reset: .subtraction), currents)
    #expect(subtraction.membrane == [2, 1.25, 0.375, 1.1875])
    #expect(subtraction.spikes == [1, 1, 0, 1])
    let none = spikes(NeuronDynamics(reset: .none), currents)
    #expect(none.membrane == [2, 1.75, 1.125, 1.5625])
    #expect(none.spikes == [1, 1, 1, 1])
    #expect(none.psc == none.spikes, "without a synapse the psc is the spike")
  }

  @Test("four steps of an adaptive threshold, worked out by hand")
  func adaptationByHand() {
    // ρ = ½, β = 2: b = ½ after the first spike, so θ = 1, 2, 1.5, 1.25.
    let dynamics = NeuronDynamics(
      adaptation: NeuronDynamics.Adaptation(strength: 2, decay: 0.5))
    let result = spikes(dynamics, [2, 1.75, 0.5, 0.75])
    #expect(result.membrane == [2, 1.75, 1.375, 1.4375])
    #expect(result.spikes == [1, 0, 0, 1])
  }
}
