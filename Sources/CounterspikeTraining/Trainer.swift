public import Counterspike
public import CounterspikeData
internal import CounterspikeKernels
internal import Foundation

/// Trains a network by a recipe.
///
/// ```swift
/// let data = try DataSet.load(recipe)
/// let trainer = try Trainer(recipe, data)
/// try trainer.run { event in
///   if case .epochEnded(let epoch) = event { print(epoch.evaluationAccuracy) }
/// }
/// ```
///
/// The result depends on the recipe and the samples alone, not on the number of workers, nor on
/// whether the run was stopped, saved and continued in between. Not for use from several threads
/// at once.
public final class Trainer {
  public let recipe: Recipe
  public let plan: NetworkPlan
  /// Threads; they change nothing but the speed.
  public let workers: Int
  let training: any SampleSource
  /// What epochs are judged by.
  let evaluation: any SampleSource
  /// Whether those are the test samples or held back from training.
  public let split: EvaluationSplit
  let engine: Engine
  private(set) var progress: TrainingProgress
  /// What the last evaluation predicted, for reports.
  private(set) var lastPredictions: [Int] = []

  /// A trainer on a data set, whose epochs are judged by its validation samples if it has any.
  ///
  /// - Throws: as ``init(_:training:evaluation:split:workers:)``.
  public convenience init(
    _ recipe: Recipe, _ data: DataSet, workers: Int? = nil
  ) throws(CounterspikeError) {
    try self.init(
      recipe, training: data.training, evaluation: data.validation ?? data.test,
      split: data.validation == nil ? .test : .validation, workers: workers)
  }

  /// - Parameters:
  ///   - training, evaluation: samples of the same shape and classes; the latter are looked at
  ///     after each epoch.
  ///   - split: what the latter are, for reports.
  ///   - workers: threads; `nil`: one a processor.
  /// - Throws: `invalidRecipe` when the network does not fit the samples; `libraryFailure`.
  public init(
    _ recipe: Recipe, training: any SampleSource, evaluation: any SampleSource,
    split: EvaluationSplit = .test, workers: Int? = nil
  ) throws(CounterspikeError) {
    try recipe.validate()
    let inputShape = Array(training.shape.suffix(3))
    let network = try Network(recipe.network, inputShape: inputShape, seed: recipe.seed)
    try Trainer.check(network.plan, training: training, evaluation: evaluation, split)
    self.recipe = recipe
    self.training = training
    self.evaluation = evaluation
    self.split = split
    self.workers = max(1, workers ?? ProcessInfo.processInfo.activeProcessorCount)
    plan = network.plan
    engine = try Engine(
      network: network, isStill: training.shape.count == 3, gradient: recipe.gradient,
      loss: recipe.loss, optimizer: recipe.optimizer, batchSize: recipe.training.batchSize,
      microBatch: recipe.training.microBatchSize, seed: recipe.seed, workers: self.workers)
    progress = TrainingProgress(stages: plan.stages.count)
  }

  private static func check(
    _ plan: NetworkPlan, training: any SampleSource, evaluation: any SampleSource,
    _ split: EvaluationSplit
  ) throws(CounterspikeError) {
    guard training.shape == evaluation.shape, training.classCount == evaluation.classCount else {
      throw CounterspikeError(
        .mismatch,
        "training samples of shape \(training.shape) in \(training.classCount) classes and "
          + "\(split.rawValue) samples of shape \(evaluation.shape) in \(evaluation.classCount)")
    }
    guard training.count > 0, evaluation.count > 0 else {
      throw CounterspikeError(
        .mismatch,
        "\(training.count) training and \(evaluation.count) \(split.rawValue) samples; both are needed"
      )
    }
    guard plan.classCount == training.classCount else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.layers ends in \(plan.classCount) neurons, the data has \(training.classCount) "
          + "classes; let the last layer be \(training.classCount)")
    }
    guard training.shape.count == 3 || training.shape[0] == plan.timeSteps else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.timeSteps is \(plan.timeSteps), the samples have \(training.shape[0]) time steps")
    }
  }

  /// Optimizer steps of an epoch; the last batch may be smaller.
  public var stepsPerEpoch: Int {
    (training.count + recipe.training.batchSize - 1) / recipe.training.batchSize
  }

  public var trainingCount: Int { training.count }
  /// Samples that are looked at after each epoch.
  public var evaluationCount: Int { evaluation.count }

  /// Epochs that are over.
  public var completedEpochs: Int { progress.epoch }

  /// Optimizer steps made since the run began.
  public var completedSteps: Int { progress.step }

  /// The highest accuracy on ``split`` so far, and after which epoch it was reached.
  public var best: (epoch: Int, accuracy: Double)? {
    progress.best.map { ($0.epoch, $0.accuracy) }
  }

  /// The network as it is now.
  public func network() throws(CounterspikeError) -> Network {
    var network = try Network(recipe.network, inputShape: plan.inputShape, seed: recipe.seed)
    try network.setWeights(engine.weights())
    return network
  }

  /// Trains until the recipe's last epoch, from where the trainer stands.
  ///
  /// - Parameters:
  ///   - shouldStop: asked before every step and during evaluation.
  ///   - observe: told every event, between two steps; what it throws ends the run.
  /// - Throws: `diverged` when loss or weights are no longer finite; `libraryFailure`; what `observe`
  ///   throws.
  @discardableResult
  public func run(
    shouldStop: () -> Bool = { false }, observe: (TrainingEvent) throws -> Void
  ) throws -> TrainingOutcome {
    var clock = TrainingClock()
    while progress.epoch < recipe.training.epochs {
      var stream = RandomStream(seed: recipe.seed, purpose: .shuffle, progress.epoch)
      let order = stream.permutation(training.count)
      clock.startEpoch()
      while progress.stepInEpoch < stepsPerEpoch {
        if shouldStop() { return .stopped }
        let samples = try clock.measure { try step(order) }
        try observe(.step(report(clock, samples)))
      }
      try observe(.evaluating(epoch: progress.epoch + 1))
      guard
        let tested = try engine.evaluate(
          source: evaluation, indices: Array(0..<evaluation.count), shouldStop: shouldStop)
      else { return .stopped }
      lastPredictions = tested.predictions
      try observe(.epochEnded(endEpoch(tested.totals, clock)))
    }
    return .finished
  }

  /// As ``run(shouldStop:observe:)``, telling nobody.
  @discardableResult
  public func run(shouldStop: () -> Bool = { false }) throws -> TrainingOutcome {
    try run(shouldStop: shouldStop) { _ in }
  }

  private var learningRate: Float {
    recipe.schedule.learningRate(
      step: max(progress.step - 1, 0), peak: recipe.optimizer.learningRate,
      stepsPerEpoch: stepsPerEpoch, epochs: recipe.training.epochs)
  }

  /// Makes one step; returns its number of samples.
  private func step(_ order: [Int]) throws -> Int {
    let begin = progress.stepInEpoch * recipe.training.batchSize
    let range = begin..<min(begin + recipe.training.batchSize, training.count)
    if progress.stepInEpoch == 0 { training.willLoad(order[range]) }
    let next = range.upperBound..<min(range.upperBound + range.count, training.count)
    training.willLoad(order[next])
    progress.step += 1
    progress.stepInEpoch += 1
    try engine.step(
      source: training, order: order, range: range, epoch: progress.epoch, step: progress.step,
      learningRate: learningRate, totals: &progress.totals)
    guard progress.totals.loss.isFinite, engine.isFinite else {
      throw CounterspikeError(
        .diverged,
        "the \(engine.isFinite ? "loss is" : "weights are") no longer finite at step "
          + "\(progress.stepInEpoch) of epoch \(progress.epoch + 1); try a smaller "
          + "optimizer.learningRate, optimizer.clipping: global or a smaller "
          + "gradient.neighborhood.clamp")
    }
    return range.count
  }

  private func report(_ clock: borrowing TrainingClock, _ samples: Int) -> StepReport {
    StepReport(
      epoch: progress.epoch + 1, epochs: recipe.training.epochs, step: progress.stepInEpoch,
      stepsPerEpoch: stepsPerEpoch, loss: progress.totals.meanLoss,
      accuracy: progress.totals.accuracy, learningRate: learningRate,
      samplesPerStep: recipe.training.batchSize, samples: clock.samples,
      seconds: clock.training)
  }

  private func endEpoch(_ tested: BatchTotals, _ clock: borrowing TrainingClock) -> EpochReport {
    let isBest = tested.accuracy > (progress.best?.accuracy ?? -1)
    let report = EpochReport(
      epoch: progress.epoch + 1, epochs: recipe.training.epochs, step: progress.step,
      loss: progress.totals.meanLoss, trainAccuracy: progress.totals.accuracy,
      split: split, evaluationLoss: tested.meanLoss, evaluationAccuracy: tested.accuracy,
      learningRate: learningRate,
      firingRates: progress.totals.firingRates(plan),
      samplesPerSecond: clock.samplesPerSecondOfEpoch,
      seconds: clock.secondsOfEpoch, isBest: isBest)
    progress.epoch += 1
    progress.stepInEpoch = 0
    progress.totals = BatchTotals(stages: plan.stages.count)
    if isBest {
      progress.best = TrainingProgress.Best(epoch: report.epoch, accuracy: tested.accuracy)
    }
    return report
  }

  /// Takes over the state of a checkpoint of the same recipe.
  ///
  /// - Throws: `mismatch` when it belongs to other samples, another network or optimizer.
  public func restore(_ checkpoint: Checkpoint) throws(CounterspikeError) {
    guard checkpoint.progress.stepInEpoch <= stepsPerEpoch,
      checkpoint.progress.totals.spikes.count == plan.stages.count
    else {
      throw CounterspikeError(
        .mismatch,
        "the checkpoint stands at step \(checkpoint.progress.stepInEpoch) of an epoch, these "
          + "samples make \(stepsPerEpoch); continue with the data it was trained on")
    }
    try engine.restore(checkpoint.state)
    progress = checkpoint.progress
  }

  /// Everything needed to go on from here.
  public func checkpoint() -> Checkpoint {
    Checkpoint(
      recipe: recipe, inputShape: plan.inputShape, progress: progress, state: engine.state,
      layers: plan.stages.map(\.name))
  }
}

extension BatchTotals {
  var meanLoss: Double { loss / Double(max(samples, 1)) }
  var accuracy: Double { Double(correct) / Double(max(samples, 1)) }

  func firingRates(_ plan: NetworkPlan) -> [FiringRate] {
    zip(plan.stages, spikes).map { stage, spikes in
      let chances = stage.activeNeuronCount * plan.timeSteps * max(samples, 1)
      return FiringRate(layer: stage.name, rate: Double(spikes) / Double(chances))
    }
  }
}

/// Where a run stands, between two steps.
struct TrainingProgress: Sendable, Equatable {
  struct Best: Sendable, Equatable {
    var epoch: Int
    var accuracy: Double
  }

  /// Epochs that are over.
  var epoch = 0
  /// Steps made in the current epoch.
  var stepInEpoch = 0
  /// Steps made in the whole run.
  var step = 0
  /// Sums over the current epoch.
  var totals: BatchTotals
  var best: Best?

  init(stages: Int) { totals = BatchTotals(stages: stages) }
}

/// The time that this process spent; no part of any result.
struct TrainingClock: ~Copyable {
  private let clock = ContinuousClock()
  private var epochStart = ContinuousClock().now
  private var epochTraining = 0.0
  private var epochSamples = 0
  private(set) var training = 0.0
  private(set) var samples = 0

  mutating func startEpoch() {
    epochStart = clock.now
    epochTraining = 0
    epochSamples = 0
  }

  mutating func measure(_ step: () throws -> Int) rethrows -> Int {
    let start = clock.now
    let count = try step()
    let seconds = Self.seconds(clock.now - start)
    training += seconds
    epochTraining += seconds
    samples += count
    epochSamples += count
    return count
  }

  var samplesPerSecondOfEpoch: Double {
    epochTraining > 0 ? Double(epochSamples) / epochTraining : 0
  }

  var secondsOfEpoch: Double { Self.seconds(clock.now - epochStart) }

  private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
