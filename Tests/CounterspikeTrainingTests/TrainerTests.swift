import Counterspike
import CounterspikeData
import CounterspikeTraining
import Testing

@Suite("A trainer")
struct TrainerTests {
  @Test(
    "writes the same bytes with one, two and three workers", arguments: TrainingCase.allCases)
  func workers(training: TrainingCase) throws {
    let temporary = try TemporaryFolder()
    var files: [[[UInt8]]] = []
    var metrics: [[JSONLine]] = []
    for workers in 1...3 {
      let folder = try training.run(in: temporary.file("\(workers)"), workers: workers)
      files.append([
        try bytes(of: folder.lastCheckpointPath), try bytes(of: folder.bestCheckpointPath),
        try bytes(of: folder.recipePath),
      ])
      metrics.append(try results(of: folder))
    }
    #expect(files[1] == files[0] && files[2] == files[0])
    #expect(metrics[1] == metrics[0] && metrics[2] == metrics[0])
    #expect(metrics[0].count == 2)
  }

  @Test("gives another result for another seed, and the same for the same")
  func seeds() throws {
    let networks = try ([11, 11, 12] as [UInt64]).map { seed in
      let trainer = try TrainingCase.plain.trainer { $0.seed = seed }
      try trainer.run()
      return try trainer.network().weights
    }
    #expect(networks[0] == networks[1])
    #expect(networks[0] != networks[2])
  }

  @Test("shuffles by the seed, anew for every epoch, each sample once")
  func shuffling() throws {
    let recorder = RecordingSource(MadeUpImages.set(53, seed: 1))
    let recipe = try TrainingCase.plain.recipe
    let trainer = try Trainer(
      recipe, training: recorder, evaluation: TrainingCase.plain.test, workers: 1)
    try trainer.run()
    let loads = recorder.loads
    #expect(loads.count == 106)
    #expect(loads[..<53].allSatisfy { $0.epoch == 0 } && loads[53...].allSatisfy { $0.epoch == 1 })
    let (first, second) = (loads[..<53].map(\.index), loads[53...].map(\.index))
    #expect(first.sorted() == Array(0..<53) && second.sorted() == Array(0..<53))
    #expect(first != second)
  }

  @Test("reports each step and epoch, and sums over an epoch's samples")
  func reports() throws {
    let trainer = try TrainingCase.plain.trainer { $0.optimizer.learningRate = 1e-20 }
    #expect(
      trainer.stepsPerEpoch == 4 && trainer.trainingCount == 53 && trainer.evaluationCount == 21)
    let network = try trainer.network()
    var steps: [StepReport] = []
    var evaluations: [Int] = []
    var epochs: [EpochReport] = []
    let outcome = try trainer.run { event in
      switch event {
      case .step(let report): steps.append(report)
      case .evaluating(let epoch): evaluations.append(epoch)
      case .epochEnded(let report): epochs.append(report)
      case .warning: break
      }
    }
    #expect(outcome == .finished && trainer.completedEpochs == 2)
    #expect(steps.map(\.step) == [1, 2, 3, 4, 1, 2, 3, 4])
    #expect(steps.map(\.epoch) == [1, 1, 1, 1, 2, 2, 2, 2])
    #expect(steps.allSatisfy { $0.epochs == 2 && $0.stepsPerEpoch == 4 && $0.samplesPerStep == 16 })
    #expect(steps.map(\.samples) == [16, 32, 48, 53, 69, 85, 101, 106])
    #expect(evaluations == [1, 2])
    #expect(epochs.map(\.epoch) == [1, 2] && epochs.map(\.step) == [4, 8])
    #expect(epochs.map(\.isBest) == [true, false])
    #expect(try #require(trainer.best).epoch == 1)
    // With a learning rate that changes nothing, training and evaluation see the same network.
    for (report, source) in [
      (epochs[0], TrainingCase.plain.training), (epochs[1], TrainingCase.plain.training),
    ] {
      let training = try network.evaluate(source, workers: 2)
      let test = try network.evaluate(TrainingCase.plain.test)
      #expect(abs(report.loss - training.loss) < 1e-6)
      #expect(report.trainAccuracy == training.accuracy)
      #expect(report.firingRates == training.firingRates)
      #expect(report.evaluationAccuracy == test.accuracy)
      #expect(abs(try #require(report.evaluationLoss) - test.loss) < 1e-6)
    }
    #expect(steps[3].loss == epochs[0].loss && steps[3].accuracy == epochs[0].trainAccuracy)
  }

  @Test("follows the schedule")
  func schedule() throws {
    for training in [TrainingCase.plain, .dropout, .augmented] {
      let trainer = try training.trainer()
      let recipe = trainer.recipe
      var rates: [Float] = []
      try trainer.run { event in
        if case .step(let report) = event { rates.append(report.learningRate) }
      }
      let wanted = (0..<8).map {
        recipe.schedule.learningRate(
          step: $0, peak: recipe.optimizer.learningRate, stepsPerEpoch: 4, epochs: 2)
      }
      #expect(rates == wanted)
    }
  }

  @Test("chooses micro-batches that change the rounding only")
  func microBatches() throws {
    var losses: [Double] = []
    for size in [nil, 1, 7, 16] {
      let trainer = try TrainingCase.plain.trainer {
        $0.training.microBatchSize = size
        $0.training.epochs = 1
      }
      try trainer.run { event in
        if case .epochEnded(let report) = event { losses.append(report.loss) }
      }
    }
    for loss in losses { #expect(abs(loss / losses[0] - 1) < 1e-3) }
  }

  @Test("ends when what it is told to observe throws, and can go on")
  func observer() throws {
    struct Enough: Error {}
    let trainer = try TrainingCase.plain.trainer()
    #expect(throws: Enough.self) {
      try trainer.run { event in
        if case .step(let report) = event, report.step == 3 { throw Enough() }
      }
    }
    try trainer.run()
    let whole = try TrainingCase.plain.trainer()
    try whole.run()
    #expect(try trainer.network().weights == whole.network().weights)
  }

  @Test("is refused for samples that do not fit")
  func refusal() throws {
    let recipe = try TrainingCase.plain.recipe
    let images = MadeUpImages.set(5, seed: 1)
    func error(
      _ recipe: Recipe, _ training: any SampleSource, _ test: any SampleSource
    ) -> CounterspikeError? {
      #expect(throws: CounterspikeError.self) {
        try Trainer(recipe, training: training, evaluation: test, workers: 1)
      }
    }
    var found = error(recipe, images, MadeUpImages.set(5, size: 14, seed: 1))
    #expect(found?.code == .mismatch && found?.message.contains("[1, 14, 14]") == true)
    found = error(recipe, MadeUpImages.set(0, seed: 1), images)
    #expect(found?.message == "there are 0 training and 5 test samples; give at least one of each")
    var other = recipe
    other.network = try NetworkSettings("16-7")
    found = error(other, images, images)
    #expect(
      found?.message
        == "network.layers ends in 7 neurons, the data has 4 classes; let the last layer be 4")
    let trains = MadeUpImages.spikeTrains(5, timeSteps: 9, seed: 1)
    found = error(recipe, trains, trains)
    #expect(
      found?.message
        == "network.timeSteps is 4, and the samples have 9 time steps; set it to 9")
    other = recipe
    other.optimizer.learningRate = -1
    found = error(other, images, images)
    #expect(found?.code == .invalidRecipe)
    #expect(found?.message.contains("optimizer.learningRate") == true)
  }
}
