internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Lists the runs in a folder, with results and states.",
    discussion: """
      A run is finished, interrupted (train --resume goes on with it), running, or damaged; a folder \
      without a run is foreign or empty. The accuracy is that of the epoch that the run's validation \
      samples chose, or its test samples; where nothing chooses, that of the last epoch. A run whose \
      targets are numbers has the root mean squared error (rmse) in its place. Keys are the columns and \
      the recipe's key paths.
      """)

  @Argument(help: "A folder of runs, a sweep's folder or a run.")
  var folder = "runs"

  @Option(
    help: ArgumentHelp(
      "Sorts by a value, the smallest first: accuracy, rmse, seed, …", valueName: "key"))
  var sort: String?

  @Flag(help: "Turns the order of --sort round.")
  var reverse = false

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Keeps runs that have this value: state=finished, optimizer.learningRate=5e-4; can be given "
        + "several times.", valueName: "key=value"))
  var filter: [String] = []

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @Flag(help: "Prints the metrics in CSV, a line for each run and epoch.")
  var csv = false

  func validate() throws {
    if json && csv {
      throw ValidationError("--json and --csv exclude each other; give one of them")
    }
    if reverse && sort == nil {
      throw ValidationError("--reverse turns the order of --sort round; give --sort, too")
    }
  }

  func run() throws {
    var list = try RunList(in: folder).filtered(by: filter)
    if let sort { list = try list.sorted(by: sort, isDescending: reverse) }
    if json {
      Console.line(list.json)
    } else if csv {
      Console.raw(list.csv)
    } else {
      show(list)
    }
  }

  private func show(_ list: RunList) {
    guard !list.runs.isEmpty else {
      Console.line(
        filter.isEmpty
          ? "no runs in “\(folder.excerpt)”" : "no run in “\(folder.excerpt)” is as the filters say"
      )
      return
    }
    for line in RunTable.lines(list.runs) { Console.line(line) }
    for run in list.runs {
      if let problem = run.problem { Console.error("\(run.name.excerpt): \(problem)") }
      if run.lostLines > 0 {
        Console.error(
          "\(run.name.excerpt): \(run.lostLines.counted("line")) of metrics.jsonl cannot be read and "
            + "\(run.lostLines == 1 ? "is" : "are") left out")
      }
    }
  }
}

/// Runs as a table of at most 80 columns.
enum RunTable {
  static let columns = 80

  static func lines(_ runs: [RunSummary]) -> [String] {
    let fixed = runs.map { run in
      [
        run.recipe?.gradient.rule.rawValue ?? "", run.result().map(\.text) ?? "",
        run.recipe.map { "\(run.completedEpochs)/\($0.training.epochs)" } ?? "", run.state.rawValue,
      ]
    }
    let hasErrors = runs.contains { $0.recipe != nil && $0.measure == .rmse }
    let heads = ["rule", hasErrors ? "result" : "accuracy", "epochs", "state"]
    var rest = 0
    for (column, head) in heads.enumerated() {
      rest += 2 + fixed.reduce(head.count) { max($0, $1[column].count) }
    }
    // What is left is the name's first, then the network's.
    let names = runs.map { $0.name.excerpt }
    let longest = names.map(\.count).max() ?? 0
    let nameWidth = max(8, min(longest, columns - rest - 2 - 12))
    let networkWidth = max(8, columns - rest - nameWidth - 2)
    var rows = [["name", "network"] + heads]
    for (index, run) in runs.enumerated() {
      rows.append(
        [
          names[index].shortened(to: nameWidth),
          (run.network?.excerpt ?? "").shortened(to: networkWidth),
        ] + fixed[index])
    }
    return TextTable(rows: rows).lines
  }
}
