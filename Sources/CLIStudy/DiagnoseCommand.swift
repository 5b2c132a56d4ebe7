internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData
internal import CounterspikeStudy
internal import CounterspikeTraining
internal import Foundation

struct DiagnoseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Finds out why a network does not learn, and which setting helps.",
    discussion: """
      Looks for silent and saturated layers, errors that vanish or explode, samples that are not \
      normalized, labels that do not fit and a learning rate that is too high. A setting is \
      suggested only after a few training steps with it went better. Of a run, the layers are \
      looked at with the checkpoint's weights; trials begin with new ones. Exit status: 0 if nothing \
      is wrong, 1 if something is.
      """)

  @OptionGroup var subject: SubjectOptions
  @OptionGroup var machine: MachineOptions

  @Option(help: "Training steps of a trial.")
  var steps = 60

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  @OptionGroup var output: QuietOption

  func validate() throws {
    guard !(1...100_000).contains(steps) else { return }
    throw ValidationError("--steps is \(steps); allowed are 1 to 100000")
  }

  func run() throws {
    let (recipe, checkpoint) = try subject.load()
    let load = { (recipe: Recipe) throws(CounterspikeError) -> DataSet in
      try machine.load(recipe, quiet: json || output.quiet, rememberedBy: subject.subject)
    }
    var diagnosis = try Diagnosis(
      recipe, load(recipe), checkpoint: checkpoint, workers: machine.workers)
    diagnosis.steps = steps
    diagnosis.reload = { try load($0).training }
    let showsProgress = Console.isTerminal && !json && !output.quiet
    let report = try diagnosis.run { text in
      if showsProgress { Console.raw("\r\u{1B}[K\(text.onOneLine) …") }
    }
    if showsProgress { Console.raw("\r\u{1B}[K") }
    if json {
      Console.line(report.json)
    } else {
      for line in DiagnosisText(report: report, isQuiet: output.quiet).lines { Console.line(line) }
    }
    guard report.isHealthy else { throw ExitCode(ExitStatus.checkFailed.rawValue) }
  }
}

/// A diagnosis as lines of text.
struct DiagnosisText {
  let report: DiagnosisReport
  /// Only what is wrong.
  let isQuiet: Bool

  var lines: [String] {
    let findings = report.findings.flatMap(lines)
    if isQuiet { return findings }
    return [heading] + table.lines + ["", "\(report.baseline.text)", ""]
      + (findings.isEmpty ? ["nothing is wrong"] : findings)
  }

  private var heading: String {
    let weights = report.epochs.map { "weights after \($0.counted("epoch"))" } ?? "initial weights"
    return "\(report.name.excerpt): \(report.network), \(weights)"
  }

  private var table: TextTable {
    TextTable(
      rows: [["layer", "firing rate", "current/threshold", "error", "gradient"]]
        + report.layers.map { layer in
          [
            layer.name, layer.firingRate.fixed(3), layer.current.fixed(2), layer.error.scientific,
            layer.gradient.scientific,
          ]
        })
  }

  private func lines(_ finding: DiagnosisReport.Finding) -> [String] {
    var lines = ["wrong: \(finding.observation)"]
    if let remedy = finding.remedy {
      lines.append("  helps: \(remedy.text)")
      lines.append("         as it is, \(report.baseline.text)")
    } else {
      lines += finding.tried.map { "  tried, does not help: \($0.text)" }
    }
    return lines
  }
}

extension DiagnosisReport.Attempt {
  fileprivate var text: String {
    settings.map { "\($0.key)=\($0.value)" }.joined(separator: " ") + ": \(outcome.text)"
  }
}

extension DiagnosisReport.Outcome {
  /// `60 steps: loss 1.2 → 0.8, accuracy 10.00 % → 40.00 %`
  fileprivate var text: String {
    guard !hasDiverged else { return "\(steps.counted("step")): the training diverges" }
    let loss =
      "\(steps.counted("step")): loss \(lossBefore.fixed(4)) → \(lossAfter.fixed(4))"
    if isRegression { return loss }
    return "\(loss), accuracy \(accuracyBefore.percent) → \(accuracyAfter.percent)"
  }
}
