import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Neurons, forward")
struct NeuronForwardTests {
  @Test("psc and spike count are the reference's", arguments: NeuronCase.drivenShapes)
  func reference(neuron: NeuronCase) {
    let sample = NeuronSample(neuron)
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
    #expect(largestDifference(result.output, expected) < 2e-6)
    switch neuron.drive {
    case .silent: #expect(spikes == 0)
    case .saturated: #expect(spikes > 0 || layer.outputCount == 0)
    default: break
    }
  }

  @Test(
    "long series and memories do not drift",
    arguments: NeuronCase.series.filter { $0.timeSteps >= 100 })
  func longSeries(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 2)
    var expected = [Double](repeating: 0, count: sample.currents.count)
    var spikes = 0
    for place in 0..<sample.layer.plane {
      let trace = neuron.reference.run(sample.series(place))
      for t in 0..<neuron.timeSteps {
        expected[t * sample.layer.plane + place] = trace.psc[t]
        spikes += Int(trace.spikes[t])
      }
    }
    let result = sample.forward()
    #expect(result.spikes == spikes)
    #expect(largestDifference(result.output, expected) < 2e-6)
  }

  @Test("a membrane at the threshold does not fire, one just above does")
  func threshold() {
    let layer = NeuronLayer(
      membraneDecay: 0.5, synapticDecay: 0.5, threshold: 1, timeSteps: 1, batch: 1, channels: 8)
    let output = FloatBuffer(count: 8)
    let currents = FloatBuffer([1, Float(1).nextUp, Float(1).nextDown, 0, -1, 2, -2, 0.5])
    let spikes = layer.forward(
      currents: currents.all, output: output.all, scratch: NeuronScratch(timeSteps: 1))
    #expect(spikes == 2)
    #expect(output.all.array == [0, 0.5, 0, 0, 0, 0.5, 0, 0])
  }

  @Test("padded channels stay silent")
  func padding() {
    var sample = NeuronSample(NeuronCase(shape: (2, 4, 4, 16), pooling: 2, drive: .saturated))
    for place in sample.currents.indices where place % 16 >= 11 { sample.currents[place] = 0 }
    let result = sample.forward()
    #expect(result.output.indices.allSatisfy { $0 % 16 < 11 || result.output[$0] == 0 })
    #expect(result.spikes > 0)
  }

  @Test("scratch of another number of time steps is refused")
  func wrongScratch() async {
    await #expect(processExitsWith: .failure) {
      let layer = NeuronCase().layer
      _ = layer.forward(
        currents: FloatBuffer(count: 40).all, output: FloatBuffer(count: 40).all,
        scratch: NeuronScratch(timeSteps: 4))
    }
  }

  @Test("currents of another shape are refused")
  func wrongCurrents() async {
    await #expect(processExitsWith: .failure) {
      let layer = NeuronCase().layer
      _ = layer.forward(
        currents: FloatBuffer(count: 39).all, output: FloatBuffer(count: 40).all,
        scratch: NeuronScratch(timeSteps: 5))
    }
  }
}
