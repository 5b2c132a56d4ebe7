import Counterspike
import CounterspikeKernels
import CounterspikeTraining
import Testing

@Suite("Class weights")
struct ClassWeightTests {
  /// 8, 4 and 0 samples of three classes.
  private static let samples = TensorSource(
    samples: Tensor(shape: [12, 1, 2, 2], scalars: (0..<48).map { Float($0 % 7) }),
    labels: (0..<12).map { $0 < 8 ? 0 : 1 }, classCount: 3)

  @Test("balanced are N/(K·n) of the training samples, and stand in the trainer's recipe")
  func balanced() throws {
    var recipe = Recipe()
    recipe.network = try NetworkSettings("4-3", timeSteps: 3)
    recipe.loss = LossSettings(.softmax(), classWeights: .balanced)
    let trainer = try Trainer(recipe, training: Self.samples, workers: 1)
    #expect(trainer.recipe.loss.terms[0].classWeights == .list([0.75, 1.5, 1]))
    // The mean over the training samples is 1.
    #expect(8 * 0.75 + 4 * 1.5 == 12)
    let network = try trainer.network()
    let byTraining = try network.evaluate(Self.samples, loss: trainer.recipe.loss)
    #expect(try network.evaluate(Self.samples, loss: recipe.loss).loss == byTraining.loss)
  }

  @Test("multiply the losses of their class's samples")
  func factors() throws {
    let network = try Network(NetworkSettings("4-3", timeSteps: 3), inputShape: [1, 2, 2])
    func loss(_ labels: [Int], _ settings: LossSettings) throws -> (Double, [Float]) {
      let result = try network.lossGradient(
        Tensor(shape: [labels.count, 1, 2, 2], scalars: (0..<4 * labels.count).map { Float($0) }),
        labels: labels, gradient: .surrogate(), loss: settings)
      return (result.loss, result.weights.flatMap(\.scalars))
    }
    let plain = try loss([1], LossSettings(.softmax()))
    let weighted = try loss([1], LossSettings(.softmax(), classWeights: .list([1, 4, 0])))
    #expect(abs(weighted.0 - 4 * plain.0) < 1e-9)
    #expect(zip(weighted.1, plain.1).allSatisfy { abs($0 - 4 * $1) < 1e-5 })
    let none = try loss([2], LossSettings(.softmax(), classWeights: .list([1, 4, 0])))
    #expect(none.0 == 0 && none.1.allSatisfy { $0 == 0 })
  }
}
