internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeStudy
internal import CounterspikeTraining

struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Runs the papers' experiments that train no network.",
    subcommands: [SingleNeuronCommand.self])
}

struct SingleNeuronCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "single-neuron",
    abstract: "Teaches one neuron random spike trains by several rules, and draws the losses.",
    discussion: """
      The neuron has 200 inputs, 30 time steps, τ_m = 5 and τ_s = 2, and learns a random spike \
      train. The loss over 200 updates is averaged over 500 rounds. Every rule uses the learning \
      rate of Adam that ends lowest for it.
      """)

  @Option(help: "Rounds that the losses are averaged over.")
  var rounds = 500

  @Option(help: "Updates a round.")
  var updates = 200

  @Option(
    help: ArgumentHelp(
      "Rules to compare, joined by commas (default: "
        + SingleNeuronExperiment().rules.map(\.name).joined(separator: ", ") + "; known: "
        + AuditRule.all.map(\.name).joined(separator: ", ") + ").", valueName: "names"))
  var rules: String?

  @Option(help: "Seed of inputs, targets and initial weights.")
  var seed: UInt64 = 1

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @Option(help: ArgumentHelp("Writes the figure to this file.", valueName: "file"))
  var svg: String?

  @OptionGroup var replacement: OverwriteOption
  @OptionGroup var output: QuietOption

  func validate() throws {
    for (name, value) in [("--rounds", rounds), ("--updates", updates)]
    where !(1...100_000).contains(value) {
      throw ValidationError("\(name) is \(value); allowed are 1 to 100000")
    }
    _ = try rules.map { try AuditRule.named($0) }
  }

  func run() throws {
    try replacement.check(svg)
    var experiment = SingleNeuronExperiment()
    experiment.rounds = rounds
    experiment.updates = updates
    experiment.seed = seed
    if let rules { experiment.rules = try AuditRule.named(rules) }
    let showsProgress = Console.isTerminal && !json && !output.quiet
    let curves = try experiment.run { rule in
      if showsProgress { Console.raw("\r\u{1B}[K\(rule) …") }
    }
    if showsProgress { Console.raw("\r\u{1B}[K") }
    if json {
      Console.line(text(curves))
    } else {
      for line in table(curves, experiment).lines { Console.line(line) }
    }
    if let svg {
      let figure = SingleNeuronFigure(curves: curves).svg
      try AtomicFile.write(Array(figure.utf8), to: svg)
      if !json, !output.quiet { Console.line("wrote \(svg)") }
    }
  }

  private func table(
    _ curves: [SingleNeuronExperiment.Curve], _ experiment: SingleNeuronExperiment
  ) -> TextTable {
    let marks = [0, updates / 10, updates / 4, updates / 2, updates]
    var rows = [
      ["mean loss after"] + marks.map { "\($0)" } + ["± error", "exact", "best rate"]
        + experiment.learningRates.map { "at \($0)" }
    ]
    for curve in curves {
      rows.append(
        [curve.rule.name] + marks.map { curve.losses[$0].fixed(4) }
          + [curve.standardError.fixed(4), curve.exact.percent, "\(curve.learningRate)"]
          + curve.finalLosses.map { $0.fixed(4) })
    }
    return TextTable(rows: rows)
  }

  private func text(_ curves: [SingleNeuronExperiment.Curve]) -> String {
    let line: JSONLine = [
      "rounds": .integer(rounds), "updates": .integer(updates), "seed": .unsigned(seed),
      "rules": .array(
        curves.map { curve in
          .object([
            "rule": .string(curve.rule.name),
            "learningRate": .number(Double("\(curve.learningRate)") ?? Double(curve.learningRate)),
            "standardError": .number(curve.standardError), "exact": .number(curve.exact),
            "losses": .array(curve.losses.map { .number($0) }),
          ])
        }),
    ]
    return line.description
  }
}

extension AuditRule {
  /// The rules of a list joined by commas, each once.
  ///
  /// - Throws: `ValidationError` naming what is no rule.
  static func named(_ list: String) throws -> [AuditRule] {
    var rules: [AuditRule] = []
    for name in list.split(separator: ",") {
      guard let rule = all.first(where: { $0.name == name }) else {
        let near = String(name).nearest(in: all.map(\.name)).map { "did you mean \($0)? " } ?? ""
        throw ValidationError(
          "--rules: there is no rule “\(String(name).excerpt)”; \(near)there are "
            + all.map(\.name).joined(separator: ", "))
      }
      if !rules.contains(rule) { rules.append(rule) }
    }
    guard !rules.isEmpty else {
      throw ValidationError(
        "--rules names no rule; there are " + all.map(\.name).joined(separator: ", "))
    }
    return rules
  }
}
