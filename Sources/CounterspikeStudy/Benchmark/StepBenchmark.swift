public import Counterspike
internal import CounterspikeKernels
public import CounterspikeTraining
internal import Foundation

/// Training steps and evaluations of a recipe's network on synthetic samples, for measuring them.
///
/// The learning rate is zero, so that every step does the same work as the first: all arithmetic
/// of a step is done, and the weights stay as they are.
public final class StepBenchmark {
  /// How much the neurons fire.
  public enum Activity: String, Sendable, CaseIterable {
    /// No neuron fires.
    case silent
    /// As fresh weights make them.
    case normal
    /// All neurons fire at every step.
    case saturated
  }

  public let plan: NetworkPlan
  /// Threads.
  public let workers: Int
  /// The most threads that have work in a step.
  public var usableWorkers: Int { engine.batches }
  /// Samples of a step.
  public let batchSize: Int
  /// Samples that an evaluation looks at.
  public var sampleCount: Int { evaluated.count }
  private let samples: any SampleSource
  private let engine: Engine
  /// The samples that steps go through, again and again.
  private let order: [Int]
  private let evaluated: [Int]
  private var steps = 0
  private var totals: BatchTotals

  /// - Parameters:
  ///   - sampleShape: `[C, H, W]` of static inputs, `[T, C, H, W]` of spike trains.
  ///   - batches: different batches that the steps go round.
  ///   - firingRate: spikes a neuron and time step that the weights of each layer are scaled for, in
  ///     0 … 1, so that runs of different length do equal work in a step; `nil`: weights as
  ///     `activity` says.
  ///   - workers: threads; `nil`: one a processor.
  ///   - profiled: measures every pass, see ``takeProfile(seconds:)``.
  /// - Throws: `invalidRecipe` when the network does not fit the samples; `libraryFailure`.
  public convenience init(
    _ recipe: Recipe, sampleShape: [Int], batches: Int = 4, activity: Activity = .normal,
    firingRate: Double? = nil, workers: Int? = nil, profiled: Bool = false
  ) throws(CounterspikeError) {
    let plan = try NetworkPlan(recipe.network, inputShape: Array(sampleShape.suffix(3)))
    let samples = SyntheticSamples(
      count: batches * recipe.training.batchSize, shape: sampleShape, classCount: plan.classCount,
      isPositive: activity == .saturated)
    try self.init(
      recipe, samples: samples, order: Array(0..<samples.count), batches: batches,
      activity: activity, firingRate: firingRate, workers: workers, profiled: profiled)
  }

  /// As ``init(_:sampleShape:batches:activity:firingRate:workers:profiled:)``, on other samples, in an
  /// order drawn by the recipe's seed: what it takes to read and transform them is then part of a
  /// step.
  public convenience init(
    _ recipe: Recipe, samples: any SampleSource, batches: Int = 4, activity: Activity = .normal,
    workers: Int? = nil, profiled: Bool = false
  ) throws(CounterspikeError) {
    var random = RandomStream(seed: recipe.seed, purpose: .shuffle)
    try self.init(
      recipe, samples: samples, order: random.permutation(samples.count), batches: batches,
      activity: activity, firingRate: nil, workers: workers, profiled: profiled)
  }

  private init(
    _ recipe: Recipe, samples: any SampleSource, order: [Int], batches: Int, activity: Activity,
    firingRate: Double?, workers: Int?, profiled: Bool
  ) throws(CounterspikeError) {
    try recipe.validate()
    let shape = samples.shape
    guard (3...4).contains(shape.count),
      shape.count == 3 || shape[0] == recipe.network.timeSteps
    else {
      throw CounterspikeError(
        .mismatch,
        "the samples have the shape \(shape), and the network has \(recipe.network.timeSteps) time "
          + "steps; give static inputs [C, H, W], or spike trains [T, C, H, W] of as many steps")
    }
    var network = try Network(
      recipe.network, inputShape: Array(shape.suffix(3)), seed: recipe.seed)
    guard samples.classCount == network.plan.classCount,
      samples.count >= recipe.training.batchSize
    else {
      throw CounterspikeError(
        .mismatch,
        "there are \(samples.count) samples in \(samples.classCount) classes, and the network has "
          + "\(network.plan.classCount) classes and batches of \(recipe.training.batchSize); give "
          + "samples of its classes, a batch or more")
    }
    try network.setWeights(network.weights.map { activity.weights($0) })
    if let firingRate { try network.scaleWeights(for: firingRate, samples, recipe.loss) }
    plan = network.plan
    batchSize = recipe.training.batchSize
    self.workers = max(1, workers ?? ProcessInfo.processInfo.activeProcessorCount)
    self.samples = samples
    self.order = order
    evaluated = Array(order.prefix(batches * recipe.training.batchSize))
    engine = try Engine(
      network: network, isStill: shape.count == 3, gradient: recipe.gradient, loss: recipe.loss,
      optimizer: recipe.optimizer, batchSize: batchSize,
      microBatch: recipe.training.microBatchSize, seed: recipe.seed, workers: self.workers,
      rounding: recipe.training.rounding, profiled: profiled)
    totals = BatchTotals(stages: network.plan.stages.count)
  }

  /// One training step: forward pass, loss, backward pass, optimizer.
  ///
  /// - Throws: `libraryFailure`.
  public func step() throws {
    let batchesAround = samples.count / batchSize
    let begin = steps % batchesAround * batchSize
    let epoch = steps / batchesAround
    let next = (steps + 1) % batchesAround * batchSize
    samples.willLoad(order[next..<next + batchSize])
    steps += 1
    try engine.step(
      source: samples, order: order, range: begin..<begin + batchSize, epoch: epoch, step: steps,
      learningRate: 0, totals: &totals)
  }

  /// The forward pass and loss of ``sampleCount`` samples, as in an evaluation.
  ///
  /// - Throws: `libraryFailure`.
  public func evaluate() throws {
    _ = try engine.evaluate(source: samples, indices: evaluated)
  }

  /// Spikes a neuron and time step in the training steps so far, one number a layer.
  public var firingRates: [FiringRate] { totals.firingRates(plan) }

  /// Where the time of the training steps since the last call went; `nil` when nothing was
  /// profiled.
  ///
  /// - Parameter seconds: that those steps took in all.
  public func takeProfile(seconds: Double) -> StepProfile? {
    let steps = totals.samples / batchSize - profiledSteps
    guard steps > 0, seconds > 0 else { return nil }
    profiledSteps += steps
    return StepProfile(engine, plan: plan, seconds: seconds, steps: steps)
  }

  private var profiledSteps = 0
}

extension Network {
  /// Scales the weights of each layer, from the first on, by what makes its neurons fire as often as
  /// they should, as near as 14 halvings come.
  fileprivate mutating func scaleWeights(
    for rate: Double, _ samples: any SampleSource, _ loss: LossSettings
  ) throws(CounterspikeError) {
    let some = SampleSubset(samples, indices: Array(0..<min(16, samples.count)))
    let fresh = weights
    for stage in plan.stages where stage.fires {
      let places = stage.parameters.filter { plan.parameters[$0].role == .weight }
      var (low, high): (Float, Float) = (0, 64)
      for _ in 0..<14 {
        let scale = (low + high) / 2
        var scaled = weights
        for place in places {
          scaled[place] = Tensor(
            shape: fresh[place].shape, scalars: fresh[place].scalars.map { scale * $0 })
        }
        try setWeights(scaled)
        let found: Evaluation
        do {
          found = try evaluate(some, loss: loss)
        } catch {
          throw error as? CounterspikeError
            ?? CounterspikeError(
              .libraryFailure, "the samples could not be evaluated; try others", cause: error)
        }
        let reached = found.firingRates.first { $0.layer == stage.name }?.rate ?? rate
        if reached < rate { low = scale } else { high = scale }
      }
    }
  }
}

extension StepBenchmark.Activity {
  /// Fresh weights, changed so that the neurons fire as they should.
  fileprivate func weights(_ fresh: Tensor) -> Tensor {
    switch self {
    case .silent: Tensor(shape: fresh.shape, scalars: fresh.scalars.map { 0.01 * $0 })
    case .normal: fresh
    case .saturated: Tensor(shape: fresh.shape, scalars: fresh.scalars.map { 10 * abs($0) })
    }
  }
}
