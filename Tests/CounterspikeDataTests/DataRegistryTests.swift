import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Registered data sets")
struct DataRegistryTests {
  /// Bars that stand or lie, as docs/data.md has them.
  struct Bars: SampleSource {
    let count: Int
    let shape = [1, 8, 8]
    let classCount = 2

    func label(at index: Int) -> Int { index % 2 }

    func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
      for place in 0..<64 {
        let line = label(at: index) == 0 ? place / 8 : place % 8
        values[place] = line == index / 2 % 8 ? 1 : 0
      }
    }
  }

  @Test("are loaded by the recipes that name them, with limits and validation share")
  func recipe() throws {
    try DataRegistry.register("bars") { request in
      #expect(request.settings.set == "bars" && request.seed == 7 && request.timeSteps == 3)
      return DataSet(
        name: "bars", title: "Bars", classNames: ["lying", "standing"],
        training: Bars(count: 40), test: Bars(count: 10))
    }
    #expect(DataRegistry.names.contains("bars"))
    let recipe = try Recipe(
      yaml: """
        seed: 7
        data: {set: bars, validation: 0.25, testLimit: 4}
        network: {layers: 10-2, timeSteps: 3}
        """, source: "a test")
    let form = try DataSet.form(of: recipe)
    let plan = try form.plan(recipe)
    #expect(form.sampleShape == [1, 8, 8] && form.isStatic && form.classNames[1] == "standing")
    #expect(plan.classCount == 2 && plan.inputShape == [1, 8, 8])
    #expect(try form.residentBytes(recipe) == 0)
    let data = try DataSet.load(recipe)
    #expect(data.classNames == ["lying", "standing"] && data.shape == [1, 8, 8])
    #expect(data.training.count == 30 && data.validation?.count == 10 && data.test.count == 4)
    #expect(data.settings.classes == ["lying", "standing"] && data.settings.set == "bars")
    #expect(data.test.values(1) == Bars(count: 10).values(1))
  }

  @Test("are documented by code that is tested here")
  func documentation() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/data.md")
    let text = try String(contentsOf: place.standardizedFileURL, encoding: .utf8)
    let example = try #require(
      text.components(separatedBy: "```").first { $0.contains("DataRegistry.register") })
    let lines = example.split(separator: "\n").dropFirst()
      .map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(lines.count > 15)
    let tested = Set(
      source.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
    for line in lines { #expect(tested.contains(line), "\(line)") }
  }

  @Test("that a recipe's network does not fit are refused before they are trained on")
  func misfit() throws {
    try DataRegistry.register("bars-to-misfit") { _ in
      DataSet(
        name: "bars-to-misfit", title: "Bars", classNames: ["lying", "standing"],
        training: Bars(count: 4), test: Bars(count: 4))
    }
    for (layers, message) in [
      ("10-3", "network.layers ends in 3 neurons, the data has 2 classes"), ("4C9-2", "layer 1"),
    ] {
      let recipe = try Recipe(
        yaml: "{data: {set: bars-to-misfit}, network: {layers: \(layers)}}", source: "a test")
      let error = #expect(throws: CounterspikeError.self) {
        try DataSet.form(of: recipe).plan(recipe)
      }
      #expect(error?.code == .invalidRecipe)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test("and known ones have a form before they are loaded")
  func knownForm() throws {
    let recipe = try Recipe(yaml: "data: {set: mnist}", source: "a test")
    let form = try DataSet.form(of: recipe)
    #expect(form.inputShape == [1, 28, 28] && form.isStatic && form.classCount == 10)
    #expect(try form.residentBytes(recipe) == 70_000 * 785)
  }

  @Test("whose names or closures are wrong are refused")
  func refusals() throws {
    for name in ["mnist", "", "My set", String(repeating: "x", count: 61)] {
      let error = #expect(throws: CounterspikeError.self) {
        try DataRegistry.register(name) { _ in throw CancellationError() }
      }
      #expect(error?.code == .invalidRecipe)
    }
    try DataRegistry.register("failing") { _ in throw CancellationError() }
    var settings = DataSettings()
    settings.set = "failing"
    let error = #expect(throws: CounterspikeError.self) { try DataSet.load(settings) }
    #expect(error?.code == .missingData && error?.cause is CancellationError)
    #expect(error?.message.hasPrefix("the data set “failing” cannot be made: ") == true)
    settings.set = "failin"
    let near = #expect(throws: CounterspikeError.self) { try DataSet.load(settings) }
    #expect(near?.message.hasSuffix("did you mean failing?") == true)
  }
}
