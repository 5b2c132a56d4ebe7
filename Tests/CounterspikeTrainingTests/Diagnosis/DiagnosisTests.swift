import Counterspike
import CounterspikeData
import CounterspikeStudy
import CounterspikeTraining
import Testing

@Suite("A diagnosis")
struct DiagnosisTests {
  /// A network that learns these images within the steps of a trial.
  private static func recipe(_ settings: String...) throws -> Recipe {
    try Recipe(
      yaml: """
        name: bars
        network: {layers: 8C5-P2-32-4, timeSteps: 4}
        optimizer: {learningRate: 5e-3}
        training: {batchSize: 20, modelSelection: last}
        """, source: "test.yaml", overrides: settings)
  }

  private static let images = MadeUpImages.set(600, seed: 1)

  private static func report(
    _ recipe: Recipe, _ source: any SampleSource = images
  ) throws -> DiagnosisReport {
    let report = try Diagnosis(recipe, training: source, workers: 1).run()
    for finding in report.findings {
      let text = finding.observation
      #expect(!text.contains("\n") && !text.hasSuffix("."), "\(text)")
      if let remedy = finding.remedy {
        #expect(!remedy.settings.isEmpty && !remedy.outcome.hasDiverged)
      }
    }
    return report
  }

  @Test("finds nothing where the network learns")
  func healthy() throws {
    let report = try Self.report(Self.recipe())
    #expect(report.isHealthy, "\(report.findings)")
    #expect(report.baseline.accuracyAfter > 0.5, "\(report.baseline)")
    #expect(report.layers.map(\.name) == ["conv_1", "dense_1", "output"])
  }

  @Test("finds nothing in trainings of all kinds", arguments: TrainingCase.allCases)
  func healthy(training: TrainingCase) throws {
    var recipe = try training.recipe
    recipe.optimizer.learningRate = training == .dropout ? 0.001 : 0.01
    let source: any SampleSource =
      training == .spikeTrains
      ? MadeUpImages.spikeTrains(400, timeSteps: 4, seed: 1) : MadeUpImages.set(400, seed: 1)
    let report = try Self.report(recipe, source)
    #expect(report.isHealthy, "\(report.findings), \(report.baseline)")
  }

  @Test("tries the network's settings where layers stand inside of blocks")
  func blocks() throws {
    var recipe = try Self.recipe("network.neuron.threshold=50")
    recipe.network.layers = [
      .convolution(8, kernel: 5), .residual([.convolution(8, kernel: 3, padding: 1)]), .pooling(2),
      .dense(4),
    ]
    let finding = try #require(try Self.report(recipe).findings.first)
    #expect(finding.cause == .silent)
    #expect(finding.remedy?.settings.map(\.key) == ["network.neuron.threshold"])
  }

  @Test(
    "finds what is wrong and a setting that helps",
    arguments: [
      ("network.neuron.threshold=50", DiagnosisReport.Cause.silent, "network.neuron.threshold"),
      ("network.weightScale=0.001", .silent, "network.weightScale"),
      ("network.weightScale=100", .clamped, "network.weightScale"),
      ("optimizer.learningRate=100", .learningRateTooHigh, "optimizer.learningRate"),
      ("optimizer.learningRate=1e-9", .learningRateTooLow, "optimizer.learningRate"),
    ])
  func broken(setting: String, cause: DiagnosisReport.Cause, key: String) throws {
    let report = try Self.report(Self.recipe(setting))
    let finding = try #require(report.findings.first)
    #expect(finding.cause == cause, "\(report.findings)")
    let remedy = try #require(finding.remedy, "\(finding.tried)")
    #expect(remedy.settings.map(\.key) == [key])
    #expect(remedy.outcome.lossAfter < report.baseline.lossAfter)
    // What is suggested is then no longer diagnosed.
    var healed = try Self.recipe(setting)
    healed = try Recipe(
      yaml: healed.yaml, source: "healed",
      overrides: remedy.settings.map { "\($0.key)=\($0.value)" })
    #expect(try Self.report(healed).findings.allSatisfy { $0.cause != cause })
  }

  @Test("finds large weights that no bound cuts off by their currents")
  func largeWeights() throws {
    let report = try Self.report(
      Self.recipe("network.weightScale=100", "optimizer.weightClamp=null"))
    #expect(report.findings.first?.cause == .largeCurrents, "\(report.findings)")
    #expect(report.findings.first?.layer == "conv_1")
    #expect(report.findings.first?.remedy?.settings.first?.key == "network.weightScale")
  }

  @Test("finds a gradient rule that is zero everywhere")
  func ruleWeight() throws {
    let report = try Self.report(
      Self.recipe(
        "gradient.rule=surrogate", "gradient.surrogate.shape=rectangle",
        "gradient.surrogate.width=1e-6"))
    let finding = try #require(report.findings.first)
    #expect(finding.cause == .ruleWeight && finding.layer == "output", "\(report.findings)")
    #expect(finding.observation.contains("surrogate"))
    #expect(report.layers.allSatisfy { $0.error == 0 })
    #expect(report.layers.last?.zeroWeight == 1)
    #expect(finding.remedy?.settings.first?.key.hasPrefix("gradient.") == true)
  }

  @Test("finds gradients that are too small for the optimizer")
  func vanishing() throws {
    let report = try Self.report(Self.recipe("optimizer.epsilon=1e6"))
    let finding = try #require(report.findings.first)
    #expect(finding.cause == .vanishing && finding.layer == "conv_1", "\(report.findings)")
    let remedy = try #require(finding.remedy, "\(finding.tried)")
    #expect(remedy.settings.map(\.key) == ["optimizer.epsilon"])
    #expect(remedy.outcome.isLossLower && !report.baseline.isLossLower)
  }

  @Test("passes over frozen layers, which need no gradient")
  func frozen() throws {
    let report = try Self.report(
      Self.recipe("optimizer.epsilon=1e6", "training.frozen=[conv_1]"))
    let finding = try #require(report.findings.first)
    #expect(finding.cause == .vanishing && finding.layer == "dense_1", "\(report.findings)")
  }

  @Test("finds that no error arrives where the output's weights pass nothing on")
  func noError() throws {
    var recipe = try Self.recipe()
    recipe.network.layers[3].bias = true
    let data = DataSet(
      name: "bars", title: "bars", classNames: ["a", "b", "c", "d"], training: Self.images,
      test: MadeUpImages.set(20, seed: 2))
    let folder = try TemporaryFolder()
    let path = folder.file("network.safetensors")
    try Trainer(recipe, data, workers: 1).checkpoint().write(to: path)
    let file = try SafeTensorsFile(contentsOf: path)
    var entries = file.entries
    for (name, value) in [("output.weight", Float(0)), ("output.bias", 0.4)] {
      let shape = try #require(entries[name]).shape
      entries[name] = SafeTensorsFile.Entry(
        Tensor(
          shape: shape, scalars: [Float](repeating: value, count: shape.reduce(1, *))))
    }
    // The output fires by its bias alone.
    try SafeTensorsFile(entries: entries, metadata: file.metadata).writeChecked(to: path)
    let checkpoint = try Checkpoint(contentsOf: folder.file("network.safetensors"))
    let report = try Diagnosis(recipe, data, checkpoint: checkpoint).run()
    let finding = try #require(report.findings.first)
    #expect(finding.cause == .noError && finding.layer == "dense_1", "\(report.findings)")
  }

  @Test("says nothing of classes where the targets are numbers")
  func numbers() throws {
    var recipe = try Self.recipe("loss.kind=squaredError")
    recipe.network = try NetworkSettings("30-2", timeSteps: 8)
    let halves = (0..<200).flatMap { index -> [Float] in
      [Float(index * 7 % 10) / 10, Float(index * 3 % 10) / 10]
    }
    let images = halves.flatMap { half -> [Float] in [2 * half, 2 * half] }
    let source = TargetedSource(
      TensorSource(
        samples: Tensor(shape: [200, 1, 2, 2], scalars: images),
        labels: [Int](repeating: 0, count: 200), classCount: 2),
      targets: Tensor(shape: [200, 2], scalars: halves))
    let report = try Self.report(recipe, source)
    #expect(report.findings.allSatisfy { $0.cause != .labels }, "\(report.findings)")
    #expect(report.baseline.isRegression && report.json.contains(#""accuracyAfter":null"#))
  }

  @Test("finds a silent layer with settings of its own, and changes those")
  func ownSettings() throws {
    var recipe = try Self.recipe()
    recipe.network.layers[2].threshold = 500
    let report = try Self.report(recipe)
    let finding = try #require(report.findings.first)
    #expect(finding.cause == .silent && finding.layer == "dense_1", "\(report.findings)")
    #expect(finding.remedy?.settings.map(\.key) == ["network.layers.2.threshold"])
  }

  /// The images' values times a factor, as data is that was normalized by other numbers.
  private struct Scaled: SampleSource {
    let source: any SampleSource
    let factor: Float
    var count: Int { source.count }
    var shape: [Int] { source.shape }
    var classCount: Int { source.classCount }
    func label(at index: Int) -> Int { source.label(at: index) }
    func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
      source.load(index, epoch: epoch, into: &values)
      for place in values.indices { values[place] *= factor }
    }
  }

  @Test("finds samples that are not normalized, and by what they are", arguments: [100, 0.003])
  func inputs(factor: Float) throws {
    // The images are normalized by 0.15 and 0.25: the same, multiplied, has been by 0.25/factor.
    var recipe = try Self.recipe()
    recipe.data.mean = [0.15]
    recipe.data.standardDeviation = [Double(0.25 / factor)]
    var diagnosis = Diagnosis(recipe, training: Scaled(source: Self.images, factor: factor))
    diagnosis.reload = { recipe in
      let deviation = Float(recipe.data.standardDeviation?[0] ?? 1)
      // As loading by these numbers would have it.
      return Scaled(source: Self.images, factor: 0.25 / deviation)
    }
    let report = try diagnosis.run()
    let finding = try #require(report.findings.first)
    #expect(finding.cause == .inputs && report.findings.count == 1, "\(report.findings)")
    let settings = try #require(finding.remedy?.settings, "\(finding.tried)")
    #expect(settings.map(\.key) == ["data.mean", "data.standardDeviation"])
    let deviation = try #require(Double(settings[1].value))
    #expect((0.1...0.5).contains(deviation))
  }

  /// Labels that have nothing to do with the images.
  struct Shuffled: SampleSource {
    let source: any SampleSource
    var count: Int { source.count }
    var shape: [Int] { source.shape }
    var classCount: Int { source.classCount }
    func label(at index: Int) -> Int { (index * 7919 + index / 3) % 1009 % classCount }
    func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
      source.load(index, epoch: epoch, into: &values)
    }
  }

  @Test("finds labels that do not belong to their samples")
  func shuffledLabels() throws {
    let report = try Self.report(Self.recipe(), Shuffled(source: Self.images))
    #expect(report.findings.map(\.cause) == [.labels], "\(report.findings) \(report.baseline)")
    #expect(report.findings.first?.observation.contains("by heart") == true)
  }

  @Test("finds that most classes have no samples")
  func fewClasses() throws {
    let indices = (0..<Self.images.count).filter { Self.images.label(at: $0) == 2 }
    let report = try Self.report(Self.recipe(), SampleSubset(Self.images, indices: indices))
    #expect(report.findings.first?.cause == .labels)
    #expect(report.findings.first?.observation.contains("1 of 4 classes") == true)
  }

  @Test("is the same for any number of threads, and says the same as JSON")
  func repeats() throws {
    let recipe = try Self.recipe("network.neuron.threshold=50")
    let one = try Diagnosis(recipe, training: Self.images, workers: 1).run()
    let three = try Diagnosis(recipe, training: Self.images, workers: 3).run()
    #expect(one.json == three.json)
    #expect(one.json.hasPrefix("{\"name\":\"bars\""))
    #expect(one.json.contains("\"healthy\":false") && one.json.contains("\"cause\":\"silent\""))
  }

  @Test("looks at a checkpoint's weights, and tries new ones")
  func checkpoint() throws {
    var recipe = try Self.recipe("optimizer.learningRate=100")
    recipe.training.epochs = 1
    let data = DataSet(
      name: "bars", title: "bars", classNames: ["a", "b", "c", "d"], training: Self.images,
      test: MadeUpImages.set(20, seed: 2))
    let trainer = try Trainer(recipe, data, workers: 1)
    try trainer.run()
    let report = try Diagnosis(trainer.recipe, data, checkpoint: trainer.checkpoint()).run()
    #expect(report.epochs == 1 && !report.isHealthy)
    let clamped = try #require(report.findings.first { $0.cause == .clamped }, "\(report.findings)")
    #expect(clamped.remedy?.settings.first?.key == "optimizer.learningRate")
  }
}
