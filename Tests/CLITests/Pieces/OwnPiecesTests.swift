import Foundation
import Testing

/// The program of Examples/own-pieces, built as a user builds it.
@Suite("A program with losses and rules of its own")
struct OwnPiecesTests {
  private static let recipe = """
    name: own
    data: {set: yin-yang, trainingLimit: 200, testLimit: 50}
    network: {layers: 20-3, timeSteps: 6}
    loss: {kind: margin, margin: 0.5}
    gradient: {rule: logistic, width: 0.3}
    optimizer: {learningRate: 5e-3}
    training: {epochs: 3, batchSize: 20}
    """

  private func run(_ arguments: String..., in folder: TemporaryFolder) async throws
    -> Command.Outcome
  {
    let path = try #require(Command.path)
    let program = URL(fileURLWithPath: path).deletingLastPathComponent()
      .appendingPathComponent("OwnPieces").path
    return try await Command.run(arguments, in: folder, command: program)
  }

  private func weights(_ run: String, _ folder: TemporaryFolder) throws -> [UInt8] {
    try folder.bytes("\(run)/checkpoints/last.safetensors")
  }

  @Test("trains to the same bytes with any number of threads, and resumed")
  func training() async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.recipe, to: "own.yaml")
    for threads in ["1", "2", "3"] {
      let outcome = try await run(
        "train", "own.yaml", "--output", threads, "--threads", threads, "--quiet", in: folder)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try weights("1", folder) == weights("2", folder))
    #expect(try weights("1", folder) == weights("3", folder))
    let kept = try folder.text("1/recipe.yaml")
    #expect(kept.contains("kind: margin") && kept.contains("margin: 0.5"))
    #expect(kept.contains("rule: logistic") && kept.contains("width: 0.3"))

    let short = try await run(
      "train", "own.yaml", "--output", "short", "--set", "training.epochs=1", "--quiet", in: folder)
    try #require(short.status == 0, "\(short.errors)")
    let longer = try await run(
      "train", "--resume", "short", "--epochs", "3", "--quiet", in: folder)
    try #require(longer.status == 0, "\(longer.errors)")
    let evaluated = try await run("evaluate", "short", in: folder)
    #expect(evaluated.status == 0, "\(evaluated.errors)")
  }

  @Test("has its rules audited and its recipes inspected")
  func audit() async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.recipe, to: "own.yaml")
    let audit = try await run(
      "audit", "own.yaml", "--rules", "logistic,boxcar", "--samples", "2", "--flips", "20",
      in: folder)
    #expect(audit.status == 0, "\(audit.errors)")
    #expect(audit.output.contains("logistic") && audit.output.contains("boxcar"))
    let inspected = try await run("inspect", "own.yaml", in: folder)
    #expect(inspected.status == 0 && inspected.output.contains("logistic"), "\(inspected.errors)")
  }

  @Test(
    "says what is wrong with a recipe of its own",
    arguments: [
      ("loss.margin=-1", "“loss.margin” is -1.0; allowed: number from 0.0 to 1000.0"),
      ("loss.kind=zebra", "registered are fewSpikes, margin"),
      ("loss.kind=kernel", "“loss.margin”"),
      ("gradient.rule=boxcat", "did you mean boxcar?"),
    ])
  func wrong(setting: String, part: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.recipe, to: "own.yaml")
    let arguments = setting == "loss.kind=kernel" ? ["loss.margin=2"] : []
    var all = ["inspect", "own.yaml", "--set", setting]
    for argument in arguments { all += ["--set", argument] }
    let path = try #require(Command.path)
    let program = URL(fileURLWithPath: path).deletingLastPathComponent()
      .appendingPathComponent("OwnPieces").path
    let outcome = try await Command.run(all, in: folder, command: program)
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains(part), "\(outcome.errors)")
  }

  @Test("leaves a run that the command without them refuses, saying why")
  func others() async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.recipe, to: "own.yaml")
    let trained = try await run(
      "train", "own.yaml", "--output", "run", "--set", "training.epochs=1", "--quiet", in: folder)
    try #require(trained.status == 0, "\(trained.errors)")
    for arguments in [["inspect", "own.yaml"], ["evaluate", "run"]] {
      let outcome = try await Command.run(arguments, in: folder)
      #expect(outcome.status != 0)
      #expect(
        outcome.errors.contains(#/is (margin|logistic);/#)
          && outcome.errors.contains("must be registered by this one, and none is"),
        "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
  }
}
