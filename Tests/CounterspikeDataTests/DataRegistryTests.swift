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
