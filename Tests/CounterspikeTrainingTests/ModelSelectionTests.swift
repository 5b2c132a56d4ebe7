import Counterspike
import CounterspikeData
import CounterspikeTraining
import Foundation
import Testing

@Suite("The choice of a checkpoint")
struct ModelSelectionTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  private static func data(validation: Bool, test: any SampleSource) -> DataSet {
    DataSet(
      name: "bars", title: "Bars", classNames: ["a", "b", "c", "d"],
      training: TrainingCase.plain.training,
      validation: validation ? MadeUpImages.set(40, seed: 3) : nil, test: test)
  }

  private static func recipe(
    epochs: Int = 3, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Recipe {
    var recipe = try TrainingCase.plain.recipe
    recipe.training.modelSelection = .validation
    recipe.training.epochs = epochs
    recipe.optimizer.learningRate = 0.02
    change(&recipe.training)
    return recipe
  }

  /// A whole run; gives its folder and its epochs.
  private func run(
    _ recipe: Recipe, _ data: DataSet, in name: String, resuming: Bool = false,
    stopAfter steps: Int = .max
  ) throws -> (folder: RunFolder, epochs: [EpochReport]) {
    let trainer = try Trainer(recipe, data, workers: 1)
    let path = temporary.file(name)
    let run: TrainingRun
    if resuming {
      let folder = try RunFolder(resuming: path)
      run = try TrainingRun(
        resuming: Checkpoint(contentsOf: folder.lastCheckpointPath), trainer: trainer,
        folder: folder)
    } else {
      run = try TrainingRun(starting: trainer, folder: RunFolder(creating: path, for: recipe))
    }
    var epochs: [EpochReport] = []
    var asked = 0
    try run.run(
      shouldStop: {
        asked += 1
        return asked > steps
      },
      observe: { event in
        if case .epochEnded(let report) = event { epochs.append(report) }
      })
    return (try RunFolder(existing: path), epochs)
  }

  @Test("is the last one without validation samples, and nobody looks at the test samples")
  func withoutValidation() throws {
    let test = RecordingSource(MadeUpImages.set(21, seed: 2))
    let data = Self.data(validation: false, test: test)
    let before = test.loads.count
    let (folder, epochs) = try run(Self.recipe(), data, in: "run")
    #expect(test.loads.count == before)
    #expect(epochs.count == 3)
    #expect(epochs.allSatisfy { $0.split == nil && $0.evaluationAccuracy == nil && !$0.isBest })
    #expect(
      try bytes(of: folder.chosenCheckpointPath) == bytes(of: folder.lastCheckpointPath))
    #expect(try Checkpoint(contentsOf: folder.lastCheckpointPath).best == nil)
    let lines = try JSONLine.lines(in: folder.metricsPath)
    #expect(lines.allSatisfy { $0["testAccuracy"] == nil && $0["trainAccuracy"] != nil })
  }

  @Test("does not change what is trained")
  func sameWeights() throws {
    let data = Self.data(validation: true, test: MadeUpImages.set(21, seed: 2))
    let weights = try TrainingSettings.ModelSelection.allCases.map { selection in
      let (folder, _) = try run(
        Self.recipe { $0.modelSelection = selection }, data, in: selection.rawValue)
      return try Checkpoint(contentsOf: folder.lastCheckpointPath).weights
    }
    #expect(weights[0] == weights[1] && weights[1] == weights[2])
  }

  @Test("goes by validation samples, by test samples where the recipe says so, or by none")
  func splits() throws {
    let data = Self.data(validation: true, test: MadeUpImages.set(21, seed: 2))
    for (selection, split) in [
      (TrainingSettings.ModelSelection.validation, EvaluationSplit.validation),
      (.test, .test), (.last, .validation),
    ] {
      let (folder, epochs) = try run(
        Self.recipe { $0.modelSelection = selection }, data, in: selection.rawValue)
      #expect(epochs.allSatisfy { $0.split == split && $0.evaluationAccuracy != nil })
      let accuracies = epochs.compactMap(\.evaluationAccuracy)
      let best = try #require(accuracies.firstIndex(of: accuracies.max() ?? 0)) + 1
      let chosen = try Checkpoint(contentsOf: folder.chosenCheckpointPath)
      #expect(chosen.completedEpochs == (selection == .last ? 3 : best))
    }
  }

  @Test("given test samples to look at does not go by them, unless the recipe says so")
  func explicitSamples() throws {
    let trainer = try Trainer(
      Self.recipe(), training: TrainingCase.plain.training, evaluation: TrainingCase.plain.test,
      workers: 1)
    var epochs: [EpochReport] = []
    try trainer.run { event in
      if case .epochEnded(let report) = event { epochs.append(report) }
    }
    #expect(epochs.allSatisfy { $0.evaluationAccuracy != nil && !$0.isBest })
    #expect(trainer.best == nil)
  }

  @Test("ends a training early, also one that was stopped in between", arguments: [5, 9, 14])
  func patience(stop: Int) throws {
    let data = Self.data(validation: true, test: MadeUpImages.set(21, seed: 2))
    let recipe = try Self.recipe(epochs: 60) { $0.patience = 2 }
    let (whole, epochs) = try run(recipe, data, in: "whole")
    let last = try Checkpoint(contentsOf: whole.lastCheckpointPath)
    #expect(epochs.count < 60 && last.completedEpochs == epochs.count && last.isFinished)
    #expect(try #require(last.best).epoch == epochs.count - 2)
    let (stopped, _) = try run(recipe, data, in: "stopped", stopAfter: stop)
    #expect(try !Checkpoint(contentsOf: stopped.lastCheckpointPath).isFinished)
    _ = try run(recipe, data, in: "stopped", resuming: true)
    #expect(try bytes(of: stopped.lastCheckpointPath) == bytes(of: whole.lastCheckpointPath))
    let (_, none) = try run(recipe, data, in: "stopped", resuming: true)
    #expect(none.isEmpty)
  }

  @Test("keeps the best epochs' checkpoints, and no others")
  func keeping() throws {
    let data = Self.data(validation: true, test: MadeUpImages.set(21, seed: 2))
    let recipe = try Self.recipe(epochs: 6) { $0.keep = 2 }
    let (folder, epochs) = try run(recipe, data, in: "whole")
    let ranked = epochs.sorted {
      let (left, right) = ($0.evaluationAccuracy ?? 0, $1.evaluationAccuracy ?? 0)
      return left == right ? $0.epoch < $1.epoch : left > right
    }
    let kept = ranked.prefix(2).map { "epoch-\($0.epoch).safetensors" }
    func names(_ folder: RunFolder) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/checkpoints").sorted()
    }
    #expect(try names(folder) == (kept + ["best.safetensors", "last.safetensors"]).sorted())
    let first = try Checkpoint(contentsOf: folder.checkpointPath(epoch: ranked[0].epoch))
    #expect(first.completedEpochs == ranked[0].epoch)
    #expect(
      try bytes(of: folder.checkpointPath(epoch: ranked[0].epoch))
        == bytes(of: folder.bestCheckpointPath))
    let (stopped, _) = try run(recipe, data, in: "stopped", stopAfter: 16)
    // What a run that was killed wrote before its last checkpoint.
    try Data().write(to: URL(fileURLWithPath: stopped.checkpointPath(epoch: 5)))
    _ = try run(recipe, data, in: "stopped", resuming: true)
    #expect(try names(stopped) == names(folder))
    for name in try names(folder) {
      #expect(
        try bytes(of: "\(stopped.path)/checkpoints/\(name)")
          == bytes(of: "\(folder.path)/checkpoints/\(name)"))
    }
  }

  @Test("by patience or rank is refused without validation samples")
  func refusal() throws {
    let data = Self.data(validation: false, test: MadeUpImages.set(21, seed: 2))
    for (change, text) in [
      ({ $0.patience = 3 }, "training.patience is 3, and there are no validation samples"),
      ({ $0.keep = 2 }, "training.keep is 2, and there are no validation samples"),
    ] as [((inout TrainingSettings) -> Void, String)] {
      let error = #expect(throws: CounterspikeError.self) {
        _ = try Trainer(Self.recipe(change), data, workers: 1)
      }
      #expect(error?.code == .invalidRecipe && error?.message.hasPrefix(text) == true)
    }
  }

  @Test("leaves frozen layers as they are, byte for byte, and trains the others")
  func frozen() throws {
    for optimizer in OptimizerSettings.Kind.allCases {
      for clipping in [OptimizerSettings.Clipping.none, .global] {
        var recipe = try Self.recipe { $0.frozen = ["conv_1", "dense_1"] }
        recipe.optimizer.kind = optimizer
        recipe.optimizer.clipping = clipping
        let data = Self.data(validation: false, test: MadeUpImages.set(21, seed: 2))
        let trainer = try Trainer(recipe, data, workers: 2)
        let before = try trainer.network().weights
        try trainer.run()
        let after = try trainer.network().weights
        #expect(after[0] == before[0] && after[1] == before[1] && after[2] != before[2])
      }
    }
    let error = #expect(throws: CounterspikeError.self) {
      _ = try Trainer(
        Self.recipe { $0.frozen = ["conv1"] },
        Self.data(validation: false, test: MadeUpImages.set(21, seed: 2)))
    }
    #expect(
      error?.message
        == "training.frozen names “conv1”, which is no layer with weights; did you mean conv_1? "
        + "known are conv_1, dense_1, output")
  }
}
