package import CounterspikeKernels
package import CounterspikeNetwork
package import CounterspikeRecipe
package import CounterspikeSettings
package import CounterspikeSystem
internal import Foundation
internal import Synchronization

/// Trains and tests one network: micro-batches on worker threads, gradients summed in a fixed
/// tree, one optimizer step.
///
/// A batch is cut into micro-batches of a fixed size, which workers take in order; their gradients are summed
/// in a tree that depends on nothing but their number, see ``GradientTree``. No bit of a result depends on the
/// number of workers, of which as many as there are micro-batches have work. Nothing is allocated inside a
/// step.
package final class Engine: WorkerJob, @unchecked Sendable {
  package let plan: NetworkPlan
  package let workers: Int
  package let microBatch: Int
  /// Micro-batches of a full batch: as many workers have work at the same time.
  package var batches: Int { results.count }
  let batchSize: Int
  let seed: UInt64
  /// One a stage.
  let rules: [SpikeRule]
  let loss: OutputLoss
  let optimizer: OptimizerSettings
  let parameters: Parameters
  let pool: WorkerPool
  let runners: [MicroBatchRunner]
  let tree: GradientTree
  /// One a worker, where layers do more than their rules say.
  let adjustments: [LayerAdjustment?]
  let first: FloatBuffer
  let second: FloatBuffer
  /// Convolutions' gradients in the weights' order.
  let unpacked: [FloatBuffer?]
  let updates: [UpdateItem]
  /// The network's statistics that steps change, by their places.
  let movingStatistics: [Int]
  /// Σ g² of each update item, for clipping.
  let squares: [SquaredNorm]

  /// What is no longer finite, see ``Divergence``. The loss alone does not show it: a membrane that is no
  /// number never crosses the threshold, so the neuron merely falls silent.
  let diverged = Atomic(Divergence.none.rawValue)

  /// What the running round does; written only between rounds.
  var phase = Phase.idle
  /// One a micro-batch of a training step.
  let results: [MicroBatchResult]

  enum Phase {
    case idle
    case gradients(Batch)
    case reduce
    case update(UpdateNumbers)
    case reduceAndUpdate(UpdateNumbers)
    case round(RoundedWeights)
    case evaluate(Evaluation)
  }

  /// The samples of a step.
  struct Batch {
    let source: any SampleSource
    /// Indices of samples, of which `range` belongs to this step.
    let order: [Int]
    let range: Range<Int>
    let epoch: Int
  }

  /// - Parameters:
  ///   - network: its weights are copied.
  ///   - isStill: samples are static inputs `[C, H, W]`, not spike trains `[T, C, H, W]`.
  ///   - microBatch: samples a worker takes at a time; `nil`: chosen.
  ///   - workers: threads; changes nothing but the speed.
  ///   - frozen: the names of stages whose parameters and running means no step changes.
  ///   - rounding: how passes get the weights rounded; `nil`: as they are.
  ///   - targetShape: of the samples that steps and evaluations are given.
  ///   - profiled: measures how long every pass takes, see ``takePassTimes()``.
  /// - Throws: `invalidRecipe` for settings that no recipe could have, or where it takes more memory
  ///   than this process may have; `libraryFailure`.
  package convenience init(
    network: Network, isStill: Bool, gradient: GradientSettings, loss: LossSettings,
    optimizer: OptimizerSettings, batchSize: Int, microBatch: Int? = nil, seed: UInt64,
    workers: Int, frozen: [String] = [], rounding: QuantizationSettings? = nil,
    targetShape: [Int] = [], profiled: Bool = false
  ) throws(CounterspikeError) {
    let plan = try EnginePlan(
      network.plan, isStill: isStill, optimizer: optimizer.kind, batchSize: batchSize,
      microBatch: microBatch, workers: workers,
      averages: network.plan.averagesMicroBatches(gradient, loss), frozen: frozen,
      rounding: rounding)
    try self.init(
      plan, gradient: gradient, loss: loss, optimizer: optimizer, seed: seed,
      targetShape: targetShape, profiled: profiled, statistics: network.statistics
    ) { network.weights[$0] }
  }

  /// - Parameters:
  ///   - statistics: one tensor for each of the network's; `nil`: their initial values.
  ///   - weights: of a parameter, in the public order; asked for one after the other, after it is known
  ///     that there is memory for all of them.
  /// - Throws: as the other initializer.
  package init(
    _ plan: EnginePlan, gradient: GradientSettings, loss: LossSettings,
    optimizer: OptimizerSettings, seed: UInt64, targetShape: [Int] = [],
    profiled: Bool = false, statistics: [Tensor]? = nil, weights: (_ parameter: Int) -> Tensor
  ) throws(CounterspikeError) {
    try gradient.validate()
    try optimizer.validate()
    try gradient.requireNeurons(of: plan.network)
    self.loss = try loss.kernel(
      plan: plan.network, batch: plan.microBatch, targetShape: targetShape)
    try plan.requireMemory()
    try gradient.requireMemory(plan.network, workers: plan.workers)
    self.plan = plan.network
    batchSize = plan.batchSize
    microBatch = plan.microBatch
    self.seed = seed
    self.optimizer = optimizer
    rules = gradient.kernels(plan.network, loss: loss)
    parameters = try Parameters(
      plan.parameters, statistics: statistics ?? plan.network.initialStatistics, weights: weights)
    let pool = try WorkerPool(count: plan.workers)
    self.pool = pool
    workers = pool.count
    var runners: [MicroBatchRunner] = []
    for _ in 0..<pool.count {
      runners.append(try MicroBatchRunner(plan.runner, profiled: profiled))
    }
    self.runners = runners
    adjustments = runners.map { _ in
      LayerAdjustment(plan.network, gradient: gradient, penalty: loss.rates)
    }
    tree = try GradientTree(
      leaves: plan.batches, workers: pool.count, counts: plan.gradientCounts)
    let count = plan.parameters.count
    first = try FloatBuffer(count, for: "the optimizer's moments")
    second = try FloatBuffer(plan.moments == 2 ? count : 0, for: "the optimizer's moments")
    var unpacked: [FloatBuffer?] = []
    for count in plan.unpackedCounts {
      unpacked.append(
        try count.map { (count) throws(CounterspikeError) in
          try FloatBuffer(count, for: "a convolution's gradient")
        })
    }
    self.unpacked = unpacked
    updates = UpdateItem.items(parameters, frozen: plan.frozen)
    movingStatistics = plan.network.statistics.indices.filter {
      let stage = plan.network.stageOfNode[plan.network.statistics[$0].node]
      return !plan.frozen.contains(plan.network.stages[stage].name)
    }
    squares = updates.map { _ in SquaredNorm() }
    let stages = plan.network.stages.count
    let targetCount = self.loss.targetCount
    results = (0..<plan.batches).map { _ in
      MicroBatchResult(
        microBatch: plan.microBatch, stages: stages,
        statistics: plan.parameters.statisticCount, targetCount: targetCount)
    }
  }

  deinit { pool.close() }

  /// Threads where nobody says how many: one a processor.
  package static var defaultWorkers: Int { WorkerPool.defaultCount }

  /// What a user should know: that there are fewer threads than were asked for.
  package var remarks: [String] {
    pool.shortage.map {
      ["\(workers) threads in place of \(pool.wanted): \($0.message); results are the same"]
    } ?? []
  }

  /// What of the state that steps have made so far is no longer finite.
  package var divergence: Divergence { Divergence(rawValue: diverged.load(ordering: .relaxed)) }

  /// The weights now.
  package func weights() -> [Tensor] { parameters.tensors() }

  // MARK: Steps

  /// One training step.
  ///
  /// - Parameters:
  ///   - source: where samples come from.
  ///   - order: indices of samples, of which `range` is this step's batch.
  ///   - epoch: counted from 0; random transforms and dropout are drawn for it.
  ///   - step: counted from 1 over the whole run.
  /// - Returns: sums over the batch.
  /// - Throws: `libraryFailure`.
  package func step(
    source: any SampleSource, order: [Int], range: Range<Int>, epoch: Int, step: Int,
    learningRate: Float, totals: inout BatchTotals
  ) throws {
    precondition(
      range.count <= batchSize && !range.isEmpty,
      "\(range.count) samples for a batch of \(batchSize)")
    let batches = (range.count + microBatch - 1) / microBatch
    tree.begin(leaves: batches)
    phase = .gradients(Batch(source: source, order: order, range: range, epoch: epoch))
    defer { phase = .idle }
    try pool.run(self, items: min(workers, batches))
    tree.end()
    for index in 0..<batches {
      totals.add(results[index])
      if let found = results[index].statistics { parameters.takeUp(found, of: movingStatistics) }
    }
    try update(learningRate: learningRate, step: step)
  }

  package func perform(item: Int, worker: Int) throws {
    let clock = runners[worker].clock
    clock?.begin()
    switch phase {
    case .idle: break
    case .gradients(let batch): try addGradients(batch, worker: worker)
    case .reduce:
      try reduce(item)
      clock?.end(.update, stage: stage(of: updates[item]))
    case .update(let numbers):
      try apply(item, numbers)
      clock?.end(.update, stage: stage(of: updates[item]))
    case .reduceAndUpdate(let numbers):
      try reduce(item)
      try apply(item, numbers)
      clock?.end(.update, stage: stage(of: updates[item]))
    case .round(let rounded):
      let parameter = rounded.items[item].parameter
      try parameters.prepare(parameter)
      clock?.end(.update, stage: parameters.layouts[parameter].stage)
    case .evaluate(let evaluation): try evaluate(evaluation, item: item, worker: worker)
    }
  }

  /// Computes gradients and adds them up until no micro-batch is left.
  private func addGradients(_ batch: Batch, worker: Int) throws {
    while let leaf = tree.take() {
      do {
        try computeGradient(
          batch, index: leaf.index, worker: worker, into: tree.buffers[leaf.buffer].gradients)
      } catch {
        tree.stop()
        throw error
      }
      tree.finish(leaf)
      runners[worker].clock?.end(.update)
    }
  }

  /// The gradient of micro-batch `index`.
  private func computeGradient(
    _ batch: Batch, index: Int, worker: Int, into gradients: [FloatSlice]
  ) throws {
    let runner = runners[worker]
    let result = results[index]
    let begin = batch.range.lowerBound + index * microBatch
    for row in 0..<microBatch {
      let isSample = begin + row < batch.range.upperBound
      let sample = isSample ? batch.order[begin + row] : nil
      runner.load(batch.source, index: sample, epoch: batch.epoch, row: row)
      try result.loadTarget(batch.source, index: sample, row: row, classCount: plan.classCount)
      if let sample {
        runner.drawMasks(seed: seed, epoch: batch.epoch, sample: sample, row: row)
      }
    }
    runner.clock?.end(.load)
    try result.run(runner, parameters, loss: loss, training: true)
    adjustments[worker]?.begin(result)
    try runner.backward(
      parameters, rules: rules, gradients: gradients, samples: result.sampleCount, training: true,
      adjustment: adjustments[worker])
  }
}

/// One micro-batch's results; written by the worker that ran it.
package final class MicroBatchResult: @unchecked Sendable {
  package var labels: [Int32]
  package var losses: [Double]
  package var predictions: [Int32]
  var spikes: [Int]
  /// What the output neurons did, one a sample; written where no gradient is wanted.
  var outputs: [OutputLoss.Output] = []
  /// What normalizations found, where it is wanted.
  let statistics: FloatBuffer?
  /// In regression, the numbers that the output is compared with, one row a sample; every sample's label
  /// is 0 then.
  package let targets: FloatBuffer?
  /// In regression, the mean squared error of each sample.
  private(set) var squaredErrors: [Double]

  /// Rows that hold samples, which are the first ones.
  var sampleCount: Int { labels.count { $0 >= 0 } }

  /// - Parameter statistics: floats of the means and variances that a training step finds.
  package init(microBatch: Int, stages: Int, statistics: Int = 0, targetCount: Int = 0) {
    self.statistics = statistics > 0 ? FloatBuffer(count: statistics) : nil
    targets = targetCount == 0 ? nil : FloatBuffer(count: microBatch * targetCount)
    squaredErrors = Array(repeating: 0, count: targetCount == 0 ? 0 : microBatch)
    labels = Array(repeating: -1, count: microBatch)
    losses = Array(repeating: 0, count: microBatch)
    predictions = Array(repeating: -1, count: microBatch)
    spikes = Array(repeating: 0, count: stages)
  }

  /// Takes what the output for row `row` is compared with.
  ///
  /// - Parameter index: of the sample; `nil`: the row is none.
  /// - Throws: `mismatch` naming the sample if its class is none.
  func loadTarget(
    _ source: any SampleSource, index: Int?, row: Int, classCount: Int
  ) throws(CounterspikeError) {
    labels[row] = -1
    guard let index else { return }
    guard let targets else {
      labels[row] = try source.checkedLabel(at: index, classCount: classCount)
      return
    }
    labels[row] = 0
    let count = targets.count / labels.count
    targets.slice(row * count, count).withMutableSpan { source.loadTarget(index, into: &$0) }
  }

  /// Forward pass and loss of the loaded samples; in training the gradient of the loss then
  /// stands in place of the output.
  package func run(
    _ runner: MicroBatchRunner, _ parameters: Parameters, loss: OutputLoss, training: Bool
  ) throws {
    for stage in spikes.indices { spikes[stage] = 0 }
    try runner.forward(
      parameters, samples: sampleCount, training: training, statistics: statistics, spikes: &spikes)
    guard let output = runner.stages.last?.output.all else { return }
    loss.run(
      psc: output, labels: labels, targets: targets?.all, losses: &losses,
      predictions: &predictions,
      gradient: training, scratch: runner.lossScratch)
    for row in squaredErrors.indices {
      squaredErrors[row] = Double(runner.lossScratch.firstTerms.all[row])
    }
    if !training { outputs = labels.indices.map { loss.output(psc: output, sample: $0) } }
    runner.clock?.end(.loss, stage: spikes.count - 1)
  }
}

/// Sums over samples.
package struct BatchTotals: Sendable, Equatable {
  package var samples = 0
  package var correct = 0
  package var loss = 0.0
  /// Samples whose classes all have the same score; counted in evaluations only.
  package var ties = 0
  /// In regression, the samples' mean squared errors.
  package var squaredError = 0.0
  /// One number a stage.
  package var spikes: [Int]

  package init(stages: Int) { spikes = Array(repeating: 0, count: stages) }

  mutating func add(_ result: MicroBatchResult) {
    for row in result.labels.indices where result.labels[row] >= 0 {
      samples += 1
      let isRight = result.targets == nil && result.labels[row] == result.predictions[row]
      correct += isRight ? 1 : 0
      loss += result.losses[row]
      if result.squaredErrors.indices.contains(row) { squaredError += result.squaredErrors[row] }
      if result.outputs.indices.contains(row), result.outputs[row].isTie { ties += 1 }
    }
    for stage in spikes.indices { spikes[stage] += result.spikes[stage] }
  }
}
