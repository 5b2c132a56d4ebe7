import Counterspike
import CounterspikeData
import CounterspikeTraining
import Testing

/// Small trainings that differ in everything that may touch the order of sums or of random numbers.
enum TrainingCase: String, CaseIterable, CustomTestStringConvertible {
  case plain, dropout, augmented, spikeTrains, clippedLayers, trainedConstants, roundedWeights

  var testDescription: String { rawValue }

  var recipe: Recipe {
    get throws {
      var recipe = Recipe()
      recipe.name = rawValue
      recipe.seed = 11
      recipe.network = try NetworkSettings(
        self == .dropout ? "5C5-P2-D0.2-16-D0.4-4" : "5C5-P2-16-4", timeSteps: 4)
      recipe.training.epochs = 2
      recipe.training.batchSize = 16
      recipe.training.microBatchSize = 5
      // So that there is a best checkpoint to compare.
      recipe.training.modelSelection = .test
      recipe.optimizer.learningRate = 3e-3
      switch self {
      case .plain: break
      case .dropout:
        recipe.optimizer.kind = .sgd
        recipe.optimizer.clipping = .global
        recipe.schedule.kind = .exponential
      case .augmented:
        recipe.training.microBatchSize = 1
        recipe.schedule.warmUpEpochs = 0.5
      case .spikeTrains:
        recipe.gradient = .surrogate()
        recipe.training.microBatchSize = nil
        // Spikes are fewer than pixels: otherwise the output stays silent.
        recipe.network.weightScale = 4
      case .clippedLayers:
        recipe.optimizer.clipping = .perLayer
        recipe.optimizer.clippingNorm = 0.5
        recipe.gradient.rule = .tsslbp
        recipe.loss.kind = .softmax
        recipe.schedule.kind = .constant
      case .trainedConstants:
        recipe.network.neuron.trained = NeuronSettings.TrainedConstant.allCases
        recipe.optimizer.learningRate = 0.02
      case .roundedWeights:
        recipe.network.normalization = true
        recipe.training.weightBits = 3
        recipe.training.weightScale = .layer
      }
      return recipe
    }
  }

  /// 53 samples: the last batch is a partial one, and so is its last micro-batch.
  static let trainingCount = 53

  var training: any SampleSource {
    switch self {
    case .spikeTrains:
      return MadeUpImages.spikeTrains(Self.trainingCount, timeSteps: 4, seed: 1)
    case .augmented:
      var augmentation = AugmentationSettings()
      augmentation.cropPadding = 2
      augmentation.flip = true
      augmentation.rotation = 15
      return MadeUpImages.set(Self.trainingCount, seed: 1, augmentation: augmentation)
    case .plain, .dropout, .clippedLayers, .trainedConstants, .roundedWeights:
      return MadeUpImages.set(Self.trainingCount, seed: 1)
    }
  }

  var test: any SampleSource {
    self == .spikeTrains
      ? MadeUpImages.spikeTrains(21, timeSteps: 4, seed: 2) : MadeUpImages.set(21, seed: 2)
  }

  func trainer(
    workers: Int = 1, _ change: (inout Recipe) -> Void = { _ in }
  ) throws -> Trainer {
    var recipe = try recipe
    change(&recipe)
    return try Trainer(recipe, training: training, evaluation: test, workers: workers)
  }

  /// A whole run in `folder`.
  @discardableResult
  func run(
    in folder: String, workers: Int = 1, _ change: (inout Recipe) -> Void = { _ in }
  ) throws -> RunFolder {
    let trainer = try trainer(workers: workers, change)
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: folder, for: trainer.recipe))
    #expect(try run.run() == .finished)
    return try RunFolder(existing: folder)
  }

  /// Goes on with the run in `folder`, everything read from its files.
  @discardableResult
  func resume(in folder: String, workers: Int = 1, epochs: Int? = nil) throws -> Trainer {
    let runFolder = try RunFolder(resuming: folder)
    var checkpoint = try Checkpoint(contentsOf: runFolder.lastCheckpointPath)
    if let epochs { checkpoint = checkpoint.extended(epochs: epochs) }
    let trainer = try Trainer(
      checkpoint.recipe, training: training, evaluation: test, workers: workers)
    let run = try TrainingRun(resuming: checkpoint, trainer: trainer, folder: runFolder)
    #expect(try run.run() == .finished)
    return trainer
  }
}

/// The lines of a run's metrics without what depends on the machine's speed.
func results(of folder: RunFolder) throws -> [JSONLine] {
  try JSONLine.lines(in: folder.metricsPath).map { line in
    JSONLine(line.members.filter { !["samplesPerSecond", "seconds"].contains($0.key) })
  }
}
