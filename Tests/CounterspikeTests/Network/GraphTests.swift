import Counterspike
import CounterspikeKernels
import Testing

/// Networks that are no straight line of fused layers, each with what it tries.
enum GraphCase: String, CaseIterable, CustomTestStringConvertible {
  case bias, normalization, sumsOfPSC, sumsOfCurrents, shortcuts, pooling, pixels, groups, named,
    recurrent, readout, delay, constantsOfLayers, constantsOfChannels

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
    case .groups:
      var depthwise = LayerSettings.convolution(3, kernel: 3, padding: 1)
      depthwise.groups = 3
      var halves = LayerSettings.convolution(16, kernel: 3, stride: 2, padding: 1)
      halves.groups = 2
      return [
        .convolution(3, kernel: 3), depthwise, .convolution(8, kernel: 1), halves, .dense(4),
      ]
    case .named:
      var first = LayerSettings.convolution(4, kernel: 3)
      first.name = "first"
      var left = LayerSettings.convolution(4, kernel: 3, padding: 1)
      left.inputs = ["first"]
      var right = left
      right.name = "right"
      var joined = LayerSettings.convolution(5, kernel: 3)
      joined.inputs = ["conv_1", "right", "first"]
      return [first, left, right, joined, .dense(4)]
    case .recurrent:
      var recurrent = LayerSettings.recurrent(9)
      recurrent.bias = true
      return [.convolution(3, kernel: 3), .pooling(2), recurrent, .dropout(0), .dense(4)]
    case .readout:
      var readout = LayerSettings.readout(4)
      readout.membraneTimeConstant = 2.5
      return [.recurrent(9), .recurrent(11), readout]
    case .constantsOfLayers, .constantsOfChannels:
      return [
        .convolution(3, kernel: 3),
        .residual([.convolution(3, kernel: 3, padding: 1)], join: .current), .pooling(2),
        .dense(10), .recurrent(9), .readout(4),
      ]
    case .delay:
      let fixed = LayerSettings.delay(1)
      var drawn = LayerSettings.delay(2.5)
      drawn.start = .random
      drawn.learned = true
      return [
        .convolution(3, kernel: 3), drawn,
        .residual([.convolution(3, kernel: 3, padding: 1), fixed]), .pooling(2), .dense(9),
        .dense(4),
      ]
    case .pixels:
      // Windows of one pixel: nothing but a factor.
      var pixel = LayerSettings.pooling(1)
      pixel.factor = 2.5
      var average = LayerSettings.pooling(1)
      average.by = .average
      average.factor = 0.5
      return [
        .convolution(3, kernel: 3), pixel, .convolution(5, kernel: 3), average, .dropout(0),
        .dense(4),
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
    settings.timeSteps = self == .delay ? 6 : 4
    // A bias that is normalized away has no gradient but rounding errors.
    settings.bias = self == .bias
    settings.normalization = self == .normalization || self == .shortcuts || self == .sumsOfCurrents
    settings.neuron.threshold = 0.2
    settings.neuron.membraneTimeConstant = 4
    settings.neuron.synapticTimeConstant = 2
    settings.weightScale = 2
    if self == .constantsOfLayers || self == .constantsOfChannels {
      settings.neuron.trained = NeuronSettings.TrainedConstant.allCases
      settings.neuron.trainedPer = self == .constantsOfLayers ? .layer : .channel
    }
    var network = try Network(settings, inputShape: [2, 9, 10], seed: 3)
    // Biases, scales and shifts that do something.
    var random = SeededGenerator(seed: 8)
    let values = zip(network.plan.parameters, network.weights).map { parameter, tensor in
      parameter.isDecayed || parameter.role == .delay
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
      let shape = (isStill ? [] : [network.plan.timeSteps]) + [5, 2, 9, 10]
      let input: Tensor = isStill ? .random(shape) : .randomSpikes(shape, rate: 0.6)
      let naive = NaiveGraph(network: network, isTraining: false)
      let results = naive.run(input)
      for (trace, stage) in zip(try network.trace(input), network.plan.stages) {
        let name = network.plan.nodes.first { $0.name == "\(stage.name).neurons" }
        let wanted = results[try #require(name).id].joined().joined()
        #expect(relativeError(trace.psc.scalars, Array(wanted)) < 1e-5, "\(stage.name)")
        let isAlive = trace.spikes.scalars.contains(1)
        #expect(
          isAlive || stage.neuronKind == .readout, "\(stage.name) is silent and shows nothing")
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
    let shape = (isStill ? [] : [network.plan.timeSteps]) + [2, 9, 10]
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

  @Test(
    "is run again from a changed spike or weight, as if all of it were",
    arguments: GraphCase.allCases, [true, false])
  func probe(graph: GraphCase, isStill: Bool) throws {
    let network = try graph.network()
    let shape = (isStill ? [6] : [6, network.plan.timeSteps]) + network.plan.inputShape
    let samples = TensorSource(
      samples: isStill ? .random(shape) : .randomSpikes(shape, rate: 0.6),
      labels: randomLabels(6, classes: 4), classCount: 4)
    let setup = EngineSetup(network, samples)
    let probe = try NetworkProbe(
      network: network, source: samples, indices: Array(0..<6), loss: Self.loss(), workers: 2)
    let input = setup.input(Array(0..<6))
    let plain = NaiveGraph(network: network, isTraining: false)
    var seen = 0
    for (place, stage) in network.plan.stages.enumerated() where stage.neuronKind != .readout {
      let shape = stage.neuronShape
      let isRecurrent = stage.neuronKind == .recurrent
      let node = try #require(
        network.plan.nodes.first { $0.name == "\(stage.name).neurons" })
      let changes = (0..<6).map { sample in
        NetworkProbe.Change(
          neuron: NetworkProbe.Neuron(
            stage: place, sample: sample, channel: sample % shape[0], y: (sample / 2) % shape[1],
            x: (5 - sample) % shape[2]),
          spikes: (0..<network.plan.timeSteps).map { $0 == 1 ? 0 : 1 },
          inverted: isRecurrent ? sample % 4 : nil)
      }
      let found = try probe.lossDifferences(stage: place, changes: changes)
      for (change, difference) in zip(changes, found) {
        let neuron = change.neuron
        var naive = plain
        if let step = change.inverted {
          naive.flip = (node.id, neuron.sample, neuron.channel, step)
        } else {
          naive.change = (
            node.id, neuron.sample, (neuron.channel * shape[1] + neuron.y) * shape[2] + neuron.x,
            change.spikes.map { Double($0) }
          )
        }
        let label = samples.label(at: neuron.sample)
        let wanted =
          naive.loss(input, sample: neuron.sample, label: label, loss: Self.loss())
          - plain.loss(input, sample: neuron.sample, label: label, loss: Self.loss())
        #expect(abs(difference - wanted) < 1e-4, "\(stage.name), sample \(neuron.sample)")
        if abs(wanted) > 1e-3 { seen += 1 }
      }
    }
    #expect(seen > 3)
    for (index, parameter) in network.plan.parameters.enumerated() {
      let step = Tensor(
        shape: parameter.shape, scalars: Tensor.random(parameter.shape).scalars.map { $0 - 0.5 })
      let found = try probe.meanLosses(1) { _ in [(index, step.scalars)] }
      var weights = network.weights
      weights[index] = Tensor(
        shape: parameter.shape, scalars: zip(weights[index].scalars, step.scalars).map { $0 + $1 })
      var changed = network
      try changed.setWeights(weights)
      let naive = NaiveGraph(network: changed, isTraining: false)
      let wanted =
        (0..<6).reduce(0) {
          $0 + naive.loss(input, sample: $1, label: samples.label(at: $1), loss: Self.loss())
        } / 6
      #expect(abs(found[0] - wanted) < 1e-4 * max(1, wanted), "\(parameter.id)")
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
      setup.loss = Self.loss()
      let engine = try setup.engine()
      try setup.train(engine)
      states.append(engine.weights() + engine.state.statistics)
    }
    #expect(states.dropFirst().allSatisfy { $0 == states[0] })
  }

  @Test("recurrent neurons take a bounded weight in place of an inverse power")
  func bounded() throws {
    let plan = try GraphCase.readout.network().plan
    var gradient = GradientSettings()
    let recurrent = gradient.settings(of: plan.stages[0])
    #expect(recurrent.neighborhood.distance == .lorentzian)
    #expect(recurrent.neighborhood.error == .exact)
    #expect(gradient.settings(of: plan.stages[2]) == gradient)
    gradient.neighborhood.distance = .gaussian
    #expect(gradient.settings(of: plan.stages[0]) == gradient)
    gradient = Self.gradient(.surrogate)
    #expect(gradient.settings(of: plan.stages[0]) == gradient)
    // A layer's own settings are what they say.
    var layer = LayerSettings.recurrent(9)
    layer.gradient = GradientSettings()
    var settings = NetworkSettings()
    settings.layers = [layer, .dense(4)]
    let own = try NetworkPlan(settings, inputShape: [2, 9, 10])
    #expect(gradient.settings(of: own.stages[0]) == GradientSettings())
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
    var stray = LayerSettings.convolution(3, kernel: 1)
    stray.inputs = ["convv_1"]
    #expect(
      message([first, stray, .dense(4)])
        == "network.layers, layer 2: inputs names “convv_1”, which is no layer before this one; did "
        + "you mean conv_1? there are input, conv_1")
    stray.inputs = nil
    stray.name = "conv_1"
    #expect(message([first, stray, .dense(4)])?.contains("the name of another layer") == true)
    stray = .convolution(4, kernel: 1)
    stray.groups = 2
    #expect(message([first, stray, .dense(4)])?.contains("use a divisor of both") == true)
    stray = .convolution(6, kernel: 1)
    stray.groups = 3
    #expect(message([first, stray, .dense(4)])?.contains("multiples of 8") == true)
    #expect(
      message([first, .readout(5), .dense(4)])
        == "network.layers, layer 2: a readout gives no spikes, so that it must be the last layer")
    #expect(
      message([first, .residual([.convolution(3, kernel: 1), .recurrent(4)]), .dense(4)])?
        .contains("the block's layers make 4×1×1") == true)
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
