import Counterspike
import CounterspikeKernels
import Testing

@Suite("Trainings with rounded weights")
struct RoundedWeightsTests {
  /// Networks whose weights lie in memory in all ways.
  enum Case: String, CaseIterable, CustomTestStringConvertible {
    case convolutions, dense, groups, normalization

    var testDescription: String { rawValue }

    func setup(workers: Int = 1) throws -> EngineSetup {
      var settings = try NetworkSettings(
        self == .dense ? "20-9-5" : "5C3-P2-6C2-9-5", timeSteps: 4)
      settings.weightScale = self == .groups ? 4 : 2
      if self == .groups {
        var depthwise = LayerSettings.convolution(5, kernel: 3, padding: 1)
        depthwise.groups = 5
        settings.layers.insert(depthwise, at: 1)
      }
      settings.normalization = self == .normalization
      let network = try Network(settings, inputShape: [2, 9, 8], seed: 6)
      var setup = EngineSetup(
        network,
        TensorSource(
          samples: .random([24, 2, 9, 8]), labels: randomLabels(24, classes: 5), classCount: 5))
      setup.workers = workers
      setup.optimizer.learningRate = 0.02
      return setup
    }
  }

  private static let settings = [
    QuantizationSettings(bits: 2), QuantizationSettings(bits: 3, scale: .layer),
    QuantizationSettings(bits: 8),
  ]

  /// The network that an engine's state makes.
  private func network(_ engine: Engine, like network: Network) throws -> Network {
    try Network(
      network.settings, inputShape: network.plan.inputShape, weights: engine.weights(),
      statistics: engine.state.statistics)
  }

  @Test(
    "compute with the integer network's weights, after every step", arguments: Case.allCases,
    Self.settings)
  func forward(test: Case, settings: QuantizationSettings) throws {
    for clipping in [OptimizerSettings.Clipping.none, .global] {
      var setup = try test.setup()
      setup.optimizer.clipping = clipping
      let engine = try setup.engine(rounding: settings)
      let all = Array(0..<setup.samples.count)
      for epoch in 0..<3 {
        if epoch > 0 { try setup.train(engine, epoch: epoch, firstStep: 2 * epoch - 1) }
        let rounded = try network(engine, like: setup.network).rounded(settings)
        var plain = setup
        plain.network = rounded
        let expected = try #require(
          try plain.engine().evaluate(source: setup.samples, indices: all))
        let found = try #require(try engine.evaluate(source: setup.samples, indices: all))
        #expect(found.totals == expected.totals && found.predictions == expected.predictions)
        #expect(found.totals.spikes.allSatisfy { $0 > 0 })
        // The weights themselves are others.
        #expect(engine.weights() != rounded.weights)
      }
    }
  }

  @Test("take the gradient of the rounded weights for that of the weights themselves")
  func straightThrough() throws {
    for test in Case.allCases {
      let rounding = QuantizationSettings(bits: 3)
      var setup = try test.setup()
      setup.batchSize = 24
      setup.useBareGradient(rate: 0.01)
      let engine = try setup.engine(rounding: rounding)
      try setup.train(engine)
      var plain = setup
      plain.network = try setup.network.rounded(rounding)
      let other = try plain.engine()
      try setup.train(other)
      let gradients = engine.lastGradients()
      #expect(gradients == other.lastGradients())
      for (index, tensor) in engine.weights().enumerated() {
        let expected = zip(setup.network.weights[index].scalars, gradients[index].scalars).map {
          $0 - 0.01 * $1
        }
        #expect(zip(tensor.scalars, expected).allSatisfy { abs($0 - $1) <= 1e-6 * (1 + abs($1)) })
      }
    }
  }

  @Test(
    "are the same with one worker and three, and go on from their state", arguments: Case.allCases)
  func workers(test: Case) throws {
    let rounding = QuantizationSettings(bits: 3, scale: .layer)
    func trained(_ workers: Int, interrupted: Bool = false) throws -> Engine {
      let setup = try test.setup(workers: workers)
      var engine = try setup.engine(rounding: rounding)
      try setup.train(engine)
      if interrupted {
        let state = engine.state
        engine = try setup.engine(rounding: rounding)
        try engine.restore(state)
      }
      try setup.train(engine, epoch: 1, firstStep: 3)
      return engine
    }
    let one = try trained(1).state
    for other in [try trained(3).state, try trained(2, interrupted: true).state] {
      #expect(one.weights == other.weights && one.statistics == other.statistics)
      #expect(one.first == other.first && one.second == other.second)
    }
  }

  @Test("round a frozen layer, too, and leave it as it is")
  func frozen() throws {
    let rounding = QuantizationSettings(bits: 3)
    let setup = try Case.normalization.setup()
    let engine = try setup.engine(rounding: rounding, frozen: ["conv_1"])
    try setup.train(engine)
    let (before, after) = (setup.network, try network(engine, like: setup.network))
    #expect(before.weights[0] == after.weights[0] && before.weights.last != after.weights.last)
    var plain = setup
    plain.network = try after.rounded(rounding)
    let all = Array(0..<setup.samples.count)
    #expect(
      try engine.evaluate(source: setup.samples, indices: all)?.totals
        == plain.engine().evaluate(source: setup.samples, indices: all)?.totals)
  }

  @Test("count the memory of the rounded weights")
  func memory() throws {
    let network = try Case.normalization.setup().network
    func plan(_ rounding: QuantizationSettings?) throws -> EnginePlan {
      try EnginePlan(
        network.plan, isStill: true, optimizer: .adamW, batchSize: 16, workers: 2,
        rounding: rounding)
    }
    let (plain, rounded) = (try plan(nil), try plan(QuantizationSettings(bits: 4)))
    let more = rounded.bytes - plain.bytes
    #expect(rounded.memory.contains { $0.purpose == "rounded weights" && $0.bytes == more })
    #expect(!plain.memory.contains { $0.purpose == "rounded weights" })
    let count = network.plan.parameters.filter { $0.role == .weight }.reduce(0) { $0 + $1.count }
    #expect(more >= 4 * count && more < 4 * 4 * count)
    #expect(throws: CounterspikeError.self) { try plan(QuantizationSettings(bits: 1)) }
  }
}

@Suite("Networks of rounded weights")
struct RoundedNetworkTests {
  @Test(
    "have exactly the weights of the network in integers",
    arguments: IntegerNetworkTests.Case.allCases,
    [QuantizationSettings.Scale.layer, .channel])
  func exact(test: IntegerNetworkTests.Case, scale: QuantizationSettings.Scale) throws {
    let network = try Network(
      test.settings, inputShape: IntegerNetworkTests.inputShape, seed: 3)
    for bits in 2...8 {
      let settings = QuantizationSettings(bits: bits, scale: scale)
      let integers = try network.quantized(settings)
      let rounded = try network.rounded(settings)
      for layer in integers.layers {
        let product = layer.product
        let size = product.weights.count / product.scales.count
        let expected = product.weights.enumerated().map {
          Float($1) * product.scales[$0 / size]
        }
        #expect(rounded["\(layer.name).weight"]?.scalars == expected)
      }
      #expect(
        try rounded.quantized(settings).layers.map(\.product.weights)
          == integers.layers.map(\.product.weights))
    }
  }

  @Test("are in integers what the network itself is, with normalizations", arguments: 2...8)
  func normalized(bits: Int) throws {
    var settings = IntegerNetworkTests.Case.straight.settings
    settings.normalization = true
    var network = try Network(settings, inputShape: IntegerNetworkTests.inputShape, seed: 4)
    try network.setStatistics(
      network.statistics.map { tensor in
        Tensor(
          shape: tensor.shape,
          scalars: tensor.scalars.indices.map { 0.3 + 0.21 * Float($0 % 4) })
      })
    try network.setWeights(
      zip(network.plan.parameters, network.weights).map { parameter, tensor in
        guard parameter.role == .scale else { return tensor }
        // A channel that is turned round, and one of which nothing is left.
        return Tensor(
          shape: tensor.shape, scalars: tensor.scalars.indices.map { 1 - Float($0 % 3) })
      })
    for scale in QuantizationSettings.Scale.allCases {
      let rounding = QuantizationSettings(bits: bits, scale: scale)
      let integers = try network.quantized(rounding)
      let rounded = try network.rounded(rounding)
      let again = try rounded.quantized(rounding)
      #expect(again.layers.map(\.product.weights) == integers.layers.map(\.product.weights))
      for (layer, other) in zip(integers.layers, again.layers) {
        #expect(
          zip(layer.product.scales, other.product.scales).allSatisfy {
            abs($0 - $1) <= 1e-6 * abs($0)
          })
      }
      #expect(rounded.weights != network.weights)
    }
  }

  @Test("are refused as the network in integers is")
  func refused() throws {
    var settings = IntegerNetworkTests.Case.straight.settings
    settings.layers.insert(.delay(1), at: 3)
    let network = try Network(settings, inputShape: IntegerNetworkTests.inputShape)
    let error = #expect(throws: CounterspikeError.self) {
      try network.rounded(QuantizationSettings())
    }
    #expect(error?.message.contains("delays what it gets") == true)
    #expect(throws: CounterspikeError.self) {
      try network.rounded(QuantizationSettings(bits: 9))
    }
  }
}
