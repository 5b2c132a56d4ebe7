import Counterspike
import Foundation
import Testing

@Suite("Documentation of recipes")
struct RecipeReferenceTests {
  @Test("docs/recipe.md is what the code says")
  func documentIsCurrent() throws {
    let file = packageRoot.appendingPathComponent("docs/recipe.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let marker = try #require(text.firstMatch(of: #/<!-- generated: .* -->\n\n/#)).range
    let generated = Recipe.reference
    if ProcessInfo.processInfo.environment["COUNTERSPIKE_UPDATE_DOCS"] == "1" {
      try Data((text[..<marker.upperBound] + generated).utf8).write(to: file)
      return
    }
    #expect(
      text[marker.upperBound...] == generated,
      """
      docs/recipe.md is out of date; write it anew by \
      COUNTERSPIKE_UPDATE_DOCS=1 swift test --filter RecipeReferenceTests
      """)
  }

  @Test(
    "every key path of a resolved recipe is documented",
    arguments: [
      "seed", "data.augmentation.flip", "network.layers", "network.neuron.threshold",
      "gradient.neighborhood.error", "loss.kind", "optimizer.weightClamp", "schedule.kind",
      "training.microBatchSize",
    ])
  func hasRow(path: String) {
    #expect(Recipe.reference.contains("| `\(path)` | `"))
  }

  @Test("the documentation's example of a list of layers is read")
  func exampleReads() throws {
    let file = packageRoot.appendingPathComponent("docs/recipe.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let example = try #require(text.firstMatch(of: #/```yaml\n((?s).*?)```/#)).1
    let recipe = try Recipe(yaml: String(example), source: "docs/recipe.md")
    #expect(recipe.network.layers.count == 6)
    #expect(recipe.network.layers[2].threshold == 1.2)
  }
}
