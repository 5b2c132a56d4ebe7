import Foundation
import Testing

@Suite("evaluate")
struct EvaluateTests {
  static let trained = Task {
    let small = try SmallRun()
    try await small.trainSmall()
    return small
  }

  struct Result: Decodable {
    let split: String
    let samples: Int
    let accuracy: Double
    let loss: Double
    let confusion: [[Int]]
    let firingRates: [String: Double]
    let checkpoint: String
    let epoch: Int
    let dataSet: String
    let classes: [String]
  }

  @Test("--set replaces settings of the checkpoint's recipe, as far as its weights fit them")
  func changed() async throws {
    let small = try await Self.trained.value
    let common = try ["evaluate", "run", "--data", SmallRun.dataFolder, "--json", "--set"]
    let fewer = try await Command.run(common + ["data.testLimit=10"], in: small.folder)
    #expect(try JSONDecoder().decode(Result.self, from: Data(fewer.output.utf8)).samples == 10)
    let longer = try await Command.run(common + ["network.timeSteps=6"], in: small.folder)
    #expect(longer.status == 0, "\(longer.errors)")
    let other = try await Command.run(common + ["network.layers=8C5-P4-20-10"], in: small.folder)
    expectError(other, .badData, "conv_1")
    let audit = try await Command.run(
      [
        "audit", "run", "--samples", "2", "--flips", "4", "--perturbations", "1", "--rules",
        "slayer",
      ]
        + ["--data", SmallRun.dataFolder, "--set", "network.timeSteps=6"], in: small.folder)
    #expect(audit.output.contains("6 time steps, after 2 epochs"), "\(audit.errors)")
  }

  @Test("--json prints one object whose numbers fit each other", arguments: ["test", "training"])
  func json(split: String) async throws {
    let small = try await Self.trained.value
    let outcome = try await small.run(
      "evaluate", "run", "--data", SmallRun.dataFolder, "--json", "--split", split)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.filter { $0 == "\n" }.count == 1)
    let result = try JSONDecoder().decode(Result.self, from: Data(outcome.output.utf8))
    #expect(result.split == split)
    #expect(
      result.checkpoint == "run/checkpoints/best.safetensors" && (1...2).contains(result.epoch))
    #expect(result.dataSet == "emnist-mnist" && result.classes.count == 10)
    #expect(result.samples == (split == "test" ? 64 : 200))
    #expect(result.firingRates.count == 3)
    #expect(result.firingRates.values.allSatisfy { (0...1).contains($0) })

    // The labels of the made-up data are 0, 1, … 9, 0, 1, …
    let classes = (0..<10).map { (result.samples - $0 + 9) / 10 }
    #expect(result.confusion.map { $0.reduce(0, +) } == classes)
    let right = (0..<10).map { result.confusion[$0][$0] }.reduce(0, +)
    #expect(result.accuracy == Double(right) / Double(result.samples))
    #expect(result.accuracy > 0.3)
  }

  @Test("a run folder stands for its best checkpoint")
  func bestCheckpoint() async throws {
    let small = try await Self.trained.value
    let data = try SmallRun.dataFolder
    let folder = try await small.run("evaluate", "run", "--data", data)
    let file = try await small.run(
      "evaluate", "run/checkpoints/best.safetensors", "--data", data, "--threads", "3")
    #expect(folder.status == 0)
    #expect(folder.output == file.output)

    let accuracies = try small.metrics("run").compactMap { $0["testAccuracy"] as? Double }
    let best = try #require(accuracies.max()) * 100
    let text = String(format: "%.2f", locale: Locale(identifier: "en_US_POSIX"), best)
    #expect(folder.output.contains("\naccuracy \(text) %  loss "))
    #expect(folder.output.contains("on 64 test samples of emnist-mnist\n"))
    // A heading, a line of class numbers, and a line a class.
    let lines = folder.output.split(separator: "\n")
    let heading = try #require(lines.firstIndex { $0.hasPrefix("confusion matrix") })
    #expect(lines.count - heading == 12)
  }

  @Test("a run that has no best checkpoint yet is evaluated as it stands")
  func withoutBest() async throws {
    let small = try SmallRun()
    try await small.trainSmall()
    try small.folder.remove("run/checkpoints/best.safetensors")
    let outcome = try await small.run("evaluate", "run", "--data", SmallRun.dataFolder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("run/checkpoints/last.safetensors, after 2 epochs, on 64 "))
  }
}
