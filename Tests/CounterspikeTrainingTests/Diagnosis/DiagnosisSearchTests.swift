import Counterspike
import CounterspikeData
import Testing

@testable import CounterspikeStudy

@Suite("Settings that a diagnosis tries")
struct DiagnosisSearchTests {
  /// Labels that nothing can be learnt of, so that no setting is right more often.
  private static let images = DiagnosisTests.Shuffled(source: MadeUpImages.set(400, seed: 1))

  private static func search(_ recipe: Recipe) throws -> DiagnosisSearch {
    let diagnosis = Diagnosis(recipe, training: images)
    let trial = DiagnosisTrial(images, recipe: recipe, steps: 60, workers: 1)
    let network = try Network(
      recipe.network, inputShape: Array(images.shape.suffix(3)), seed: recipe.seed)
    return DiagnosisSearch(
      diagnosis: diagnosis, trial: trial, baseline: try trial.run(recipe),
      layers: try DiagnosisLayers(network, recipe: recipe, source: trial.judged, workers: 1),
      network: network, isTrained: false)
  }

  private static func recipe(_ settings: String...) throws -> Recipe {
    try Recipe(
      yaml: """
        network: {layers: 40-4, timeSteps: 4}
        loss: {kind: softmax}
        optimizer: {learningRate: 5e-3}
        training: {batchSize: 20, modelSelection: last}
        """, source: "test.yaml", overrides: settings)
  }

  @Test("a lower value of another kind of loss is no gain")
  func otherLoss() throws {
    let search = try Self.search(Self.recipe())
    // Those whose numbers are smaller, and fall.
    let candidates = try ["count", "kernel"].compactMap { kind in
      search.candidates.set([("loss.kind", kind)])
    }.filter { candidate in
      let result = try search.trial.run(candidate.recipe)
      return search.isBetter(result) && !search.trial.beatsChance(result.outcome)
    }
    try #require(!candidates.isEmpty)
    let found = try search.attempt(candidates)
    #expect(found.remedy == nil && found.tried.count == candidates.count)
  }

  @Test("losses of classes are not tried where the targets are numbers")
  func regression() throws {
    let candidates = DiagnosisCandidates(
      recipe: try Self.recipe("loss.kind=squaredError", "gradient.rule=surrogate"))
    let keys = candidates.other().flatMap { $0.settings.map(\.key) }
    #expect(!keys.isEmpty && !keys.contains("loss.kind"))
  }

  @Test("a smaller ε is tried for small gradients, and AdamW for sgd")
  func optimizer() throws {
    func tried(_ settings: String...) throws -> [[String]] {
      let recipe = try Recipe(yaml: "name: a", source: "test.yaml", overrides: settings)
      let candidates = DiagnosisCandidates(recipe: recipe)
      return candidates.optimizer(gradient: 3e-11).map { candidate in
        candidate.settings.map { "\($0.key)=\($0.value)" }
      }
    }
    let epsilons = [["optimizer.epsilon=1e-08"], ["optimizer.epsilon=3e-13"]]
    #expect(try tried("optimizer.epsilon=1") == epsilons)
    #expect(try tried() == [epsilons[1]])
    #expect(
      try tried("optimizer.kind=sgd", "optimizer.learningRate=0.1")
        == [["optimizer.kind=adamW", "optimizer.learningRate=0.002"]])
  }

  @Test("of a layer with a rule of its own that rule is given up")
  func ownRule() throws {
    var recipe = try Self.recipe()
    recipe.network.layers[1].gradient = .surrogate()
    let candidates = DiagnosisCandidates(recipe: recipe)
    let found = candidates.rule(of: candidates.layerIndex(1))
    #expect(found.map(\.settings) == [[.init(key: "network.layers.1.gradient", value: "null")]])
    #expect(found.first?.recipe == (try Self.recipe()))
  }
}
