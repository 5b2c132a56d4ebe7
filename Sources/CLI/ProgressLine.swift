internal import CLIDrawing
internal import CLISupport
internal import CounterspikeTraining
internal import Foundation

/// Shows a training's progress: one line that rewrites itself on a terminal, a plain line now and
/// then elsewhere.
final class ProgressLine {
  private let isTerminal = Console.isTerminal
  private let isQuiet: Bool
  private var lastShown = ContinuousClock().now - .seconds(60)
  private var isLineOpen = false
  private var started = ContinuousClock().now
  private var timeLeft: TimeLeft

  /// - Parameter evaluationCount: samples of an evaluation.
  init(quiet: Bool, evaluationCount: Int) {
    isQuiet = quiet
    timeLeft = TimeLeft(evaluationCount: evaluationCount)
  }

  func show(_ event: TrainingEvent) {
    guard !isQuiet else { return }
    timeLeft.note(event)
    switch event {
    case .step(let report): show(report)
    case .evaluating(let epoch):
      if isTerminal { rewrite("epoch \(epoch)  evaluating") }
    case .epochEnded(let report):
      clear()
      Console.line(Self.text(report))
    case .warning(let warning):
      clear()
      Console.line("warning: \(warning)")
    }
  }

  /// Removes the line that rewrites itself.
  func clear() {
    if isLineOpen { Console.raw("\r\u{1B}[K") }
    isLineOpen = false
  }

  private func show(_ report: StepReport) {
    let now = ContinuousClock().now
    guard now - lastShown >= (isTerminal ? .milliseconds(200) : .seconds(10)) else { return }
    // The first plain line comes after ten seconds, not after the first step.
    if !isTerminal && lastShown < started && now - started < .seconds(10) { return }
    lastShown = now
    let text = text(report)
    if isTerminal { rewrite(text) } else { Console.line(text) }
  }

  private func rewrite(_ text: String) {
    // What is longer than the terminal is wide is cut off: the next line end would not be undone.
    Console.raw("\r\u{1B}[K\u{1B}[?7l\(text)\u{1B}[?7h")
    isLineOpen = true
  }

  private func text(_ report: StepReport) -> String {
    "epoch \(report.epoch)/\(report.epochs)  step \(report.step)/\(report.stepsPerEpoch)  "
      + "loss \(report.loss.fixed(4))  train \(Self.quality(report.accuracy, report.rmse))  "
      + "\(timeLeft.seconds(report).clock) left  \(Int(report.samplesPerSecond).grouped) samples/s"
  }

  /// The accuracy, or in regression the root mean squared error.
  private static func quality(_ accuracy: Double, _ rmse: Double?) -> String {
    rmse.map { "RMSE \($0.fixed(4))" } ?? accuracy.percent
  }

  static func text(_ report: EpochReport) -> String {
    var judged = ""
    if let split = report.split, let accuracy = report.evaluationAccuracy {
      judged =
        "  \(split.rawValue) \(quality(accuracy, report.evaluationRMSE))"
        + (report.isBest ? " (best)" : "")
    }
    return "epoch \(report.epoch)/\(report.epochs)  loss \(report.loss.fixed(4))  "
      + "train \(quality(report.trainAccuracy, report.trainRMSE))\(judged)"
      + (report.firingRates.isEmpty ? "" : "  firing rates \(report.firingRates.text)")
      + "  \(Int(report.samplesPerSecond).grouped) samples/s"
  }
}
