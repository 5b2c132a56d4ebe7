internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeStudy
internal import CounterspikeTraining
internal import Foundation

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Measures which gradient rule tells the truth about a network.",
    discussion: """
      Spikes are inverted one at a time, the whole rest of the network is run again, and the true \
      change of the loss is compared with what every rule predicts; then steps are taken along \
      every rule's gradient. The weights are those of a checkpoint, or a recipe's initial ones. \
      docs/gradients.md explains the numbers.
      """)

  @OptionGroup var subject: SubjectOptions
  @OptionGroup var machine: MachineOptions

  @Option(help: "Samples that losses and gradients are taken over.")
  var samples = 32

  @Option(help: "Changed spike trains a layer.")
  var flips = 2000

  @Flag(help: "Tries all spike trains of some neurons instead of single flips; up to 10 steps.")
  var exhaustive = false

  @Option(
    help: ArgumentHelp(
      "Rules to compare, joined by commas (default: all of "
        + AuditRule.all.map(\.name).joined(separator: ", ") + ").", valueName: "names"))
  var rules: String?

  @Option(help: "Antithetic pairs of perturbed weights a layer.")
  var perturbations = 100

  @Option(help: "Seed of what is sampled; the same seed gives the same report.")
  var auditSeed: UInt64 = 1

  @Option(help: "Which samples: test, validation (the held-back or official ones) or training.")
  var split = SampleSplit.test

  @Flag(help: "Prints every table, with intervals, instead of a summary.")
  var all = false

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @Option(help: ArgumentHelp("Writes a page with plots to this file.", valueName: "file"))
  var html: String?

  @OptionGroup var replacement: OverwriteOption
  @OptionGroup var output: QuietOption

  func validate() throws {
    for (name, value, bounds) in [
      ("--samples", samples, 1...100_000), ("--flips", flips, 1...1_000_000),
      ("--perturbations", perturbations, 1...1_000_000),
    ] where !bounds.contains(value) {
      throw ValidationError("\(name) is \(value); allowed are 1 to \(bounds.upperBound)")
    }
    _ = try chosenRules()
  }

  private func chosenRules() throws -> [AuditRule]? { try rules.map { try AuditRule.named($0) } }

  func run() throws {
    let (recipe, network, epochs, data) = try prepared()
    // Minutes of work are not to end in a name that nothing can be written to.
    try replacement.check(html)
    var settings = AuditSettings()
    settings.samples = samples
    settings.flips = flips
    settings.isExhaustive = exhaustive
    settings.perturbations = perturbations
    settings.seed = auditSeed
    let audit = Audit(
      recipe: recipe, network: network, source: try split.samples(of: data),
      epochs: epochs, rules: try chosenRules(), workers: machine.workers)
    let showsProgress = Console.isTerminal && !json && !output.quiet
    let report = try audit.run(settings) { text in
      if showsProgress { Console.raw("\r\u{1B}[K\(text.onOneLine) …") }
    }
    if showsProgress { Console.raw("\r\u{1B}[K") }
    if json {
      Console.line(report.json)
    } else {
      if let path = try subject.checkpointPath() { Console.line("weights of \(path.excerpt)") }
      let text = AuditText(report: report)
      for line in all ? text.lines : text.summary { Console.line(line) }
    }
    if let html {
      let arguments = CommandLine.arguments.dropFirst().map(\.shellQuoted)
      let page = AuditPage(
        report: report, command: (["counterspike"] + arguments).joined(separator: " "),
        version: CounterspikeVersion.text)
      try AtomicFile.write(Array(page.html.utf8), to: html)
      if !json, !output.quiet { Console.line("\nwrote \(html)") }
    }
  }

  private func prepared() throws -> (Recipe, Network, Int?, DataSet) {
    let (recipe, checkpoint) = try subject.load()
    let data = try machine.load(
      recipe, quiet: json || output.quiet, rememberedBy: subject.subject)
    let network =
      try checkpoint?.network()
      ?? Network(recipe.network, inputShape: Array(data.test.shape.suffix(3)), seed: recipe.seed)
    return (recipe, network, checkpoint?.completedEpochs, data)
  }
}
