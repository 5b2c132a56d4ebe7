import Counterspike
import Foundation
import Testing

@testable import CounterspikeRecipe
@testable import CounterspikeSettings
@testable import CounterspikeSystem

@Suite("Errors in recipes")
struct RecipeErrorTests {
  /// A recipe that is refused, and the whole message or its beginning and parts.
  struct Case: CustomTestStringConvertible, Sendable {
    let yaml: String
    let overrides: [String]
    let parts: [String]
    var testDescription: String { (overrides + [yaml]).joined(separator: " ") }

    init(_ yaml: String, _ parts: String..., overrides: [String] = []) {
      self.yaml = yaml
      self.overrides = overrides
      self.parts = parts
    }
  }

  private func expectError(_ test: Case) {
    let error = #expect(throws: CounterspikeError.self) {
      try Recipe(yaml: test.yaml, source: "test.yaml", overrides: test.overrides)
    }
    guard let error else { return }
    #expect(error.code == .invalidRecipe)
    #expect(error.message.split(whereSeparator: \.isNewline).count == 1)
    for part in test.parts {
      #expect(error.message.contains(part), "“\(error.message)” should contain “\(part)”")
    }
    if let first = test.parts.first { #expect(error.message.hasPrefix(first)) }
  }

  @Test(
    "a setting of what is not chosen is refused on the command line, where it would change nothing",
    arguments: [
      (
        "gradient.surrogate.shape=arctangent", "gradient.rule is neighborhood",
        "gradient.rule to surrogate"
      ),
      ("gradient.slayer={alpha: 2}", "gradient.rule is neighborhood", "gradient.rule to slayer"),
      (
        "gradient.neighborhood.width=1", "gradient.neighborhood.distance is inversePower",
        "gradient.neighborhood.distance to lorentzian or gaussian"
      ),
      (
        "gradient.neighborhood.ridge=1", "gradient.neighborhood.neighbors is simple",
        "neighbors to flips or sampled"
      ),
      ("loss.desiredCount=3", "loss.kind is kernel", "loss.kind to count"),
      ("optimizer.momentum=0.5", "optimizer.kind is adamW", "optimizer.kind to sgd"),
      ("optimizer.clippingNorm=2", "optimizer.clipping is none", "to global or perLayer"),
      ("schedule.decay=0.5", "schedule.kind is cosine", "schedule.kind to exponential"),
      ("data.encoding.gain=0.5", "data.encoding.kind is direct", "data.encoding.kind to rate"),
      (
        "training.weightScale=layer", "training.weightBits is null",
        "training.weightBits to a number"
      ),
    ])
  func noEffect(override: String, because: String, remedy: String) {
    expectError(
      Case(
        "seed: 1", "override \(override): ",
        "changes nothing while \(because); leave it out, or set ",
        remedy, overrides: [override]))
  }

  @Test("every setting that depends on another is a key, and may stand in a file")
  func conditions() throws {
    func exists(_ path: Substring, _ entries: [RecipeEntry]) -> Bool {
      let parts = path.split(separator: ".", maxSplits: 1)
      guard let entry = entries.first(where: { $0.name == parts[0] }) else { return false }
      return parts.count == 1 || exists(parts[1], entry.entries)
    }
    let keys = Recipe.keys.map(\.entry)
    for condition in RecipeCondition.all {
      #expect(exists(Substring(condition.path), keys), "\(condition.path)")
      #expect(exists(Substring(condition.decider), keys), "\(condition.decider)")
    }
    #expect(try Recipe(yaml: Recipe().yaml, source: "test.yaml") == Recipe())
  }

  @Test(
    "an unknown key names its place, the nearest key and the known ones",
    arguments: [
      Case(
        "seed: 1\nnetwork:\n  timeStep: 7\n",
        """
        test.yaml:3:3: “network.timeStep” is no key; did you mean “network.timeSteps”? (known \
        here: layers, timeSteps, neuron, poolingFactor, weightScale, bias, normalization, precision)
        """),
      Case(
        "trainnig: {epochs: 1}", "test.yaml:1:1: “trainnig” is no key",
        "; did you mean “training”? (known here: name, seed, data,"),
      Case("Seed: 1", "test.yaml:1:1: “Seed” is no key; did you mean “seed”? "),
      Case(
        "training:\n  learningRate: 1\n",
        """
        test.yaml:2:3: “training.learningRate” is no key; did you mean “optimizer.learningRate”? \
        (known here: epochs, 
        """),
      Case("zebra: 1", "test.yaml:1:1: “zebra” is no key (known here: name, seed, "),
      Case("\"a\\nb\": 1", "test.yaml:1:1: “a\\nb” is no key (known"),
      Case("<<: {seed: 1}", "test.yaml:1:1: “<<” is no key (known"),
      Case("? [a, b]\n: 1\n", "test.yaml:1:1: the recipe has a list for a key; known here: name"),
      Case("seed: 1\n!a seed: 2\n", "test.yaml:1:1: “seed” stands twice in its section; keep one"),
      Case(
        "training:\n  epochs: 1\n  epochs: 2\n",
        "test.yaml:2:3: “epochs” stands twice in the same section; keep one of them"),
    ])
  func unknownKeys(test: Case) { expectError(test) }

  @Test(
    "a value of the wrong type names its key and the allowed values",
    arguments: [
      Case(
        "training:\n  batchSize: 64.5\n",
        "test.yaml:2:3: “training.batchSize” is 64.5; allowed: whole number from 1 to 1000000"),
      Case("training: {epochs: 1e3}", "test.yaml:1:12: “training.epochs” is 1e3; allowed: whole"),
      Case("training: {epochs: 010}", "test.yaml:1:12: “training.epochs” is 010; allowed: whole"),
      Case("training: {epochs: '3'}", "test.yaml:1:12: “training.epochs” is “3” in quotes; allo"),
      Case("training: {epochs: }", "test.yaml:1:12: “training.epochs” is empty; allowed: whole"),
      Case("training: {epochs: [1]}", "test.yaml:1:12: “training.epochs” is a list; allowed: w"),
      Case("training: {epochs: {a: 1}}", "test.yaml:1:12: “training.epochs” is a section; allo"),
      Case("seed: -1", "test.yaml:1:1: “seed” is -1; allowed: whole number from 0 to 18446744073"),
      Case("seed: 18446744073709551616", "test.yaml:1:1: “seed” is 18446744073709551616; allow"),
      Case("data: {mean: .nan}", "test.yaml:1:8: “data.mean” is .nan; allowed: number, a list "),
      Case("data: {mean: nan}", "test.yaml:1:8: “data.mean” is nan; allowed: number, a list "),
      Case("data: {mean: 0x1p3}", "test.yaml:1:8: “data.mean” is 0x1p3; allowed: number, a list "),
      Case(
        "data: {mean: [0.1, x]}",
        "test.yaml:1:20: “data.mean.1” is x; allowed: number, a list with one a channel, or null"),
      Case("data: {mean: []}", "test.yaml:1:8: “data.mean” is an empty list; allowed: number, a "),
      Case(
        "data: {standardDeviation: [1, 0]}",
        "test.yaml:1:8: “data.standardDeviation” is 0.0; allowed: number > 0, a list with one"),
      Case(
        "data: {classes: cat}", "test.yaml:1:8: “data.classes” is cat; allowed: a list of names"),
      Case("data: {classes: [a, b, a]}", "test.yaml:1:8: “data.classes” has “a” twice; keep one"),
      Case(
        "optimizer: {learningRate: .inf}",
        "test.yaml:1:13: “optimizer.learningRate” is .inf; allowed: number > 0"),
      Case(
        "optimizer: {learningRate: 1e39}",
        "test.yaml:1:13: “optimizer.learningRate” is 1e39 (too large for a 32-bit number); allo"),
      Case(
        "optimizer: {learningRate: 5e-4x}",
        "test.yaml:1:13: “optimizer.learningRate” is 5e-4x; allowed: number > 0"),
      Case(
        "data: {augmentation: {flip: yes}}",
        "test.yaml:1:23: “data.augmentation.flip” is yes; allowed: true or false"),
      Case("data: {augmentation: {flip: on}}", "test.yaml:1:23: “data.augmentation.flip” is on;"),
      Case("data: {augmentation: {flip: True}}", "test.yaml:1:23: “data.augmentation.flip” is T"),
      Case("data: {augmentation: {flip: 1}}", "test.yaml:1:23: “data.augmentation.flip” is 1;"),
      Case("name: null", "test.yaml:1:1: “name” is null; allowed: a name of at most"),
      Case(
        "loss: {kind: kernal}",
        """
        test.yaml:1:8: “loss.kind” is kernal; did you mean kernel? allowed: one of kernel, count, \
        softmax
        """),
      Case("loss: {kind: zebra}", "test.yaml:1:8: “loss.kind” is zebra; allowed: one of kernel"),
      Case(
        "network: 5", "test.yaml:1:1: “network” is 5; allowed: a section with keys (layers, time"),
      Case("network:", "test.yaml:1:1: “network” is empty; allowed: a section with keys (layers"),
      Case("- 1\n- 2\n", "test.yaml:1:1: the recipe is a list; allowed: a section with keys (na"),
      Case("hello", "test.yaml:1:1: the recipe is hello; allowed: a section with keys (name, se"),
    ])
  func wrongTypes(test: Case) { expectError(test) }

  @Test(
    "a value out of range names its key and the allowed values",
    arguments: [
      Case("training: {epochs: 0}", "test.yaml:1:12: “training.epochs” is 0; allowed: whole nu"),
      Case("training: {batchSize: 0}", "test.yaml:1:12: “training.batchSize” is 0; allowed: wh"),
      Case(
        "training: {microBatchSize: 0}",
        "test.yaml:1:12: “training.microBatchSize” is 0; allowed: whole number from 1", "or null"),
      Case(
        "training:\n  batchSize: 8\n  microBatchSize: 16\n",
        """
        test.yaml:3:3: “training.microBatchSize” is 16, more than batchSize (8); lower it, or \
        write null
        """),
      Case(
        "network: {neuron: {membraneTimeConstant: 1}}",
        "test.yaml:1:20: “network.neuron.membraneTimeConstant” is 1.0; allowed: number > 1"),
      Case(
        "network: {neuron: {synapticTimeConstant: 0.5}}",
        "test.yaml:1:20: “network.neuron.synapticTimeConstant” is 0.5; allowed: number ≥ 1"),
      Case(
        "network: {neuron: {threshold: -1}}",
        "test.yaml:1:20: “network.neuron.threshold” is -1.0; allowed: number > 0"),
      Case(
        "network: {neuron: {threshold: 1e-60}}",
        "test.yaml:1:20: “network.neuron.threshold” is 0.0; allowed: number > 0"),
      Case("network: {timeSteps: 0}", "test.yaml:1:11: “network.timeSteps” is 0; allowed: whole"),
      Case(
        "gradient: {neighborhood: {power: 2}}",
        "test.yaml:1:27: “gradient.neighborhood.power” is 2; allowed: 1 or 3"),
      Case("optimizer: {beta1: 1}", "test.yaml:1:13: “optimizer.beta1” is 1.0; allowed: numb"),
      Case("schedule: {decay: 1.5}", "test.yaml:1:12: “schedule.decay” is 1.5; allowed: number fr"),
      Case("data: {set: ''}", "test.yaml:1:8: “data.set” is \"\"; allowed: a name of at m"),
      Case("name: ../x", "test.yaml:1:1: “name” is \"../x\"; allowed: a name of at most"),
      Case(
        "loss: {kind: count, desiredCount: 6}",
        """
        test.yaml:1:21: “loss.desiredCount” is 6, more spikes than the 5 time steps can hold; \
        lower it or raise network.timeSteps
        """),
    ])
  func outOfRange(test: Case) { expectError(test) }

  @Test(
    "a layer that cannot be is refused with its place in the list",
    arguments: [
      Case(
        "network:\n  layers: 15C5-15X5-10\n",
        "test.yaml:2:3: “network.layers” is no network: “15X5” in the network “15C5-15X5-10”",
        "a layer is like 15C5"),
      Case(
        "network: {layers: 300-P2}",
        "test.yaml:1:11: “network.layers” ends with a pooling layer; the last layer must be"),
      Case("network: {layers: []}", "test.yaml:1:11: “network.layers” is an empty list; allow"),
      Case("network: {layers: }", "test.yaml:1:11: “network.layers” is empty; allowed: a network"),
      Case("network: {layers: {}}", "test.yaml:1:11: “network.layers” is a section; allowed: a ne"),
      Case(
        "network: {layers: [D0.999999999999, 10]}",
        "test.yaml:1:20: “network.layers.0.probability” is 1.0; allowed: number ≥ 0 and < 1"),
      Case(
        "network:\n  layers:\n    - 15C5\n    - {kind: dense, size: 10, probability: 0.5}\n",
        """
        test.yaml:4:31: “network.layers.1.probability” means nothing for a dense layer; known \
        here: kind, size, name, inputs, model, membraneTimeConstant, synapticTimeConstant, threshold, \
        reset, adaptation, trained, trainedPer, weightScale
        """),
      Case(
        "network: {layers: [{kind: dense, sise: 10}]}",
        "test.yaml:1:34: “network.layers.0.sise” is no key; did you mean “network.layers.0.size”?"),
      Case(
        "network: {layers: [{kind: convolution, size: 10}]}",
        """
        test.yaml:1:20: “network.layers.0.kernel” is missing; allowed: whole number from 1 to 9999
        """),
      Case(
        "network: {layers: [{size: 10}]}",
        """
        test.yaml:1:20: “network.layers.0.kind” is missing; allowed: one of convolution, dense, \
        recurrent, readout, pooling, dropout, delay, residual
        """),
      Case(
        "network: {layers: [{kind: dens, size: 10}]}",
        "test.yaml:1:21: “network.layers.0.kind” is dens; did you mean dense? allowed: one of con"),
      Case(
        "network: {layers: [8C3-P2, 10]}",
        "test.yaml:1:20: “network.layers.0” is 8C3-P2, 2 layers; each needs an item of its own"),
      Case(
        "network: {layers: \"1\\n2\"}", "test.yaml:1:11: “network.layers” is no network: “1\\n2”"),
      Case(
        "network: {layers: [null]}",
        "test.yaml:1:20: “network.layers.0” is null; allowed: a section with keys (kind, size"),
      Case(
        "network: {layers: [{kind: dense, size: 10, threshold: 0}]}",
        "test.yaml:1:44: “network.layers.0.threshold” is 0.0; allowed: number > 0, or null"),
    ])
  func layers(test: Case) { expectError(test) }

  @Test(
    "what is not one YAML document is refused with line and column",
    arguments: [
      Case("", "test.yaml: the recipe is empty; give at least one of its keys: name, seed, data"),
      Case("# nothing\n", "test.yaml: the recipe is empty"),
      Case("---\n", "test.yaml: the recipe is empty"),
      Case(
        "training:\n\tepochs: 1\n", "test.yaml:2:1: a tab cannot indent YAML; use spaces"),
      Case("training: {epochs: 1\n", "test.yaml:2:1: no valid YAML: ", "from line 1"),
      Case("name: a: b\n", "test.yaml:1:8: no valid YAML: mapping values are not allowed"),
      Case("seed: 1\n---\nseed: 2\n", "test.yaml:2:1: a second YAML document begins here; a rec"),
      Case("seed: *x\n", "test.yaml:1:7: YAML aliases (*name) are not allowed"),
      Case("name: a\nseed: \u{1}\n", "test.yaml:2:7: no valid YAML: control characters are not "),
      Case(String(repeating: "[", count: 100_000), "test.yaml:1:", "no valid YAML: "),
      Case(
        String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
        "test.yaml:1:1: the recipe is a list"),
    ])
  func notYAML(test: Case) { expectError(test) }

  @Test(
    "a problem with an override names the override",
    arguments: [
      Case(
        "seed: 1",
        "override network.timeStep=5: “network.timeStep” is no key; did you mean “networ",
        overrides: ["network.timeStep=5"]),
      Case(
        "network: {timeSteps: 4}",
        "override network.timeSteps=0: “network.timeSteps” is 0; allowed:",
        overrides: ["network.timeSteps=0"]),
      Case(
        "seed: 1", "override networks.timeSteps=5: “networks” is no key; did you mean “network”?",
        overrides: ["networks.timeSteps=5"]),
      Case(
        "seed: 1", "override network={timeStep: 5}: “network.timeStep” is no key; did you mean",
        overrides: ["network={timeStep: 5}"]),
      Case(
        "seed: 1", "override network={timeStep: 5: no valid YAML: did not find expected",
        overrides: ["network={timeStep: 5"]),
      Case(
        "seed: 1", "override seed: no key and value; write them like network.timeSteps=10",
        overrides: ["seed"]),
      Case("seed: 1", "override =5: no key and value; write them like", overrides: ["=5"]),
      Case("seed: 1", "override a..b=5: no key and value; write them like", overrides: ["a..b=5"]),
      Case("seed: 1", "override : no key and value; write them like", overrides: [""]),
      Case(
        "seed: 1",
        "override seed.x=5: “seed” is 1, with nothing inside it that “x” could name; set",
        overrides: ["seed.x=5"]),
      Case(
        "network: {layers: [10, 10]}",
        "override network.layers.2=5: “network.layers” is a list; its items are numbered 0 … 1",
        overrides: ["network.layers.2=5"]),
      Case(
        "network: {layers: [{kind: dense, size: 10}]}",
        "override network.layers.0.kernel=5: “network.layers.0.kernel” means nothing for a dense",
        overrides: ["network.layers.0.kernel=5"]),
      Case(
        "training:\n  microBatchSize: 16\n",
        "test.yaml:2:3: “training.microBatchSize” is 16, more than batchSize (8)",
        overrides: ["training.batchSize=8"]),
    ])
  func overrides(test: Case) { expectError(test) }

  @Test("a file that cannot be read says why")
  func unreadableFiles() throws {
    func message(_ path: String) -> String? {
      let error = #expect(throws: CounterspikeError.self) { try Recipe(contentsOf: path) }
      #expect(error?.code == .unreadableFile)
      return error?.message
    }
    #expect(message("/no/such.yaml") == "there is no recipe “/no/such.yaml”; check the path")
    #expect(message("/")?.contains("“/” is a folder; name a recipe's YAML file") == true)
    try withTemporaryFile(Data("seed: 1\nname: ".utf8) + [0xFF, 0xFE]) { path in
      #expect(message(path) == "\(path):2: no UTF-8 text; save the recipe in UTF-8")
    }
  }

  @Test("an error in a file names the file")
  func fileIsNamed() throws {
    try withTemporaryFile(Data("sead: 1\n".utf8)) { path in
      let error = #expect(throws: CounterspikeError.self) { try Recipe(contentsOf: path) }
      let message = try #require(error?.message)
      #expect(message.hasPrefix("\(path):1:1: “sead” is no key; did you mean “seed”?"))
    }
  }

  @Test("a recipe made in code is checked like one that was read")
  func validation() throws {
    func message(_ change: (inout Recipe) -> Void) -> String {
      var recipe = Recipe()
      change(&recipe)
      let error = #expect(throws: CounterspikeError.self) { try recipe.validate() }
      return error?.message ?? ""
    }
    try Recipe().validate()
    #expect(
      message { $0.training.epochs = 0 }
        == "“training.epochs” is 0; allowed: whole number from 1 to 1000000")
    #expect(
      message { $0.data.mean = [.nan] }
        == "“data.mean” is .nan; allowed: number, a list with one a channel, or null")
    #expect(
      message { $0.optimizer.learningRate = .infinity }
        == "“optimizer.learningRate” is .inf; allowed: number > 0")
    #expect(
      message { $0.network.layers[4].kernel = 3 }
        .hasPrefix("“network.layers.4.kernel” means nothing for a dense layer; known here: "))
    #expect(
      message { $0.network.layers[5].size = 0 }.hasPrefix("“network.layers.5.size” is 0; allowed"))
  }
}
