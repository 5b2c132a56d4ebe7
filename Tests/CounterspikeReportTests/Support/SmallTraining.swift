import Counterspike
import CounterspikeTraining

/// A network and samples that train within milliseconds.
enum SmallTraining {
  static func recipe(epochs: Int = 2, seed: UInt64 = 1) throws -> Recipe {
    var recipe = Recipe()
    recipe.name = "small"
    recipe.seed = seed
    recipe.network = try NetworkSettings("3C3-P2-6-3", timeSteps: 3)
    recipe.training.epochs = epochs
    recipe.training.batchSize = 8
    return recipe
  }

  static func samples(_ count: Int, timeSteps: Int? = nil) -> TensorSource {
    let labels = (0..<count).map { $0 % 3 }
    let steps = timeSteps.map { [$0] } ?? []
    let size = 36 * (timeSteps ?? 1)
    let scalars = (0..<(count * size)).map { place in
      place % 3 == labels[place / size] ? Float(1) : Float(place * 7919 % 10) / 20
    }
    return TensorSource(
      samples: Tensor(shape: [count] + steps + [1, 6, 6], scalars: scalars), labels: labels,
      classCount: 3)
  }

  static func trainer(
    epochs: Int = 2, seed: UInt64 = 1, timeSteps: Int? = nil
  ) throws -> Trainer {
    try Trainer(
      recipe(epochs: epochs, seed: seed), training: samples(32, timeSteps: timeSteps),
      evaluation: samples(9, timeSteps: timeSteps), workers: 1)
  }

  /// A whole run in a folder.
  @discardableResult
  static func run(in path: String, epochs: Int = 2, seed: UInt64 = 1) throws -> TrainingRun {
    let trainer = try trainer(epochs: epochs, seed: seed)
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: path, for: trainer.recipe))
    try run.run()
    return run
  }
}
