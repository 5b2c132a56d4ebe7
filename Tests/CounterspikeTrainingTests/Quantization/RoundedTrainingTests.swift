import Counterspike
import CounterspikeData
import CounterspikeTraining
import Testing

@Suite("Training with rounded weights")
struct RoundedTrainingTests {
  private static let training = MadeUpImages.set(120, seed: 1)

  private static func recipe(normalization: Bool) throws -> Recipe {
    var recipe = Recipe()
    recipe.network = try NetworkSettings("5C5-P2-16-4", timeSteps: 4)
    recipe.network.normalization = normalization
    recipe.training.epochs = 6
    recipe.training.batchSize = 20
    recipe.training.modelSelection = .last
    recipe.optimizer.learningRate = 3e-3
    return recipe
  }

  @Test("lowers the loss of the rounded network", arguments: [2, 3], [false, true])
  func fineTuning(bits: Int, normalization: Bool) throws {
    let recipe = try Self.recipe(normalization: normalization)
    let trainer = try Trainer(recipe, training: Self.training, workers: 1)
    try trainer.run()
    let rounding = QuantizationSettings(bits: bits)
    let before = try trainer.network().rounded(rounding).evaluate(
      Self.training, loss: recipe.loss)
    var tuned = recipe
    tuned.training.weightBits = bits
    let other = try Trainer(tuned, training: Self.training, workers: 1)
    try other.start(from: trainer.checkpoint())
    // It begins with the weights themselves, which are not rounded, and computes with rounded ones.
    #expect(other.checkpoint().weights == trainer.checkpoint().weights)
    #expect(try other.network().weights == trainer.network().rounded(rounding).weights)
    try other.run()
    let network = try other.network()
    let after = try network.evaluate(Self.training, loss: recipe.loss)
    #expect(after.loss < 0.8 * before.loss, "\(before.loss) → \(after.loss)")
    #expect(after.accuracy >= before.accuracy)
    // What is read from its checkpoint is the network that was trained.
    #expect(try other.checkpoint().network().weights == network.weights)
    #expect(other.checkpoint().weights != network.weights)
  }

  @Test("judges epochs by the rounded network")
  func judged() throws {
    var recipe = try TrainingCase.roundedWeights.recipe
    recipe.training.epochs = 1
    let trainer = try Trainer(
      recipe, training: TrainingCase.roundedWeights.training,
      evaluation: TrainingCase.roundedWeights.test, workers: 1)
    var loss: Double?
    try trainer.run { event in
      if case .epochEnded(let report) = event { loss = report.evaluationLoss }
    }
    let evaluated = try trainer.network().evaluate(
      TrainingCase.roundedWeights.test, loss: recipe.loss)
    #expect(evaluated.loss == loss)
  }

  @Test("is refused for networks that cannot be in integers")
  func refused() throws {
    var recipe = try Self.recipe(normalization: false)
    recipe.training.weightBits = 4
    recipe.network.layers.insert(.recurrent(12), at: 2)
    let error = #expect(throws: CounterspikeError.self) {
      try Trainer(recipe, training: Self.training, workers: 1)
    }
    #expect(error?.code == .invalidRecipe)
    let message = error?.message ?? ""
    #expect(message.hasPrefix("training.weightBits is 4, and “"), "\(message)")
    #expect(message.contains("is a recurrent layer, which cannot be quantized"), "\(message)")
    #expect(message.hasSuffix("; set it to null"), "\(message)")
  }
}
