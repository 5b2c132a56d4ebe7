internal import CounterspikeTraining
internal import Foundation

/// Shows a training's progress: one line that rewrites itself on a terminal, a plain line now and
/// then elsewhere.
final class ProgressLine {
  private let isTerminal = Console.isTerminal
  private let isQuiet: Bool
  private var lastShown = ContinuousClock().now - .seconds(60)
  private var isLineOpen = false
  /// Training and its rate, for the time left.
  private var started = ContinuousClock().now

  init(quiet: Bool) { isQuiet = quiet }

  func show(_ event: TrainingEvent) {
    guard !isQuiet else { return }
    switch event {
    case .step(let report): show(report)
    case .evaluating(let epoch):
      if isTerminal { rewrite("epoch \(epoch)  testing") }
    case .epochEnded(let report):
      clear()
      Console.line(Self.text(report))
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
    let text = Self.text(report)
    if isTerminal { rewrite(text) } else { Console.line(text) }
  }

  private func rewrite(_ text: String) {
    Console.raw("\r\u{1B}[K\(text)")
    isLineOpen = true
  }

  static func text(_ report: StepReport) -> String {
    let left =
      Double(report.stepsPerEpoch - report.step)
      + Double(report.epochs - report.epoch) * Double(report.stepsPerEpoch)
    let stepsDone = Double(report.samples) / Double(max(report.samplesPerStep, 1))
    let seconds = stepsDone > 0 ? left * report.seconds / stepsDone : 0
    return "epoch \(report.epoch)/\(report.epochs)  step \(report.step)/\(report.stepsPerEpoch)  "
      + "\(Int(report.samplesPerSecond).grouped) images/s  \(seconds.clock) left  "
      + "loss \(report.loss.fixed(4))  accuracy \(report.accuracy.percent)"
  }

  static func text(_ report: EpochReport) -> String {
    let rates = report.firingRates.map { "\($0.layer) \($0.rate.fixed(3))" }
    return "epoch \(report.epoch)/\(report.epochs)  loss \(report.loss.fixed(4))  "
      + "train \(report.trainAccuracy.percent)  test \(report.testAccuracy.percent)"
      + (report.isBest ? " (best)" : "") + "  firing rates " + rates.joined(separator: ", ")
      + "  \(Int(report.samplesPerSecond).grouped) images/s"
  }
}
