internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
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
        + Recipe.builtInNames.joined(separator: ", ") + ".",
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

  @Option(
    help: ArgumentHelp(
      "Begins with the weights of this checkpoint, or of this run's, as far as their shapes fit; without "
        + "a recipe, with its recipe, too.", valueName: "checkpoint or run"))
  var from: String?

  @Flag(name: .shortAndLong, help: "Prints nothing but errors.")
  var quiet = false

  @Flag(help: "Prints JSON lines instead of text: the start, each epoch, warnings, the end.")
  var json = false

  @OptionGroup var observation: ObservationOptions

  /// Prints text.
  private var isTalking: Bool { !quiet && !json }

  func validate() throws {
    guard resume != nil else { return }
    let given =
      (recipe.map { ["the recipe “\($0.excerpt)”"] } ?? []) + changes.givenForNewRun
      + (output.map { ["--output \($0)"] } ?? []) + (from.map { ["--from \($0)"] } ?? [])
    if let first = given.first {
      throw ValidationError(
        "--resume goes on with a run as its recipe says; leave out \(first), or begin a new run")
    }
  }

  func run() throws {
    try observation.checkLive()
    guard let (run, data, remarks) = try resume.map(resumed) ?? started() else { return }
    let progress = observation.display(
      ProgressLine(quiet: !isTalking, evaluationCount: run.trainer.evaluationCount),
      quiet: !isTalking)
    let signals = StopSignals(
      notice: isTalking ? "\nstopping after this step; once more to stop at once\n" : nil)
    if isTalking { introduce(run, data, remarks) }
    tell(TrainingJSON.start(run, data, remarks: remarks))
    let live = try observation.liveView(run, data)
    if let live { announce(live) }
    defer { live?.close(nil) }
    let outcome = try observation.observing(run, data) { record in
      try run.run(
        shouldStop: {
          live?.isStopped { signals.isStopRequested } == true || signals.isStopRequested
            || observation.isPaused(run.trainer)
        },
        observe: { event in
          progress.show(event)
          tell(TrainingJSON.line(event))
          record(event)
          live?.record(event)
        })
    }
    progress.clear()
    live?.close(outcome)
    let isStopped = signals.isStopRequested || live?.isStopRequested == true
    switch outcome {
    case .finished:
      if !quiet { try summarize(run, data) }
    case .stopped where !isStopped: break
    case .stopped:
      tell(
        TrainingJSON.end(
          "stopped", run.trainer, checkpoint: run.folder.lastCheckpointPath, tested: nil))
      Console.error(
        "stopped in epoch \(run.trainer.completedEpochs + 1) and saved; go on with: "
          + CommandText.line(["train", "--resume", run.folder.path] + machine.given))
      throw ExitCode(128 + (signals.signalNumber ?? SIGINT))
    }
  }

  /// Says where the page is; where standard output is for other programs, on standard error.
  private func announce(_ live: LiveView) {
    let text = "live page \(live.url)"
    if isTalking { Console.line(text) } else { Console.error(text) }
  }

  /// Prints a line of JSON, if that is wanted.
  private func tell(_ line: JSONLine?) {
    if json, !quiet, let line { Console.line(line.description) }
  }

  private func started() throws(CounterspikeError) -> (TrainingRun, DataSet, remarks: [String]) {
    var source: Checkpoint?
    if let from {
      source = try Checkpoint(
        contentsOf: from.isFolder ? RunFolder(existing: from).chosenCheckpointPath : from)
    }
    let recipe: Recipe
    if self.recipe == nil, let source {
      recipe = try changes.recipe(of: source)
    } else {
      recipe = try changes.recipe(self.recipe)
    }
    let data = try machine.load(recipe, quiet: !isTalking)
    let trainer = try Trainer(recipe, data, workers: machine.workers)
    var remarks = data.remarks + trainer.remarks
    if let source, let from {
      let weights = try trainer.start(from: source)
      remarks.append(
        "weights of \(weights.taken.joined(separator: ", ")) from \(from.excerpt)"
          + (weights.drawn.isEmpty
            ? "" : "; \(weights.drawn.joined(separator: ", ")) drawn anew"))
    }
    let folder = try RunFolder(creating: output, for: recipe)
    let run = try TrainingRun(starting: trainer, folder: folder)
    if let data = machine.data { try run.folder.remember(dataFolder: data) }
    return (run, data, remarks)
  }

  /// The run in the folder `path`, or `nil` when it is finished.
  private func resumed(
    _ path: String
  ) throws(CounterspikeError) -> (TrainingRun, DataSet, remarks: [String])? {
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
      if before.schedule.kind == .cosine, before.training.epochs < epochs, isTalking {
        Console.line(
          "the cosine schedule now ends after \(epochs.counted("epoch")): the learning rate goes on where that "
            + "schedule has it, which is higher")
      }
    }
    guard !checkpoint.isFinished else {
      finished(checkpoint, folder)
      return nil
    }
    let data = try machine.load(checkpoint.recipe, quiet: !isTalking, rememberedBy: folder.path)
    let trainer = try Trainer(checkpoint.recipe, data, workers: machine.workers)
    let run = try TrainingRun(resuming: checkpoint, trainer: trainer, folder: folder)
    if let data = machine.data { try folder.remember(dataFolder: data) }
    // What is lost is told of in any case.
    for remark in run.remarks { Console.error(remark) }
    return (run, data, data.remarks + trainer.remarks + run.remarks)
  }

  private func finished(_ checkpoint: Checkpoint, _ folder: RunFolder) {
    guard isTalking else { return }
    let epochs = checkpoint.completedEpochs
    Console.line(
      "“\(folder.path.excerpt)” is finished after \(epochs.counted("epoch")); train it longer with: "
        + CommandText.line(
          ["train", "--resume", folder.path] + machine.given + ["--epochs", "\(epochs + 1)"]))
  }

  private func introduce(_ run: TrainingRun, _ data: DataSet, _ remarks: [String]) {
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
    for remark in remarks where !run.remarks.contains(remark) { Console.line(remark) }
    Console.line("run folder \(run.folder.path)")
    if resume != nil {
      Console.line(
        "going on in epoch \(trainer.completedEpochs + 1), after "
          + trainer.completedSteps.counted("step"))
    }
  }

  private func summarize(_ run: TrainingRun, _ data: DataSet) throws {
    let trainer = run.trainer
    let path = run.folder.chosenCheckpointPath
    let chosen = try Checkpoint(contentsOf: path)
    let tested = try chosen.network().evaluate(
      data.test, loss: trainer.recipe.loss, workers: machine.workers)
    guard !json else {
      return tell(TrainingJSON.end("finished", trainer, checkpoint: path, tested: tested))
    }
    if trainer.completedEpochs < trainer.recipe.training.epochs {
      Console.line(
        "stopped after epoch \(trainer.completedEpochs): the validation "
          + (tested.rmse == nil ? "accuracy has not risen for " : "RMSE has not fallen for ")
          + (trainer.recipe.training.patience ?? 0).counted("epoch"))
    }
    Console.line(
      (tested.rmse.map { "test RMSE \($0.fixed(4))" } ?? "test accuracy \(tested.accuracy.percent)")
        + " \(chosen.choice); look closer "
        + "with: " + CommandText.line(["evaluate", run.folder.path] + machine.given))
    if tested.isUndecided { Console.line(Evaluation.undecidedRemark) }
  }
}
