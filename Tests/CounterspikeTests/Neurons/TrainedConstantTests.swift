import Counterspike
import CounterspikeKernels
import CounterspikeReference
import Testing

@testable import CounterspikeEngine
@testable import CounterspikeNetwork

@Suite("Trained constants of neurons")
struct TrainedConstantTests {
  static let all = NeuronSettings.TrainedConstant.allCases

  @Test(
    "a constant is found again from its number, whose slope is a finite difference", arguments: all)
  func argument(constant: NeuronSettings.TrainedConstant) {
    var neuron = NeuronSettings(
      membraneTimeConstant: 7, synapticTimeConstant: 3, threshold: 0.6)
    let w = neuron.argument(of: constant)
    neuron.set(constant, argument: w)
    #expect(abs(neuron.membraneTimeConstant - 7) < 1e-5)
    #expect(abs(neuron.synapticTimeConstant - 3) < 1e-5)
    #expect(abs(neuron.threshold - 0.6) < 1e-6)
    func value(_ w: Float) -> Double {
      var changed = neuron
      changed.set(constant, argument: w)
      return switch constant {
      case .membraneTimeConstant: changed.membraneDecay
      case .synapticTimeConstant: changed.synapticDecay
      case .threshold: Double(changed.threshold)
      }
    }
    let numeric = (value(w + 0.01) - value(w - 0.01)) / Double((w + 0.01) - (w - 0.01))
    #expect(abs(neuron.slope(of: constant) - numeric) < 1e-4)
    for extreme: Float in [-200, 200] {
      neuron.set(constant, argument: extreme)
      #expect(!value(extreme).isNaN && value(extreme) >= 0)
    }
  }

  @Test("a recipe names them by network and by layer; the output layer keeps its synapse")
  func recipe() throws {
    let recipe = try Recipe(
      yaml: """
        network:
          neuron: {trained: [membraneTimeConstant, synapticTimeConstant]}
          layers:
            - {kind: dense, size: 8}
            - {kind: dense, size: 7, trained: [threshold]}
            - {kind: dense, size: 3, trainedPer: channel}
        """, source: "test.yaml")
    #expect(try Recipe(yaml: recipe.yaml, source: "test.yaml") == recipe)
    let network = try Network(recipe.network, inputShape: [4, 1, 1])
    #expect(
      network.plan.parameters.map(\.id) == [
        "dense_1.weight", "dense_1.neurons.membraneTimeConstant",
        "dense_1.neurons.synapticTimeConstant", "dense_2.weight", "dense_2.neurons.threshold",
        "output.weight", "output.neurons.membraneTimeConstant",
      ])
    #expect(network.plan.parameters.map(\.shape).suffix(3) == [[1], [3, 7], [3]])
    #expect(network.plan.parameters.map(\.isDecayed).filter { $0 }.count == 3)
    for stage in 0..<3 {
      let neuron = network.neuron(ofStage: stage)
      #expect(abs(neuron.membraneTimeConstant - 5) < 1e-5)
      #expect(abs(neuron.synapticTimeConstant - 2) < 1e-6)
      #expect(abs(neuron.threshold - 1) < 1e-6)
    }
  }

  @Test("a layer's neurons have the means of its channels' constants")
  func means() throws {
    var settings = try NetworkSettings("3-2", timeSteps: 4)
    settings.neuron.trained = [.membraneTimeConstant]
    settings.neuron.trainedPer = .channel
    var network = try Network(settings, inputShape: [4, 1, 1])
    let arguments = [Float(2), 4, 6].map { constant in
      var neuron = NeuronSettings()
      neuron.membraneTimeConstant = constant
      return neuron.argument(of: .membraneTimeConstant)
    }
    var weights = network.weights
    weights[1] = Tensor(shape: [3], scalars: arguments)
    try network.setWeights(weights)
    #expect(abs(network.neuron(ofStage: 0).membraneTimeConstant - 4) < 1e-5)
    #expect(abs(network.neuron(ofStage: 0, channel: 2).membraneTimeConstant - 6) < 1e-5)
    #expect(network.neuron(ofStage: 0, channel: 2).threshold == 1)
  }

  @Test("a synapse that is none cannot be trained")
  func noSynapse() throws {
    var settings = try NetworkSettings("5-3", timeSteps: 4)
    settings.neuron.synapticTimeConstant = 1
    settings.neuron.trained = [.synapticTimeConstant]
    let error = #expect(throws: CounterspikeError.self) {
      try Network(settings, inputShape: [4, 1, 1])
    }
    #expect(error?.message.contains("layer 1: a synapticTimeConstant of 1 cannot be") == true)
  }

  @Test(
    "a layer's gradients are the reference's, summed over neurons and samples",
    arguments: NeuronSettings.Reset.allCases)
  func gradients(reset: NeuronSettings.Reset) throws {
    var settings = try NetworkSettings("5", timeSteps: 6)
    settings.neuron = NeuronSettings(
      membraneTimeConstant: 4, synapticTimeConstant: 2, threshold: 0.7)
    settings.neuron.reset = reset
    settings.neuron.trained = [.threshold, .membraneTimeConstant]
    settings.weightScale = 2
    let network = try Network(settings, inputShape: [4, 1, 1], seed: 3)
    let (input, labels) = (NeuronSettingsTests.input, [1, 4])
    var loss = LossSettings()
    loss.kind = .softmax
    let gradient = GradientSettings.surrogate()
    let result = try network.lossGradient(input, labels: labels, gradient: gradient, loss: loss)
    let layer = try network.trace(input)[0]
    let reference = network.neuron(ofStage: 0).reference
    var (byMembrane, byThreshold) = (0.0, 0.0)
    func series(_ tensor: Tensor, _ sample: Int, _ neuron: Int) -> [Double] {
      (0..<6).map { Double(tensor.scalars[($0 * 2 + sample) * 5 + neuron]) }
    }
    for (sample, label) in labels.enumerated() {
      let powers = (0..<5).map { exponential(series(layer.psc, sample, $0).reduce(0, +)) }
      for neuron in 0..<5 {
        let slope = powers[neuron] / powers.reduce(0, +) - (neuron == label ? 1 : 0)
        let g = [Double](repeating: slope, count: 6)
        let currents = series(layer.currents, sample, neuron)
        let sums = reference.constantGradients(
          reference.run(currents), gradient: g,
          deltas: reference.surrogate(
            currents: currents, gradient: g, rule: gradient.surrogate.kernel))
        byMembrane += sums.membraneDecay
        byThreshold += sums.threshold
      }
    }
    let m = reference.membraneDecay
    let wanted = [
      byThreshold * (1 - exponential(-reference.threshold)),
      byMembrane * m * (1 - m),
    ]
    for (ours, wanted) in zip(result.weights.dropFirst(), wanted) {
      #expect(abs(wanted) > 1e-4)
      #expect(abs(Double(ours.scalars[0]) - wanted) < 1e-4 * abs(wanted))
    }
  }

  private func setup(workers: Int) throws -> EngineSetup {
    var settings = try NetworkSettings("4C3p1-P2-9-3", timeSteps: 5)
    settings.neuron.trained = Self.all
    settings.weightScale = 2
    let network = try Network(settings, inputShape: [1, 6, 6], seed: 4)
    var setup = EngineSetup(
      network,
      TensorSource(
        samples: .random([24, 1, 6, 6]), labels: randomLabels(24, classes: 3), classCount: 3))
    setup.workers = workers
    setup.optimizer.learningRate = 0.01
    return setup
  }

  @Test("training changes them, to the same bytes with any number of workers")
  func training() throws {
    func trained(_ workers: Int) throws -> Network {
      let setup = try setup(workers: workers)
      let engine = try setup.engine()
      for epoch in 0..<3 { try setup.train(engine, epoch: epoch, firstStep: 1 + 2 * epoch) }
      var network = setup.network
      try network.setWeights(engine.weights())
      return network
    }
    let one = try trained(1)
    for workers in [2, 3] { #expect(try trained(workers).weights == one.weights) }
    for stage in 0..<3 {
      let neuron = one.neuron(ofStage: stage)
      #expect(neuron.membraneTimeConstant != 5 && abs(neuron.membraneTimeConstant - 5) < 1)
      #expect(neuron.threshold != 1 && abs(neuron.threshold - 1) < 0.3)
      #expect((neuron.synapticTimeConstant == 2) == (stage == 2))
    }
    // The trained constants are those that the network computes with.
    let layer = try one.trace(.random([2, 1, 6, 6]))[1]
    let reference = one.neuron(ofStage: 1).reference
    for place in 0..<18 {
      let psc = reference.run(
        (0..<5).map { Double(layer.currents.scalars[$0 * 18 + place]) }
      ).psc
      for t in 0..<5 { #expect(abs(psc[t] - Double(layer.psc.scalars[t * 18 + place])) < 1e-5) }
    }
  }
}
