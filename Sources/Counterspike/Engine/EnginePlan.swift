internal import CounterspikeKernels

/// Everything that an ``Engine`` reserves, worked out from shapes before anything is reserved: what is
/// counted and what is allocated are the same numbers.
///
/// One plan is for one engine, which takes over the plan's convolutions.
package struct EnginePlan: Sendable {
  package let network: NetworkPlan
  package let microBatch: Int
  package let workers: Int
  let batchSize: Int
  /// Micro-batches of a full batch.
  let batches: Int
  let parameters: ParameterPlan
  let runner: RunnerPlan
  /// Places where gradients are added up.
  let laneCount: Int
  /// Floats of each parameter's gradient.
  let gradientCounts: [Int]
  /// Floats of the largest gradient of a convolution, for which each worker has room.
  let temporaryCount: Int
  /// Numbers a weight that the optimizer remembers.
  let moments: Int

  /// - Parameters:
  ///   - isStill: samples are static inputs `[C, H, W]`, not spike trains `[T, C, H, W]`.
  ///   - microBatch: samples a worker takes at a time; `nil`: chosen.
  ///   - workers: threads, ≥ 1.
  /// - Throws: `invalidRecipe` where there are more numbers than can be counted; `libraryFailure`.
  package init(
    _ network: NetworkPlan, isStill: Bool, optimizer: OptimizerSettings.Kind, batchSize: Int,
    microBatch: Int? = nil, workers: Int
  ) throws(CounterspikeError) {
    guard workers >= 1, batchSize >= 1, microBatch ?? 1 >= 1 else {
      throw CounterspikeError(
        .invalidRecipe,
        "\(workers) workers, training.batchSize \(batchSize) and training.microBatchSize "
          + "\(microBatch.map { "\($0)" } ?? "null"); each must be at least 1")
    }
    let microBatch = min(
      microBatch
        ?? Engine.microBatchSize(plan: network, isStill: isStill, batchSize: batchSize),
      batchSize)
    try network.requireCountable(samples: microBatch, workers: workers)
    self.network = network
    self.microBatch = microBatch
    self.workers = workers
    self.batchSize = batchSize
    batches = (batchSize + microBatch - 1) / microBatch
    parameters = try ParameterPlan(
      network, isStill: isStill, microBatch: microBatch, backward: true)
    runner = RunnerPlan(parameters, training: true)
    gradientCounts = parameters.gradientCounts
    laneCount = Engine.laneCount(
      microBatches: batches, gradientFloats: gradientCounts.reduce(0, +))
    temporaryCount =
      parameters.layouts.map { $0.convolution == nil ? 0 : $0.gradientCount }.max() ?? 0
    moments = optimizer == .adamW ? 2 : 1
  }

  /// Floats of convolutions' gradients in the weights' order, one a parameter; `nil` for all others.
  var unpackedCounts: [Int?] {
    parameters.layouts.map { $0.convolution == nil ? nil : $0.count }
  }

  /// Bytes by what they are for.
  package var memory: [(purpose: String, bytes: Int)] {
    let gradients =
      laneCount * gradientCounts.reduce(0, +) + workers * temporaryCount
      + unpackedCounts.reduce(0) { $0 + ($1 ?? 0) } + batches * parameters.statisticCount
    return [
      ("weights", parameters.bytes),
      ("optimizer", moments * parameters.count * MemoryLayout<Float>.stride),
      ("gradients, \(laneCount) lanes", gradients * MemoryLayout<Float>.stride),
      ("\(workers) workers, \(microBatch) samples each", workers * runner.bytes),
    ]
  }

  /// As many workers as have something to do in a full batch.
  package var feedableWorkers: Int { laneCount }

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
