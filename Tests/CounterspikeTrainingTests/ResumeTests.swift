import Counterspike
import CounterspikeData
import CounterspikeTraining
import Foundation
import Testing

@Suite("A run that is continued")
struct ResumeTests {
  private struct Killed: Error {}

  /// That both runs left the same files, but for what depends on time.
  private func expectEqual(_ one: RunFolder, _ other: RunFolder) throws {
    #expect(try bytes(of: one.lastCheckpointPath) == bytes(of: other.lastCheckpointPath))
    #expect(try bytes(of: one.bestCheckpointPath) == bytes(of: other.bestCheckpointPath))
    #expect(try bytes(of: one.recipePath) == bytes(of: other.recipePath))
    #expect(try results(of: one) == results(of: other))
  }

  /// Stops at the n-th time that it is asked: before each of the four steps of an epoch, and
  /// before its evaluation.
  private func stop(
    _ training: TrainingCase, at place: Int, in folder: String
  ) throws -> TrainingOutcome {
    let trainer = try training.trainer()
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: folder, for: trainer.recipe))
    var asked = 0
    return try run.run(shouldStop: {
      asked += 1
      return asked > place
    })
  }

  @Test(
    "ends as one that was never stopped, wherever it was: before a step or an evaluation",
    arguments: 0...9)
  func stopped(place: Int) throws {
    let temporary = try TemporaryFolder()
    let whole = try TrainingCase.plain.run(in: temporary.file("whole"))
    let path = temporary.file("stopped")
    #expect(try stop(.plain, at: place, in: path) == .stopped)
    let folder = try RunFolder(existing: path)
    let checkpoint = try Checkpoint(contentsOf: folder.lastCheckpointPath)
    #expect(checkpoint.step == [0, 1, 2, 3, 4, 4, 5, 6, 7, 8][place])
    #expect(checkpoint.completedEpochs == place / 5)
    // The sums are those of the epoch that it stands in.
    let file = try SafeTensorsFile(contentsOf: folder.lastCheckpointPath)
    #expect(file.metadata["epochSamples"] == "\([0, 16, 32, 48, 53][place % 5])")
    let trainer = try TrainingCase.plain.resume(in: path, workers: 2)
    #expect(trainer.completedEpochs == 2)
    try expectEqual(whole, folder)
  }

  @Test(
    "ends as one that was never stopped, for every kind of training",
    arguments: TrainingCase.allCases, [2, 7])
  func cases(training: TrainingCase, place: Int) throws {
    let temporary = try TemporaryFolder()
    let whole = try training.run(in: temporary.file("whole"))
    let path = temporary.file("stopped")
    #expect(try stop(training, at: place, in: path) == .stopped)
    try training.resume(in: path)
    try expectEqual(whole, try RunFolder(existing: path))
  }

  @Test("may be stopped and continued at every step")
  func manyStops() throws {
    let temporary = try TemporaryFolder()
    let whole = try TrainingCase.dropout.run(in: temporary.file("whole"))
    let path = temporary.file("stopped")
    #expect(try stop(.dropout, at: 1, in: path) == .stopped)
    let folder = try RunFolder(existing: path)
    var outcome = TrainingOutcome.stopped
    var rounds = 0
    while outcome == .stopped && rounds < 20 {
      rounds += 1
      let checkpoint = try Checkpoint(contentsOf: folder.lastCheckpointPath)
      let trainer = try TrainingCase.dropout.trainer()
      let run = try TrainingRun(resuming: checkpoint, trainer: trainer, folder: folder)
      var asked = 0
      outcome = try run.run(shouldStop: {
        asked += 1
        return asked > 1
      })
    }
    #expect(outcome == .finished && rounds > 5)
    try expectEqual(whole, folder)
  }

  @Test("goes on from its last checkpoint when it was killed between two", arguments: [1, 2, 3])
  func killedInEpoch(interval: Int) throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("killed")
    let change: (inout Recipe) -> Void = { $0.training.checkpointInterval = interval }
    let whole = try TrainingCase.plain.run(in: temporary.file("whole"), change)
    // As long as the run is there, its folder is held.
    do {
      let trainer = try TrainingCase.plain.trainer(change)
      let run = try TrainingRun(
        starting: trainer, folder: RunFolder(creating: path, for: trainer.recipe))
      #expect(throws: Killed.self) {
        try run.run { event in
          if case .step(let report) = event, report.epoch == 2, report.step == 3 { throw Killed() }
        }
      }
      let error = #expect(throws: CounterspikeError.self) {
        try TrainingCase.plain.resume(in: path)
      }
      #expect(error?.code == .unwritableFile)
      #expect(run.trainer.completedEpochs == 1)
    }
    let folder = try RunFolder(existing: path)
    let checkpoint = try Checkpoint(contentsOf: folder.lastCheckpointPath)
    #expect(checkpoint.step == 4 + 3 / interval * interval)
    try TrainingCase.plain.resume(in: path)
    try expectEqual(whole, folder)
  }

  @Test(
    "drops metrics of what it trains again, also a half-written line",
    arguments: [
      "", #"{"epoch": 2, "step": 8, "loss": 9}"# + "\n", #"{"epoch": 2, "st"#,
      #"{"epoch": 2, "step": 8}"# + "\n" + #"{"epoch""#,
    ])
  func killedBeforeCheckpoint(extra: String) throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("killed")
    let trainer = try TrainingCase.plain.trainer()
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: temporary.file("whole"), for: trainer.recipe))
    try run.run { event in
      if case .epochEnded(let report) = event, report.epoch == 1 {
        try FileManager.default.copyItem(atPath: run.folder.path, toPath: path)
      }
    }
    let folder = try RunFolder(existing: path)
    #expect(try results(of: folder).count == 1)
    let metrics = try bytes(of: folder.metricsPath) + Array(extra.utf8)
    try Data(metrics).write(to: URL(fileURLWithPath: folder.metricsPath))
    try TrainingCase.plain.resume(in: path)
    try expectEqual(run.folder, folder)
  }

  @Test("can be made longer after its end, at a rate that does not depend on the end")
  func extended() throws {
    let temporary = try TemporaryFolder()
    let whole = try TrainingCase.dropout.run(in: temporary.file("whole")) {
      $0.training.epochs = 4
    }
    let path = temporary.file("extended")
    let folder = try TrainingCase.dropout.run(in: path)
    let trainer = try TrainingCase.dropout.resume(in: path, epochs: 4)
    #expect(trainer.completedEpochs == 4)
    #expect(try bytes(of: whole.lastCheckpointPath) == bytes(of: folder.lastCheckpointPath))
    #expect(try results(of: whole) == results(of: folder))
  }

  @Test("and has no epochs left stays as it is")
  func finished() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("run")
    let folder = try TrainingCase.plain.run(in: path)
    let before = (try bytes(of: folder.lastCheckpointPath), try bytes(of: folder.metricsPath))
    try TrainingCase.plain.resume(in: path)
    #expect(try bytes(of: folder.lastCheckpointPath) == before.0)
    #expect(try bytes(of: folder.metricsPath) == before.1)
  }

  @Test("is refused when its checkpoint belongs to other samples, another network or optimizer")
  func refusal() throws {
    let temporary = try TemporaryFolder()
    let path = temporary.file("run")
    _ = try stop(.plain, at: 3, in: path)
    let folder = try RunFolder(existing: path)
    let checkpoint = try Checkpoint(contentsOf: folder.lastCheckpointPath)
    func error(_ trainer: Trainer) -> CounterspikeError? {
      #expect(throws: CounterspikeError.self) {
        try TrainingRun(resuming: checkpoint, trainer: trainer, folder: folder)
      }
    }
    let fewer = try Trainer(
      checkpoint.recipe, training: MadeUpImages.set(17, seed: 1),
      evaluation: TrainingCase.plain.test,
      workers: 1)
    var found = error(fewer)
    #expect(found?.code == .mismatch && found?.message.contains("at step 3 of an epoch") == true)
    found = error(
      try TrainingCase.plain.trainer { $0.network.layers[2] = .dense(17) })
    #expect(found?.code == .mismatch && found?.message.contains("another network") == true)
    found = error(try TrainingCase.plain.trainer { $0.optimizer.kind = .sgd })
    #expect(found?.code == .mismatch)
  }
}
