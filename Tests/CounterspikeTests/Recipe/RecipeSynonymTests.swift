import Counterspike
import Testing

@testable import CounterspikeRecipe
@testable import CounterspikeSettings
@testable import CounterspikeSystem

@Suite("Words of other frameworks")
struct RecipeSynonymTests {
  private func message(_ override: String) -> String {
    let error = #expect(throws: CounterspikeError.self) {
      try Recipe(yaml: "seed: 1", source: "test.yaml", overrides: [override])
    }
    return error?.message ?? ""
  }

  @Test(
    "an unknown key is answered with what a recipe calls it",
    arguments: [
      ("lr=1", "optimizer.learningRate"), ("learning_rate=1", "optimizer.learningRate"),
      ("LearningRate=1", "optimizer.learningRate"), ("learnignRate=1", "optimizer.learningRate"),
      ("training.lr=1", "optimizer.learningRate"), ("optimizer.lr=1", "optimizer.learningRate"),
      ("batch_size=1", "training.batchSize"), ("batch-size=1", "training.batchSize"),
      ("epochs=1", "training.epochs"), ("num_epochs=1", "training.epochs"),
      ("tau=2", "network.neuron.membraneTimeConstant"), ("num_steps=2", "network.timeSteps"),
      ("T=2", "network.timeSteps"), ("network.T=2", "network.timeSteps"),
      ("time_steps=2", "network.timeSteps"), ("hidden=10", "network.layers"),
      ("threshold=2", "network.neuron.threshold"),
      ("network.threshold=2", "network.neuron.threshold"),
      ("weight_decay=0", "optimizer.weightDecay"),
      ("optimizer.weight_decay=0", "optimizer.weightDecay"), ("seeds=1", "seed"),
      ("dataset=mnist", "data.set"), ("loss_fn=x", "loss.kind"),
    ])
  func keys(override: String, path: String) {
    #expect(message(override).contains("; did you mean “\(path)”? (known here: "))
  }

  @Test(
    "what is no key of its own is explained",
    arguments: [
      ("dropout=0.2", "write D0.2 between"), ("network.dropout=0.2", "write D0.2 between"),
      ("beta=0.9", "membraneTimeConstant = 1/(1 − beta)"), ("device=cpu", "no part of a recipe"),
      ("num_classes=10", "the size of the last layer"),
    ])
  func advice(override: String, part: String) {
    #expect(message(override).contains(part))
  }

  @Test(
    "a value is answered with what a recipe calls it",
    arguments: [
      ("optimizer.kind=adam", "did you mean adamW?"), ("optimizer=adam", "“optimizer.kind: adamW”"),
      ("optimizer=SGD", "“optimizer.kind: sgd”"), ("loss.kind=cross_entropy", "mean softmax?"),
      ("loss=count", "“loss.kind: count”"), ("gradient.rule=STBP", "mean surrogate?"),
      ("gradient=surrogate", "“gradient.rule: surrogate”"), ("data=mnist", "“data.set: mnist”"),
      ("gradient.surrogate.shape=fast_sigmoid", "mean fastSigmoid?"),
      ("data.encoding.kind=poisson", "mean rate?"), ("network.precision=bf16", "mean bfloat16?"),
      ("network.layers=[{kind: linear, size: 10}]", "mean dense?"),
      ("network.layers=[{kind: dense, units: 10}]", "mean “network.layers.0.size”?"),
      (
        "network.layers=[{kind: convolution, size: 1, kernel_size: 10}]",
        "mean “network.layers.0.kernel”?"
      ),
    ])
  func values(override: String, part: String) {
    #expect(message(override).contains(part))
  }

  /// Every key path of a recipe, sections included.
  private static let paths: Set<String> = {
    func paths(_ entries: [RecipeEntry], _ prefix: String) -> [String] {
      entries.flatMap { [prefix + $0.name] + paths($0.entries, prefix + $0.name + ".") }
    }
    return Set(paths(Recipe.keys.map(\.entry), ""))
  }()

  @Test("every answer is a key, every word stands once and is no key of its own")
  func table() {
    let layer = Set(([LayerSettings.kindKey] + LayerSettings.keys.map(\.key)).map(\.entry.name))
    var words: Set<String> = []
    for (synonyms, answer) in RecipeSynonym.keys {
      switch answer {
      case .key(let path): #expect(Self.paths.contains(path), "\(path)")
      case .layerKey(let key): #expect(layer.contains(key), "\(key)")
      case .advice(let text): #expect(!text.isEmpty)
      }
      for word in synonyms {
        #expect(word == word.plainWord, "\(word)")
        #expect(words.insert(word).inserted, "\(word) stands twice")
        #expect(!Recipe.keys.map(\.entry.name.plainWord).contains(word), "\(word)")
      }
    }
  }

  @Test("every answer for a value is one")
  func valueTable() {
    let choices = Dictionary(
      uniqueKeysWithValues: Recipe.keyDescriptions.map { ($0.path, Set($0.choices.map(\.name))) })
    for (path, words, value) in RecipeSynonym.values {
      #expect(choices[path]?.contains(value) == true, "\(path): \(value)")
      for word in words {
        #expect(word == word.plainWord && choices[path]?.contains(word) == false)
      }
    }
  }

  @Test("every key is described, with the value that the default recipe has")
  func descriptions() {
    // What recipes name only where it is not as usual: a neuron's model, and constants of channels.
    let unwritten = ["network.neuron.model": "leaky", "network.neuron.trainedPer": "layer"]
    let all = Recipe.keyDescriptions.filter { !$0.path.contains(".N.") }
    for (key, value) in unwritten {
      #expect(all.filter { $0.path == key }.map(\.defaultValue) == [value])
    }
    let described = all.filter { unwritten[$0.path] == nil }
    #expect(described.map(\.path) == Recipe().settings.map(\.key))
    #expect(described.map(\.defaultValue) == Recipe().settings.map(\.value))
  }
}
