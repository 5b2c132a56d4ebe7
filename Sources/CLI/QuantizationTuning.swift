internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeTraining
internal import Foundation

/// A run that begins with a checkpoint's weights and goes on with weights that are rounded in all passes.
struct QuantizationTuning {
  private let run: TrainingRun
  private let machine: MachineOptions

  /// - Parameters:
  ///   - path: the checkpoint's.
  ///   - folder: of the run; `nil`: one that is named for the recipe and the time.
  /// - Throws: what a training refuses; `unwritableFile`.
  init(
    _ checkpoint: Checkpoint, at path: String, _ settings: QuantizationSettings,
    _ data: DataSet, epochs: Int, folder: String?, machine: MachineOptions
  ) throws(CounterspikeError) {
    var recipe = checkpoint.recipe
    recipe.training.epochs = epochs
    recipe.training.weightBits = settings.bits
    recipe.training.weightScale = settings.scale
    let trainer = try Trainer(recipe, data, workers: machine.workers)
    try trainer.start(from: checkpoint)
    do throws(CounterspikeError) {
      run = try TrainingRun(
        starting: trainer, folder: RunFolder(creating: folder, for: recipe))
    } catch {
      // The option that train has for it names another file here.
      throw CounterspikeError(error.code, "\(error.message) (--run FOLDER)", cause: error)
    }
    self.machine = machine
    // What the first run remembers, this one does, too.
    let place = machine.data == nil ? try MachineOptions.remembered(path) : machine.data
    if let place { try run.folder.remember(dataFolder: place) }
  }

  /// Where the network is that the run's recipe chooses.
  var checkpointPath: String { run.folder.chosenCheckpointPath }

  func checkpoint() throws(CounterspikeError) -> Checkpoint {
    try Checkpoint(contentsOf: checkpointPath)
  }

  /// Trains to the end.
  ///
  /// - Throws: what a training throws; the exit code of a signal that stopped it.
  func train(quiet: Bool) throws {
    let trainer = run.trainer
    if !quiet {
      Console.line(
        "finetuning for \(trainer.recipe.training.epochs.counted("epoch")) with rounded weights; run folder "
          + run.folder.path.excerpt)
      for remark in trainer.remarks { Console.line(remark) }
    }
    let progress = ProgressLine(quiet: quiet, evaluationCount: trainer.evaluationCount)
    let signals = StopSignals(
      notice: quiet ? nil : "\nstopping after this step; once more to stop at once\n")
    let outcome = try run.run(
      shouldStop: { signals.isStopRequested }, observe: { progress.show($0) })
    progress.clear()
    guard outcome == .stopped else { return }
    let given = machine.given
    Console.error(
      "stopped in epoch \(trainer.completedEpochs + 1) and saved; go on with: "
        + CommandText.line(["train", "--resume", run.folder.path] + given) + "; then compare with: "
        + CommandText.line(["quantize", run.folder.path] + given))
    throw ExitCode(128 + (signals.signalNumber ?? SIGINT))
  }
}
