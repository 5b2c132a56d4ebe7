import Counterspike
import CounterspikeKernels

/// An engine with made-up samples, and how to make steps with it.
struct EngineSetup {
  var network: Network
  var samples: TensorSource
  var gradient = GradientSettings.neighborhood()
  var loss = LossSettings()
  var optimizer = OptimizerSettings()
  var batchSize = 16
  var microBatch: Int? = 4
  var seed: UInt64 = 5
  var workers = 1

  init(_ network: Network, _ samples: TensorSource) {
    self.network = network
    self.samples = samples
  }

  init(_ sample: SampleNetwork, count: Int, isStill: Bool = true) throws {
    network = try sample.network()
    let plan = network.plan
    let shape = (isStill ? [] : [plan.timeSteps]) + plan.inputShape
    samples = TensorSource(
      samples: isStill ? .random([count] + shape) : .randomSpikes([count] + shape, rate: 0.6),
      labels: randomLabels(count, classes: plan.classCount), classCount: plan.classCount)
  }

  /// Plain gradient descent, so that a step shows the gradient itself.
  mutating func useBareGradient(rate: Float) {
    optimizer.kind = .sgd
    optimizer.learningRate = rate
    optimizer.momentum = 0
    optimizer.weightDecay = 0
    optimizer.weightClamp = nil
  }

  func engine(
    rounding: QuantizationSettings? = nil, frozen: [String] = []
  ) throws -> Engine {
    try Engine(
      network: network, isStill: samples.shape.count == 3, gradient: gradient, loss: loss,
      optimizer: optimizer, batchSize: batchSize, microBatch: microBatch, seed: seed,
      workers: workers, frozen: frozen, rounding: rounding)
  }

  /// Makes steps over `order`, the last batch perhaps a smaller one.
  @discardableResult
  func train(
    _ engine: Engine, order: [Int]? = nil, epoch: Int = 0, firstStep: Int = 1
  ) throws -> BatchTotals {
    let order = order ?? Array(0..<samples.count)
    var totals = BatchTotals(stages: network.plan.stages.count)
    var step = firstStep
    for begin in stride(from: 0, to: order.count, by: batchSize) {
      try engine.step(
        source: samples, order: order, range: begin..<min(begin + batchSize, order.count),
        epoch: epoch, step: step, learningRate: optimizer.learningRate, totals: &totals)
      step += 1
    }
    return totals
  }

  /// The masks that dropout draws for samples, as a naive network takes them.
  func masks(of indices: [Int], epoch: Int) -> [[[Double]]] {
    network.plan.stages.enumerated().map { place, stage in
      guard stage.dropout > 0 else { return [] }
      let shape = stage.outputShape
      let channels = paddedChannels(shape[0])
      let pixels = shape[1] * shape[2]
      return indices.map { sample in
        let mask = FloatBuffer(count: pixels * channels)
        writeDropoutMask(
          mask.all, probability: stage.dropout, channels: shape[0], height: shape[1],
          width: shape[2], channelStride: channels,
          stream: RandomStream(seed: seed, purpose: .dropout, epoch << 8 | place, sample))
        return (0..<shape[0] * pixels).map {
          Double(mask.all[$0 % pixels * channels + $0 / pixels])
        }
      }
    }
  }

  /// Some samples as one input of a network.
  func input(_ indices: [Int]) -> Tensor {
    let size = samples.shape.reduce(1, *)
    let images = indices.map { Array(samples.samples.scalars[$0 * size..<($0 + 1) * size]) }
    guard samples.shape.count == 4 else {
      return Tensor(shape: [indices.count] + samples.shape, scalars: images.flatMap { $0 })
    }
    let plane = size / samples.shape[0]
    let scalars = (0..<samples.shape[0]).flatMap { t in
      images.flatMap { $0[t * plane..<(t + 1) * plane] }
    }
    return Tensor(
      shape: [samples.shape[0], indices.count] + samples.shape.dropFirst(), scalars: scalars)
  }
}
