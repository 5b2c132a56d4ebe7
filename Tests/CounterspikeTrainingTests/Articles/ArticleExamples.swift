import Counterspike
import CounterspikeData
import CounterspikeStudy
import CounterspikeTraining

// The code of the documentation's articles, word for word: what stands between the marks.

// begin
/// Images of a bar that lies or stands.
struct Bars: SampleSource {
  let count: Int
  let shape = [1, 8, 8]
  let classCount = 2

  func label(at index: Int) -> Int { index % 2 }

  func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    let place = index / 2 % 8
    for pixel in values.indices {
      let (y, x) = (pixel / 8, pixel % 8)
      values[pixel] = (label(at: index) == 0 ? y : x) == place ? 2 : 0
    }
  }
}
// end

// begin
/// 1/w within w/2 of the threshold.
struct Boxcar: SpikeDerivative {
  let width: Float

  func write(
    membrane: Span<Float>, threshold: Span<Float>, into result: inout MutableSpan<Float>
  ) {
    for i in membrane.indices {
      result[i] = abs(membrane[i] - threshold[i]) < width / 2 ? 1 / width : 0
    }
  }
}
// end

enum ArticleExamples {
  /// Not run by the tests, whose process has read recipes already.
  static func ownRule(_ recipe: inout Recipe) throws {
    // begin
    try RuleRegistry.register(
      "boxcar", summary: "a constant around the threshold",
      settings: [PieceSetting("width", default: 1, in: 0.001...100, "Width of f.")]
    ) { Boxcar(width: Float($0["width"])) }
    recipe.gradient = .registered("boxcar", ["width": 0.5])
    // end
  }

  static func firstNetwork() throws -> Double {
    // begin
    var recipe = Recipe()
    recipe.data.set = "yin-yang"
    recipe.network = try NetworkSettings("120-3", timeSteps: 10)
    recipe.optimizer.learningRate = 5e-3
    recipe.training.batchSize = 20
    recipe.training.epochs = 3
    // end

    // begin
    let data = try DataSet.load(recipe)
    let trainer = try Trainer(recipe, data)
    try trainer.run { event in
      if case .epochEnded(let epoch) = event {
        print(epoch.epoch, epoch.loss, epoch.trainAccuracy)
      }
    }
    // end

    // begin
    let result = try trainer.network().evaluate(data.test)
    print(result.accuracy, result.firingRates)
    // end
    return result.accuracy
  }

  static func keptRun(_ recipe: Recipe, _ data: DataSet, path: String) throws -> Checkpoint {
    // begin
    let trainer = try Trainer(recipe, data)
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: path, for: trainer.recipe))
    try run.run()

    let checkpoint = try Checkpoint(contentsOf: run.folder.chosenCheckpointPath)
    print(try checkpoint.network().weights.map(\.shape))
    // end
    return checkpoint
  }

  static func diagnosis(_ recipe: Recipe, _ data: DataSet) throws -> DiagnosisReport {
    // begin
    let report = try Diagnosis(recipe, data).run()
    for finding in report.findings {
      print(finding.observation, finding.remedy?.settings ?? [])
    }
    // end
    return report
  }

  static func ownData() throws -> DataSet {
    // begin
    let data = DataSet(
      name: "bars", title: "Bars", classNames: ["lying", "standing"],
      training: Bars(count: 400), test: Bars(count: 100))
    // end
    return data
  }

  static func registeredData() throws -> DataSet {
    // begin
    try DataRegistry.register("bars") { request in
      DataSet(
        name: "bars", title: "Bars", classNames: ["lying", "standing"],
        training: Bars(count: 400), test: Bars(count: 100))
    }
    let recipe = try Recipe(yaml: "data: {set: bars, trainingLimit: 200}", source: "my program")
    let data = try DataSet.load(recipe)
    // end
    return data
  }

  static func rules(_ data: DataSet) throws -> (Recipe, AuditReport) {
    var recipe = Recipe()
    // begin
    recipe.network = try NetworkSettings("32-16-2", timeSteps: 5)
    recipe.gradient = .surrogate()
    // The first layer has a rule of its own.
    recipe.network.layers[0].gradient = .neighborhood()
    // end

    // begin
    let network = try Network(recipe.network, inputShape: data.shape, seed: recipe.seed)
    var settings = AuditSettings()
    settings.samples = 16
    settings.flips = 200
    settings.perturbations = 10
    let report = try Audit(recipe: recipe, network: network, source: data.test).run(settings)
    for layer in report.layers {
      print(layer.name, layer.agreements.map(\.correlation?.value))
    }
    // end
    return (recipe, report)
  }

  static func sameWeights(_ recipe: Recipe, _ data: DataSet) throws -> Bool {
    // begin
    let one = try Trainer(recipe, data, workers: 1)
    let four = try Trainer(recipe, data, workers: 4)
    try one.run()
    try four.run()
    let areEqual = try one.network().weights == four.network().weights
    // end
    return areEqual
  }
}
