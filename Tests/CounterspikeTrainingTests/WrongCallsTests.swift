import Counterspike
import CounterspikeData
import CounterspikeStudy
import CounterspikeTraining
import Foundation
import Testing

/// Calls that a caller can get wrong: each throws an error that says so; none stops the program, is
/// accepted in silence or waits.
@Suite("Wrong calls")
struct WrongCallsTests {
  struct Call: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: CounterspikeError.Code
    let body: @Sendable () throws -> Void

    init(
      _ name: String, _ code: CounterspikeError.Code = .invalidRecipe,
      _ body: @escaping @Sendable () throws -> Void
    ) {
      testDescription = name
      self.code = code
      self.body = body
    }
  }

  /// Samples of any shape, with labels that may be none.
  private struct Samples: SampleSource {
    var shape = [4, 1, 1]
    var classCount = 3
    var count = 5
    var labels: [Int] = []

    func label(at index: Int) -> Int { index < labels.count ? labels[index] : index % classCount }

    func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
      for i in 0..<values.count { values[i] = Float((i * 7 + index) % 5) - 2 }
    }
  }

  private static func network(
    _ notation: String = "4-3", _ change: (inout NetworkSettings) -> Void = { _ in }
  ) throws -> Network {
    var settings = try NetworkSettings(notation, timeSteps: 3)
    change(&settings)
    return try Network(settings, inputShape: [4, 1, 1])
  }

  private static func recipe(_ change: (inout Recipe) -> Void = { _ in }) throws -> Recipe {
    var recipe = Recipe()
    recipe.network = try NetworkSettings("4-3", timeSteps: 3)
    recipe.training.epochs = 1
    change(&recipe)
    return recipe
  }

  private static func layers(_ layers: LayerSettings...) throws {
    var settings = NetworkSettings()
    settings.layers = layers
    _ = try Network(settings, inputShape: [1, 8, 8])
  }

  private static func gradient(
    labels: [Int] = [0, 1], _ gradient: GradientSettings = .neighborhood(),
    _ loss: LossSettings = LossSettings()
  ) throws {
    _ = try network().lossGradient(
      Tensor(zeros: [2, 4, 1, 1]), labels: labels, gradient: gradient, loss: loss)
  }

  private static func train(
    _ samples: Samples = Samples(), workers: Int? = 1, _ change: (inout Recipe) -> Void = { _ in }
  ) throws {
    try Trainer(recipe(change), training: samples, evaluation: samples, workers: workers).run()
  }

  private static func audit(workers: Int = 1, _ change: (inout AuditSettings) -> Void) throws {
    var settings = AuditSettings()
    (settings.samples, settings.flips, settings.perturbations) = (2, 3, 1)
    change(&settings)
    let recipe = try recipe()
    let network = try Network(recipe.network, inputShape: [4, 1, 1])
    _ = try Audit(recipe: recipe, network: network, source: Samples(), workers: workers)
      .run(settings)
  }

  private static func estimate(workers: Int = 1, _ change: (inout Recipe) -> Void) throws {
    _ = try MemoryEstimate(
      recipe(change), inputShape: [4, 1, 1], workers: workers, dataBytes: 1)
  }

  /// Refused before anything is looked for: there is no such folder.
  private static func load(
    _ set: String = "yin-yang", timeSteps: Int? = nil, _ change: (inout DataSettings) -> Void
  ) throws {
    var settings = DataSettings()
    settings.set = set
    change(&settings)
    _ = try DataSet.load(settings, timeSteps: timeSteps, folder: "/no/such/folder")
  }

  static let networks: [Call] = [
    Call("timeSteps 0") { _ = try network { $0.timeSteps = 0 } },
    Call("timeSteps −1") { _ = try network { $0.timeSteps = -1 } },
    Call("a pooling of 0") { try layers(.convolution(3, kernel: 3), .pooling(0), .dense(3)) },
    Call("a kernel of 0") { try layers(.convolution(3, kernel: 0), .dense(3)) },
    Call("a stride of 0") { try layers(.convolution(3, kernel: 3, stride: 0), .dense(3)) },
    Call("a padding of −5") { try layers(.convolution(3, kernel: 3, padding: -5), .dense(3)) },
    Call("a padding of Int.max") {
      try layers(.convolution(3, kernel: 3, padding: .max), .dense(3))
    },
    Call("0 neurons") { try layers(.dense(0), .dense(3)) },
    Call("−3 neurons") { try layers(.dense(-3), .dense(3)) },
    Call("−3 channels") { try layers(.convolution(-3, kernel: 3), .dense(3)) },
    Call("no layers") { try layers() },
    Call("dropout of 2") { try layers(.dense(3), .dropout(2), .dense(3)) },
    Call("τ of 0") { _ = try network { $0.neuron.membraneTimeConstant = 0 } },
    Call("a weight scale that is no number") { _ = try network { $0.weightScale = .nan } },
    Call("an input of two axes") { _ = try Network(NetworkSettings("10"), inputShape: [28, 28]) },
    Call("an input without channels") {
      _ = try Network(NetworkSettings("10"), inputShape: [0, 28, 28])
    },
    Call("an input beyond counting") {
      _ = try Network(NetworkSettings("10"), inputShape: [1 << 31, 1 << 31, 4])
    },
    Call("an input beyond counting, padded") {
      _ = try Network(NetworkSettings("3C3p9999-10"), inputShape: [1, .max - 5, 4])
    },
    Call("a trace of no samples", .mismatch) {
      _ = try network().trace(Tensor(zeros: [0, 4, 1, 1]))
    },
    Call("a trace of another shape", .mismatch) {
      _ = try network().trace(Tensor(zeros: [2, 5, 1, 1]))
    },
    Call("a trace of a scalar", .mismatch) { _ = try network().trace(Tensor(zeros: [])) },
    Call("label 7 of 3 classes", .mismatch) { try gradient(labels: [0, 7]) },
    Call("label −1", .mismatch) { try gradient(labels: [0, -1]) },
    Call("label 2⁴⁰", .mismatch) { try gradient(labels: [0, 1 << 40]) },
    Call("too few labels", .mismatch) { try gradient(labels: [0]) },
    Call("a softmax label of no class", .mismatch) {
      try gradient(labels: [0, 70000], .neighborhood(), LossSettings(.softmax()))
    },
    Call("more spikes wanted than steps") {
      try gradient(.neighborhood(), LossSettings(.count(desired: 4)))
    },
    Call("class weights for another number of classes") {
      try gradient(.neighborhood(), LossSettings(classWeights: .list([1, 2])))
    },
    Call("balanced class weights without training samples") {
      try gradient(.neighborhood(), LossSettings(classWeights: .balanced))
    },
    Call("a label smoothing of 1") {
      try gradient(.neighborhood(), LossSettings(.softmax(labelSmoothing: 1)))
    },
    Call("a weight that is no number") {
      try gradient(.neighborhood(), LossSettings([LossSettings.Term(.rate(), weight: .nan)]))
    },
    Call("a time scale of 0") {
      try gradient(.neighborhood(), LossSettings(.latency(timeScale: 0)))
    },
    Call("0 sampled neighbors") { try gradient(sampled(0)) },
    Call("−1 sampled neighbors") { try gradient(sampled(-1)) },
    Call("evaluation by 0 workers") { _ = try network().evaluate(Samples(), workers: 0) },
    Call("evaluation by −2 workers") { _ = try network().evaluate(Samples(), workers: -2) },
    Call("evaluation of a label of no class", .mismatch) {
      _ = try network().evaluate(Samples(labels: [0, 3]))
    },
  ]

  private static func sampled(_ samples: Int) -> GradientSettings {
    var gradient = GradientSettings()
    gradient.neighborhood.neighbors = .sampled
    gradient.neighborhood.samples = samples
    return gradient
  }

  static let trainings: [Call] =
    [
      Call("labels of no class", .mismatch) { try train(Samples(labels: [3])) },
      Call("a label of −1", .mismatch) { try train(Samples(labels: [0, -1])) },
      Call("100,000 workers") { try train(workers: 100_000) },
      Call("0 workers") { try train(workers: 0) },
      Call("samples of one axis") { try train(Samples(shape: [4])) },
      Call("samples of five axes", .mismatch) { try train(Samples(shape: [2, 5, 4, 1, 1])) },
      Call("no samples", .mismatch) { try train(Samples(count: 0)) },
      Call("a batch of 0") { try train { $0.training.batchSize = 0 } },
      Call("an audit of 0 samples") { try audit { $0.samples = 0 } },
      Call("an audit of 0 flips") { try audit { $0.flips = 0 } },
      Call("an audit of −1 flips") { try audit { $0.flips = -1 } },
      Call("an audit of nothing") { try audit { ($0.perturbations, $0.resamples) = (0, 0) } },
      Call("an audit by 0 workers") { try audit(workers: 0) { _ in } },
      Call("an estimate for 0 workers") { try estimate(workers: 0) { _ in } },
      Call("an estimate for a batch of 0") { try estimate { $0.training.batchSize = 0 } },
      Call("an estimate for a micro-batch of 0") {
        try estimate { $0.training.microBatchSize = 0 }
      },
      Call("no golden file", .unreadableFile) { _ = try Conformance.check("") },
    ]
    + notations.map { notation in
      Call("the layers “\(notation)”") { _ = try LayerNotation.parse(notation) }
    }

  private static let notations = [
    "", "-", "10-", "-10", "10--3", " 10", "10 -3", "0", "-5", "C5", "15C", "15C0", "0C5", "P",
    "P0",
    "P12345", "15C5s0", "15C5p", "15C5s2p1", "15C5p٢", "１０", "D", "D1", "D1.5", "D-0.1", "Dnan",
    "1e3",
    "123456789", "99999999999999999999", "10C99999999999999999999", "10\0", "10\n3", "2.5", "+10",
    "0x10",
  ]

  /// A run of one epoch, and a trainer of the same recipe.
  private static func run(
    _ body: (RunFolder, Trainer) throws -> Void
  ) throws {
    let place = try TemporaryFolder()
    let trainer = try Trainer(recipe(), training: Samples(), evaluation: Samples(), workers: 1)
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: place.path + "/run", for: trainer.recipe))
    try run.run()
    try body(run.folder, trainer)
  }

  private static func checkpoint(
    _ body: (Checkpoint) throws -> Void
  ) throws {
    try run { folder, _ in try body(Checkpoint(contentsOf: folder.lastCheckpointPath)) }
  }

  /// Files and folders that a caller names.
  static let runs: [Call] = [
    Call("a run folder without a name", .unreadableFile) { _ = try RunFolder(existing: "") },
    Call("a run folder /", .unreadableFile) { _ = try RunFolder(existing: "/") },
    Call("a run folder that is nothing but slashes", .unreadableFile) {
      _ = try RunFolder(resuming: "///")
    },
    Call("a run folder with a zero byte", .unreadableFile) { _ = try RunFolder(existing: "a\0b") },
    Call("a checkpoint of no run", .unreadableFile) {
      _ = try RunFolder(existing: "/no/such.safetensors")
    },
    Call("a new run folder without a name", .unwritableFile) {
      _ = try RunFolder(creating: "", for: recipe())
    },
    Call("a new run folder with a zero byte", .unwritableFile) {
      // Of another name at every run: a folder of the part before the byte would be there the second time.
      let path = "/tmp/\(UUID().uuidString)"
      defer { #expect(!FileManager.default.fileExists(atPath: path)) }
      _ = try RunFolder(creating: path + "\0b", for: recipe())
    },
    Call("a new run folder in a device", .unwritableFile) {
      _ = try RunFolder(creating: "/dev/null/run", for: recipe())
    },
    Call("a new run folder where a run is", .unwritableFile) {
      try run { folder, trainer in _ = try RunFolder(creating: folder.path, for: trainer.recipe) }
    },
    Call("a run folder that another run has", .unwritableFile) {
      try run { folder, _ in _ = try RunFolder(resuming: folder.path) }
    },
    Call("another recipe than the run's", .mismatch) {
      try run { folder, trainer in
        var changed = trainer.recipe
        changed.seed = 99
        try folder.write(changed)
        try folder.checkRecipe(of: Checkpoint(contentsOf: folder.lastCheckpointPath))
      }
    },
    Call("a checkpoint without a name", .unreadableFile) { _ = try Checkpoint(contentsOf: "") },
    Call("a checkpoint that is a folder", .unreadableFile) {
      try run { folder, _ in _ = try Checkpoint(contentsOf: folder.path) }
    },
    Call("a checkpoint that is a device", .unreadableFile) {
      _ = try Checkpoint(contentsOf: "/dev/null")
    },
    Call("a checkpoint that is a recipe", .damagedFile) {
      try run { folder, _ in _ = try Checkpoint(contentsOf: folder.recipePath) }
    },
    Call("a checkpoint to be written to no file", .unwritableFile) {
      try checkpoint { try $0.write(to: "") }
    },
    Call("a checkpoint to be written over a folder", .unwritableFile) {
      try run { folder, _ in
        try Checkpoint(contentsOf: folder.lastCheckpointPath).write(to: folder.path)
      }
    },
    Call("a checkpoint under other layers", .mismatch) {
      try checkpoint {
        var other = $0.recipe
        other.network = try NetworkSettings("5-3", timeSteps: 3)
        _ = try $0.under(other).network()
      }
    },
    Call("a checkpoint of fewer layers", .mismatch) {
      try checkpoint {
        var other = $0.recipe
        other.network = try NetworkSettings("3", timeSteps: 3)
        _ = try $0.under(other).network()
      }
    },
    Call("a checkpoint made longer to 0 epochs") {
      try checkpoint {
        _ = try Trainer($0.extended(epochs: 0).recipe, training: Samples(), workers: 1)
      }
    },
    Call("a checkpoint made longer to −1 epochs") {
      try checkpoint {
        _ = try Trainer($0.extended(epochs: -1).recipe, training: Samples(), workers: 1)
      }
    },
    Call("a checkpoint of another network to go on from", .mismatch) {
      try checkpoint {
        try Trainer(
          recipe { $0.network.layers = [.dense(6), .dense(3)] }, training: Samples(), workers: 1
        ).restore($0)
      }
    },
    Call("a checkpoint's weights after the first step", .mismatch) {
      try run { folder, trainer in
        try trainer.start(from: Checkpoint(contentsOf: folder.lastCheckpointPath))
      }
    },
    Call("weights of another number", .mismatch) {
      try run { _, trainer in try trainer.setWeights([]) }
    },
    Call("weights of another shape", .mismatch) {
      try run { _, trainer in
        try trainer.setWeights([Tensor(zeros: [3, 4]), Tensor(zeros: [4, 3])])
      }
    },
    Call("a data folder that is gone", .missingData) {
      try run { folder, _ in
        try folder.remember(dataFolder: "/no/such/folder")
        _ = try folder.rememberedDataFolder()
      }
    },
  ]

  static let data: [Call] = [
    Call("a limit of 0") { try load { $0.trainingLimit = 0 } },
    Call("a limit of −1") { try load { $0.trainingLimit = -1 } },
    Call("a validation of 2") { try load { $0.validation = 2 } },
    Call("a validation of −1") { try load { $0.validation = -1 } },
    Call("a validation that is no number") { try load { $0.validation = .nan } },
    Call("0 time steps of spikes") { try load("randman", timeSteps: 0) { _ in } },
    Call("0 time steps of rates") { try load(timeSteps: 0) { $0.encoding.kind = .rate } },
    Call("0 time steps of recordings") { try load("nmnist", timeSteps: 0) { _ in } },
    Call("a crop padding of −1") { try load("mnist") { $0.augmentation.cropPadding = -1 } },
    Call("a down-sampling by 0") { try load("nmnist") { $0.events.downsampling = 0 } },
    Call("a time window of 0") { try load("nmnist") { $0.events.timeWindow = 0 } },
    Call("an event count of 0") {
      try load("nmnist") {
        $0.events.slicing = .eventCount
        $0.events.eventCount = 0
      }
    },
    Call("a crop to 0 pixels") { try load("nmnist") { $0.events.centerCrop = 0 } },
    Call("a crop to −3 pixels") { try load("nmnist") { $0.events.centerCrop = -3 } },
    Call("a shift by −1") { try load("nmnist") { $0.events.augmentation.shift = -1 } },
    Call("an infinite jitter") {
      try load("nmnist") { $0.events.augmentation.timeJitter = .infinity }
    },
    Call("images of 0 pixels") { try load("image-folder") { $0.images.size = 0 } },
    Call("images of 2 channels") { try load("image-folder") { $0.images.channels = 2 } },
    Call("bins of 0 time steps") {
      _ = try EventBinning(
        EventSettings(), sensor: SensorSize(width: 3, height: 3), timeSteps: 0)
    },
    Call("bins of Int.max time steps") {
      _ = try EventBinning(
        EventSettings(), sensor: SensorSize(width: 3, height: 3), timeSteps: .max)
    },
    Call("a sensor without pixels") {
      var sensor = SensorSize(width: 3, height: 3)
      sensor.width = 0
      _ = try EventBinning(EventSettings(), sensor: sensor, timeSteps: 2)
    },
  ]

  @Test("throw", arguments: networks + trainings + runs + data)
  func throwing(call: Call) {
    let error = #expect(throws: CounterspikeError.self) { try call.body() }
    #expect(error?.code == call.code, "\(error.map { $0.message } ?? "-")")
  }

  @Test("odd epochs and folders have paths all the same")
  func paths() throws {
    try Self.run { folder, _ in
      #expect(folder.checkpointPath(epoch: .min).hasSuffix("epoch-\(Int.min).safetensors"))
      try folder.keepMetrics(upTo: .max)
      try folder.keepMetrics(upTo: .min)
      #expect(folder.verification().contains { $0.problem != nil })
      #expect(!RunFolder.isRun("") && !RunFolder.isRun("a\0b"))
    }
  }

  @Test("layers that no notation has are not written as one that is wrong")
  func format() {
    for layer in [
      LayerSettings.dropout(.nan), .dropout(-1), .dense(0), .dense(-7), .pooling(0), .pooling(.max),
      .convolution(1, kernel: 0), .convolution(.max, kernel: .max, stride: .min, padding: -1),
    ] {
      #expect(LayerNotation.format([layer]) == nil, "\(layer)")
    }
    #expect(LayerNotation.format([]) == nil)
  }

  @Test("a schedule of strange lengths has a rate all the same")
  func schedule() {
    var schedule = ScheduleSettings()
    schedule.kind = .cosine
    #expect(
      schedule.learningRate(step: 1, peak: 1, stepsPerEpoch: 1000, epochs: .max).isFinite)
    schedule.kind = .exponential
    schedule.decay = 0.5
    #expect(schedule.learningRate(step: 1, peak: 1, stepsPerEpoch: 0, epochs: 1) == 0.5)
  }

  @Test("the evaluation of no samples is refused")
  func nothing() throws {
    let error = #expect(throws: CounterspikeError.self) {
      try Self.network().evaluate(Samples(count: 0))
    }
    #expect(error?.code == .mismatch)
  }
}
