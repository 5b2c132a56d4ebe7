internal import Counterspike
internal import CounterspikeKernels
internal import CounterspikeTraining

/// Trains a recipe for a few steps from new weights, to see what they do.
struct DiagnosisTrial {
  /// What a trial left.
  struct Result {
    let outcome: DiagnosisReport.Outcome
    /// Over the samples that were not trained with, before and after the steps.
    let before: BatchTotals
    let after: BatchTotals
    /// What is wrong after the steps.
    let warnings: [TrainingWarning]

    /// The loss fell, and not only because the output fell silent.
    var isLossLower: Bool {
      outcome.isLossLower && (2 * after.ties <= after.samples || after.ties <= before.ties)
    }

    func has(_ cause: TrainingWarning.Cause) -> Bool { warnings.contains { $0.cause == cause } }
  }

  /// The samples that are trained with.
  let training: any SampleSource
  /// Others; the same where there are too few.
  let judged: any SampleSource
  /// Whether the two have no sample in common.
  let isHeldOut: Bool
  let chance: Double
  let steps: Int
  let workers: Int

  /// The most samples that losses are measured with.
  private static let largest = 256

  /// - Parameters:
  ///   - source: all training samples.
  ///   - seed: which of them are taken.
  init(_ source: any SampleSource, recipe: Recipe, steps: Int, workers: Int) {
    var stream = RandomStream(seed: recipe.seed, purpose: .audit, 1 << 24)
    let order = stream.permutation(source.count)
    let count = min(Self.largest, order.count / 4)
    isHeldOut = count >= 16
    let wanted = steps * recipe.training.batchSize
    let rest = isHeldOut ? Array(order.dropFirst(count)) : order
    training = SampleSubset(source, indices: Array(rest.prefix(wanted)))
    judged = SampleSubset(
      source, indices: isHeldOut ? Array(order.prefix(count)) : Array(order.prefix(Self.largest)))
    chance = Chance.accuracy(of: judged)
    self.steps = steps
    self.workers = workers
  }

  /// - Parameters:
  ///   - samples: to train with; `nil`: ``training``. These are then what is measured, too.
  ///   - steps: `nil`: ``steps``.
  /// - Throws: as `Trainer`.
  func run(
    _ recipe: Recipe, samples: (any SampleSource)? = nil, steps: Int? = nil
  ) throws -> Result {
    let steps = steps ?? self.steps
    let judged = samples ?? judged
    let trainer = try Trainer(
      Self.short(recipe, steps: steps), training: samples ?? training, workers: workers)
    let before = try totals(trainer, judged)
    var hasDiverged = false
    do {
      try trainer.run(shouldStop: { trainer.completedSteps >= steps })
    } catch let error as CounterspikeError where error.code == .diverged {
      hasDiverged = true
    }
    let after = hasDiverged ? before : try totals(trainer, judged)
    let warnings =
      hasDiverged
      ? []
      : TrainingWarning.found(
        after, recipe: recipe, plan: trainer.plan, steps: 0, chance: chance,
        weights: trainer.weights())
    return Result(
      outcome: DiagnosisReport.Outcome(
        steps: steps, lossBefore: before.meanLoss,
        lossAfter: hasDiverged ? .infinity : after.meanLoss, accuracyBefore: before.accuracy,
        accuracyAfter: hasDiverged ? 0 : after.accuracy, samples: judged.count,
        isRegression: recipe.loss.isRegression),
      before: before, after: after, warnings: warnings)
  }

  /// The recipe at its peak learning rate from the first step on, with nothing that ends it.
  private static func short(_ recipe: Recipe, steps: Int) -> Recipe {
    var recipe = recipe
    recipe.schedule = ScheduleSettings()
    recipe.schedule.kind = .constant
    recipe.schedule.warmUpEpochs = 0
    recipe.training.epochs = steps
    recipe.training.patience = nil
    recipe.training.keep = 0
    recipe.training.checkpointInterval = 0
    recipe.training.modelSelection = .last
    return recipe
  }

  private func totals(_ trainer: Trainer, _ source: any SampleSource) throws -> BatchTotals {
    let result = try trainer.engine.evaluate(source: source, indices: Array(0..<source.count))
    guard let result else { throw CancellationError() }
    return result.totals
  }

  /// Whether a result shows that something is learnt: a lower loss, or more right than before and than
  /// by chance.
  func learns(_ result: Result) -> Bool {
    result.isLossLower
      || beats(max(chance, result.outcome.accuracyBefore), result.outcome)
  }

  /// Whether more samples are right than by chance.
  func beatsChance(_ outcome: DiagnosisReport.Outcome) -> Bool { beats(chance, outcome) }

  private func beats(_ accuracy: Double, _ outcome: DiagnosisReport.Outcome) -> Bool {
    !outcome.hasDiverged
      && !Chance.explains(outcome.accuracyAfter, samples: outcome.samples, chance: accuracy)
  }
}
