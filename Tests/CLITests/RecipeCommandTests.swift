import Counterspike
import Foundation
import Testing

@Suite("The command recipe")
struct RecipeCommandTests {
  let small: SmallRun

  init() throws { small = try SmallRun() }

  @Test("show prints a recipe that reads back as the same one")
  func show() async throws {
    let outcome = try await small.run("recipe", "show", "mnist", "--set", "seed=7")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let recipe = try Recipe(yaml: outcome.output, source: "output")
    #expect(try recipe == Recipe.named("mnist", overrides: ["seed=7"]))
  }

  @Test("show --json prints one line that holds the settings")
  func json() async throws {
    let outcome = try await small.run("recipe", "show", "small.yaml", "--json")
    let line = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let training = (line as? [String: Any])?["training"] as? [String: Any]
    #expect(training?["batchSize"] as? Int == 20)
    #expect(outcome.output.filter { $0 == "\n" }.count == 1)
  }

  @Test("show and diff take a run as well")
  func run() async throws {
    try await small.trainSmall()
    let shown = try await small.run("recipe", "show", "run")
    #expect(shown.output == (try small.folder.text("run/recipe.yaml")))
    let same = try await small.run("recipe", "diff", "small.yaml", "run")
    #expect(same.status == 0)
    let other = try await small.run("recipe", "diff", "mnist", "run")
    #expect(other.output.contains("training.batchSize\n  < 64\n  > 20\n"))
  }

  @Test("diff prints what differs and nothing else")
  func diff() async throws {
    let outcome = try await small.run("recipe", "diff", "mnist", "mnist")
    #expect(outcome.output == "the recipes are equal\n")
    let line = try await small.run("recipe", "diff", "mnist", "kmnist", "--json")
    let values =
      try JSONSerialization.jsonObject(with: Data(line.output.utf8)) as? [String: [String]]
    #expect(values?["data.set"] == ["mnist", "kmnist"])
    #expect(values?["seed"] == nil)
  }

  @Test(
    "keys explains a key, a section, a word",
    arguments: [
      ("network.timeSteps", ["network.timeSteps = 5", "allowed: whole number from 1"]),
      ("network.layers", ["32C3p1", "32C3s2", "padding", "stride", "D0.2", "P2"]),
      ("optimizer", ["optimizer.kind = adamW", "optimizer.momentum = 0.9", "decoupled"]),
      ("dropped", ["network.layers.N.probability (must be given)"]),
      ("lr", ["lr: a recipe says optimizer.learningRate", "optimizer.learningRate = 0.002"]),
      ("dropout", ["D0.2"]),
    ])
  func keys(word: String, parts: [String]) async throws {
    let outcome = try await Command.run(
      ["recipe", "keys", word], in: small.folder, environment: ["COLUMNS": "80"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for part in parts { #expect(outcome.output.contains(part), "\(outcome.output)") }
    for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
  }

  @Test("keys without a word has all of them, also as JSON")
  func allKeys() async throws {
    let text = try await small.run("recipe", "keys")
    let lines = try await small.run("recipe", "keys", "--json")
    let keys = try lines.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    for (path, value) in Recipe().settings {
      #expect(text.output.contains("\(path) = \(value)\n"))
      #expect(keys.contains { $0["key"] as? String == path && $0["default"] as? String == value })
    }
  }

  @Test(
    "check tells a recipe that can be trained by from one that cannot",
    arguments: [
      ("mnist", 0, "can be trained"), ("small.yaml", 0, "can be trained"),
      ("shd", 0, "can be trained"), ("cifar-10", 0, "can be trained"),
      ("small.yaml --set network.layers=4C5-9", 78, "last layer be 10"),
      ("small.yaml --set network.layers=4C50-10", 78, "network.layers"),
      ("small.yaml --set data.set=minst", 78, "did you mean mnist?"),
      ("small.yaml --set training.epochs=0", 78, "whole number from 1"),
      ("small.yaml --set data.set=image-folder", 0, "is open, as image-folder is not here"),
      ("nothing.yaml", 66, "no file “nothing.yaml”"),
    ])
  func check(line: String, status: Int32, part: String) async throws {
    let arguments = ["recipe", "check"] + line.split(separator: " ").map(String.init)
    let outcome = try await Command.run(arguments, in: small.folder)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect((status == 0 ? outcome.output : outcome.errors).contains(part), "\(outcome.errors)")
  }
}
