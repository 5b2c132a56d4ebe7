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
///   if case .epochEnded(let epoch) = event { print(epoch.trainAccuracy) }
/// }
/// ```
///
/// The result depends on the recipe and the samples alone, not on the number of workers, nor on
/// whether the run was stopped, saved and continued in between. Not for use from several threads
/// at once.
public final class Trainer {
  public let recipe: Recipe
  public let plan: NetworkPlan
  /// Threads; they change nothing but the speed. The system may have given fewer than were asked for,
  /// see ``remarks``.
  public let workers: Int
  /// What a user should know before training begins, such as that there are fewer threads than asked for.
  public var remarks: [String] { engine.remarks }
  let training: any SampleSource
  /// What epochs are judged by, if they are.
  let evaluation: (any SampleSource)?
  /// Whether those are the test samples or held back from training; `nil`: there are none.
  public let split: EvaluationSplit?
  package let engine: Engine
  /// What the samples are, where it is known.
  let fingerprints: DataFingerprints?
  /// What the weights were trained with, one after the other.
  private var instructionSets = [InstructionSet.current]
  private(set) var progress: TrainingProgress
  /// What the last epoch's warnings were about; they are not repeated.
  private var warnings: [TrainingWarning] = []
  /// What the last evaluation predicted, for reports.
  private(set) var lastPredictions: [Int] = []

  /// A trainer on a data set, whose epochs are judged by its validation samples if it has any. The test
  /// samples are not looked at, unless the recipe's `training.modelSelection` is `test`.
  ///
  /// Its recipe says what was found in the data: class names, mean and standard deviation, class weights.
  ///
  /// - Throws: as ``init(_:training:evaluation:split:workers:)``.
  public convenience init(
    _ recipe: Recipe, _ data: DataSet, workers: Int? = nil
  ) throws(CounterspikeError) {
    var recipe = recipe
    recipe.data = data.recipeSettings(recipe.data)
    let isByTest = recipe.training.modelSelection == .test
    try self.init(
      recipe, training: data.training, evaluation: isByTest ? data.test : data.validation,
      split: isByTest ? .test : .validation, workers: workers, fingerprints: DataFingerprints(data))
  }

  /// - Parameters:
  ///   - training, evaluation: samples of the same shape and classes; the latter are looked at
  ///     after each epoch, if there are any.
  ///   - split: what the latter are. Test samples choose no checkpoint, unless the recipe's
  ///     `training.modelSelection` is `test`.
  ///   - workers: threads; `nil`: one a processor.
  /// - Throws: `invalidRecipe` when the network does not fit the samples; `libraryFailure`.
  public convenience init(
    _ recipe: Recipe, training: any SampleSource, evaluation: (any SampleSource)? = nil,
    split: EvaluationSplit = .test, workers: Int? = nil
  ) throws(CounterspikeError) {
    try self.init(
      recipe, training: training, evaluation: evaluation, split: split, workers: workers,
      fingerprints: nil)
  }

  private init(
    _ recipe: Recipe, training: any SampleSource, evaluation: (any SampleSource)?,
    split: EvaluationSplit, workers: Int?, fingerprints: DataFingerprints?
  ) throws(CounterspikeError) {
    try recipe.validate()
    var recipe = recipe
    recipe.loss = try recipe.loss.balanced(by: training)
    let plan = try NetworkPlan(recipe.network, inputShape: Array(training.shape.suffix(3)))
    try Trainer.check(plan, training: training, evaluation: evaluation, split)
    let canRank = split == .validation || recipe.training.modelSelection == .test
    try recipe.training.check(plan, canRank: evaluation != nil && canRank)
    self.recipe = recipe
    self.training = training
    self.evaluation = evaluation
    self.split = evaluation == nil ? nil : split
    self.fingerprints = fingerprints
    self.plan = plan
    // The weights are drawn last, and one layer's after the other's: a network for which there is no
    // memory is refused before.
    engine = try Engine(
      EnginePlan(
        plan, isStill: training.shape.count == 3, optimizer: recipe.optimizer.kind,
        batchSize: recipe.training.batchSize, microBatch: recipe.training.microBatchSize,
        workers: workers ?? Engine.defaultWorkers,
        averages: plan.averagesMicroBatches(recipe.gradient, recipe.loss),
        frozen: recipe.training.frozen ?? [], rounding: recipe.training.rounding),
      gradient: recipe.gradient, loss: recipe.loss, optimizer: recipe.optimizer,
      seed: recipe.seed, targetShape: training.targetShape
    ) { plan.initialValues($0, seed: recipe.seed) }
    self.workers = engine.workers
    progress = TrainingProgress(stages: plan.stages.count)
  }

  private static func check(
    _ plan: NetworkPlan, training: any SampleSource, evaluation: (any SampleSource)?,
    _ split: EvaluationSplit
  ) throws(CounterspikeError) {
    let evaluation = evaluation ?? training
    guard training.shape == evaluation.shape, training.classCount == evaluation.classCount else {
      throw CounterspikeError(
        .mismatch,
        "the training samples have the shape \(training.shape) and \(training.classCount) classes, the "
          + "\(split.rawValue) samples \(evaluation.shape) and \(evaluation.classCount); bring both to "
          + "one form")
    }
    guard training.targetShape == evaluation.targetShape else {
      throw CounterspikeError(
        .mismatch,
        "training samples with targets of shape \(training.targetShape) and \(split.rawValue) samples with "
          + "targets of shape \(evaluation.targetShape); both need the same")
    }
    guard (3...4).contains(training.shape.count) else {
      throw CounterspikeError(
        .mismatch,
        "the samples have the shape \(training.shape); give static inputs [C, H, W] or spike trains "
          + "[T, C, H, W]")
    }
    guard training.count > 0, evaluation.count > 0 else {
      throw CounterspikeError(
        .mismatch,
        "there are \(training.count) training and \(evaluation.count) \(split.rawValue) samples; give "
          + "at least one of each"
      )
    }
    try plan.check(classCount: training.classCount)
    guard training.shape.count == 3 || training.shape[0] == plan.timeSteps else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.timeSteps is \(plan.timeSteps), and the samples have \(training.shape[0]) time steps; "
          + "set it to \(training.shape[0])", remedy: .changeSetting)
    }
  }

  /// Optimizer steps of an epoch; the last batch may be smaller.
  public var stepsPerEpoch: Int {
    (training.count + recipe.training.batchSize - 1) / recipe.training.batchSize
  }

  public var trainingCount: Int { training.count }
  /// Samples that are looked at after each epoch.
  public var evaluationCount: Int { evaluation?.count ?? 0 }

  /// Epochs that are over.
  public var completedEpochs: Int { progress.epoch }

  /// Optimizer steps made since the run began.
  public var completedSteps: Int { progress.step }

  /// The highest accuracy on ``split`` so far, and after which epoch it was reached; `nil` where that
  /// does not choose a checkpoint.
  public var best: (epoch: Int, accuracy: Double)? {
    progress.best.map { ($0.epoch, $0.accuracy) }
  }

  /// The network as it is now; in a training that rounds weights, with the rounded ones.
  public func network() throws(CounterspikeError) -> Network {
    let network = try Network(
      recipe.network, inputShape: plan.inputShape, weights: engine.weights(),
      statistics: engine.currentState.statistics)
    return try recipe.training.rounding.map(network.rounded) ?? network
  }

  /// Whether there is nothing left to train: all epochs are over, or the accuracy has not risen for
  /// the recipe's `training.patience`.
  public var isFinished: Bool { progress.isFinished(recipe.training) }

  /// Whether the evaluation after each epoch decides which one is the best.
  var ranksEpochs: Bool {
    split == .validation || split == .test && recipe.training.modelSelection == .test
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
    while !isFinished {
      var stream = RandomStream(seed: recipe.seed, purpose: .shuffle, progress.epoch)
      let order = stream.permutation(training.count)
      clock.startEpoch()
      while progress.stepInEpoch < stepsPerEpoch {
        if shouldStop() { return .stopped }
        let samples = try clock.measure { try step(order) }
        try observe(.step(report(clock, samples)))
      }
      var tested: BatchTotals?
      if let evaluation {
        try observe(.evaluating(epoch: progress.epoch + 1))
        guard
          let result = try engine.evaluate(
            source: evaluation, indices: Array(0..<evaluation.count), shouldStop: shouldStop)
        else { return .stopped }
        tested = result.totals
        lastPredictions = result.predictions
      }
      let found = TrainingWarning.found(
        progress.totals, recipe: recipe, plan: plan, steps: progress.step,
        chance: chance, weights: engine.weights())
      try observe(.epochEnded(endEpoch(tested, clock)))
      for warning in found where !warnings.contains(where: { $0.cause == warning.cause }) {
        try observe(.warning(warning))
      }
      warnings = found
    }
    return .finished
  }

  /// The share of training samples that whoever always names the most frequent class has right.
  private lazy var chance = Chance.accuracy(of: training)

  /// As ``run(shouldStop:observe:)``, telling nobody.
  @discardableResult
  public func run(shouldStop: () -> Bool = { false }) throws -> TrainingOutcome {
    try run(shouldStop: shouldStop) { _ in }
  }

  private var isRegression: Bool { recipe.loss.isRegression }

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
    let divergence = engine.divergence
    guard progress.totals.loss.isFinite, divergence == .none else {
      let what =
        if divergence.contains(.weights) {
          "the weights are"
        } else if divergence.contains(.secondMoments) {
          "the means of squared gradients are"
        } else {
          "the loss is"
        }
      throw CounterspikeError(
        .diverged,
        "\(what) no longer finite at step "
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
      accuracy: progress.totals.accuracy, rmse: isRegression ? progress.totals.rmse : nil,
      learningRate: learningRate,
      samplesPerStep: recipe.training.batchSize, samples: clock.samples,
      seconds: clock.training)
  }

  private func endEpoch(_ tested: BatchTotals?, _ clock: borrowing TrainingClock) -> EpochReport {
    var isBest = false
    // An output without a spike predicts nothing: its first class is right by chance.
    if let tested, ranksEpochs, isRegression || tested.ties < tested.samples {
      isBest = progress.rank(
        TrainingProgress.Best(
          epoch: progress.epoch + 1, accuracy: tested.score(isRegression: isRegression)),
        keeping: recipe.training.keep)
    }
    let report = EpochReport(
      epoch: progress.epoch + 1, epochs: recipe.training.epochs, step: progress.step,
      loss: progress.totals.meanLoss, trainAccuracy: progress.totals.accuracy,
      trainRMSE: isRegression ? progress.totals.rmse : nil,
      split: split, evaluationLoss: tested?.meanLoss, evaluationAccuracy: tested?.accuracy,
      evaluationRMSE: isRegression ? tested?.rmse : nil,
      learningRate: learningRate,
      firingRates: progress.totals.firingRates(plan),
      samplesPerSecond: clock.samplesPerSecondOfEpoch,
      seconds: clock.secondsOfEpoch, isBest: isBest)
    progress.epoch += 1
    progress.stepInEpoch = 0
    progress.totals = BatchTotals(stages: plan.stages.count)
    return report
  }

  /// Takes over the state of a checkpoint of the same recipe.
  ///
  /// - Throws: `mismatch` when it belongs to other samples, another network or optimizer.
  public func restore(_ checkpoint: Checkpoint) throws(CounterspikeError) {
    try checkpoint.check(fingerprints)
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
    instructionSets = checkpoint.instructionSets
    if instructionSets.last != InstructionSet.current {
      instructionSets.append(InstructionSet.current)
    }
    // A run that went by test samples before this was a setting.
    if !ranksEpochs { (progress.best, progress.kept) = (nil, []) }
  }

  /// Replaces the weights; what the optimizer remembers stays.
  ///
  /// - Parameter weights: one tensor for each of the plan's parameters.
  /// - Throws: `mismatch` for others.
  public func setWeights(_ weights: [Tensor]) throws(CounterspikeError) {
    try setWeights(weights, statistics: nil)
  }

  /// - Parameter statistics: running means and variances; `nil`: those that are there.
  func setWeights(_ weights: [Tensor], statistics: [Tensor]?) throws(CounterspikeError) {
    let state = engine.state
    try engine.restore(
      Engine.State(
        weights: weights, first: state.first, second: state.second,
        statistics: statistics ?? state.statistics))
  }

  /// Everything needed to go on from here.
  public func checkpoint() -> Checkpoint { checkpoint(engine.state) }

  /// As ``checkpoint()``, but without copies of the weights: to be written before the next step.
  func currentCheckpoint() -> Checkpoint { checkpoint(engine.currentState) }

  private func checkpoint(_ state: Engine.State) -> Checkpoint {
    Checkpoint(
      recipe: recipe, inputShape: plan.inputShape, progress: progress, state: state,
      plan: plan, fingerprints: fingerprints, instructionSets: instructionSets)
  }
}
