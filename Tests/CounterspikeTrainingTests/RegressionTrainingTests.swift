import Counterspike
import CounterspikeTraining
import Testing

@Suite("Training on numbers")
struct RegressionTrainingTests {
  /// Two numbers that are means of an image's halves.
  private static func source(_ count: Int, seed: Int) -> TargetedSource {
    var images: [Float] = []
    var targets: [Float] = []
    for index in 0..<count {
      let halves = [(index * 7 + seed) % 10, (index * 3 + seed) % 10].map { Float($0) / 10 }
      images += halves.flatMap { [2 * $0, 2 * $0] }
      targets += halves
    }
    return TargetedSource(
      TensorSource(
        samples: Tensor(shape: [count, 1, 2, 2], scalars: images),
        labels: [Int](repeating: 0, count: count), classCount: 2),
      targets: Tensor(shape: [count, 2], scalars: targets))
  }

  @Test("lowers the RMSE, and the lowest on the validation samples chooses the checkpoint")
  func training() throws {
    var recipe = Recipe()
    recipe.network = try NetworkSettings("30-2", timeSteps: 10)
    recipe.gradient = .surrogate()
    recipe.loss = LossSettings(.squaredError())
    recipe.training.epochs = 12
    recipe.training.batchSize = 10
    recipe.optimizer.learningRate = 0.01
    let (training, validation) = (Self.source(100, seed: 0), Self.source(40, seed: 1))
    let trainer = try Trainer(
      recipe, training: training, evaluation: validation, split: .validation, workers: 2)
    let before = try #require(try trainer.network().evaluate(validation, loss: recipe.loss).rmse)
    var reports: [EpochReport] = []
    try trainer.run { event in
      if case .epochEnded(let report) = event { reports.append(report) }
      if case .warning(let warning) = event { #expect(warning.cause != .notLearning) }
    }
    let last = try trainer.network().evaluate(validation, loss: recipe.loss)
    let rmse = try #require(last.rmse)
    #expect(rmse < 0.6 * before, "\(before) → \(rmse)")
    #expect(abs(rmse - last.loss.squareRoot()) < 1e-5)
    let errors = reports.compactMap(\.evaluationRMSE)
    #expect(errors.count == 12 && errors.last == rmse)
    let lowest = try #require(errors.min())
    let best = try #require(trainer.best)
    #expect(best.accuracy == -lowest && errors[best.epoch - 1] == lowest)
    #expect(reports.filter(\.isBest).last?.epoch == best.epoch)
    #expect(last.confusion == [[0, 0], [0, 0]] && last.accuracy == 0)
    #expect(reports.allSatisfy { $0.metrics["trainAccuracy"] == nil })
    #expect(reports.last?.metrics["validationRMSE"]?.doubleValue == rmse)
    // A class loss has nothing to compare with.
    recipe.loss = LossSettings(.softmax())
    #expect(throws: CounterspikeError.self) { try Trainer(recipe, training: training) }
  }
}
