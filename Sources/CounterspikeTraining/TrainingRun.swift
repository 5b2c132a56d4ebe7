public import Counterspike

/// A trainer whose progress is kept in a folder, so that it can be killed at any moment and
/// continued with the same result.
public final class TrainingRun {
  public let trainer: Trainer
  /// No other run gets it while this one, or a copy of this value, exists: two in one folder would
  /// write over each other's checkpoints.
  public let folder: RunFolder
  /// What a user should know of a run that goes on: that metrics are missing, or that the processor has
  /// another instruction set.
  public let remarks: [String]

  /// Begins a run.
  ///
  /// - Throws: `unwritableFile`, also when another run has the folder; `unreadableFile`.
  public init(starting trainer: Trainer, folder: RunFolder) throws(CounterspikeError) {
    self.trainer = trainer
    self.folder = try folder.held()
    remarks = []
    // First what a run can be resumed from: at no moment is there a folder of a run that cannot go
    // on and cannot be begun anew.
    let checkpoint = trainer.currentCheckpoint()
    try checkpoint.write(to: folder.lastCheckpointPath)
    try folder.write(trainer.recipe)
    try folder.remember(instructionSetsOf: checkpoint)
    try folder.rememberMachine(workers: trainer.workers)
  }

  /// Goes on with a run from a checkpoint.
  ///
  /// - Parameters:
  ///   - trainer: of the checkpoint's recipe and with the same samples.
  ///   - folder: where the run was begun; best made by ``RunFolder/init(resuming:)`` before the
  ///     checkpoint was read.
  /// - Throws: `mismatch` when the checkpoint belongs to another network; `unwritableFile`, also when
  ///   another run has the folder; `unreadableFile`, `damagedFile`.
  public init(
    resuming checkpoint: Checkpoint, trainer: Trainer, folder: RunFolder
  ) throws(CounterspikeError) {
    self.trainer = trainer
    let folder = try folder.held()
    self.folder = folder
    try trainer.restore(checkpoint)
    try folder.keepMetrics(upTo: checkpoint.completedEpochs)
    let missing = try folder.missingMetrics(upTo: checkpoint.completedEpochs)
    let lost =
      missing.isEmpty
      ? nil
      : "“\(folder.metricsPath.excerpt)” has no line of the epochs "
        + missing.prefix(10).map { "\($0)" }.joined(separator: ", ")
        + (missing.count > 10 ? ", …" : "") + ", which were trained: lines were lost or removed"
    remarks = [lost, InstructionSet.remark(after: checkpoint.instructionSets)].compactMap(\.self)
    // The recipe may be another: of more epochs, or not yet there.
    try save()
    try folder.write(trainer.recipe)
    try folder.remember(instructionSetsOf: trainer.currentCheckpoint())
    try folder.rememberMachine(workers: trainer.workers)
  }

  /// Trains to the end or until `shouldStop`; saves after each epoch, at the recipe's interval and
  /// when stopped.
  ///
  /// - Throws: as ``Trainer/run(shouldStop:observe:)``, and `unwritableFile`.
  @discardableResult
  public func run(
    shouldStop: () -> Bool = { false }, observe: (TrainingEvent) throws -> Void
  ) throws -> TrainingOutcome {
    let interval = trainer.recipe.training.checkpointInterval
    let outcome = try trainer.run(shouldStop: shouldStop) { event in
      switch event {
      case .step(let report):
        if interval > 0, report.step % interval == 0, report.step < report.stepsPerEpoch {
          try save()
        }
      case .epochEnded(let report):
        // The metrics first: a line too many is cut off when the run is resumed, one too few
        // would be missing for ever.
        try folder.append(report)
        let checkpoint = trainer.currentCheckpoint()
        try folder.checkInPlace()
        // Without a choice, each epoch's takes the place of the one before.
        let isChosen =
          report.isBest || trainer.best == nil
          || trainer.recipe.training.modelSelection == .last
        if isChosen {
          try checkpoint.write(to: folder.bestCheckpointPath)
        }
        let kept = checkpoint.keptEpochs
        if kept.contains(report.epoch) {
          try checkpoint.write(to: folder.checkpointPath(epoch: report.epoch))
        }
        try checkpoint.write(to: folder.lastCheckpointPath)
        folder.removeCheckpoints(but: kept)
      case .evaluating, .warning: break
      }
      try observe(event)
    }
    if outcome == .stopped { try save() }
    return outcome
  }

  /// As ``run(shouldStop:observe:)``, telling nobody.
  @discardableResult
  public func run(shouldStop: () -> Bool = { false }) throws -> TrainingOutcome {
    try run(shouldStop: shouldStop) { _ in }
  }

  /// Saves where the run stands, as it is done by itself at the end of each epoch; to be called between two
  /// steps.
  ///
  /// - Throws: `unwritableFile`.
  public func save() throws(CounterspikeError) {
    try folder.checkInPlace()
    try trainer.currentCheckpoint().write(to: folder.lastCheckpointPath)
  }
}
