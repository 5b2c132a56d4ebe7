import Counterspike
import Foundation
import Testing

@Suite("Reading recipes")
struct RecipeReadingTests {
  /// A recipe's text, and what it changes in `Recipe()`.
  struct Case: CustomTestStringConvertible, Sendable {
    let yaml: String
    let overrides: [String]
    var expected = Recipe()
    var testDescription: String { (overrides + [yaml]).joined(separator: " ") }

    init(
      _ yaml: String, overrides: String..., change: (inout Recipe) -> Void = { _ in }
    ) {
      self.yaml = yaml
      self.overrides = overrides
      change(&expected)
    }
  }

  @Test(
    "a recipe changes what it names and nothing else",
    arguments: [
      Case("{}"),
      Case("seed: 18446744073709551615") { $0.seed = .max },
      Case("name: 2024") { $0.name = "2024" },
      Case("name: 'null'") { $0.name = "null" },
      Case("data: {mean: -.5}") { $0.data.mean = [-0.5] },
      Case("data: {mean: [0.1, 1, 2e-1]}") { $0.data.mean = [0.1, 1, 0.2] },
      Case("data: {classes: [cat, 1, 'null']}") { $0.data.classes = ["cat", "1", "null"] },
      Case("data: {trainingLimit: 60, testLimit: null}") { $0.data.trainingLimit = 60 },
      Case("data: {augmentation: {flip: true}}") { $0.data.augmentation.flip = true },
      Case("optimizer:\n  learningRate: 1e3\n") { $0.optimizer.learningRate = 1000 },
      Case("optimizer:\n  learningRate: 5e-4\n") { $0.optimizer.learningRate = 5e-4 },
      Case("optimizer: {weightClamp: ~}") { $0.optimizer.weightClamp = nil },
      Case("optimizer: {weightClamp: }") { $0.optimizer.weightClamp = nil },
      Case("optimizer: {clipping: none}"),
      Case("gradient: {neighborhood: {error: exact}}") { $0.gradient.neighborhood.error = .exact },
      Case("network: {layers: 10}") { $0.network.layers = [.dense(10)] },
      // A date, to most YAML readers.
      Case("network: {layers: 2021-10-10}") {
        $0.network.layers = [.dense(2021), .dense(10), .dense(10)]
      },
      // Asterisks that are no aliases.
      Case("name: &n x # 2 *n\ndata: {set: 'x'} # & *x\n") {
        $0.name = "x"
        $0.data.set = "x"
      },
      Case("\u{FEFF}seed: 2\r\ntraining:\r\n  epochs: 2\r\n") {
        $0.seed = 2
        $0.training.epochs = 2
      },
    ])
  func reads(test: Case) throws {
    #expect(try Recipe(yaml: test.yaml, source: "test.yaml") == test.expected)
  }

  @Test(
    "overrides replace settings, the last one wins",
    arguments: [
      Case("data:", overrides: "data.augmentation.flip=true") { $0.data.augmentation.flip = true },
      Case("seed: 1", overrides: "network.layers=8C5-P2-10") {
        $0.network.layers = [.convolution(8, kernel: 5), .pooling(2), .dense(10)]
      },
      Case("seed: 1", overrides: "gradient.neighborhood.error=exact") {
        $0.gradient.neighborhood.error = .exact
      },
      // Settings of rules, losses and kinds that are chosen, too.
      Case(
        "seed: 1", overrides: "gradient.surrogate.width=0.5", "gradient.rule=surrogate",
        "loss.kind=count", "loss.undesiredCount=1", "data.encoding={kind: rate, gain: 0.5}"
      ) {
        $0.gradient.rule = .surrogate
        $0.gradient.surrogate.width = 0.5
        $0.loss = LossSettings(.count(undesired: 1))
        $0.data.encoding.kind = .rate
        $0.data.encoding.gain = 0.5
      },
      Case("seed: 1", overrides: "seed=2", "seed=3") { $0.seed = 3 },
      Case("data: {mean: 0.25}", overrides: "data.mean=0.5", "data.mean="),
      Case(
        "network: {timeSteps: 4, weightScale: 2}", overrides: "network={timeSteps: 7}",
        "network.neuron.threshold=2"
      ) {
        $0.network.timeSteps = 7
        $0.network.neuron.threshold = 2
      },
    ])
  func overrides(test: Case) throws {
    let recipe = try Recipe(yaml: test.yaml, source: "test.yaml", overrides: test.overrides)
    #expect(recipe == test.expected)
  }

  @Test("layers in a list have settings of their own")
  func layerList() throws {
    let yaml = """
      network:
        layers:
          - {kind: convolution, size: 32, kernel: 3, padding: 1, stride: 2, threshold: 1.2}
          - {kind: pooling, kernel: 2, factor: 0.25}
          - 8C3
          - P2
          - {kind: dropout, probability: 0.5}
          - kind: dense
            size: 300
            membraneTimeConstant: 10
            synapticTimeConstant: 4
            weightScale: 2
          - 10
      """
    var convolution = LayerSettings.convolution(32, kernel: 3, stride: 2, padding: 1)
    convolution.threshold = 1.2
    var pooling = LayerSettings.pooling(2)
    pooling.factor = 0.25
    var dense = LayerSettings.dense(300)
    dense.membraneTimeConstant = 10
    dense.synapticTimeConstant = 4
    dense.weightScale = 2
    let recipe = try Recipe(yaml: yaml, source: "test.yaml")
    #expect(
      recipe.network.layers == [
        convolution, pooling, .convolution(8, kernel: 3), .pooling(2), .dropout(0.5), dense,
        .dense(10),
      ])
    #expect(try Recipe(yaml: recipe.yaml, source: "written") == recipe)
  }

  @Test("overrides name items of a list by their index")
  func listOverride() throws {
    let recipe = try Recipe(
      yaml: "network:\n  layers:\n  - {kind: dense, size: 30}\n  - 10\n", source: "test.yaml",
      overrides: ["network.layers.0.threshold=0.5", "network.layers.1=20"])
    var dense = LayerSettings.dense(30)
    dense.threshold = 0.5
    #expect(recipe.network.layers == [dense, .dense(20)])
  }

  @Test("a recipe without a name is called as its data set")
  func name() throws {
    #expect(try Recipe(yaml: "data: {set: mnist}", source: "test.yaml").name == "mnist")
    let named = try Recipe(yaml: "{name: a, data: {set: mnist}}", source: "test.yaml")
    #expect(named.name == "a")
    let changed = try Recipe(
      yaml: "seed: 1", source: "test.yaml", overrides: ["data.set=kmnist"])
    #expect(changed.name == "kmnist")
  }

  @Test("the default experiment's recipe is the default recipe")
  func defaultExperiment() throws {
    let file = packageRoot.appendingPathComponent("Recipes/fashion-mnist.yaml")
    #expect(try Recipe(contentsOf: file.path) == Recipe())
  }

  @Test("every file in Recipes is read and has its own name")
  func allFiles() throws {
    let folder = packageRoot.appendingPathComponent("Recipes")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    #expect(files.count >= 3)
    for file in files {
      let recipe = try Recipe(contentsOf: file.path)
      #expect(recipe.name == file.deletingPathExtension().lastPathComponent)
    }
  }
}
