import Counterspike
import CounterspikeData
import CounterspikeTraining
import Testing

@Suite("Training")
struct LearningTests {
  static let rules: [(name: String, settings: GradientSettings)] = {
    var exact = NeighborhoodSettings()
    exact.error = .exact
    var tsslbp = GradientSettings()
    tsslbp.rule = .tsslbp
    return [
      ("neighborhood, paper", .neighborhood()), ("neighborhood, exact", .neighborhood(exact)),
      ("surrogate", .surrogate()), ("tsslbp", tsslbp),
    ]
  }()

  /// The losses, and which accuracy is exceeded; a psc within 0 … 1 makes small differences of the
  /// logits of a single step, and first spikes within five steps are a coarse measure.
  static let losses: [(name: String, settings: LossSettings, accuracy: Double)] = [
    ("kernel, twice", LossSettings(), 0.9), ("kernel, once", LossSettings(.kernel(.once)), 0.9),
    ("count", LossSettings(.count()), 0.9), ("softmax", LossSettings(.softmax()), 0.9),
    ("every step", LossSettings(.softmax(.everyStep, labelSmoothing: 0.05)), 0.8),
    ("rate", LossSettings(.rate()), 0.9), ("latency", LossSettings(.latency()), 0.8),
  ]

  static let training = MadeUpImages.set(600, seed: 1)
  static let test = MadeUpImages.set(200, seed: 2)

  private func accuracy(
    _ gradient: GradientSettings, _ loss: LossSettings, epochs: Int = 8
  ) throws -> Double {
    var recipe = Recipe()
    recipe.network = try NetworkSettings("6C5-P2-32-4")
    recipe.gradient = gradient
    recipe.loss = loss
    recipe.training.epochs = epochs
    recipe.training.batchSize = 20
    recipe.optimizer.learningRate = 0.02
    let trainer = try Trainer(recipe, training: Self.training, evaluation: Self.test, workers: 1)
    try trainer.run()
    return try trainer.network().evaluate(Self.test).accuracy
  }

  @Test(
    "tells made-up images apart, by every rule and loss",
    arguments: rules.indices, losses.indices)
  func combinations(rule: Int, loss: Int) throws {
    let accuracy = try accuracy(Self.rules[rule].settings, Self.losses[loss].settings)
    #expect(
      accuracy > Self.losses[loss].accuracy,
      "\(Self.rules[rule].name), \(Self.losses[loss].name): \(accuracy)")
  }

  @Test("tells spike trains apart")
  func spikeTrains() throws {
    var recipe = Recipe()
    recipe.network = try NetworkSettings("6C5-P2-32-4", timeSteps: 8)
    recipe.training.epochs = 5
    recipe.training.modelSelection = .test
    recipe.training.batchSize = 20
    recipe.optimizer.learningRate = 0.02
    let trainer = try Trainer(
      recipe, training: MadeUpImages.spikeTrains(500, timeSteps: 8, seed: 1),
      evaluation: MadeUpImages.spikeTrains(200, timeSteps: 8, seed: 2), workers: 1)
    try trainer.run()
    #expect(try #require(trainer.best).accuracy > 0.9)
  }
}

@Suite("Training that diverges")
struct DivergenceTests {
  @Test(
    "ends with an error that says where and what to try",
    arguments: OptimizerSettings.Kind.allCases, LossSettings.Kind.ofClasses)
  func diverging(kind: OptimizerSettings.Kind, loss: LossSettings.Kind) throws {
    let temporary = try TemporaryFolder()
    let trainer = try TrainingCase.plain.trainer {
      $0.optimizer.kind = kind
      $0.optimizer.learningRate = 1e30
      $0.optimizer.weightClamp = nil
      $0.loss.kind = loss
      $0.schedule.kind = .constant
    }
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: temporary.file("run"), for: trainer.recipe))
    let error = #expect(throws: CounterspikeError.self) { try run.run() }
    #expect(error?.code == .diverged)
    let message = try #require(error?.message)
    #expect(message.contains("no longer finite at step"), "\(message)")
    #expect(message.contains("of epoch 1; try a smaller optimizer.learningRate"))
    // What was saved before is sound.
    let checkpoint = try Checkpoint(contentsOf: run.folder.lastCheckpointPath)
    #expect(checkpoint.weights.allSatisfy { $0.scalars.allSatisfy(\.isFinite) })
  }

  @Test("ends where only the squares of gradients are too large for a number")
  func squares() throws {
    let trainer = try TrainingCase.plain.trainer {
      $0.optimizer.kind = .adamW
      $0.optimizer.learningRate = 1e-3
      $0.loss.terms[0].weight = 1e25
    }
    let error = #expect(throws: CounterspikeError.self) { try trainer.run() }
    #expect(error?.code == .diverged)
    let message = try #require(error?.message)
    #expect(
      message.hasPrefix(
        "the means of squared gradients are no longer finite at step 1 of epoch 1; "),
      "\(message)")
    #expect(try trainer.network().weights.allSatisfy { $0.scalars.allSatisfy(\.isFinite) })
  }

  @Test("does not when weights are clamped: they jump between the bounds")
  func clamped() throws {
    let trainer = try TrainingCase.plain.trainer {
      $0.optimizer.learningRate = 1e30
      $0.optimizer.weightClamp = 2
    }
    try trainer.run()
    #expect(
      try trainer.network().weights.allSatisfy { $0.scalars.allSatisfy { abs($0) <= 2 } })
  }
}
