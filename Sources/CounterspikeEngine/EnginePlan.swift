internal import CounterspikeKernels
package import CounterspikeNetwork
package import CounterspikeRecipe
package import CounterspikeSettings
package import CounterspikeSystem

/// Everything that an ``Engine`` reserves, worked out from shapes before anything is reserved: what is
/// counted and what is allocated are the same numbers.
///
/// One plan is for one engine, which takes over the plan's convolutions.
package struct EnginePlan: Sendable {
  package let network: NetworkPlan
  package let microBatch: Int
  package let workers: Int
  let batchSize: Int
  /// Micro-batches of a full batch: as many workers have work at the same time.
  package let batches: Int
  let parameters: ParameterPlan
  let runner: RunnerPlan
  /// Places where gradients are added up.
  let sumCount: Int
  /// Floats of each parameter's gradient.
  let gradientCounts: [Int]
  /// The names of stages that training leaves as they are.
  let frozen: [String]
  /// Numbers a weight that the optimizer remembers.
  let moments: Int

  /// - Parameters:
  ///   - isStill: samples are static inputs `[C, H, W]`, not spike trains `[T, C, H, W]`.
  ///   - microBatch: samples a worker takes at a time; `nil`: chosen.
  ///   - workers: threads, ≥ 1.
  ///   - averages: see ``NetworkPlan/averagesMicroBatches(_:_:)``.
  ///   - frozen: the names of stages whose parameters and running means no step changes.
  ///   - rounding: how passes get the weights rounded; `nil`: as they are.
  /// - Throws: `invalidRecipe` where there are more numbers than can be counted; `libraryFailure`.
  package init(
    _ network: NetworkPlan, isStill: Bool, optimizer: OptimizerSettings.Kind, batchSize: Int,
    microBatch: Int? = nil, workers: Int, averages: Bool = false,
    frozen: [String] = [], rounding: QuantizationSettings? = nil
  ) throws(CounterspikeError) {
    try rounding?.checkBits()
    guard workers >= 1, batchSize >= 1, microBatch ?? 1 >= 1 else {
      throw CounterspikeError(
        .invalidRecipe,
        "\(workers) workers, training.batchSize \(batchSize) and training.microBatchSize "
          + "\(microBatch.map { "\($0)" } ?? "null"); each must be at least 1")
    }
    let microBatch = min(
      microBatch
        ?? Engine.microBatchSize(
          plan: network, isStill: isStill, batchSize: batchSize, averages: averages),
      batchSize)
    try network.requireCountable(samples: microBatch, workers: workers)
    self.network = network
    self.microBatch = microBatch
    self.workers = workers
    self.batchSize = batchSize
    batches = (batchSize + microBatch - 1) / microBatch
    parameters = try ParameterPlan(
      network, isStill: isStill, microBatch: microBatch, backward: true, rounding: rounding)
    runner = RunnerPlan(parameters, training: true, frozen: frozen)
    self.frozen = frozen
    gradientCounts = parameters.gradientCounts
    sumCount = GradientTree.bufferCount(leaves: batches, workers: workers)
    moments = optimizer == .adamW ? 2 : 1
  }

  /// Floats of convolutions' gradients in the weights' order, one a parameter; `nil` for all others.
  var unpackedCounts: [Int?] {
    parameters.layouts.map { $0.convolution == nil ? nil : $0.count }
  }

  /// Bytes by what they are for.
  package var memory: [(purpose: String, bytes: Int)] {
    let gradients =
      sumCount * GradientBuffer.floats(gradientCounts)
      + unpackedCounts.reduce(0) { $0 + ($1 ?? 0) } + batches * parameters.statisticCount
    let rounded = parameters.roundedBytes
    return [("weights", parameters.bytes)] + (rounded > 0 ? [("rounded weights", rounded)] : []) + [
      ("optimizer", moments * parameters.count * MemoryLayout<Float>.stride),
      ("gradients, \(sumCount) sums", gradients * MemoryLayout<Float>.stride),
      ("\(workers) workers, \(microBatch) samples each", workers * runner.bytes),
    ]
  }

  /// Bytes of all of it.
  package var bytes: Int { memory.reduce(0) { $0 + $1.bytes } }

  /// Refuses what this process may not take.
  ///
  /// - Throws: `invalidRecipe`, with both sizes and what sets the limit.
  package func requireMemory(_ limit: MemoryLimit = .current()) throws(CounterspikeError) {
    try limit.require(
      bytes,
      for: "the network of network.layers with \(network.weightCount) weights, "
        + "network.timeSteps \(network.timeSteps) and \(workers) workers",
      remedy:
        "use smaller layers, fewer time steps, a smaller training.microBatchSize or fewer threads")
  }
}
