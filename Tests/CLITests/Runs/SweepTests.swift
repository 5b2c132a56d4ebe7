import Foundation
import Testing

@Suite("sweep")
struct SweepTests {
  let small: SmallRun

  init() throws { small = try SmallRun() }

  private func sweep(_ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(
      ["sweep", "--data", SmallRun.dataFolder, "--threads", "1", "--jobs", "1"] + arguments,
      in: small.folder)
  }

  private static let axes = ["--over", "optimizer.learningRate=1e-4,2e-3", "--over", "seed=1,2"]

  @Test("trains each run as train does, sorts them, and repeats nothing")
  func grid() async throws {
    let outcome = try await sweep(
      "small.yaml", "--epochs", "1", "--set", "data.validation=0.2", "--output", "s", "--json",
      Self.axes[0], Self.axes[1], Self.axes[2], Self.axes[3])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let settings = try #require(object?["settings"] as? [[String: Any]])
    let means = settings.compactMap { $0["meanAccuracy"] as? Double }
    #expect(means.count == 2 && means[0] >= means[1])
    #expect(settings.allSatisfy { ($0["runs"] as? [String])?.count == 2 })

    let single = try await small.train(
      "small.yaml", "--epochs", "1", "--set", "data.validation=0.2", "--set",
      "optimizer.learningRate=2e-3", "--seed", "1", "--output", "single", "--quiet")
    #expect(single.status == 0)
    #expect(try small.last("s/3") == small.last("single"))

    let before = try small.folder.bytes("s/1/metrics.jsonl")
    let again = try await sweep("--resume", "s", "--quiet")
    #expect(again.status == 0, "\(again.errors)")
    #expect(again.output.split(separator: "\n").count == 3)
    #expect(try small.folder.bytes("s/1/metrics.jsonl") == before)
  }

  @Test("Ctrl-C saves the runs, and the sweep then gives the bytes of one that was not stopped")
  func interrupted() async throws {
    try small.folder.write(
      SmallRun.recipe(training: ["epochs: 12", "batchSize: 10"]), to: "long.yaml")
    let running = try Command.start(
      [
        "sweep", "--data", SmallRun.dataFolder, "--threads", "1", "--jobs", "2", "long.yaml",
        "--over",
        "seed=1..3", "--output", "s", "--quiet",
      ], in: small.folder)
    let metrics = small.folder.path + "/s/1/metrics.jsonl"
    running.supervise { running in
      running.wait { (try? String(contentsOfFile: metrics, encoding: .utf8))?.isEmpty == false }
      running.send(SIGINT)
    }
    let stopped = try await running.outcome()
    #expect(stopped.status == 130)
    #expect(stopped.errors.contains("sweep --resume s"))
    #expect(!small.folder.has("s/3/checkpoints/last.safetensors"))
    let resumed = try await sweep("--resume", "s", "--quiet")
    #expect(resumed.status == 0, "\(resumed.errors)")
    let single = try await small.train("long.yaml", "--output", "single", "--quiet")
    #expect(single.status == 0)
    #expect(try small.last("s/1") == small.last("single"))
    #expect(try small.metrics("s/3").count == 12)
    #expect(!small.folder.names(in: "s").contains { $0.hasSuffix(".log") })
  }

  @Test(
    "halving ends the worse settings early, as their schedule has it, by validation samples only")
  func halving() async throws {
    let arguments = ["--over", "optimizer.learningRate=1e-5,2e-3,3e-3"]
    let refused = try await sweep(
      "small.yaml", "--halving", "--output", "s", arguments[0], arguments[1])
    #expect(refused.status == 78)
    #expect(refused.errors.contains("data.validation, as 0.1"))
    #expect(!small.folder.has("s"))
    let outcome = try await sweep(
      "small.yaml", "--epochs", "3", "--halving", "--set", "data.validation=0.2", "--output", "s",
      arguments[0], arguments[1], "--quiet")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let epochs = try (1...3).map { try small.metrics("s/\($0)").count }
    #expect(epochs.sorted() == [1, 1, 3])
    #expect(epochs[0] == 1)
    let winner = try #require(epochs.firstIndex(of: 3)) + 1
    let rate = winner == 2 ? "2e-3" : "3e-3"
    let single = try await small.train(
      "small.yaml", "--epochs", "3", "--set", "data.validation=0.2", "--set",
      "optimizer.learningRate=\(rate)", "--output", "single", "--quiet")
    #expect(single.status == 0)
    #expect(try small.last("s/\(winner)") == small.last("single"))
  }

  @Test("a run that diverges is told, not repeated, and ends no other")
  func diverging() async throws {
    let outcome = try await sweep(
      "small.yaml", "--epochs", "1", "--set", "optimizer.kind=sgd", "--set",
      "optimizer.weightClamp=null", "--over", "optimizer.learningRate=1e30,1e-3", "--output", "s")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("failed"))
    #expect(outcome.errors.contains("no longer finite"))
    #expect(try small.metrics("s/2").count == 1)
    let again = try await sweep("--resume", "s")
    #expect(again.status == 0 && again.output.contains("failed"))
    #expect(!again.errors.contains("run 1 ("))
  }

  @Test("wrong use is one line that says what to do")
  func wrongUse() async throws {
    try small.folder.makeFolder("taken")
    try small.folder.write("x", to: "taken/file")
    for (arguments, status, part) in [
      (["small.yaml"], Int32(64), "--over optimizer.learningRate"),
      (["small.yaml", "--over", "seed=2..1"], 78, "rising range"),
      (["small.yaml", "--over", "seed=1..2", "--output", "taken"], 73, "--output"),
      (["--resume", "taken"], 66, "no sweep"),
      (["--resume", "taken", "--halving"], 64, "leave out --halving"),
      (["small.yaml", "--over", "optimizer.learningRate=1e-4..1e-2:log"], 78, "--random"),
    ] {
      let outcome = try await Command.run(["sweep"] + arguments, in: small.folder)
      #expect(outcome.status == status, "\(arguments) \(outcome.errors)")
      #expect(outcome.errors.contains(part), "\(outcome.errors)")
      #expect(outcome.errorLines.count == 2, "\(outcome.errors)")
    }
  }
}
