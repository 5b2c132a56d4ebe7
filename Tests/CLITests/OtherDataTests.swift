import Counterspike
import CounterspikeTraining
import Foundation
import Testing

/// A network that meets other data than those it was first trained on.
@Suite("A run's network")
struct OtherDataTests {
  private static let recipe = """
    name: series
    data: {set: series-folder, validation: 0.25}
    network: {layers: 12-3, timeSteps: 6}
    training: {epochs: 1, batchSize: 4}
    """

  /// A run `first` of the classes a, b, c in the folder `old`.
  private static func trained() async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(recipe, to: "series.yaml")
    for (part, count) in [("train", 8), ("test", 3)] {
      try SeriesFolder.write("old/" + part, classes: ["a", "b", "c"], count: count, to: folder)
    }
    let outcome = try await Command.run(
      ["train", "series.yaml", "--data", "old", "--output", "first", "--threads", "1"], in: folder)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return folder
  }

  private static func weights(_ run: String, in folder: TemporaryFolder) throws -> [Tensor] {
    try Checkpoint(contentsOf: "\(folder.path)/\(run)/checkpoints/last.safetensors").weights
  }

  @Test("is trained on with other classes by a new output layer, and says so")
  func otherClasses() async throws {
    let folder = try await Self.trained()
    for (part, count) in [("train", 8), ("test", 3)] {
      try SeriesFolder.write("new/" + part, classes: ["a", "b", "d"], count: count, to: folder)
      try SeriesFolder.write("two/" + part, classes: ["e", "f"], count: count, to: folder)
    }
    /// Frozen, so that what is taken over stays.
    let common = [
      "train", "--from", "first", "--threads", "1", "--set", "training.frozen=[dense_1]",
    ]
    let said = "\nweights of dense_1 from first; output drawn anew\n"
    let named = try await Command.run(
      common + ["--data", "new", "--output", "named", "--seed", "2"], in: folder)
    #expect(named.status == 0, "\(named.errors)")
    #expect(named.output.contains(said), "\(named.output)")
    let (old, new) = try (Self.weights("first", in: folder), Self.weights("named", in: folder))
    #expect(new[0] == old[0] && new[1].shape == old[1].shape && new[1] != old[1])
    let checkpoint = try Checkpoint(
      contentsOf: "\(folder.path)/named/checkpoints/last.safetensors")
    #expect(checkpoint.recipe.data.classes == ["a", "b", "d"])

    let fewer = try await Command.run(
      common + ["--data", "two", "--output", "fewer", "--set", "network.layers=12-2"], in: folder)
    #expect(fewer.status == 0, "\(fewer.errors)")
    #expect(fewer.output.contains(said), "\(fewer.output)")
    #expect(try Self.weights("fewer", in: folder).map(\.shape)[1][0] == 2)
    #expect(try Self.weights("fewer", in: folder)[0] == old[0])
    expectError(
      try await Command.run(common + ["--data", "two"], in: folder), .badConfiguration,
      "network.layers ends in 3 neurons, the data has 2 classes; let the last layer be 2")

    let same = try await Command.run(
      common + ["--data", "old", "--output", "same", "--seed", "2"], in: folder)
    #expect(same.output.contains("\nweights of dense_1, output from first\n"), "\(same.errors)")
  }

  @Test(
    "names the samples of every part in what it predicts",
    arguments: [("test", "test/", 9), ("validation", "train/", 6), ("training", "train/", 18)])
  func names(split: String, prefix: String, count: Int) async throws {
    struct Line: Decodable {
      let name: String
      let label: String
    }
    let folder = try await Self.trained()
    let outcome = try await Command.run(
      ["evaluate", "first", "--split", split, "--predictions", "p.jsonl", "--quiet"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = try folder.text("p.jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.count == count && Set(lines.map(\.name)).count == count)
    for line in lines {
      #expect(line.name.hasPrefix("\(prefix)\(line.label)/"), "\(line)")
      #expect(folder.has("old/\(line.name)"))
    }
    // What is held back is trained on by nobody.
    if split == "validation" {
      let trained = try await Command.run(
        ["evaluate", "first", "--split", "training", "--predictions", "t.csv"], in: folder)
      #expect(trained.status == 0)
      let table = try folder.text("t.csv")
      #expect(lines.allSatisfy { !table.contains(",\($0.name),") })
    }
  }
}
