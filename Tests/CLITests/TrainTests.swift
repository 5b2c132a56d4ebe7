import Counterspike
import CounterspikeTraining
import Foundation
import Testing

@Suite("train")
struct TrainTests {
  @Test("the run folder holds recipe, metrics and checkpoints")
  func runFolder() async throws {
    let small = try SmallRun()
    let outcome = try await small.train("small.yaml", "--output", "run")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.contains("small: 4C5-P4-20-10, 3 time steps"))
    #expect(outcome.output.contains("200 training and 64 test samples; 1 thread\n"))
    #expect(outcome.output.contains("\nepoch 1/2  loss "))
    #expect(outcome.output.contains("\nepoch 2/2  loss "))
    #expect(outcome.output.contains("evaluate run --data "))
    #expect(!outcome.output.contains("\u{1B}"))

    let files = [
      "checkpoints", "checkpoints/best.safetensors", "checkpoints/last.safetensors",
      "events.out.tfevents.0000000001.counterspike", "metrics.jsonl", "recipe.yaml", "run.json",
    ]
    #expect(small.folder.names(in: "run") == files)
    var recipe = try Recipe(contentsOf: small.folder.path + "/small.yaml")
    // What was found in the data stands in the run's recipe.
    recipe.data.classes = (0...9).map { "\($0)" }
    #expect(try Recipe(contentsOf: small.folder.path + "/run/recipe.yaml") == recipe)

    let lines = try small.metrics("run")
    #expect(lines.map { $0["epoch"] as? Int } == [1, 2])
    #expect(lines.map { $0["step"] as? Int } == [10, 20])
    for key in ["loss", "trainAccuracy", "testLoss", "testAccuracy", "learningRate", "seconds"] {
      #expect(lines.allSatisfy { ($0[key] as? Double)?.isFinite == true }, "\(key)")
    }

    let last = try Checkpoint(contentsOf: small.folder.path + "/run/checkpoints/last.safetensors")
    #expect(last.recipe == recipe)
    #expect(last.completedEpochs == 2)
    #expect(last.step == 20)
  }

  @Test("without --output the run goes to a folder of the recipe's name under runs")
  func defaultFolder() async throws {
    let small = try SmallRun()
    let outcome = try await small.train("small.yaml", "--epochs", "1")
    #expect(outcome.status == 0)
    let name = try #require(small.folder.names(in: "runs").first)
    #expect(name.wholeMatch(of: /small-\d{8}-\d{6}/) != nil, "\(name)")
    #expect(outcome.output.contains("\nrun folder runs/\(name)\n"))
  }

  @Test("a run folder is never written over")
  func existingRun() async throws {
    let small = try SmallRun()
    try await small.trainSmall()
    let before = try small.last("run")
    let outcome = try await small.train("small.yaml", "--output", "run", "--seed", "2")
    expectError(outcome, .cannotCreate, "“run” holds a run already; go on with it, or name another")
    #expect(try small.last("run") == before)
  }

  @Test("a folder with a recipe of the user's own is not taken for a run's")
  func existingRecipe() async throws {
    let small = try SmallRun()
    try small.folder.write(SmallRun.recipe(), to: "recipe.yaml")
    let outcome = try await small.train("recipe.yaml", "--output", ".")
    expectError(outcome, .cannotCreate, "name another folder (--output FOLDER)")
    #expect(try small.folder.text("recipe.yaml") == SmallRun.recipe())
    #expect(!small.folder.has("checkpoints"))
  }

  @Test("--quiet prints nothing")
  func quiet() async throws {
    let small = try SmallRun()
    let outcome = try await small.train("small.yaml", "--output", "run", "--quiet")
    #expect(outcome.status == 0)
    #expect(outcome.output == "")
    #expect(outcome.errors == "")
  }

  @Test("the number of threads changes no byte")
  func threads() async throws {
    let small = try SmallRun()
    for threads in ["1", "3"] {
      let outcome = try await small.train(
        "small.yaml", "--output", threads, "--threads", threads, "--quiet")
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try small.last("1") == small.last("3"))
    let best = "checkpoints/best.safetensors"
    #expect(try small.folder.bytes("1/\(best)") == small.folder.bytes("3/\(best)"))
    #expect(try small.folder.text("1/recipe.yaml") == small.folder.text("3/recipe.yaml"))
  }

  @Test("a closed pipe ends the output, not the run")
  func closedPipe() async throws {
    let small = try SmallRun()
    let line = try SmallRun.train(["small.yaml", "--output", "run"])
      .map { "'\($0)'" }.joined(separator: " ")
    // Nobody reads any more when the first line is written.
    _ = try await Command.shell(
      "{ sleep 0.1; \"$COMMAND\" \(line); echo $? > status; } | true", in: small.folder)
    #expect(try small.folder.text("status") == "0\n")
    #expect(try small.metrics("run").count == 2)
  }

  @Test("names with spaces and other alphabets work, and the hints quote them")
  func unusualNames() async throws {
    let small = try SmallRun()
    let name = "mein Lauf’s été 神經"
    let outcome = try await small.train("small.yaml", "--output", name)
    #expect(outcome.status == 0)
    #expect(small.folder.has("\(name)/checkpoints/last.safetensors"))
    #expect(outcome.output.contains("evaluate 'mein Lauf’s été 神經' --data "))
    let evaluated = try await small.run("evaluate", name, "--data", SmallRun.dataFolder)
    #expect(evaluated.status == 0)
  }

  @Test("a folder that cannot be written to is named before training begins")
  func unwritable() async throws {
    let small = try SmallRun()
    let below = try await small.train("small.yaml", "--output", "small.yaml/run")
    expectError(below, .cannotCreate, "the run folder “small.yaml/run” cannot be created")
    #expect(below.output == "")
    #if os(Linux)
      // Not even root may make folders there.
      let system = try await small.train("small.yaml", "--output", "/sys/counterspike-run")
      expectError(system, .cannotCreate, "“/sys/counterspike-run” cannot be created")
    #endif
  }

  @Test(
    "a read-only folder is refused", .enabled(if: getuid() != 0, "root may write everywhere"))
  func readOnly() async throws {
    let small = try SmallRun()
    try setPermissions(0o555, of: small.folder.path)
    defer { try? setPermissions(0o755, of: small.folder.path) }
    let outcome = try await small.train("small.yaml", "--quiet")
    expectError(outcome, .cannotCreate, "cannot be created")
  }

  private func setPermissions(_ permissions: Int, of path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
  }
}
