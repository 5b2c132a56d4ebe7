import Counterspike
import CounterspikeTraining
import Foundation
import Testing

/// What a run keeps, and what other commands make of it.
@Suite("A run")
struct RunMeaningTests {
  /// Yin-yang, which needs no files, for a moment.
  private static let short = [
    "--set", "data.trainingLimit=200", "--set", "data.testLimit=100", "--threads", "1",
  ]

  private static func train(
    _ arguments: [String], in folder: TemporaryFolder
  ) async throws -> Command.Outcome {
    try await Command.run(["train", "yin-yang"] + short + arguments, in: folder)
  }

  @Test("looks at the test samples once, at its end, and says which checkpoint it took")
  func modelSelection() async throws {
    let folder = try TemporaryFolder()
    let plain = try await Self.train(["--epochs", "2", "--output", "plain"], in: folder)
    #expect(plain.status == 0, "\(plain.errors)")
    let epochs = plain.output.split(separator: "\n").filter { $0.hasPrefix("epoch ") }
    #expect(epochs.count == 2 && epochs.allSatisfy { !$0.contains("test") && !$0.contains("best") })
    #expect(plain.output.contains(" % after epoch 2, the last one; look closer with: "))
    let evaluated = try await Command.run(["evaluate", "plain"], in: folder)
    #expect(
      evaluated.output.hasPrefix("plain/checkpoints/best.safetensors, after 2 epochs, on 100 "))

    let held = try await Self.train(
      ["--epochs", "2", "--output", "held", "--set", "data.validation=0.2"], in: folder)
    #expect(held.output.contains(", chosen by validation accuracy ("), "\(held.errors)")
    let inspected = try await Command.run(["inspect", "held"], in: folder)
    #expect(inspected.output.contains("held/checkpoints/best.safetensors"))

    let papers = try await Self.train(
      ["--epochs", "2", "--output", "papers", "--set", "training.modelSelection=test"], in: folder)
    #expect(papers.output.contains("chosen by test accuracy and therefore somewhat too good"))
  }

  @Test("tells of a network that cannot learn after its first epoch")
  func warnings() async throws {
    let folder = try TemporaryFolder()
    let silent = try await Self.train(
      ["--epochs", "2", "--set", "network.neuron.threshold=50"], in: folder)
    #expect(silent.status == 0)
    let lines = silent.output.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(lines.count == 1 && lines[0].contains("dense_1 does not fire"))
    #expect(silent.output.contains("most samples have the same score for all classes"))
    let fast = try await Command.run(
      [
        "train", "yin-yang", "--epochs", "1", "--threads", "1", "--set",
        "optimizer.learningRate=100",
      ], in: folder)
    #expect(fast.output.contains("\nwarning: ") && fast.output.contains("learning rate"))
  }

  @Test("tells programs of its events as JSON lines")
  func json() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Self.train(
      ["--json", "--epochs", "2", "--output", "run", "--set", "network.neuron.threshold=50"],
      in: folder)
    let lines = try outcome.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(
      lines.map { $0["event"] as? String } == ["start", "epoch", "warning", "epoch", "end"])
    #expect(lines[0]["training"] as? Int == 200 && lines[0]["run"] as? String == "run")
    #expect(lines[3]["epoch"] as? Int == 2 && lines[4]["outcome"] as? String == "finished")
    #expect(lines[4]["checkpoint"] as? String == "run/checkpoints/best.safetensors")
  }

  @Test("is begun with another's weights, the output drawn anew, frozen layers kept")
  func fineTuning() async throws {
    let folder = try TemporaryFolder()
    #expect(try await Self.train(["--epochs", "1", "--output", "first"], in: folder).status == 0)
    let tuned = try await Command.run(
      ["train", "--from", "first", "--epochs", "1", "--seed", "2", "--output", "tuned"]
        + ["--set", "training.frozen=[dense_1]", "--threads", "1"], in: folder)
    #expect(tuned.status == 0, "\(tuned.errors)")
    #expect(tuned.output.contains("\nweights of dense_1, output from first\n"))
    func weights(_ run: String) throws -> [Tensor] {
      try Checkpoint(contentsOf: "\(folder.path)/\(run)/checkpoints/last.safetensors").weights
    }
    #expect(try weights("tuned")[0] == weights("first")[0])
    #expect(try weights("tuned")[1] != weights("first")[1])
    let both = try await Command.run(["train", "--resume", "tuned", "--from", "first"], in: folder)
    #expect(both.status == Status.usage.rawValue && both.errors.contains("leave out --from first"))
    let other = try await Self.train(
      ["--from", "first", "--set", "network.layers=60-3", "--epochs", "1"], in: folder)
    expectError(other, .badData, "no layer of network.layers has the name and shape")
  }

  @Test("remembers its data folder; one that is gone is named")
  func rememberedData() async throws {
    let small = try SmallRun()
    try FileManager.default.createSymbolicLink(
      atPath: small.folder.path + "/data", withDestinationPath: SmallRun.dataFolder)
    let line = ["train", "small.yaml", "--data", "data", "--threads", "1", "--output", "run"]
    #expect(try await Command.run(line, in: small.folder).status == 0)
    let evaluated = try await small.run("evaluate", "run")
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    let resumed = try await small.run("train", "--resume", "run", "--epochs", "3")
    #expect(resumed.status == 0, "\(resumed.errors)")
    try small.folder.remove("data")
    expectError(
      try await small.run("evaluate", "run"), .unavailable,
      "the run's data were in “\(small.folder.path)/data”")
    let named = try await small.run("evaluate", "run", "--data", SmallRun.dataFolder)
    #expect(named.status == 0)
  }

  @Test("is verified, file by file; a changed bit and lost metrics are found")
  func verification() async throws {
    let folder = try TemporaryFolder()
    #expect(try await Self.train(["--epochs", "2", "--output", "run"], in: folder).status == 0)
    let sound = try await Command.run(["verify", "run"], in: folder)
    #expect(
      sound.output == """
        run/recipe.yaml: a sound recipe
        run/checkpoints/best.safetensors: epoch 2, its SHA-256 is right
        run/checkpoints/last.safetensors: epoch 2, its SHA-256 is right
        run/metrics.jsonl: a line for each epoch

        """)
    #expect(sound.status == 0)
    var bytes = try folder.bytes("run/checkpoints/last.safetensors")
    bytes[bytes.count - 1] ^= 4
    try folder.write(bytes, to: "run/checkpoints/last.safetensors")
    let damaged = try await Command.run(["verify", "run"], in: folder)
    #expect(damaged.status == 1 && damaged.output.contains("was changed after it was written"))
    expectError(
      try await Command.run(["evaluate", "run/checkpoints/last.safetensors"], in: folder), .badData,
      "was changed after")
  }

  @Test("goes on without lost metrics and says so, even when it is to be quiet")
  func lostMetrics() async throws {
    let folder = try TemporaryFolder()
    #expect(try await Self.train(["--epochs", "2", "--output", "run"], in: folder).status == 0)
    let first = try folder.text("run/metrics.jsonl").split(separator: "\n")[0]
    try folder.write(first + "\n", to: "run/metrics.jsonl")
    let resumed = try await Command.run(
      ["train", "--resume", "run", "--epochs", "3", "--quiet"], in: folder)
    #expect(resumed.status == 0)
    #expect(resumed.errors.contains("has no line of the epochs 2"))
  }

  @Test("writes what is predicted for each sample, with what an evaluation says of it")
  func predictions() async throws {
    struct Line: Decodable {
      let sample: Int
      let label: String
      let prediction: String
      let scores: [Double]
      let spikes: [Int]
    }
    struct Result: Decodable {
      let accuracy: Double
      let macroF1: Double
      let ties: Int
      let confusion: [[Int]]
      let classes: [String]
      let precision: [Double?]
      let recall: [Double?]
    }
    let folder = try TemporaryFolder()
    #expect(try await Self.train(["--epochs", "3", "--output", "run"], in: folder).status == 0)
    let outcome = try await Command.run(
      ["evaluate", "run", "--json", "--predictions", "p.jsonl"], in: folder)
    let result = try JSONDecoder().decode(Result.self, from: Data(outcome.output.utf8))
    let lines = try folder.text("p.jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.map(\.sample) == Array(0..<100))
    let names = result.classes
    #expect(
      lines.allSatisfy { line in
        names.firstIndex(of: line.prediction) == line.scores.firstIndex(of: line.scores.max() ?? 0)
          && line.spikes.allSatisfy { (0...10).contains($0) }
      })
    let right = lines.count { $0.label == $0.prediction }
    #expect(result.accuracy == Double(right) / 100)
    var f1: [Double] = []
    for (label, name) in names.enumerated() {
      let samples = lines.count { $0.label == name }
      let predicted = lines.count { $0.prediction == name }
      let both = lines.count { $0.label == name && $0.prediction == name }
      #expect(result.recall[label] == (samples > 0 ? Double(both) / Double(samples) : nil))
      #expect(result.precision[label] == (predicted > 0 ? Double(both) / Double(predicted) : nil))
      if samples + predicted > 0 { f1.append(2 * Double(both) / Double(samples + predicted)) }
    }
    #expect(abs(result.macroF1 - f1.reduce(0, +) / Double(f1.count)) < 1e-12)

    let table = try await Command.run(
      ["evaluate", "run", "--predictions", "p.csv"], in: folder)
    #expect(table.output.contains("macro F1 ") && table.output.contains("recall"))
    let rows = try folder.text("p.csv").split(separator: "\n")
    #expect(rows.count == 101)
    #expect(rows[0].hasPrefix("sample,label,prediction,score \(names[0]),"))
    #expect(rows[1].hasPrefix("0,\(lines[0].label),\(lines[0].prediction),"))
    let other = try await Command.run(["evaluate", "run", "--predictions", "p.txt"], in: folder)
    #expect(other.status == Status.usage.rawValue)
  }
}
