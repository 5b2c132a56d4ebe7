import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Neuron layer")
struct NeuronLayerTests {
  @Test(
    "the record has the very psc of the forward kernel, and the reference's membrane and spikes",
    arguments: NeuronCase.series.filter { $0.timeSteps <= 30 })
  func record(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 6)
    let record = sample.layer.record(sample.currents)
    let plane = sample.layer.plane
    let forward = sample.forward()
    #expect(record.psc == forward.output)
    #expect(record.spikes.reduce(0, +) == Float(forward.spikes))
    var worst = 0.0
    for place in 0..<plane {
      let trace = neuron.reference.run(sample.series(place))
      for t in 0..<neuron.timeSteps {
        let scale = max(1, abs(trace.membrane[t]))
        worst = max(
          worst, abs(Double(record.membrane[t * plane + place]) - trace.membrane[t]) / scale,
          abs(Double(record.spikes[t * plane + place]) - trace.spikes[t]))
      }
    }
    #expect(worst < 1e-5)
  }

  @Test("a still image's scales are 1 − sᵗ⁺¹")
  func stillScales() {
    let scales = NeuronLayer.stillScales(decay: 0.75, timeSteps: 4)
    #expect(scales == [0.25, 0.4375, 0.578125, 0.68359375])
  }

  @Test("counts follow shape, pooling and still input")
  func counts() {
    var layer = NeuronCase(timeSteps: 3, shape: (2, 5, 7, 16)).layer
    #expect(layer.plane == 2 * 5 * 7 * 16)
    #expect(layer.currentCount == 3 * layer.plane)
    #expect(layer.outputCount == layer.currentCount)
    layer.pooling = 2
    #expect(layer.outputCount == 3 * 2 * 2 * 3 * 16)
    layer.stillInputDecay = 0.5
    #expect(layer.currentCount == layer.plane)
  }

  @Test("channels that are no multiple of the kernels' width are refused")
  func channels() async {
    #expect(paddedChannels(0) == 0)
    #expect(paddedChannels(1) == FloatBuffer.octet)
    #expect(paddedChannels(8) == 8)
    #expect(paddedChannels(9) == 16)
    await #expect(processExitsWith: .failure) {
      _ = NeuronLayer(
        membraneDecay: 0.5, synapticDecay: 0.5, threshold: 1, timeSteps: 1, batch: 1, channels: 12)
    }
  }
}
