import Counterspike
import CounterspikeTraining
import Foundation
import Synchronization
import Testing

/// However a run is interrupted, going on with it gives the bytes of one that was not.
@Suite("an interrupted run")
struct InterruptionTests {
  static let recipe = SmallRun.recipe(
    training: ["epochs: 12", "batchSize: 10", "checkpointInterval: 3"])

  /// The files of a run that nothing interrupted.
  struct Files: Equatable {
    var last: [UInt8]
    var best: [UInt8]
    var recipe: String
    /// The metrics without what depends on the time.
    var results: [String]

    init(_ small: SmallRun, _ run: String) throws {
      last = try small.last(run)
      best = try small.folder.bytes("\(run)/checkpoints/best.safetensors")
      recipe = try small.folder.text("\(run)/recipe.yaml")
      results = try small.metrics(run).map { line in
        let keys = ["epoch", "step", "loss", "trainAccuracy", "testLoss", "testAccuracy"]
        return keys.map { "\($0) \(line[$0] ?? "–")" }.joined(separator: ", ")
      }
    }
  }

  static let uninterrupted = Task {
    let small = try SmallRun()
    try small.folder.write(recipe, to: "long.yaml")
    let outcome = try await small.train("long.yaml", "--output", "run", "--quiet")
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try Files(small, "run")
  }

  let small: SmallRun

  init() throws {
    small = try SmallRun()
    try small.folder.write(Self.recipe, to: "long.yaml")
  }

  /// The tests themselves were started by nohup, and what they start inherits that.
  private static var ignoresHangUps: Bool {
    var action = sigaction()
    sigaction(SIGHUP, nil, &action)
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  @Test(
    "is saved by Ctrl-C, SIGTERM and the end of its terminal, and can go on",
    arguments: [SIGINT, SIGTERM] + (ignoresHangUps ? [] : [SIGHUP]))
  func stopped(signal: Int32) async throws {
    let command = try Command.start(
      SmallRun.train(["long.yaml", "--output", "run"]), in: small.folder)
    let metrics = small.folder.path + "/run/metrics.jsonl"
    command.supervise { command in
      command.wait { (try? Data(contentsOf: URL(fileURLWithPath: metrics)).isEmpty) == false }
      command.send(signal)
    }
    let outcome = try await command.outcome()
    #expect(outcome.status == 128 + signal)
    #expect(!outcome.wasKilled)
    let data = try SmallRun.dataFolder
    #expect(outcome.errors.contains("train --resume run --data \(data) --threads 1\n"))
    let saved = try Checkpoint(contentsOf: small.folder.path + "/run/checkpoints/last.safetensors")
    #expect((1..<12).contains(saved.completedEpochs))

    let resumed = try await small.train("--resume", "run")
    #expect(resumed.status == 0)
    #expect(resumed.output.contains("going on in epoch \(saved.completedEpochs + 1)"))
    #expect(try await Files(small, "run") == Self.uninterrupted.value)
  }

  /// As the end of a terminal does, of which the shell and the system tell.
  @Test(
    "is saved when signals come together",
    arguments: ignoresHangUps ? [[SIGTERM, SIGTERM]] : [[SIGHUP, SIGHUP], [SIGTERM, SIGHUP]])
  func together(signals: [Int32]) async throws {
    let command = try Command.start(
      SmallRun.train(["long.yaml", "--output", "run"]), in: small.folder)
    let metrics = small.folder.path + "/run/metrics.jsonl"
    command.supervise { command in
      command.wait { (try? Data(contentsOf: URL(fileURLWithPath: metrics)).isEmpty) == false }
      for signal in signals {
        command.send(signal)
        Thread.sleep(forTimeInterval: 0.001)
      }
    }
    let outcome = try await command.outcome()
    #expect(signals.map { 128 + $0 }.contains(outcome.status))
    #expect(outcome.errors.contains("and saved; go on with: "))
    #expect(try await small.train("--resume", "run").status == 0)
    #expect(try await Files(small, "run") == Self.uninterrupted.value)
  }

  @Test("outlives its terminal when it was started by nohup")
  func nohup() async throws {
    let arguments = try SmallRun.train(["long.yaml", "--output", "run", "--quiet"])
    let line = """
      nohup "$COMMAND" \(arguments.joined(separator: " ")) &
      while ! [ -s run/metrics.jsonl ]; do kill -0 $! || exit 9; sleep 0.01; done
      kill -HUP $! || exit 8
      wait $!
      """
    let outcome = try await Command.shell(line, in: small.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try await Files(small, "run") == Self.uninterrupted.value)
  }

  @Test("is left alone by a second process, which says why")
  func heldFolder() async throws {
    let command = try Command.start(
      SmallRun.train(["long.yaml", "--output", "run"]), in: small.folder)
    let folder = small.folder
    command.wait { folder.has("run/recipe.yaml") }
    command.send(SIGSTOP)
    let second = try await small.train("--resume", "run")
    command.send(SIGCONT)
    expectError(second, .cannotCreate, "“run” is trained in by another run")
    #expect(try await command.outcome().status == 0)
    #expect(try await Files(small, "run") == Self.uninterrupted.value)
  }

  @Test("goes on after kill -9 at any moment", arguments: 1...2)
  func killed(_: Int) async throws {
    var kills = 0
    for _ in 0..<6 {
      // Whatever moment the process was killed at, one of the two goes on.
      let begun = small.folder.has("run/checkpoints/last.safetensors")
      let command = try Command.start(
        SmallRun.train((begun ? ["--resume"] : ["long.yaml", "--output"]) + ["run"]),
        in: small.folder)
      command.supervise { command in
        Thread.sleep(forTimeInterval: .random(in: 0...0.7))
        command.send(SIGKILL)
      }
      let outcome = try await command.outcome()
      kills += outcome.wasKilled ? 1 : 0
      #expect(outcome.wasKilled || outcome.status == 0, "\(outcome.errors)")
    }
    #expect(kills > 0)
    let begun = small.folder.has("run/checkpoints/last.safetensors")
    let outcome =
      begun
      ? try await small.train("--resume", "run")
      : try await small.train("long.yaml", "--output", "run")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try await Files(small, "run") == Self.uninterrupted.value)
  }

  #if os(Linux)
    @Test("has workers that leave signals to the main thread")
    func workers() async throws {
      try small.folder.write(
        SmallRun.recipe(
          layers: "40C5-300-10", timeSteps: 20, training: ["batchSize: 96", "epochs: 5000"]),
        to: "long-one.yaml")
      let command = try Command.start(
        SmallRun.train(["long-one.yaml", "--output", "run", "--threads", "4"]), in: small.folder)
      let masks = Mutex<[UInt64]>([])
      let folder = small.folder
      command.supervise { command in
        command.wait { folder.has("run/checkpoints/last.safetensors") }
        let tasks = "/proc/\(command.processIdentifier)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        let found = threads.compactMap { thread -> UInt64? in
          let status = try? String(contentsOfFile: "\(tasks)/\(thread)/status", encoding: .utf8)
          let line = status?.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
          return line.flatMap {
            UInt64($0.dropFirst(7).trimmingPrefix { $0.isWhitespace }, radix: 16)
          }
        }
        masks.withLock { $0 = found }
        command.send(SIGINT)
      }
      #expect(try await command.outcome().status == 128 + SIGINT)
      let signals: UInt64 = [SIGHUP, SIGINT, SIGTERM].reduce(0) { $0 | 1 << UInt64($1 - 1) }
      let blocking = masks.withLock { masks in masks.count { $0 & signals == signals } }
      // oneDNN's code moves the stack pointer, and a handler's frame would be written where it points.
      #expect(blocking >= 3, "\(masks.withLock { $0 })")
    }
  #endif

  @Test("ends at once at the second Ctrl-C")
  func twice() async throws {
    // One step takes seconds, so that the first signal alone would not have ended it.
    try small.folder.write(
      SmallRun.recipe(
        layers: "40C5-40C5-300-10", timeSteps: 60, training: ["batchSize: 200", "epochs: 50"]),
      to: "slow.yaml")
    let command = try Command.start(
      SmallRun.train(["slow.yaml", "--output", "run"]), in: small.folder)
    let folder = small.folder
    command.supervise { command in
      command.wait { folder.has("run/checkpoints/last.safetensors") }
      Thread.sleep(forTimeInterval: 0.3)
      command.send(SIGINT)
      command.wait { command.errorsSoFar.contains("once more to stop at once") }
      Thread.sleep(forTimeInterval: 0.6)
      command.send(SIGINT)
    }
    let outcome = try await command.outcome()
    #expect(outcome.errors.contains("once more to stop at once"))
    #expect(outcome.status == 128 + SIGINT, "\(outcome.errors)")
    #expect(!outcome.errors.contains("saved"))
  }

  @Test("does not go on by a recipe that was edited meanwhile")
  func editedRecipe() async throws {
    try await small.trainSmall()
    let before = try small.last("run")
    let text = try small.folder.text("run/recipe.yaml")
    try small.folder.write(
      text.replacing("learningRate: 0.002", with: "learningRate: 0.01"), to: "run/recipe.yaml")
    let outcome = try await small.train("--resume", "run", "--epochs", "3")
    expectError(
      outcome, .badData, "“run/recipe.yaml” is no longer the recipe that the run began with")
    #expect(try small.last("run") == before)
    try small.folder.remove("run/recipe.yaml")
    #expect(try await small.train("--resume", "run", "--epochs", "3").status == 0)
    #expect(try small.folder.text("run/recipe.yaml").contains("learningRate: 0.002"))
  }

  @Test("that is finished says so, and can be made longer")
  func finished() async throws {
    try await small.trainSmall()
    let before = try small.last("run")
    let outcome = try await small.train("--resume", "run")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("“run” is finished after 2 epochs; "))
    #expect(outcome.output.contains("--epochs 3"))
    #expect(try small.last("run") == before)

    let longer = try await small.train(
      "--resume", "run/checkpoints/last.safetensors", "--epochs", "3")
    #expect(longer.status == 0)
    #expect(try small.metrics("run").count == 3)
    let recipe = try Recipe(contentsOf: small.folder.path + "/run/recipe.yaml")
    #expect(recipe.training.epochs == 3)

    let shorter = try await small.train("--resume", "run", "--epochs", "2")
    expectError(shorter, .badConfiguration, "--epochs is 2, the run has 3 epochs behind it")
  }
}
