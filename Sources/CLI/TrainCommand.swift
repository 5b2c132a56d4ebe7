internal import ArgumentParser
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeReport
internal import CounterspikeTraining
internal import Foundation

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a network by a recipe and keeps everything in a run folder.",
    discussion: """
      Without a recipe: 15C5-P2-40C5-P2-300-10 with five time steps on Fashion-MNIST. Ctrl-C \
      finishes the step, saves and says how to go on; the result is then the same, byte for byte, \
      as that of a run that was not interrupted.
      """)

  @Argument(
    help: ArgumentHelp(
      "A recipe's file, or the name of one that comes with counterspike: "
        + BuiltInRecipes.names.joined(separator: ", ") + ".",
      valueName: "recipe"))
  var recipe: String?

  @OptionGroup var changes: RecipeChanges
  @OptionGroup var machine: MachineOptions

  @Option(
    help: ArgumentHelp(
      "The run folder, a new one (default: runs/<name>-<time>).", valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Goes on with the run in this folder; --epochs makes it longer, and a cosine schedule with it.",
      valueName: "folder"))
  var resume: String?

  @Flag(name: .shortAndLong, help: "Prints nothing but errors.")
  var quiet = false

  @OptionGroup var observation: ObservationOptions

  func validate() throws {
    guard resume != nil else { return }
    let given =
      (recipe.map { ["the recipe “\($0)”"] } ?? []) + changes.givenForNewRun
      + (output.map { ["--output \($0)"] } ?? [])
    if let first = given.first {
      throw ValidationError(
        "--resume goes on with a run as its recipe says; leave out \(first), or begin a new run")
    }
  }

  func run() throws {
    guard let (run, data) = try resume.map(resumed) ?? started() else { return }
    let progress = observation.display(
      ProgressLine(quiet: quiet, evaluationCount: run.trainer.evaluationCount), quiet: quiet)
    let isQuiet = quiet
    let signals = StopSignals {
      if !isQuiet { Console.error("\nstopping after this step; once more to stop at once") }
    }
    if !quiet { introduce(run, data) }
    let outcome = try observation.observing(run, data) { record in
      try run.run(
        shouldStop: { signals.isStopRequested || observation.isPaused(run.trainer) },
        observe: {
          progress.show($0)
          record($0)
        })
    }
    progress.clear()
    switch outcome {
    case .finished:
      if !quiet { try summarize(run, data) }
    case .stopped where !signals.isStopRequested: break
    case .stopped:
      Console.error(
        "stopped in epoch \(run.trainer.completedEpochs + 1) and saved; go on with: "
          + CommandText.line(["train", "--resume", run.folder.path] + machine.given))
      throw ExitCode(128 + (signals.signalNumber ?? SIGINT))
    }
  }

  private func started() throws(CounterspikeError) -> (TrainingRun, DataSet) {
    let recipe = try changes.recipe(recipe)
    let data = try machine.load(recipe, quiet: quiet)
    let trainer = try Trainer(recipe, data, workers: machine.workers)
    let folder = try RunFolder(creating: output, for: recipe)
    return (try TrainingRun(starting: trainer, folder: folder), data)
  }

  /// The run in the folder `path`, or `nil` when it is finished.
  private func resumed(_ path: String) throws(CounterspikeError) -> (TrainingRun, DataSet)? {
    let folder = try RunFolder(resuming: path)
    var checkpoint = try Checkpoint(contentsOf: folder.lastCheckpointPath)
    try folder.checkRecipe(of: checkpoint)
    if let epochs = changes.epochs {
      guard epochs >= max(checkpoint.completedEpochs, 1) else {
        throw CounterspikeError(
          .invalidRecipe,
          "--epochs is \(epochs), the run has \(checkpoint.completedEpochs) epochs behind it; name "
            + "a larger number")
      }
      let before = checkpoint.recipe
      checkpoint = checkpoint.extended(epochs: epochs)
      if before.schedule.kind == .cosine, before.training.epochs < epochs, !quiet {
        Console.line(
          "the cosine schedule now ends after \(epochs.counted("epoch")): the learning rate goes on where that "
            + "schedule has it, which is higher")
      }
    }
    guard checkpoint.completedEpochs < checkpoint.recipe.training.epochs else {
      finished(checkpoint, folder)
      return nil
    }
    let data = try machine.load(checkpoint.recipe, quiet: quiet)
    let trainer = try Trainer(checkpoint.recipe, data, workers: machine.workers)
    return (try TrainingRun(resuming: checkpoint, trainer: trainer, folder: folder), data)
  }

  private func finished(_ checkpoint: Checkpoint, _ folder: RunFolder) {
    guard !quiet else { return }
    let epochs = checkpoint.completedEpochs
    Console.line(
      "“\(folder.path)” is finished after \(epochs.counted("epoch")); train it longer with: "
        + CommandText.line(
          ["train", "--resume", folder.path] + machine.given + ["--epochs", "\(epochs + 1)"]))
  }

  private func introduce(_ run: TrainingRun, _ data: DataSet) {
    let trainer = run.trainer
    let recipe = trainer.recipe
    Console.line(
      "\(recipe.name): \(LayerNotation.format(recipe.network.layers) ?? "network of the recipe"), "
        + "\(recipe.network.timeSteps.counted("time step")), \(trainer.plan.weightCount.grouped) weights, "
        + "rule \(recipe.gradient.rule.rawValue), seed \(recipe.seed)")
    Console.line(
      "\(recipe.data.set): \(trainer.trainingCount.grouped) training"
        + (data.validation.map { ", \($0.count.grouped) validation" } ?? "")
        + " and \(data.test.count.grouped) test samples; \(trainer.workers.counted("thread"))")
    for remark in data.remarks { Console.line(remark) }
    Console.line("run folder \(run.folder.path)")
    if resume != nil {
      Console.line(
        "going on in epoch \(trainer.completedEpochs + 1), after "
          + trainer.completedSteps.counted("step"))
    }
  }

  private func summarize(_ run: TrainingRun, _ data: DataSet) throws {
    guard let best = run.trainer.best else { return }
    var text =
      "best \(run.trainer.split.rawValue) accuracy \(best.accuracy.percent) after epoch \(best.epoch); "
    if run.trainer.split == .validation {
      let tested = try Checkpoint(contentsOf: run.folder.bestCheckpointPath).network().evaluate(
        data.test, loss: run.trainer.recipe.loss, workers: machine.workers)
      text += "test accuracy then \(tested.accuracy.percent); "
    }
    Console.line(
      text + "look closer with: "
        + CommandText.line(["evaluate", run.folder.path] + machine.given))
  }
}
