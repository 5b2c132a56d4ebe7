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

  private var program: String {
    get throws {
      URL(fileURLWithPath: try #require(Command.path)).deletingLastPathComponent()
        .appendingPathComponent("OwnPieces").path
    }
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
      ("network.neuron.model=resonato", "did you mean resonator?"),
      ("network.neuron.model=zebra", "registered are leakyAgain, resonator"),
      ("network.neuron.period=7", "changes nothing while network.neuron.model is leaky"),
      ("network.layers=[{kind: gian}, 3]", "did you mean gain?"),
      ("network.layers=[{kind: product, neurons: 0}, 3]", "number from 1.0 to 100000.0"),
      ("network.layers=[{kind: gain, neurons: 4}, 3]", "neurons” means nothing for a gain layer"),
      (
        "network.layers=[{kind: dense, size: 4, period: 9}, 3]",
        "period means nothing for the neuron leaky"
      ),
      (
        "network.layers=[{kind: dense, size: 4, model: resonator}, 3]",
        "the rule logistic with these settings is not defined for the neuron resonator"
      ),
      (
        "network.layers=[{kind: recurrent, size: 4, gradient: {rule: replay}}, 3]",
        "looks at all time steps at once"
      ),
      (
        "network.layers=[{kind: dense, size: 4, trained: [threshold], trainedPer: channel, "
          + "gradient: {rule: replay}}, 3]", "takes neurons that share their constants"
      ),
      ("network.layers=[{kind: gain}]", "the last layer must be dense"),
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

  /// The losses of a run's epochs.
  private func losses(_ run: String, _ folder: TemporaryFolder) throws -> [Double] {
    try folder.text("\(run)/metrics.jsonl").split(separator: "\n").compactMap {
      $0.firstMatch(of: #/"loss":([-+.e0-9]+)/#).flatMap { Double($0.1) }
    }
  }

  @Test("has the built-in neuron, written again, train to the same weights")
  func neuron() async throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.recipe, to: "own.yaml")
    for model in ["leaky", "leakyAgain"] {
      for rule in ["surrogate", "logistic", "recurrent"] {
        let isRecurrent = rule == "recurrent"
        let outcome = try await run(
          "train", "own.yaml", "--output", "\(model)-\(rule)", "--threads", "1", "--quiet",
          "--set", "gradient.rule=\(isRecurrent ? "surrogate" : rule)",
          "--set",
          "network.layers=\(isRecurrent ? "[20, {kind: recurrent, size: 12}, 3]" : "20-3")",
          "--set", "network.neuron.model=\(model)", in: folder)
        try #require(outcome.status == 0, "\(outcome.errors)")
      }
    }
    for rule in ["surrogate", "logistic", "recurrent"] {
      let built = try losses("leaky-\(rule)", folder)
      #expect(built.count == 3)
      #expect(try losses("leakyAgain-\(rule)", folder) == built)
    }
  }

  @Test("has the rectangle, written again, do what the built-in one does, whatever the neurons")
  func rule() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      name: own
      data: {set: yin-yang, trainingLimit: 200, testLimit: 50}
      network:
        timeSteps: 8
        neuron: {reset: subtraction, adaptation: {strength: 0.5, timeConstant: 5}}
        layers:
          - {kind: dense, size: 15, trained: [membraneTimeConstant, synapticTimeConstant, threshold]}
          - {kind: recurrent, size: 12, trained: [membraneTimeConstant, threshold]}
          - {kind: readout, size: 3}
      loss: {kind: softmax, reduction: mean}
      training: {epochs: 2, batchSize: 20}
      """, to: "own.yaml")
    for settings in [
      [
        "gradient.rule=surrogate", "gradient.surrogate.shape=rectangle",
        "gradient.surrogate.width=1",
      ],
      ["gradient.rule=boxcar"],
    ] {
      let outcome = try await Command.run(
        ["train", "own.yaml", "--output", settings[0], "--quiet"]
          + settings.flatMap { ["--set", $0] }, in: folder, command: try program)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    let built = try losses("gradient.rule=surrogate", folder)
    #expect(built.count == 2 && built[0] != built[1])
    #expect(try losses("gradient.rule=boxcar", folder) == built)
  }

  @Test("has neighborhood aggregation and the product, written again, take nearly the same steps")
  func writtenAgain() async throws {
    let folder = try TemporaryFolder()
    let plain = """
      name: own
      data: {set: yin-yang, trainingLimit: 100, testLimit: 20}
      network: {timeSteps: 6, layers: [{kind: dense, size: 20}, 3]}
      loss: {kind: softmax}
      gradient: {rule: neighborhood, neighborhood: {distance: lorentzian, width: 0.3, error: exact}}
      optimizer: {learningRate: 1e-3}
      training: {epochs: 1, batchSize: 20}
      """
    try folder.write(plain, to: "plain.yaml")
    try folder.write(
      plain.replacing("{kind: dense, size: 20}", with: "{kind: product, neurons: 20}"),
      to: "product.yaml")
    var found: [String: Double] = [:]
    for (name, recipe, changes) in [
      ("built-in", "plain.yaml", ["gradient.rule=neighborhood"]),
      ("product", "product.yaml", ["gradient.rule=neighborhood"]),
      ("replay", "plain.yaml", ["gradient.rule=replay", "gradient.q=0.3"]),
      ("another", "plain.yaml", ["gradient.rule=surrogate"]),
    ] {
      let outcome = try await Command.run(
        ["train", recipe, "--output", name, "--quiet"] + changes.flatMap { ["--set", $0] },
        in: folder, command: try program)
      try #require(outcome.status == 0, "\(outcome.errors)")
      found[name] = try losses(name, folder).first
    }
    let expected = try #require(found["built-in"])
    #expect(abs(try #require(found["product"]) - expected) < 1e-4 * expected)
    #expect(abs(try #require(found["replay"]) - expected) < 1e-4 * expected)
    // A difference that the others must not have.
    #expect(abs(try #require(found["another"]) - expected) > 1e-3 * expected)
  }

  @Test("explains the keys of its pieces")
  func keys() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await run("recipe", "keys", in: folder)
    for line in [
      "network.neuron.period = 8.0", "network.layers.N.neurons = null", "loss.margin = 1.0",
      "gradient.q = 0.3",
    ] {
      #expect(outcome.output.contains(line), "\(line)")
    }
  }

  @Test(
    "trains its neurons, layers and rules: the same bytes with any number of threads, and resumed")
  func pieces() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      name: own
      data: {set: image-folder}
      network:
        timeSteps: 6
        normalization: true
        neuron: {model: resonator, period: 5}
        layers:
          - 5C3
          - {kind: gain}
          - P2
          - {kind: product, neurons: 11, bias: true, recovery: 0.5}
          - {kind: recurrent, size: 9}
          - {kind: dense, size: 3, model: leaky, gradient: {rule: replay, q: 0.4}}
      loss: {kind: margin, margin: 0.5}
      optimizer: {learningRate: 5e-3}
      schedule: {kind: constant}
      training: {epochs: 3, batchSize: 6}
      """, to: "own.yaml")
    let images = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Examples/my-images").standardizedFileURL.path
    for threads in ["1", "2", "3"] {
      let outcome = try await run(
        "train", "own.yaml", "--data", images, "--output", threads, "--threads", threads, "--quiet",
        in: folder)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try weights("1", folder) == weights("2", folder))
    #expect(try weights("1", folder) == weights("3", folder))
    let short = try await run(
      "train", "own.yaml", "--data", images, "--output", "short", "--epochs", "1", "--quiet",
      in: folder)
    try #require(short.status == 0, "\(short.errors)")
    let longer = try await run(
      "train", "--resume", "short", "--epochs", "3", "--data", images, "--quiet", in: folder)
    try #require(longer.status == 0, "\(longer.errors)")
    #expect(try weights("short", folder) == weights("1", folder))
    for arguments in [
      ["evaluate", "1"], ["diagnose", "1"],
      ["audit", "1", "--rules", "na-lorentzian", "--samples", "2", "--flips", "20"],
      ["inspect", "1"], ["inspect", "1", "--program"],
    ] {
      let data = arguments[0] == "inspect" ? [] : ["--data", images]
      let outcome = try await Command.run(arguments + data, in: folder, command: try program)
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    }
    for (arguments, part) in [
      (["export", "1", "--nir", "a.nir"], "resonator"), (["export", "1", "--c", "a"], "resonator"),
      (["quantize", "1", "--data", images], "resonator"),
    ] {
      let outcome = try await Command.run(arguments, in: folder, command: try program)
      #expect(outcome.status != 0 && outcome.errors.contains(part), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
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
