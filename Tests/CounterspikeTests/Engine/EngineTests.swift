import Counterspike
import CounterspikeKernels
import Testing

@Suite("An engine")
struct EngineTests {
  /// A step's order that is not the samples' own.
  private let order = [3, 17, 0, 9, 20, 1, 12, 5, 18, 7, 14, 2, 11, 19, 6, 4, 16, 8, 13, 10, 15]

  /// The engine's step against the plain gradient of the same samples.
  private func checkStep(_ setup: EngineSetup, scales: (([Double]) -> [Double])? = nil) throws {
    var setup = setup
    setup.useBareGradient(rate: 0.25)
    let engine = try setup.engine()
    let before = engine.weights()
    let totals = try setup.train(engine, order: order, epoch: 2)
    let naive = NaiveNetwork(setup.network, masks: setup.masks(of: order, epoch: 2))
    let labels = order.map { setup.samples.label(at: $0) }
    let input = setup.input(order)
    let wanted = naive.lossGradient(
      input, labels: labels, gradient: setup.gradient, loss: setup.loss)
    let norms = wanted.weights.map { $0.reduce(0) { $0 + $1 * $1 } }
    let factors = scales?(norms) ?? norms.map { _ in 1 }
    for (index, (a, b)) in zip(before, engine.weights()).enumerated() {
      let change = zip(a.scalars, b.scalars).map { ($0 - $1) * 4 }
      let error = relativeError(change, wanted.weights[index].map { $0 * factors[index] })
      #expect(error < 1e-4, "stage \(index): \(error)")
      #expect(norms[index] > 1e-6)
    }
    #expect(totals.samples == order.count)
    #expect(abs(totals.loss - wanted.loss) < 1e-4 * wanted.loss)
    let layers = naive.run(input)
    for (index, stage) in setup.network.plan.stages.enumerated() {
      // Neurons that no window covers are not counted.
      let window = stage.pooling?.height ?? 1
      let (height, width) = (stage.neuronShape[1], stage.neuronShape[2])
      var spikes = 0.0
      for step in layers[index].spikes {
        for sample in step {
          for (neuron, spike) in sample.enumerated() {
            let (y, x) = (neuron / width % height, neuron % width)
            if y < height / window * window && x < width / window * window { spikes += spike }
          }
        }
      }
      #expect(Double(totals.spikes[index]) == spikes)
    }
    let output = layers[layers.count - 1].psc
    let correct = labels.enumerated().filter { sample, label in
      let sums = (0..<setup.network.plan.classCount).map { neuron in
        output.reduce(0) { $0 + $1[sample][neuron] }
      }
      return sums.firstIndex(of: sums.max() ?? 0) == label
    }
    #expect(totals.correct == correct.count)
  }

  @Test(
    "steps along the gradient of its batch, however that is cut",
    arguments: [1, 2, 8, 21], [1, 3])
  func step(microBatch: Int, workers: Int) throws {
    var setup = try EngineSetup(.small, count: 21)
    setup.batchSize = 21
    setup.microBatch = microBatch
    setup.workers = workers
    try checkStep(setup)
  }

  @Test("steps along the gradient of spike trains, and of a partial batch")
  func spikeTrains() throws {
    var setup = try EngineSetup(.strides, count: 21, isStill: false)
    setup.batchSize = 40
    setup.microBatch = 2
    setup.workers = 2
    try checkStep(setup)
  }

  @Test("scales the gradient by its norm", arguments: OptimizerSettings.Clipping.allCases)
  func clipping(clipping: OptimizerSettings.Clipping) throws {
    var setup = try EngineSetup(.small, count: 21)
    setup.batchSize = 21
    setup.optimizer.clipping = clipping
    let plain = NaiveNetwork(setup.network, masks: setup.masks(of: order, epoch: 2)).lossGradient(
      setup.input(order), labels: order.map { setup.samples.label(at: $0) },
      gradient: setup.gradient, loss: setup.loss
    ).weights.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    // Between the layers' norms, so that one of them is clipped and another is not.
    let bound = ((plain.max() ?? 0) * (plain.min() ?? 0)).squareRoot()
    setup.optimizer.clippingNorm = Float(bound)
    try checkStep(setup) { squares in
      let whole = squares.reduce(0, +).squareRoot()
      return squares.map { square in
        switch clipping {
        case .none: 1
        case .global: min(1, bound / whole)
        case .perLayer: min(1, bound / square.squareRoot())
        }
      }
    }
    // A bound that nothing reaches changes nothing.
    setup.optimizer.clippingNorm = 1e6
    try checkStep(setup)
  }

  @Test("takes the optimizer's steps", arguments: OptimizerSettings.Kind.allCases)
  func optimizer(kind: OptimizerSettings.Kind) throws {
    var setup = try EngineSetup(.denseOnly, count: 12)
    setup.batchSize = 12
    setup.optimizer.kind = kind
    setup.optimizer.learningRate = 0.02
    setup.optimizer.weightDecay = 0.3
    setup.optimizer.beta1 = 0.8
    setup.optimizer.beta2 = 0.95
    setup.optimizer.epsilon = 1e-3
    let engine = try setup.engine()
    var weights = setup.network.weights.map { $0.scalars.map { Double($0) } }
    var first = weights.map { $0.map { _ in 0.0 } }
    var second = first
    for step in 1...3 {
      var network = setup.network
      try network.setWeights(engine.weights())
      let gradient = try network.lossGradient(
        setup.input(Array(0..<12)), labels: setup.samples.labels, gradient: setup.gradient,
        loss: setup.loss)
      try setup.train(engine, firstStep: step)
      for stage in weights.indices {
        for i in weights[stage].indices {
          let g = Double(gradient.weights[stage].scalars[i])
          let w = weights[stage][i]
          var next: Double
          switch kind {
          case .adamW:
            first[stage][i] = 0.8 * first[stage][i] + 0.2 * g
            second[stage][i] = 0.95 * second[stage][i] + 0.05 * g * g
            let mean = first[stage][i] / (1 - power(0.8, step))
            let square = second[stage][i] / (1 - power(0.95, step))
            next = w * (1 - 0.02 * 0.3) - 0.02 * mean / (square.squareRoot() + 1e-3)
          case .sgd:
            first[stage][i] = 0.9 * first[stage][i] + g + 0.3 * w
            next = w - 0.02 * first[stage][i]
          }
          next = max(-4, min(4, next))
          weights[stage][i] = next
        }
        #expect(relativeError(engine.weights()[stage].scalars, weights[stage]) < 1e-4)
      }
    }
    #expect(engine.state.second.count == (kind == .adamW ? 2 : 0))
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  @Test("keeps weights within the clamp", arguments: OptimizerSettings.Kind.allCases)
  func clamp(kind: OptimizerSettings.Kind) throws {
    var setup = try EngineSetup(.poolings, count: 16)
    setup.optimizer.kind = kind
    setup.optimizer.learningRate = 0.5
    setup.optimizer.weightClamp = 0.375
    let engine = try setup.engine()
    try setup.train(engine)
    for tensor in engine.weights() {
      #expect(tensor.scalars.allSatisfy { abs($0) <= 0.375 })
      #expect(tensor.scalars.contains(0.375) && tensor.scalars.contains(-0.375))
    }
    setup.optimizer.weightClamp = nil
    let free = try setup.engine()
    try setup.train(free)
    #expect(free.weights()[0].scalars.contains { abs($0) > 0.375 })
  }

  @Test(
    "gives the same bytes with any number of workers",
    arguments: OptimizerSettings.Clipping.allCases, [SampleNetwork.poolings, .small])
  func workers(clipping: OptimizerSettings.Clipping, sample: SampleNetwork) throws {
    var setup = try EngineSetup(sample, count: 51)
    setup.batchSize = 40
    setup.microBatch = 3
    setup.optimizer.clipping = clipping
    setup.optimizer.learningRate = 0.01
    if clipping == .global { setup.optimizer.kind = .sgd }
    var results: [([Tensor], [Tensor], [Tensor], BatchTotals)] = []
    for workers in [1, 2, 3, 8, 32, 64] {
      setup.workers = workers
      let engine = try setup.engine()
      try setup.train(engine)
      let totals = try setup.train(engine, epoch: 1, firstStep: 3)
      let state = engine.state
      results.append((state.weights, state.first, state.second, totals))
    }
    for result in results.dropFirst() { #expect(result == results[0]) }
    #expect(results[0].0 != setup.network.weights)
  }

  /// Bare steps, and the spikes that were fired in them.
  private func rounded(
    _ precision: NetworkSettings.Precision, _ sample: SampleNetwork, isStill: Bool, workers: Int
  ) throws -> (weights: [Tensor], spikes: [Int]) {
    var setup = try EngineSetup(sample, count: 40, isStill: isStill)
    setup.network = try sample.network(precision: precision)
    setup.batchSize = 20
    setup.microBatch = 3
    setup.useBareGradient(rate: 1e-9)
    setup.workers = workers
    let engine = try setup.engine()
    let spikes = try setup.train(engine).spikes
    return (engine.weights(), spikes)
  }

  @Test(
    "rounds what convolutions multiply, with the same bytes from any number of workers",
    .enabled("this processor, or oneDNN, has no products of bfloat16") { hasBFloat16 })
  func bfloat16() throws {
    let exact = try rounded(.float32, .poolings, isStill: false, workers: 1)
    let results = try [1, 2, 3].map {
      try rounded(.bfloat16, .poolings, isStill: false, workers: $0)
    }
    for result in results.dropFirst() {
      #expect(result.weights == results[0].weights && result.spikes == results[0].spikes)
    }
    #expect(results[0].spikes != exact.spikes)
    for (rough, fine) in zip(results[0].spikes, exact.spikes) {
      #expect(abs(Double(rough - fine)) <= 0.05 * Double(fine))
    }
    // The one convolution is a still image's.
    let still = try rounded(.bfloat16, .small, isStill: true, workers: 1)
    #expect(still == (try rounded(.float32, .small, isStill: true, workers: 1)))
  }

  @Test("computes the same, but for rounding, in larger and smaller micro-batches")
  func microBatches() throws {
    var setup = try EngineSetup(.poolings, count: 40)
    setup.batchSize = 20
    setup.useBareGradient(rate: 1e-3)
    var states: [[Tensor]] = []
    for microBatch in [1, 3, 7, 20] {
      setup.microBatch = microBatch
      let engine = try setup.engine()
      try setup.train(engine)
      states.append(engine.weights())
    }
    for state in states.dropFirst() {
      for (a, b) in zip(state, states[0]) {
        #expect(relativeError(a.scalars, b.scalars.map { Double($0) }) < 1e-5)
      }
    }
  }

  @Test("draws dropout anew for every epoch and sample, and never when evaluating")
  func dropout() throws {
    let setup = try EngineSetup(.small, count: 16)
    let masks = setup.masks(of: Array(0..<16), epoch: 0)[0]
    #expect(Set(masks).count > 12)
    #expect(masks != setup.masks(of: Array(0..<16), epoch: 1)[0])
    let values = masks.joined()
    #expect(values.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-6 })
    let engine = try setup.engine()
    let evaluated = try #require(
      try engine.evaluate(source: setup.samples, indices: Array(0..<16)))
    let (one, two) = (
      try setup.train(try setup.engine(), epoch: 0), try setup.train(try setup.engine(), epoch: 1)
    )
    #expect(one.loss != two.loss && one.loss != evaluated.totals.loss)
    let plain = NaiveNetwork(setup.network).lossGradient(
      setup.input(Array(0..<16)), labels: setup.samples.labels, gradient: setup.gradient,
      loss: setup.loss)
    #expect(abs(evaluated.totals.loss - plain.loss) < 1e-5 * plain.loss)
  }

  @Test("evaluates as a plain count says, in portions, with any number of workers")
  func evaluation() throws {
    var setup = try EngineSetup(.denseOnly, count: 601)
    setup.microBatch = 2
    let indices = Array((0..<601).reversed())
    let output = try #require(try setup.network.trace(setup.input(indices)).last)
    var results: [(BatchTotals, [Int])] = []
    for workers in [1, 2, 3] {
      setup.workers = workers
      let engine = try setup.engine()
      let before = engine.weights()
      let result = try #require(try engine.evaluate(source: setup.samples, indices: indices))
      #expect(engine.weights() == before)
      results.append((result.totals, result.predictions))
    }
    for result in results.dropFirst() { #expect(result == results[0]) }
    let (totals, predictions) = results[0]
    let wanted = (0..<601).map { sample in
      let sums = (0..<5).map { neuron in
        (0..<12).reduce(Float(0)) { $0 + output.psc[$1, sample, neuron, 0, 0] }
      }
      return sums.firstIndex(of: sums.max() ?? 0) ?? -1
    }
    #expect(predictions == wanted)
    #expect(totals.samples == 601)
    #expect(
      totals.correct == zip(wanted, indices).filter { $0 == setup.samples.label(at: $1) }.count)
    #expect(totals.spikes[1] == Int(output.spikes.scalars.reduce(0, +)))
    let values: NaiveNetwork.Values = (0..<12).map { t in
      (0..<601).map { sample in
        (0..<5).map { Double(output.psc[t, sample, $0, 0, 0]) }
      }
    }
    let loss = NaiveLoss(setup.loss, plan: setup.network.plan).run(
      values, labels: indices.map { setup.samples.label(at: $0) }
    ).loss
    #expect(abs(totals.loss - loss) < 1e-6 * loss)
  }

  @Test("asks before every portion of an evaluation whether to stop")
  func stopping() throws {
    var setup = try EngineSetup(.denseOnly, count: 600)
    setup.microBatch = 1
    let engine = try setup.engine()
    var asked = 0
    let result = try engine.evaluate(source: setup.samples, indices: Array(0..<600)) {
      asked += 1
      return asked == 3
    }
    #expect(result == nil && asked == 3)
    #expect(try engine.evaluate(source: setup.samples, indices: Array(0..<600)) != nil)
  }

  @Test("goes on from its state as if never stopped")
  func restoring() throws {
    for kind in OptimizerSettings.Kind.allCases {
      var setup = try EngineSetup(.poolings, count: 32)
      setup.optimizer.kind = kind
      let engine = try setup.engine()
      try setup.train(engine)
      let other = try setup.engine()
      try other.restore(engine.state)
      try setup.train(engine, epoch: 1, firstStep: 3)
      try setup.train(other, epoch: 1, firstStep: 3)
      #expect(engine.state.weights == other.state.weights)
      #expect(engine.state.first == other.state.first)
      #expect(engine.state.second == other.state.second)
    }
  }

  @Test("leaves a frozen layer's running means as they are, and takes them", arguments: [1, 3])
  func frozenNormalization(workers: Int) throws {
    var settings = try NetworkSettings("4C3-9-5", timeSteps: 4)
    settings.normalization = true
    settings.weightScale = 2
    let network = try Network(settings, inputShape: [1, 6, 6], seed: 4)
    let samples = TensorSource(
      samples: .random([24, 1, 6, 6]), labels: randomLabels(24, classes: 5), classCount: 5)
    func engine(frozen: [String] = []) throws -> Engine {
      try Engine(
        network: network, isStill: true, gradient: .neighborhood(), loss: LossSettings(),
        optimizer: OptimizerSettings(), batchSize: 24, microBatch: 8, seed: 1, workers: workers,
        frozen: frozen)
    }
    func train(frozen: [String]) throws -> (statistics: [Tensor], spikes: [Int]) {
      let engine = try engine(frozen: frozen)
      var totals = BatchTotals(stages: 3)
      try engine.step(
        source: samples, order: Array(0..<24), range: 0..<24, epoch: 0, step: 1,
        learningRate: 0.01, totals: &totals)
      return (engine.state.statistics, totals.spikes)
    }
    let (free, frozen) = (try train(frozen: []), try train(frozen: ["conv_1"]))
    for (index, statistic) in network.plan.statistics.enumerated() {
      let before = network.statistics[index]
      #expect(free.statistics[index] != before)
      #expect((frozen.statistics[index] == before) == statistic.id.hasPrefix("conv_1"))
    }
    // Its neurons fire as in an evaluation.
    let evaluated = try #require(
      try engine().evaluate(source: samples, indices: Array(0..<24)))
    #expect(frozen.spikes[0] == evaluated.totals.spikes[0])
    #expect(free.spikes[0] != evaluated.totals.spikes[0])
  }

  @Test("refuses the state of another network or optimizer, and stays as it is")
  func refusing() throws {
    var setup = try EngineSetup(.poolings, count: 16)
    let engine = try setup.engine()
    let before = engine.state
    let other = try EngineSetup(.denseOnly, count: 16).engine().state
    var error = #expect(throws: CounterspikeError.self) { try engine.restore(other) }
    #expect(error?.code == .mismatch)
    #expect(error?.message.contains("the checkpoint belongs to another network") == true)
    setup.optimizer.kind = .sgd
    let sgd = try setup.engine().state
    error = #expect(throws: CounterspikeError.self) { try engine.restore(sgd) }
    #expect(error?.code == .mismatch)
    error = #expect(throws: CounterspikeError.self) { try setup.engine().restore(before) }
    #expect(error?.code == .mismatch)
    #expect(engine.state.weights == before.weights)
  }
}
