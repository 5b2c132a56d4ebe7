internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeReport
internal import CounterspikeTraining
internal import Foundation

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Makes a page of what runs learned and what their networks do.",
    discussion: """
      Each run's chosen checkpoint is evaluated on the test samples. The page shows curves, mistakes, \
      spikes and membrane potentials of single samples, layers, operations and the recipe; of several \
      runs also what they differ in, and means over seeds. It needs nothing beside itself. \
      docs/reports.md explains it.
      """)

  @Argument(help: ArgumentHelp("Run folders.", valueName: "run"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "Writes the page to this file (default: report.html in the first run's folder, where it replaces an earlier report).",
      valueName: "file"))
  var html: String?

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var replacement: OverwriteOption
  @OptionGroup var output: QuietOption

  func validate() throws {
    if runs.isEmpty { throw ValidationError("name one or more run folders to report on") }
  }

  func run() throws {
    let page = try page()
    let reports = runs.map { path in
      RunReport(path, workers: machine.workers, describe: \.text) { recipe in
        try machine.load(recipe, quiet: json || output.quiet, rememberedBy: path)
      }
    }
    let arguments = CommandLine.arguments.dropFirst().map(\.shellQuoted)
    let text = ReportPage(
      reports: reports, command: (["counterspike"] + arguments).joined(separator: " "),
      version: CounterspikeVersion.text,
      machine: TrainingMachine(workers: machine.workers).description)
    try AtomicFile.write(Array(text.html.utf8), to: page)
    if json {
      let line: JSONLine = [
        "page": .string(page), "runs": .array(reports.map { .object($0.json) }),
      ]
      Console.line(line.description)
      return
    }
    for report in reports {
      for line in ReportText(report: report).lines { Console.line(line) }
      for problem in report.problems {
        Console.error("\(report.summary.name.excerpt): \(problem)")
      }
    }
    if !output.quiet { Console.line("wrote \(page)") }
  }

  /// The file of the page, found before the work is done that it is for.
  ///
  /// - Throws: `unreadableFile` where nothing that is named is a run; `unwritableFile`.
  private func page() throws(CounterspikeError) -> String {
    var first: String?
    var states: [RunSummary.State] = []
    for path in runs {
      guard let status = WholeFile.status(of: path) else {
        throw CounterspikeError(
          .unreadableFile, "there is no folder “\(path.excerpt)”; name a run's folder")
      }
      guard status.isFolder else {
        throw CounterspikeError(
          .unreadableFile, "“\(path.excerpt)” is a file; name a run's folder")
      }
      let state = RunSummary(path).state
      states.append(state)
      if first == nil, state != .empty, state != .foreign { first = path }
    }
    guard let first else {
      throw CounterspikeError(
        .unreadableFile,
        "“\(runs[0].excerpt)” holds no run (\(states[0].rawValue)); name a run's folder")
    }
    if let html {
      try replacement.check(html)
      return html
    }
    var path = first
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let file = path + "/report.html"
    if Self.isReport(file) {
      try AtomicFile.checkWritable(file)
    } else {
      try replacement.check(file)
    }
    return file
  }

  /// Whether a file is a page of ours, which a newer one may replace.
  private static func isReport(_ path: String) -> Bool {
    guard WholeFile.status(of: path)?.isPlain == true,
      let beginning = try? WholeFile.beginning(of: path, count: 1000)
    else { return false }
    return String(decoding: beginning, as: UTF8.self).contains(Page.mark)
  }
}
