import Foundation
import Testing

@Suite("counterspike diagnose")
struct DiagnoseTests {
  @Test("exits with 0 where nothing is wrong, and says so")
  func healthy() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Command.run(["diagnose", "yin-yang", "--threads", "1"], in: folder)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.hasSuffix("nothing is wrong\n"))
    #expect(outcome.output.contains("60 steps: loss "))
    #expect(outcome.errors.isEmpty)
  }

  @Test("exits with 1 where something is wrong, with the losses of what was tried")
  func broken() async throws {
    let folder = try TemporaryFolder()
    let arguments = ["yin-yang", "--threads", "1", "--set", "network.neuron.threshold=50"]
    let outcome = try await Command.run(["diagnose"] + arguments, in: folder)
    #expect(outcome.status == 1 && outcome.errors.isEmpty)
    #expect(outcome.output.contains("wrong: dense_1 does not fire"))
    #expect(outcome.output.contains("helps: network.neuron.threshold=1: 60 steps: loss "))
    let json = try await Command.run(["diagnose", "--json"] + arguments, in: folder)
    #expect(json.status == 1)
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["healthy"] as? Bool == false)
    let findings = try #require(object?["findings"] as? [[String: Any]])
    #expect(findings.map { $0["cause"] as? String } == ["silent"])
  }

  @Test("finds errors that explode, and what keeps them of one size")
  func exploding() async throws {
    let folder = try TemporaryFolder()
    // Each layer multiplies the errors by 10 to 30, as the weight of a spike is so large.
    let settings = [
      "network.layers=30-30-30-30-3", "gradient.rule=slayer", "gradient.slayer.alpha=300",
      "optimizer.kind=sgd", "optimizer.learningRate=1e-3",
    ]
    let outcome = try await Command.run(
      ["diagnose", "yin-yang", "--steps", "30", "--threads", "1"]
        + settings.flatMap { ["--set", $0] }, in: folder)
    #expect(outcome.status == 1 && outcome.errors.isEmpty)
    let pattern = #/wrong: the errors explode on the way to dense_1: they are [0-9.]+e[67] times /#
    #expect(outcome.output.contains(pattern), "\(outcome.output)")
    #expect(outcome.output.contains("times those of output\n  helps: gradient.slayer.alpha=2.5: "))
  }

  @Test("looks at a run's checkpoint")
  func run() async throws {
    let folder = try TemporaryFolder()
    let trained = try await Command.run(
      ["train", "yin-yang", "--epochs", "1", "--quiet", "--output", "run", "--threads", "1"],
      in: folder)
    #expect(trained.status == 0)
    let outcome = try await Command.run(["diagnose", "run", "--threads", "1"], in: folder)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.hasPrefix("yin-yang: 120-3, weights after 1 epoch\n"))
  }

  @Test("refuses what it cannot look at")
  func refused() async throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/empty", withIntermediateDirectories: true)
    let empty = try await Command.run(["diagnose", "empty"], in: folder)
    #expect(empty.status == 66 && empty.errorLines.count == 2)
    let steps = try await Command.run(["diagnose", "yin-yang", "--steps", "0"], in: folder)
    #expect(steps.status == 64 && steps.errors.contains("--steps is 0"))
  }
}
