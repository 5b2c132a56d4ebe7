public import Counterspike
internal import Foundation

/// Training steps and evaluations of a recipe's network on made-up samples, for measuring them.
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
  /// Samples of a step.
  public let batchSize: Int
  /// Samples that an evaluation looks at.
  public var sampleCount: Int { samples.count }
  private let samples: MadeUpSamples
  private let engine: Engine
  private let order: [Int]
  private var steps = 0
  private var totals: BatchTotals

  /// - Parameters:
  ///   - sampleShape: `[C, H, W]` of still images, `[T, C, H, W]` of spike trains.
  ///   - batches: different batches that the steps go round.
  ///   - workers: threads; `nil`: one a processor.
  ///   - profiled: measures every pass, see ``takeProfile(seconds:)``.
  /// - Throws: `invalidRecipe` when the network does not fit the samples; `libraryFailure`.
  public init(
    _ recipe: Recipe, sampleShape: [Int], batches: Int = 4, activity: Activity = .normal,
    workers: Int? = nil, profiled: Bool = false
  ) throws(CounterspikeError) {
    try recipe.validate()
    guard (3...4).contains(sampleShape.count),
      sampleShape.count == 3 || sampleShape[0] == recipe.network.timeSteps
    else {
      throw CounterspikeError(
        .mismatch,
        "samples of shape \(sampleShape) for \(recipe.network.timeSteps) time steps; still images "
          + "are [C, H, W], spike trains [T, C, H, W]")
    }
    var network = try Network(
      recipe.network, inputShape: Array(sampleShape.suffix(3)), seed: recipe.seed)
    try network.setWeights(network.weights.map { activity.weights($0) })
    plan = network.plan
    batchSize = recipe.training.batchSize
    self.workers = max(1, workers ?? ProcessInfo.processInfo.activeProcessorCount)
    samples = MadeUpSamples(
      count: batches * batchSize, shape: sampleShape, classCount: network.plan.classCount,
      isPositive: activity == .saturated)
    order = Array(0..<samples.count)
    engine = try Engine(
      network: network, isStill: sampleShape.count == 3, gradient: recipe.gradient,
      loss: recipe.loss, optimizer: recipe.optimizer, batchSize: batchSize,
      microBatch: recipe.training.microBatchSize, seed: recipe.seed, workers: self.workers,
      profiled: profiled)
    totals = BatchTotals(stages: network.plan.stages.count)
  }

  /// One training step: forward pass, loss, backward pass, optimizer.
  ///
  /// - Throws: `libraryFailure`.
  public func step() throws {
    let begin = steps * batchSize % samples.count
    steps += 1
    try engine.step(
      source: samples, order: order, range: begin..<begin + batchSize, epoch: 0, step: steps,
      learningRate: 0, totals: &totals)
  }

  /// The forward pass and loss of all samples, as in an evaluation.
  ///
  /// - Throws: `libraryFailure`.
  public func evaluate() throws {
    _ = try engine.evaluate(source: samples, indices: order)
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
