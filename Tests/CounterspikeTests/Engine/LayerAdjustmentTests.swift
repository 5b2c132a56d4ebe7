import Counterspike
import CounterspikeKernels
import CounterspikeReference
import Testing

@testable import CounterspikeEngine

@Suite("What layers do besides their rules")
struct LayerAdjustmentTests {
  private static var scaled: GradientSettings {
    var gradient = GradientSettings.surrogate()
    gradient.deltaScaling = .byLayer
    return gradient
  }

  @Test("scaling δ by layer is the authors' formula, of hidden layers alone")
  func scaling() throws {
    // With one step, one sample and spikes as input, δ can be read from the gradients.
    var settings = try NetworkSettings("6-4", timeSteps: 1)
    settings.weightScale = 3
    let network = try Network(settings, inputShape: [5, 1, 1], seed: 4)
    let input = Tensor(shape: [1, 1, 5, 1, 1], scalars: [1, 1, 1, 1, 1])
    func weights(_ gradient: GradientSettings) throws -> [[Float]] {
      try network.lossGradient(
        input, labels: [2], gradient: gradient, loss: LossSettings(.softmax())
      ).weights.map(\.scalars)
    }
    let (plain, scaled) = (try weights(.surrogate()), try weights(Self.scaled))
    #expect(plain[1] == scaled[1])
    let spikes = try network.trace(input)[0].spikes.scalars
    let firing = try #require(spikes.firstIndex { $0 == 1 })
    // a = (1 − d)·s with d = ½.
    let hidden = (0..<6).map { Double(plain[0][$0 * 5]) / 0.5 }
    let output = (0..<4).map { Double(plain[1][$0 * 6 + firing]) / 0.5 }
    func mean(_ values: [Double]) -> Double {
      values.reduce(0) { $0 + abs($1) } / Double(values.count)
    }
    let factor = 1.2 * naturalLogarithm(mean(output) / (mean(hidden) + 1e-5) + 1.02)
    #expect(abs(factor - 1) > 0.05)
    #expect(relativeError(scaled[0], plain[0].map { factor * Double($0) }) < 1e-5)
    #expect(plain[0].contains { $0 != 0 })
    #expect(
      abs(LayerAdjustment.factor(mean: mean(hidden), outputMean: mean(output)) - factor) < 1e-12)
  }

  @Test("rows that pad a batch change no mean: a batch is its parts together")
  func padding() throws {
    var setup = try EngineSetup(.poolings, count: 6)
    setup.useBareGradient(rate: 1e-3)
    setup.gradient = Self.scaled
    setup.loss = LossSettings([LossSettings.Term(.softmax())], rates: RatePenalty(highest: 0.01))
    // Six samples as one micro-batch of six, and as one of eight with two empty rows.
    setup.batchSize = 6
    setup.microBatch = 6
    let exact = try setup.engine()
    let totals = try setup.train(exact)
    setup.batchSize = 8
    setup.microBatch = 8
    let padded = try setup.engine()
    var other = BatchTotals(stages: setup.network.plan.stages.count)
    try padded.step(
      source: setup.samples, order: Array(0..<6), range: 0..<6, epoch: 0, step: 1,
      learningRate: 1e-3, totals: &other)
    #expect(totals == other)
    for (one, two) in zip(exact.weights(), padded.weights()) {
      #expect(relativeError(two.scalars, one.scalars.map { Double($0) }) < 1e-5)
    }
  }

  @Test("does not depend on the number of workers", arguments: [2, 3, 16])
  func workers(_ workers: Int) throws {
    func weights(_ workers: Int) throws -> [[Float]] {
      var setup = try EngineSetup(.small, count: 45)
      setup.gradient = .neighborhood()
      setup.gradient.deltaScaling = .byLayer
      setup.loss = LossSettings(
        [
          LossSettings.Term(
            .softmax(.everyStep, labelSmoothing: 0.1), classWeights: .list([1, 2])),
          LossSettings.Term(.latency(), weight: 0.5),
        ], rates: RatePenalty(lowest: 0.3, highest: 0.31, weight: 5))
      setup.workers = workers
      let engine = try setup.engine()
      try setup.train(engine)
      return engine.weights().map(\.scalars)
    }
    #expect(try weights(1) == weights(workers))
  }

  @Test("the penalty's gradient is the derivative with respect to every spike")
  func spikeGradient() {
    // d of the layer, or of each channel.
    let decays = (0..<16).map { 0.3 + 0.04 * Float($0) }
    let rest = FloatBuffer(count: 16)
    let constants = NeuronConstants(
      membraneDecay: rest.all, synapticDecay: FloatBuffer(decays).all, threshold: rest.all)
    var layer = NeuronLayer(
      membraneDecay: 0.8, synapticDecay: 0.6, threshold: 1, timeSteps: 4, batch: 3, height: 4,
      width: 2, channels: 16)
    for (pooling, isByChannel) in [(1, false), (2, false), (1, true), (2, true)] {
      layer.pooling = pooling
      layer.poolingFactor = 1.1
      let gradient = FloatBuffer(count: layer.outputCount)
      layer.addSpikeGradient(
        0.25, samples: 2, channels: 5,
        constants: isByChannel ? constants : nil, to: gradient.all)
      let size = layer.pooledPlane / 3
      for place in 0..<layer.pooledPlane {
        let g = (0..<4).map { Double(gradient.all[$0 * layer.pooledPlane + place]) }
        let isUsed = place / size < 2 && place % 16 < 5
        let share = pooling == 1 ? 1 : 1.1
        let d = isByChannel ? Double(decays[place % 16]) : 0.6
        let reference = NeuronReference(membraneDecay: 0.8, synapticDecay: d, threshold: 1)
        for e in reference.filteredError(g.map { share * $0 }) {
          #expect(abs((1 - d) * e - (isUsed ? 0.25 : 0)) < 1e-6)
        }
      }
    }
  }

  @Test("the penalty is a parabola outside of the interval, a sample and layer")
  func penalty() throws {
    let penalty = RatePenalty(lowest: 0.25, highest: 0.5, weight: 3)
    #expect(penalty.loss(rate: 0.25) == 0 && penalty.loss(rate: 0.35) == 0)
    #expect(abs(penalty.loss(rate: 0.7) - 3 * 0.04) < 1e-7)
    #expect(abs(penalty.loss(rate: 0.1) - 3 * 0.0225) < 1e-7)
    for rate in [0.05, 0.3, 0.8] {
      let difference = (penalty.loss(rate: rate + 1e-4) - penalty.loss(rate: rate - 1e-4)) / 2e-4
      #expect(abs(penalty.slope(rate: rate) - difference) < 1e-6)
    }
    let network = try SampleNetwork.denseOnly.network()
    let input = Tensor.random([4] + network.plan.inputShape)
    func loss(_ rates: RatePenalty?) throws -> Double {
      try network.lossGradient(
        input, labels: [0, 1, 2, 3], gradient: .surrogate(),
        loss: LossSettings([LossSettings.Term(.softmax())], rates: rates)
      ).loss
    }
    let rates = try network.trace(input).map { layer in
      layer.spikes.scalars.reduce(0.0) { $0 + Double($1) } / Double(layer.spikes.count)
    }
    let busy = RatePenalty(highest: 0, weight: 2)
    let wanted = 4 * 2 * rates.reduce(0) { $0 + $1 * $1 }
    #expect(wanted > 0.01)
    #expect(abs(try loss(busy) - loss(nil) - wanted) < 1e-6)
  }

  @Test("the penalty raises low firing rates and lowers high ones", arguments: [true, false])
  func effect(raises: Bool) throws {
    var setup = try EngineSetup(.denseOnly, count: 32)
    setup.optimizer.learningRate = 0.02
    func rate(_ penalty: RatePenalty?) throws -> Double {
      setup.loss = LossSettings([LossSettings.Term(.softmax())], rates: penalty)
      setup.gradient = .surrogate(setup.gradient.surrogate)
      let engine = try setup.engine()
      for epoch in 0..<10 { try setup.train(engine, epoch: epoch, firstStep: 1 + 2 * epoch) }
      let found = try engine.evaluate(source: setup.samples, indices: Array(0..<32))
      let totals = try #require(found?.totals)
      let plan = setup.network.plan
      return Double(totals.spikes[0]) / Double(32 * plan.stages[0].neuronCount * plan.timeSteps)
    }
    let without = try rate(nil)
    let with = try rate(
      raises ? RatePenalty(lowest: 0.8, weight: 1000) : RatePenalty(highest: 0.05, weight: 1000))
    #expect(raises ? with > without + 0.03 : with < without - 0.03, "\(without) → \(with)")
  }
}
