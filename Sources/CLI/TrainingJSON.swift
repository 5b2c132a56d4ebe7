internal import Counterspike
internal import CounterspikeData
internal import CounterspikeTraining

/// A training's events as JSON objects, one a line, for programs that follow it.
enum TrainingJSON {
  static func start(_ run: TrainingRun, _ data: DataSet, remarks: [String]) -> JSONLine {
    let trainer = run.trainer
    return [
      "event": .string("start"), "run": .string(run.folder.path),
      "name": .string(trainer.recipe.name), "dataSet": .string(data.name),
      "training": .integer(trainer.trainingCount),
      "validation": data.validation.map { .integer($0.count) } ?? .null,
      "test": .integer(data.test.count), "weights": .integer(trainer.plan.weightCount),
      "epochs": .integer(trainer.recipe.training.epochs),
      "completedEpochs": .integer(trainer.completedEpochs), "threads": .integer(trainer.workers),
      "remarks": .array(remarks.map { .string($0) }),
    ]
  }

  /// The line of an event; `nil` for those that come too often to be told.
  static func line(_ event: TrainingEvent) -> JSONLine? {
    switch event {
    case .step, .evaluating: return nil
    case .epochEnded(let report):
      let kind: JSONLine = ["event": .string("epoch")]
      let best: JSONLine = ["isBest": .boolean(report.isBest)]
      return JSONLine(kind.members + report.metrics.members + best.members)
    case .warning(let warning):
      return ["event": .string("warning"), "text": .string(warning.description)]
    }
  }

  /// - Parameters:
  ///   - outcome: `finished` or `stopped`.
  ///   - checkpoint: the one that speaks for the run.
  ///   - tested: its evaluation on the test samples; `nil` for a run that was stopped.
  static func end(
    _ outcome: String, _ trainer: Trainer, checkpoint: String, tested: Evaluation?
  ) -> JSONLine {
    [
      "event": .string("end"), "outcome": .string(outcome),
      "completedEpochs": .integer(trainer.completedEpochs), "checkpoint": .string(checkpoint),
      "testAccuracy": tested.flatMap { $0.rmse == nil ? .number($0.accuracy) : nil } ?? .null,
      "testRMSE": tested?.rmse.map { .number($0) } ?? .null,
      "testLoss": tested.map { .number($0.loss) } ?? .null,
    ]
  }
}
