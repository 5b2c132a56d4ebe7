import Counterspike
import CounterspikeKernels
import Testing

/// Networks that are no straight line of fused layers, each with what it tries.
enum GraphCase: String, CaseIterable, CustomTestStringConvertible {
  case bias, normalization, sumsOfPSC, sumsOfCurrents, shortcuts, pooling

  var testDescription: String { rawValue }

  var layers: [LayerSettings] {
    switch self {
    case .bias:
      return [.convolution(3, kernel: 3), .pooling(2), .dense(9), .dense(4)]
    case .normalization:
      var dense = LayerSettings.dense(9)
      dense.normalization = true
      return [
        .convolution(3, kernel: 3), .pooling(2), .convolution(9, kernel: 2), dense, .dense(4),
      ]
    case .sumsOfPSC:
      return [
        .convolution(3, kernel: 3),
        .residual([.convolution(9, kernel: 3, padding: 1), .convolution(3, kernel: 3, padding: 1)]),
        .pooling(2), .residual([.convolution(3, kernel: 1)]), .dense(4),
      ]
    case .sumsOfCurrents:
      return [
        .convolution(3, kernel: 3),
        .residual([.convolution(3, kernel: 3, padding: 1)], join: .current),
        .residual([.convolution(3, kernel: 3, padding: 1)], join: .current), .dense(4),
      ]
    case .shortcuts:
      return [
        .convolution(3, kernel: 3),
        .residual(
          [.convolution(9, kernel: 3, stride: 2, padding: 1)], shortcut: .convolution),
        .residual(
          [
            .convolution(9, kernel: 3, padding: 1),
            .convolution(5, kernel: 3, stride: 2, padding: 1),
          ],
          shortcut: .convolution, join: .current), .dense(4),
      ]
    case .pooling:
      var maximum = LayerSettings.pooling(2)
      maximum.by = .maximum
      var average = LayerSettings.pooling(2)
      average.by = .average
      average.factor = 4
      var global = LayerSettings(.pooling)
      global.global = true
      global.by = .average
      global.factor = 30
      return [
        .convolution(3, kernel: 2), maximum, .residual([.convolution(3, kernel: 3, padding: 1)]),
        average, .convolution(5, kernel: 1), .residual([.convolution(5, kernel: 1)]), global,
        .dense(4),
      ]
    }
  }

  func network() throws -> Network {
    var settings = NetworkSettings()
    settings.layers = layers
    settings.timeSteps = 4
    // A bias that is normalized away has no gradient but rounding errors.
    settings.bias = self == .bias
    settings.normalization = self == .normalization || self == .shortcuts || self == .sumsOfCurrents
    settings.neuron.threshold = 0.2
    settings.neuron.membraneTimeConstant = 4
    settings.neuron.synapticTimeConstant = 2
    settings.weightScale = 2
    var network = try Network(settings, inputShape: [2, 9, 10], seed: 3)
    // Biases, scales and shifts that do something.
    var random = SeededGenerator(seed: 8)
    let values = zip(network.plan.parameters, network.weights).map { parameter, tensor in
      parameter.role == .weight
        ? tensor
        : Tensor(
          shape: tensor.shape,
          scalars: tensor.scalars.map { $0 + Float.random(in: -0.2...0.4, using: &random) })
    }
    try network.setWeights(values)
    try network.setStatistics(
      network.plan.statistics.map { statistic in
        Tensor(
          shape: [statistic.count],
          scalars: (0..<statistic.count).map { _ in Float.random(in: 0.1...0.5, using: &random) })
      })
    return network
  }
}

@Suite("A network as a graph")
struct GraphTests {
  private static func gradient(_ rule: GradientSettings.Rule) -> GradientSettings {
    var settings = GradientSettings()
    settings.rule = rule
    return settings
  }

  private static func loss() -> LossSettings {
    var loss = LossSettings()
    loss.kind = .softmax
    return loss
  }

  @Test(
    "has the values and gradients of the equations, with running statistics",
    arguments: GraphCase.allCases, [GradientSettings.Rule.surrogate, .neighborhood])
  func evaluation(graph: GraphCase, rule: GradientSettings.Rule) throws {
    let network = try graph.network()
    for isStill in [true, false] {
      let shape = (isStill ? [] : [4]) + [5, 2, 9, 10]
      let input: Tensor = isStill ? .random(shape) : .randomSpikes(shape, rate: 0.6)
      let naive = NaiveGraph(network: network, isTraining: false)
      let results = naive.run(input)
      for (trace, stage) in zip(try network.trace(input), network.plan.stages) {
        let name = network.plan.nodes.first { $0.name == "\(stage.name).neurons" }
        let wanted = results[try #require(name).id].joined().joined()
        #expect(relativeError(trace.psc.scalars, Array(wanted)) < 1e-5, "\(stage.name)")
        let isAlive = trace.spikes.scalars.contains(1)
        #expect(isAlive, "\(stage.name) is silent and shows nothing")
      }
      let labels = [0, 3, 1, 2, 1]
      let found = try network.lossGradient(
        input, labels: labels, gradient: Self.gradient(rule), loss: Self.loss())
      let wanted = naive.lossGradient(
        input, labels: labels, gradient: Self.gradient(rule), loss: Self.loss())
      #expect(abs(found.loss - wanted.loss) < 1e-4)
      for (index, parameter) in network.plan.parameters.enumerated() {
        let error = relativeError(found.weights[index].scalars, wanted.parameters[index])
        #expect(error < 1e-4, "\(parameter.id): \(error)")
        #expect(wanted.parameters[index].contains { abs($0) > 1e-9 }, "\(parameter.id)")
      }
    }
  }

  @Test(
    "steps along the gradient of its micro-batches, also of one that is not full",
    arguments: GraphCase.allCases, [true, false])
  func training(graph: GraphCase, isStill: Bool) throws {
    let network = try graph.network()
    let shape = (isStill ? [] : [4]) + [2, 9, 10]
    var setup = EngineSetup(
      network,
      TensorSource(
        samples: isStill ? .random([7] + shape) : .randomSpikes([7] + shape, rate: 0.6),
        labels: randomLabels(7, classes: 4), classCount: 4))
    setup.gradient = Self.gradient(.neighborhood)
    setup.loss = Self.loss()
    setup.batchSize = 7
    setup.microBatch = 4
    setup.useBareGradient(rate: 0.25)
    let engine = try setup.engine()
    let before = engine.weights()
    try setup.train(engine)
    // Each micro-batch has statistics of its own.
    let naive = NaiveGraph(network: network, isTraining: true)
    let parts = [[0, 1, 2, 3], [4, 5, 6]].map { part in
      naive.lossGradient(
        setup.input(part), labels: part.map { setup.samples.label(at: $0) },
        gradient: setup.gradient, loss: setup.loss
      ).parameters
    }
    for (index, parameter) in network.plan.parameters.enumerated() {
      let change = zip(before[index].scalars, engine.weights()[index].scalars).map {
        ($0 - $1) * 4
      }
      let wanted = zip(parts[0][index], parts[1][index]).map { $0 + $1 }
      let error = relativeError(change, wanted)
      #expect(error < 2e-3, "\(parameter.id): \(error)")
    }
  }

  @Test("has the same bytes with any number of threads", arguments: GraphCase.allCases)
  func threads(graph: GraphCase) throws {
    let network = try graph.network()
    var states: [[Tensor]] = []
    for workers in [1, 2, 3, 16] {
      var setup = EngineSetup(
        network,
        TensorSource(
          samples: .random([37, 2, 9, 10]), labels: randomLabels(37, classes: 4), classCount: 4))
      setup.workers = workers
      setup.microBatch = 2
      let engine = try setup.engine()
      try setup.train(engine)
      states.append(engine.weights() + engine.state.statistics)
    }
    #expect(states.dropFirst().allSatisfy { $0 == states[0] })
  }

  @Test("keeps running means and variances as PyTorch does")
  func statistics() throws {
    let network = try GraphCase.normalization.network()
    var setup = EngineSetup(
      network,
      TensorSource(
        samples: .random([4, 2, 9, 10]), labels: randomLabels(4, classes: 4), classCount: 4))
    setup.batchSize = 4
    setup.microBatch = 4
    let engine = try setup.engine()
    try setup.train(engine)
    let results = NaiveGraph(network: network, isTraining: true).run(setup.input([0, 1, 2, 3]))
    let convolution = try #require(network.plan.nodes.first { $0.name == "conv_1" })
    let pixels = convolution.shape[1] * convolution.shape[2]
    for channel in 0..<3 {
      let values = results[convolution.id].joined().flatMap { sample in
        sample[channel * pixels..<(channel + 1) * pixels]
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance =
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
      let state = engine.state.statistics
      let old = network.statistics
      #expect(
        abs(Double(state[0].scalars[channel]) - 0.9 * Double(old[0].scalars[channel]) - 0.1 * mean)
          < 1e-5)
      #expect(
        abs(
          Double(state[1].scalars[channel]) - 0.9 * Double(old[1].scalars[channel])
            - 0.1 * variance) < 1e-5)
    }
  }

  @Test("says what does not fit, and what would")
  func failures() throws {
    func message(_ layers: [LayerSettings]) -> String? {
      var settings = NetworkSettings()
      settings.layers = layers
      do throws(CounterspikeError) {
        _ = try NetworkPlan(settings, inputShape: [2, 9, 10])
        return nil
      } catch {
        return error.message
      }
    }
    let first = LayerSettings.convolution(3, kernel: 3)
    #expect(
      message([.residual([first]), .dense(4)])
        == "network.layers, layer 1: a residual block must follow a layer of neurons; put a "
        + "convolution before")
    #expect(
      message([first, .residual([]), .dense(4)])?.contains("an empty list") == true)
    #expect(
      message([first, .residual([.convolution(4, kernel: 3, padding: 1)]), .dense(4)])?
        .contains(
          "the block's layers make 4×7×8, its shortcut 3×7×8; give the last layer 3 channels")
        == true)
    #expect(
      message([
        first, .pooling(2), .residual([.convolution(3, kernel: 1)], join: .current), .dense(4),
      ])?
      .contains("shortcut: convolution") == true)
    #expect(
      message([
        first, .residual([.convolution(3, kernel: 1), .pooling(1)], join: .current), .dense(4),
      ])?
      .contains("must end in a convolution or a dense layer") == true)
  }
}
