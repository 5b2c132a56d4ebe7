internal import CounterspikeTraining

/// Points of the loss and the accuracy, or RMSE, some fifty times an epoch, each the mean since the point before.
struct StepPoints {
  struct Point {
    let loss: Double
    /// The accuracy, or in regression the root mean squared error.
    let quality: Double
  }

  private struct Sums {
    var samples = 0
    var loss = 0.0
    /// Right samples, or the sum of squared errors.
    var quality = 0.0
  }

  private let trainingCount: Int
  /// The sums from the epoch's beginning to the last point; `nil`: this process did not see the beginning.
  private var last: Sums?

  init(_ trainer: Trainer) {
    trainingCount = trainer.trainingCount
    last = trainer.isAtEpochBegin ? Sums() : nil
  }

  mutating func endEpoch() { last = Sums() }

  /// - Returns: `nil` where a step makes no point.
  mutating func point(_ report: StepReport) -> Point? {
    let interval = max(1, report.stepsPerEpoch / 50)
    guard report.step % interval == 0 || report.step == report.stepsPerEpoch else { return nil }
    let samples = min(report.step * report.samplesPerStep, trainingCount)
    let sums = Sums(
      samples: samples, loss: report.loss * Double(samples),
      quality: (report.rmse.map { $0 * $0 } ?? report.accuracy) * Double(samples))
    defer { last = sums }
    guard let last, sums.samples > last.samples else { return nil }
    let count = Double(sums.samples - last.samples)
    let quality = (sums.quality - last.quality) / count
    return Point(
      loss: (sums.loss - last.loss) / count,
      quality: report.rmse == nil ? quality : max(0, quality).squareRoot())
  }
}
