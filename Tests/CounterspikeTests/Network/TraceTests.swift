import Counterspike
import Testing

@Suite("A trace of a network")
struct TraceTests {
  @Test(
    "is what the equations say, for still images and for spike trains",
    arguments: SampleNetwork.allCases, [true, false])
  func equations(sample: SampleNetwork, isStill: Bool) throws {
    let network = try sample.network()
    let plan = network.plan
    let input: Tensor =
      isStill
      ? .random([3] + plan.inputShape, seed: 11)
      : .randomSpikes([plan.timeSteps, 3] + plan.inputShape, rate: 0.6, seed: 12)
    let naive = NaiveNetwork(network).run(input)
    let layers = try network.trace(input)
    #expect(layers.map(\.name) == plan.stages.map(\.name))
    for (index, layer) in layers.enumerated() {
      let stage = plan.stages[index]
      let shape = [plan.timeSteps, 3] + stage.neuronShape
      for tensor in [layer.currents, layer.membrane, layer.spikes, layer.psc] {
        #expect(tensor.shape == shape)
      }
      let wanted = naive[index]
      #expect(relativeError(layer.currents.scalars, wanted.currents.flat) < 1e-5)
      #expect(relativeError(layer.membrane.scalars, wanted.membrane.flat) < 1e-5)
      #expect(relativeError(layer.psc.scalars, wanted.psc.flat) < 1e-5)
      #expect(layer.spikes.scalars.map { Double($0) } == wanted.spikes.flat)
      #expect(layer.pooled?.name == stage.poolingName)
      if let pooled = layer.pooled {
        #expect(pooled.psc.shape == [plan.timeSteps, 3] + stage.outputShape)
        #expect(relativeError(pooled.psc.scalars, wanted.output.flat) < 1e-5)
      }
      // Otherwise this compares silence with silence.
      let rate = layer.spikes.scalars.reduce(0, +) / Float(layer.spikes.count)
      #expect((0.01...0.95).contains(rate), "\(stage.name) fires at a rate of \(rate)")
    }
  }

  @Test("does not depend on the other samples of the batch")
  func batch() throws {
    let network = try SampleNetwork.poolings.network()
    let input = Tensor.random([4] + network.plan.inputShape, seed: 5)
    let size = network.plan.inputShape.reduce(1, *)
    let whole = try #require(try network.trace(input).last)
    for sample in 0..<4 {
      let one = Tensor(
        shape: [1] + network.plan.inputShape,
        scalars: Array(input.scalars[sample * size..<(sample + 1) * size]))
      let alone = try #require(try network.trace(one).last)
      for t in 0..<network.plan.timeSteps {
        for neuron in 0..<network.plan.classCount {
          #expect(alone.spikes[t, 0, neuron, 0, 0] == whole.spikes[t, sample, neuron, 0, 0])
        }
      }
    }
  }

  @Test(
    "is refused for an input of another shape",
    arguments: [
      [3, 4, 5], [2, 3, 4, 4], [2, 1, 4, 5], [11, 2, 3, 4, 5], [12, 2, 3, 5, 4],
      [1, 12, 2, 3, 4, 5],
    ])
  func otherShape(shape: [Int]) throws {
    let network = try SampleNetwork.denseOnly.network()
    let error = #expect(throws: CounterspikeError.self) {
      try network.trace(Tensor(zeros: shape))
    }
    #expect(error?.code == .mismatch)
    #expect(error?.message.contains("an input of shape \(shape)") == true)
    #expect(error?.message.contains("[C, H, W] = [3, 4, 5] and T = 12") == true)
  }
}

extension [[[Double]]] {
  /// All values in the order of a tensor.
  var flat: [Double] { flatMap { $0.flatMap { $0 } } }
}
