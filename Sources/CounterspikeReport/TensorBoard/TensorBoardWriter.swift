public import Counterspike
public import CounterspikeTraining
internal import Foundation

/// Writes what a run does for TensorBoard, into an event file in the run's folder.
///
/// Per epoch: loss, accuracy, learning rate, throughput, firing rates and gradient norms; histograms of
/// weights, gradients, membrane potentials and spike counts; the confusion matrix, a raster and the first
/// layer's kernels. The recipe, the network and the hyper-parameters stand at the beginning. A run that
/// goes on gets a further file, which tells readers to forget the steps that are made again.
///
/// A step only notes numbers in memory; the file is written at the end of each epoch. What takes time,
/// histograms and images, is left out of epochs where it would take more than a hundredth of the run's
/// time, and is always there for the first and the last one. A file that cannot be written, or a disk that
/// has little more room than checkpoints need, ends the writing, not the training.
public final class TensorBoardWriter {
  /// Why the writing ended before the training; `nil`: it did not.
  public private(set) var failure: CounterspikeError?

  let trainer: Trainer
  let firingLayers: Set<String>
  let samples: any SampleSource
  private var file: EventFile?
  private let onFailure: (CounterspikeError) -> Void
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  /// What histograms and images took so far, and the last time, in seconds.
  private var detailSeconds = (total: 0.0, last: 0.0)
  private var points: StepPoints
  private var stepsSeen = 0

  /// - Parameters:
  ///   - run: one that is about to begin or to go on.
  ///   - samples: of which the first ones are shown to the network at the end of an epoch, for membrane
  ///     potentials, spike counts and the raster; of the network's shape. They influence nothing.
  ///   - onFailure: told once when the file cannot be written.
  public init(
    _ run: TrainingRun, samples: any SampleSource,
    onFailure: @escaping (CounterspikeError) -> Void = { _ in }
  ) {
    trainer = run.trainer
    firingLayers = run.trainer.plan.firingLayers
    self.samples = samples
    self.onFailure = onFailure
    began = clock.now
    points = StepPoints(run.trainer)
    attempt {
      let file = try EventFile(in: run.folder.path, reserve: reserve)
      self.file = file
      let step = trainer.completedSteps
      file.add(EventMessage.version(at: now))
      file.add(EventMessage.begin(at: now, step: step + 1))
      file.add(EventMessage.summary(at: now, step: step, introduction))
      try file.flush()
    }
  }

  /// Room for three checkpoints, which count for more than this log: weights and the optimizer's two moments.
  private var reserve: Int { 3 * (12 * trainer.plan.weightCount + 1 << 15) }

  private var now: Double { Date().timeIntervalSince1970 }

  /// Does some writing unless an earlier one failed.
  private func attempt(_ body: () throws -> Void) {
    guard failure == nil else { return }
    do {
      try body()
    } catch {
      let failure =
        error as? CounterspikeError
        ?? CounterspikeError(.libraryFailure, "the log for TensorBoard: \(error)", cause: error)
      self.failure = failure
      file = nil
      onFailure(failure)
    }
  }

  /// Takes up an event of the run's trainer; to be called between two steps.
  public func record(_ event: TrainingEvent) {
    switch event {
    case .step(let report):
      stepsSeen += 1
      record(report)
    case .epochEnded(let report):
      points.endEpoch()
      attempt {
        var values = scalars(report.metrics)
        if stepsSeen > 0 { values += gradientNorms }
        if isTimeForDetails(report) { values += try details() }
        file?.add(EventMessage.summary(at: now, step: report.step, values))
        try file?.flush()
      }
    default: break
    }
  }

  /// Notes how the run ended. Of a training that is stopped nothing is noted: TensorBoard believes the
  /// first ending it reads, and the training may go on.
  ///
  /// - Parameter outcome: `nil` when it failed.
  public func close(_ outcome: TrainingOutcome?) {
    attempt {
      if outcome != .stopped {
        let end = HyperParameters.end(outcome == nil ? .failure : .success, at: now)
        file?.add(EventMessage.summary(at: now, step: trainer.completedSteps, [end]))
      }
      try file?.flush()
      file = nil
    }
  }

  private func record(_ report: StepReport) {
    guard failure == nil, let point = points.point(report) else { return }
    file?.add(
      EventMessage.summary(
        at: now, step: trainer.completedSteps,
        [
          .init("step/loss", .scalar(point.loss)),
          .init("step/\(Self.name(trainer.recipe))", .scalar(point.quality)),
          .init("step/learningRate", .scalar(Double(report.learningRate))),
          .init("step/samplesPerSecond", .scalar(report.samplesPerSecond)),
        ]))
  }

  private func isTimeForDetails(_ report: EpochReport) -> Bool {
    let elapsed = (clock.now - began) / .seconds(1)
    return report.epoch == report.epochs
      || detailSeconds.total + detailSeconds.last <= elapsed / 100
  }

  private func details() throws -> [EventMessage.Value] {
    let start = clock.now
    let values = try histogramsAndImages(hasGradients: stepsSeen > 0)
    detailSeconds.last = (clock.now - start) / .seconds(1)
    detailSeconds.total += detailSeconds.last
    return values
  }
}
