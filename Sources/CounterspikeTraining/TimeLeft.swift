/// The rest of a training at the rate so far, and an evaluation an epoch.
package struct TimeLeft {
  private let evaluationCount: Int
  /// When the running evaluation began, and what the last one took.
  private var evaluationStart: ContinuousClock.Instant?
  private var evaluationSeconds: Double?

  /// - Parameter evaluationCount: samples of an evaluation.
  package init(evaluationCount: Int) { self.evaluationCount = evaluationCount }

  package mutating func note(_ event: TrainingEvent) {
    switch event {
    case .evaluating: evaluationStart = ContinuousClock().now
    case .epochEnded:
      evaluationSeconds = evaluationStart.map { (ContinuousClock().now - $0) / .seconds(1) }
    case .step, .warning: break
    }
  }

  package func seconds(_ report: StepReport) -> Double {
    let epochs = Double(report.epochs - report.epoch)
    let steps =
      Double(report.stepsPerEpoch - report.step) + epochs * Double(report.stepsPerEpoch)
    let secondsASample = report.seconds / Double(max(report.samples, 1))
    // A forward pass alone takes about a third of a training step.
    let evaluation = evaluationSeconds ?? Double(evaluationCount) * secondsASample / 3
    return steps * Double(report.samplesPerStep) * secondsASample + (epochs + 1) * evaluation
  }
}
