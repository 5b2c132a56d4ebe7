import Counterspike
import CounterspikeData
import CounterspikeTraining

/// A network that learns two numbers of an image within milliseconds.
enum SmallRegression {
  static func recipe(epochs: Int = 3, seed: UInt64 = 1) throws -> Recipe {
    var recipe = Recipe()
    recipe.name = "numbers"
    recipe.seed = seed
    recipe.network = try NetworkSettings("20-2", timeSteps: 8)
    recipe.gradient = .surrogate()
    recipe.loss = LossSettings(.squaredError())
    recipe.optimizer.learningRate = 0.01
    recipe.training.epochs = epochs
    recipe.training.batchSize = 8
    return recipe
  }

  /// The targets are the means of an image's halves.
  static func samples(_ count: Int) -> TargetedSource {
    let halves = (0..<count).flatMap { index -> [Float] in
      [Float(index * 7 % 10) / 10, Float(index * 3 % 10) / 10]
    }
    return TargetedSource(
      TensorSource(
        samples: Tensor(
          shape: [count, 1, 2, 2],
          scalars: halves.flatMap { half -> [Float] in [2 * half, 2 * half] }),
        labels: [Int](repeating: 0, count: count), classCount: 2),
      targets: Tensor(shape: [count, 2], scalars: halves))
  }

  static var data: DataSet {
    DataSet(
      name: "numbers", title: "Numbers", classNames: ["left", "right"], training: samples(40),
      test: samples(10))
  }

  static func trainer(epochs: Int = 3, seed: UInt64 = 1) throws -> Trainer {
    try Trainer(
      recipe(epochs: epochs, seed: seed), training: samples(40), evaluation: samples(10),
      split: .validation, workers: 1)
  }

  /// A whole run in a folder.
  @discardableResult
  static func run(in path: String, epochs: Int = 3, seed: UInt64 = 1) throws -> TrainingRun {
    let trainer = try trainer(epochs: epochs, seed: seed)
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: path, for: trainer.recipe))
    try run.run()
    return run
  }
}
