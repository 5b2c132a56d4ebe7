internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining
internal import Foundation

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Trains a recipe with many settings and sorts them by their results.",
    discussion: """
      --over optimizer.learningRate=1e-4,5e-4 --over seed=1..3 makes six runs; with --random 10, ten \
      settings are drawn, also from ranges as 1e-4..1e-2:log. Each run is one of train with --set, byte \
      for byte. Runs that differ in the seed only are one setting. Ctrl-C saves all runs; --resume goes \
      on, and repeats nothing that is finished.
      """)

  @Argument(
    help: ArgumentHelp(
      "A recipe's file, or a recipe that comes with counterspike.", valueName: "recipe"))
  var recipe: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A setting to vary: values 1e-4,5e-4, integers 1..3, or with --random a range 1e-4..1e-2:log or "
        + "0..1:linear; can be given several times.", valueName: "key=values"))
  var over: [String] = []

  @Option(help: "Draws so many settings in place of all combinations; each is run with every seed.")
  var random: Int?

  @Flag(
    help: ArgumentHelp(
      "Successive halving: compares the settings after a part of the epochs by their validation "
        + "samples, and goes on with the best third."))
  var halving = false

  @OptionGroup var changes: RecipeChanges
  @OptionGroup var machine: MachineOptions

  @Option(help: "Runs at the same time (default: one a processor); --threads is a run's.")
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "The sweep's folder, a new one (default: runs/<name>-sweep-<time>).", valueName: "folder"))
  var output: String?

  @Option(help: ArgumentHelp("Goes on with the sweep in this folder.", valueName: "folder"))
  var resume: String?

  @Flag(name: .shortAndLong, help: "Prints the table only.")
  var quiet = false

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs is \(jobs); allowed are 1 to 1024")
    }
    guard resume != nil else {
      if over.isEmpty {
        throw ValidationError("name a setting to vary, as --over optimizer.learningRate=1e-4,5e-4")
      }
      return
    }
    let given =
      (recipe.map { ["the recipe “\($0.excerpt)”"] } ?? []) + over.map { "--over \($0.excerpt)" }
      + (random.map { ["--random \($0)"] } ?? []) + (halving ? ["--halving"] : [])
      + changes.givenForNewRun + (changes.epochs.map { ["--epochs \($0)"] } ?? [])
      + (output.map { ["--output \($0.excerpt)"] } ?? [])
    if let first = given.first {
      throw ValidationError(
        "--resume goes on with a sweep as its sweep.yaml says; leave out \(first), or begin a new one"
      )
    }
  }

  func run() throws {
    let folder =
      try resume.map { path throws(CounterspikeError) in
        try SweepFolder(resuming: path)
      } ?? begun()
    let signals = StopSignals(
      notice: "stopping and saving all runs; once more to stop at once\n")
    if !quiet && !json {
      let plan = folder.plan
      Console.line(
        "\(plan.runs.count.counted("run")) of \(plan.groups.count.counted("setting")) in \(folder.path)"
          + (plan.isHalving
            ? ", compared after " + plan.rungs.map { "\($0)" }.joined(separator: ", ") + " epochs"
            : ""))
    }
    while true {
      let progress = SweepProgress(
        folder.plan, summaries: folder.summaries, failures: folder.failures)
      if progress.pending.isEmpty {
        show(progress, folder)
        guard progress.groups.contains(where: { $0.failure == nil }) else {
          Console.error(
            "counterspike: no setting could be trained; vary others, or in other ranges")
          throw ExitCode(ExitStatus.software.rawValue)
        }
        return
      }
      let isLast = progress.epochs >= folder.plan.recipe.training.epochs
      var workshop = SweepWorkshop(
        folder: folder, machine: machine, jobs: jobs, pauseAfter: isLast ? nil : progress.epochs,
        isQuiet: quiet || json)
      guard try workshop.train(progress.pending, shouldStop: { signals.isStopRequested }) else {
        Console.error(
          "stopped and saved; go on with: "
            + CommandText.line(["sweep", "--resume", folder.path] + machine.given))
        throw ExitCode(128 + (signals.signalNumber ?? SIGINT))
      }
    }
  }

  private func begun() throws(CounterspikeError) -> SweepFolder {
    let recipe = try changes.recipe(recipe)
    var axes: [SweepAxis] = []
    for text in over { axes.append(try SweepAxis(text)) }
    let plan = try SweepPlan(recipe, axes: axes, drawnCount: random, isHalving: halving)
    return try SweepFolder(
      creating: output ?? RunFolder.freshPath(recipe.name + "-sweep"), for: plan)
  }

  private func show(_ progress: SweepProgress, _ folder: SweepFolder) {
    if json {
      Console.line(progress.json(folder))
      return
    }
    let keys = folder.plan.axes.map(\.key).filter { $0 != "seed" }
    let names = keys.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
    let measure = progress.groups.first?.measure ?? .accuracy
    var rows = [["runs"] + names + [measure.rawValue, "epochs"]]
    for group in progress.groups {
      let numbers = group.runs.map(\.name)
      let runs = numbers.count > 1 ? "\(numbers[0])–\(numbers[numbers.count - 1])" : numbers[0]
      let values = group.settings.map { setting in
        String(setting.drop { $0 != "=" }.dropFirst()).excerpt.shortened(to: 20)
      }
      let result =
        group.failure == nil
        ? group.result.text(group.measure) : "failed"
      rows.append([runs] + values + [result, "\(group.epochs)"])
    }
    for line in TextTable(rows: rows).lines { Console.line(line) }
    for group in progress.groups {
      if let failure = group.failure {
        Console.error("\(group.runs[0].name): \(failure)")
      }
    }
    switch folder.summaries.values.compactMap({ $0.result()?.choice }).first {
    case .validation?: break
    case .test?:
      Console.error(
        "the results are those of the test samples: the best one is somewhat too good; set "
          + "data.validation, as 0.1, to choose by other samples")
    case .last?:
      Console.error(
        "the results are those of training samples, which say little about other samples; set "
          + "data.validation, as 0.1")
    case nil: break
    }
  }
}
