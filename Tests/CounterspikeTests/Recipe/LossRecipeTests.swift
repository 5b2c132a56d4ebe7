import Counterspike
import Testing

@testable import CounterspikeRecipe

@Suite("The loss in a recipe")
struct LossRecipeTests {
  private func loss(_ yaml: String) throws -> LossSettings {
    try Recipe(yaml: "loss: \(yaml)", source: "test").loss
  }

  @Test(
    "has the settings of its kind",
    arguments: [
      ("{kind: kernel}", LossSettings()),
      ("{targetFilter: once}", LossSettings(.kernel(.once))),
      // In whatever order, and with what a file of an old run holds for other kinds.
      (
        "{desiredCount: 3, undesiredCount: 1, targetFilter: once, kind: count}",
        LossSettings(.count(desired: 3, undesired: 1))
      ),
      ("{kind: kernel, targetFilter: twice, desiredCount: 4}", LossSettings()),
      (
        "{kind: softmax, reduction: everyStep, labelSmoothing: 0.1}",
        LossSettings(.softmax(.everyStep, labelSmoothing: 0.1))
      ),
      (
        "{kind: softmax, reduction: null, classWeights: balanced}",
        LossSettings(.softmax(), classWeights: .balanced)
      ),
      (
        "{kind: rate, desiredRate: 0.5, undesiredRate: 0.125}",
        LossSettings(.rate(desired: 0.5, undesired: 0.125))
      ),
      ("{kind: latency, timeScale: 2}", LossSettings(.latency(timeScale: 2))),
      ("{kind: squaredError}", LossSettings(.squaredError(.rate))),
      ("{kind: squaredError, reduction: last}", LossSettings(.squaredError(.last))),
      (
        "{rates: {lowest: 0.25, weight: 3}}",
        LossSettings(
          [LossSettings.Term(.kernel())], rates: RatePenalty(lowest: 0.25, weight: 3))
      ),
      (
        "[{kind: softmax, weight: 0.5}, {kind: count, desiredCount: 2}, {rates: {highest: 0.5}}]",
        LossSettings(
          [
            LossSettings.Term(.softmax(), weight: 0.5),
            LossSettings.Term(.count(desired: 2, undesired: 0)),
          ], rates: RatePenalty(highest: 0.5))
      ),
      ("[{kind: rate}]", LossSettings(.rate())),
    ])
  func reading(yaml: String, expected: LossSettings) throws {
    #expect(try loss(yaml) == expected)
    var recipe = Recipe()
    recipe.loss = expected
    #expect(try Recipe(yaml: recipe.yaml, source: "written") == recipe)
  }

  @Test("several losses are written with what they have")
  func writing() {
    var recipe = Recipe()
    recipe.loss = LossSettings(
      [
        LossSettings.Term(.softmax(labelSmoothing: 0.5), classWeights: .balanced),
        LossSettings.Term(.kernel(.once), weight: 2),
      ], rates: RatePenalty(lowest: 0.125))
    #expect(
      recipe.yaml.contains(
        """
        loss:
          - {kind: softmax, reduction: sum, labelSmoothing: 0.5, weight: 1.0, classWeights: balanced}
          - {kind: kernel, targetFilter: once, weight: 2.0, classWeights: equal}
          - {rates: {lowest: 0.125, highest: 1.0, weight: 1.0}}
        """))
  }

  @Test(
    "is refused where it cannot be, in one line",
    arguments: [
      ("{kind: kernel, desiredCount: -1}", "“loss.desiredCount” is -1; allowed: whole number"),
      ("{kind: softmax, labelSmoothing: 1}", "“loss.labelSmoothing” is 1.0; allowed"),
      ("{kind: softmax, reduction: max}", "“loss.reduction” is max; did you mean largest?"),
      ("{kind: rate, weight: 0}", "“loss.weight” is 0.0; allowed: number > 0"),
      ("{classWeights: [1, 2]}", "“loss.classWeights” has 2 weights for 10 output neurons"),
      ("{classWeights: [1, -2]}", "“loss.classWeights” is -2.0; allowed"),
      ("{classWeights: [0, 0]}", "“loss.classWeights” is a list of zeros; allowed"),
      ("{classWeights: heavy}", "“loss.classWeights” is heavy; allowed: equal, balanced"),
      (
        "{kind: squaredError, classWeights: balanced, rates: {lowest: 0.5, highest: 0.25}}",
        "“loss.rates.lowest” is 0.5, more than highest (0.25)"
      ),
      ("[]", "“loss” names no loss"),
      ("[{rates: {lowest: 0.1}}]", "“loss” names no loss"),
      ("[{weight: 2}]", "“loss.0.kind” is missing"),
      (
        "[{kind: rate}, {kind: kernel, desiredCount: 3}]",
        "“loss.1.desiredCount” means nothing for a kernel loss; known here: kind, targetFilter"
      ),
      ("[{kind: rate, rates: {lowest: 0}}]", "“loss.0.rates” stands beside other keys"),
      (
        "[{kind: rate}, {rates: {lowest: 0}}, {rates: {lowest: 0}}]",
        "“loss.2.rates” stands twice"
      ),
      ("[{kind: rate}, {kind: count, desiredCount: 6}]", "“loss.1.desiredCount” is 6, more spikes"),
      ("[{kind: rate}, {kind: squaredError}]", "“loss.1.kind” is squaredError beside rate"),
    ])
  func refusal(yaml: String, message: String) {
    let error = #expect(throws: CounterspikeError.self) { try loss(yaml) }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test("takes overrides of a list's item")
  func overrides() throws {
    let recipe = try Recipe(
      yaml: "loss: [{kind: rate}, {kind: count}]", source: "test",
      overrides: ["loss.1.weight=3"])
    #expect(recipe.loss.terms.map(\.weight) == [1, 3])
  }
}
