import Counterspike
import Testing

@testable import CounterspikeRecipe
@testable import CounterspikeSettings
@testable import CounterspikeSystem

@Suite("Tables of recipe keys")
struct RecipeTableTests {
  /// One section: the names of its properties in Swift, and its keys.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let properties: [String]
    let entries: [RecipeEntry]

    init<Section: RecipeSection>(_ section: Section) {
      testDescription = "\(Section.self)"
      // Of registered losses and rules, each of whose settings is a key.
      let registered = ["settings", "ruleSettings", "modelSettings"]
      properties = Mirror(reflecting: section).children.compactMap(\.label)
        .filter { !registered.contains($0) }
      entries = Section.keys.map(\.entry)
    }
  }

  @Test(
    "every property has a key of the same name, in the same order",
    arguments: [
      Case(Recipe()), Case(DataSettings()), Case(AugmentationSettings()), Case(ImageSettings()),
      Case(EventSettings()),
      Case(EventAugmentationSettings()), Case(NetworkSettings()),
      Case(NeuronSettings()), Case(AdaptationSettings()), Case(GradientSettings()),
      Case(NeighborhoodSettings()), Case(SurrogateSettings()), Case(SLAYERSettings()),
      Case(LossSection()), Case(RatePenalty()),
      Case(OptimizerSettings()),
      Case(ScheduleSettings()), Case(TrainingSettings()),
    ])
  func everyPropertyHasAKey(section: Case) {
    #expect(section.entries.map(\.name) == section.properties)
  }

  @Test("every property of a layer has a key")
  func everyLayerPropertyHasAKey() {
    // The others are settings of registered neurons and layers, each of which is a key.
    let properties = Mirror(reflecting: LayerSettings(.dense)).children.compactMap(\.label)
      .filter { !["modelSettings", "ownSettings"].contains($0) }
    let keys = [LayerSettings.kindKey] + LayerSettings.keys.map(\.key)
    #expect(Set(keys.map(\.entry.name)) == Set(properties))
    #expect(LayerSettings.reservedKeys.sorted() == properties.sorted())
    #expect(NeuronSettings.reservedKeys == NeuronSettings.builtInKeys.map(\.entry.name))
  }

  @Test("every key is one sentence and says what is allowed")
  func everyKeyIsDescribed() {
    var entries = Recipe.keys.map(\.entry) + LayerSettings.keys.map(\.key.entry)
    while let entry = entries.popLast() {
      #expect(entry.summary.hasSuffix("."), "\(entry.name)")
      #expect(entry.entries.isEmpty != entry.allowed.isEmpty, "\(entry.name)")
      for choice in entry.choices { #expect(!choice.summary.isEmpty, "\(entry.name)") }
      entries += entry.entries
    }
  }

  @Test(
    "the nearest key is found whatever the case",
    arguments: [
      ("timeStep", "timeSteps"), ("TIMESTEPS", "timeSteps"), ("batchsize", "batchSize"),
      ("epoch", "epochs"), ("zebra", nil), ("", nil), ("epcohs", "epochs"),
    ])
  func nearest(word: String, expected: String?) {
    #expect(word.nearest(in: ["timeSteps", "batchSize", "epochs"]) == expected)
  }
}
