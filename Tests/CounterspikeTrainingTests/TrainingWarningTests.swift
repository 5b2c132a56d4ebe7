import Counterspike
import CounterspikeData
import CounterspikeTraining
import Testing

@Suite("A warning")
struct TrainingWarningTests {
  /// The causes that are told of in a short training.
  private func causes(
    _ training: TrainingCase = .plain, epochs: Int = 2, _ change: (inout Recipe) -> Void
  ) throws -> [TrainingWarning.Cause] {
    let trainer = try training.trainer { recipe in
      recipe.training.epochs = epochs
      change(&recipe)
    }
    var causes: [TrainingWarning.Cause] = []
    try trainer.run { event in
      guard case .warning(let warning) = event else { return }
      #expect(!warning.description.contains("\n") && !warning.description.hasSuffix("."))
      causes.append(warning.cause)
    }
    return causes
  }

  @Test("tells once of a network that never fires, by the first silent layer")
  func silent() throws {
    let found = try causes { $0.network.neuron.threshold = 50 }
    #expect(found == [.silent(layer: "conv_1")])
    let output = try causes {
      $0.network.layers[3].threshold = 1000
      $0.optimizer.learningRate = 1e-9
    }
    #expect(output == [.silent(layer: "output")])
  }

  @Test("names a threshold as it has been trained")
  func trainedThreshold() throws {
    let trainer = try TrainingCase.plain.trainer {
      $0.training.epochs = 1
      $0.network.neuron.threshold = 50
      $0.network.neuron.trained = [.threshold]
      $0.optimizer.learningRate = 1e-9
    }
    let network = try trainer.network()
    let weights = zip(network.plan.parameters, network.weights).map {
      $0.id.hasSuffix("threshold") ? Tensor(shape: $1.shape, scalars: [70]) : $1
    }
    try trainer.setWeights(weights)
    var texts: [String] = []
    try trainer.run { if case .warning(let warning) = $0 { texts.append("\(warning)") } }
    #expect(texts.count == 1 && texts[0].contains("lower network.neuron.threshold (70.0)"))
  }

  @Test("tells of neurons that always fire")
  func saturated() throws {
    let trainer = try Trainer(
      {
        var recipe = try TrainingCase.plain.recipe
        recipe.network = try NetworkSettings("4-2", timeSteps: 4)
        recipe.network.neuron.threshold = 1e-6
        recipe.optimizer.learningRate = 1e-9
        recipe.training.modelSelection = .last
        return recipe
      }(),
      training: TensorSource(
        samples: Tensor(shape: [20, 2, 1, 1], scalars: [Float](repeating: 1, count: 40)),
        labels: (0..<20).map { $0 % 2 }, classCount: 2), workers: 1)
    // All weights positive: every current is far above the threshold.
    let state = trainer.checkpoint()
    let weights = state.weights.map {
      Tensor(shape: $0.shape, scalars: $0.scalars.map { abs($0) + 1 })
    }
    try trainer.setWeights(weights)
    var causes: [TrainingWarning.Cause] = []
    try trainer.run { if case .warning(let warning) = $0 { causes.append(warning.cause) } }
    #expect(causes == [.saturated(layer: "dense_1")])
  }

  @Test("tells of a learning rate that is far too large, with and without a bound of weights")
  func learningRate() throws {
    for clamp in [4, nil] as [Float?] {
      var recipe = try TrainingCase.plain.recipe
      recipe.optimizer.learningRate = 100
      recipe.optimizer.weightClamp = clamp
      recipe.training.epochs = 5
      let trainer = try Trainer(recipe, training: MadeUpImages.set(400, seed: 1), workers: 2)
      var texts: [String] = []
      try trainer.run { if case .warning(let warning) = $0 { texts.append("\(warning)") } }
      #expect(texts.contains { $0.contains("optimizer.learningRate is 100.0") }, "\(texts)")
    }
  }

  @Test("is not given where training goes well", arguments: TrainingCase.allCases)
  func healthy(training: TrainingCase) throws {
    let found = try causes(training, epochs: 30) {
      $0.optimizer.learningRate = training == .dropout ? 0.001 : 0.01
    }
    #expect(found == [], "\(found)")
  }
}
