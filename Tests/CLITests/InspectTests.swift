import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("inspect")
struct InspectTests {
  @Test("a recipe's layers and memory are shown without its data")
  func recipe() async throws {
    let small = try SmallRun()
    let outcome = try await small.run("inspect", "small.yaml", "--threads", "3")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.hasPrefix("small: input 1×28×28, 3 time steps, batch 20, rule neighb"))
    let lines = outcome.output.split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    // Neurons, weights and multiply-adds a time step.
    #expect(lines.contains(["conv_1", "5×5", "4×24×24", "5×5", "2,304", "100", "57,600"]))
    #expect(lines.contains(["pooling_1", "4×4", "4×6×6", "8×8"]))
    #expect(lines.contains(["dense_1", "20", "all", "20", "2,880", "2,880"]))
    #expect(lines.contains(["output", "10", "all", "10", "200", "200"]))
    #expect(lines.contains(["together", "2,334", "3,180", "60,680"]))
    #expect(outcome.output.contains("  3 workers, 4 samples each "))
    #expect(outcome.output.contains("a training step has work for 5 threads at most\n"))

    let memory = lines.drop { $0 != ["memory", "of", "training"] }.dropFirst()
      .prefix { $0.last == "MB" }
    let bytes = memory.map { Double($0[$0.count - 2]) ?? .nan }
    let total = try #require(bytes.last)
    #expect(abs(bytes.dropLast().reduce(0, +) - total) < 0.5)
  }

  private static let graph = """
    name: graph
    data: {set: cifar-10}
    network:
      normalization: true
      layers:
        - 8C3p1
        - {kind: residual, layers: [8C3p1]}
        - {kind: residual, join: current, shortcut: convolution, layers: [16C3p1s2]}
        - {kind: delay, steps: 1.5, learned: true}
        - {kind: pooling, by: average, global: true}
        - {kind: recurrent, size: 12}
        - {kind: readout, size: 10}
    loss: {kind: softmax}
    """

  @Test("a graph is drawn beside its rows, with what a value depends on")
  func drawn() async throws {
    let small = try SmallRun()
    try small.folder.write(Self.graph, to: "graph.yaml")
    let outcome = try await small.run("inspect", "graph.yaml", "--draw", "graph.txt")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = try small.folder.text("graph.txt")
    let lines = text.split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    #expect(
      lines.map { $0[0] } == [
        "layer", "conv_1", "conv_2", "residual_1", "conv_3", "delay_1", "pooling_1", "recurrent_1",
        "output", "together",
      ])
    // Conv_1 goes to residual_1 past conv_2; the second block's shortcut takes what its layer takes.
    #expect(lines[1][1] == "─┐" && lines[2][1] == "│" && lines[3][1] == "─┘")
    #expect(lines[3][2...] == ["sum", "8×32×32", "5×5"])
    #expect(lines[5][1...] == ["up", "to", "1.5", "steps", "16×16×16", "7×7"])
    #expect(lines[7][1...].contains("recurrent") && lines[8][1...].contains("readout"))
    // 16·12 + 12·12
    #expect(lines[7].contains("336"))
  }

  @Test("trained constants are named layer by layer, with what shares them")
  func trainedConstants() async throws {
    let small = try SmallRun()
    try small.folder.write(
      """
      name: trained
      data: {set: yin-yang}
      network:
        layers:
          - {kind: dense, size: 9, trained: [membraneTimeConstant, threshold], trainedPer: channel}
          - {kind: dense, size: 8, trained: [synapticTimeConstant]}
          - 3
      """, to: "trained.yaml")
    let outcome = try await small.run("inspect", "trained.yaml")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = outcome.output.split(separator: "\n").filter {
      $0.hasPrefix("layer") || $0.hasPrefix("dense") || $0.hasPrefix("output")
    }
    #expect(rows.count == 4)
    for (row, end) in zip(rows, ["trained", "τ_m, θ by channel", "τ_s by layer", "none"]) {
      #expect(row.hasSuffix("  \(end)"), "\(row)")
    }
    let json = try await small.run("inspect", "trained.yaml", "--json")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let layers = try #require(report["layers"] as? [[String: Any]])
    #expect(
      layers.map { $0["trained"] as? [String] } == [
        ["membraneTimeConstant", "threshold"], ["synapticTimeConstant"], [],
      ])
    #expect(layers.map { $0["trainedPer"] as? String } == ["channel", "layer", "layer"])
  }

  @Test("a graph is drawn for GraphViz and as a picture, and no file is replaced unasked")
  func files() async throws {
    let small = try SmallRun()
    try small.folder.write(Self.graph, to: "graph.yaml")
    for name in ["graph.dot", "graph.svg"] {
      #expect(try await small.run("inspect", "graph.yaml", "--draw", name).status == 0)
    }
    let dot = try small.folder.text("graph.dot")
    #expect(dot.hasPrefix("digraph network {") && dot.hasSuffix("}\n"))
    #expect(dot.contains("n0 -> n2;") && dot.contains("n1 -> n2;") && dot.contains("input -> n0;"))
    let document = try XMLDocument(xmlString: small.folder.text("graph.svg"))
    #expect(document.rootElement()?.name == "svg")
    let again = try await small.run("inspect", "graph.yaml", "--draw", "graph.svg")
    #expect(again.status != 0 && again.errors.contains("is there already"))
    let other = try await small.run("inspect", "graph.yaml", "--draw", "graph.png")
    #expect(other.status != 0 && other.errors.contains(".svg, .dot or .txt"))
  }

  @Test("the program names its steps, and how many workers a batch feeds")
  func program() async throws {
    let small = try SmallRun()
    try small.folder.write(Self.graph, to: "graph.yaml")
    let outcome = try await small.run("inspect", "graph.yaml", "--program")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("a training step has work for "))
    for step in ["convolution", "normalization", "sum", "delay", "recurrent neurons", "readout"] {
      #expect(outcome.output.contains("\n\(step) "), "\(step)")
    }
    let json = try await small.run("inspect", "graph.yaml", "--program", "--json")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let nodes = try #require(report["nodes"] as? [[String: Any]])
    #expect(nodes[2]["takes"] as? [String] == ["conv_2", "conv_1"])
    #expect((report["program"] as? [[String: Any]])?.count ?? 0 > 10)
    #expect(report["usableThreads"] as? Int ?? 0 > 0)
  }

  @Test("any network is counted at once, one larger than memory with a note")
  func large() async throws {
    let small = try SmallRun()
    for (layers, isTooLarge) in [("64C3p1-4096-10", false), ("46000-46000-46000-46000-10", true)] {
      // In seconds of processor time: other tests run beside this one.
      let outcome = try await Command.shell(
        "ulimit -t 10; exec \"$COMMAND\" inspect mnist --set network.layers=\(layers) --threads 2",
        in: small.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("training will be refused") == isTooLarge)
    }
  }

  @Test("all of it is there as one JSON object")
  func json() async throws {
    let small = try SmallRun()
    try await small.trainSmall()
    let outcome = try await small.run("inspect", "run", "--json", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(report["weights"] as? Int == 3180)
    #expect(report["usableThreads"] as? Int == 5)
    #expect(report["inputShape"] as? [Int] == [1, 28, 28])
    let layers = try #require(report["layers"] as? [[String: Any]])
    #expect(layers.map { $0["name"] as? String } == ["conv_1", "dense_1", "output"])
    #expect(layers[0]["outputShape"] as? [Int] == [4, 6, 6])
    #expect((report["checkpoint"] as? [String: Any])?["epochs"] as? Int == 2)
    let memory = try #require(report["memory"] as? [String: Any])
    let parts = try #require(memory["parts"] as? [[String: Any]])
    #expect(parts.reduce(0) { $0 + ($1["bytes"] as? Int ?? 0) } == memory["bytes"] as? Int)
  }

  /// The names of the recipes in this package.
  private static var recipes: [String] {
    let file = URL(fileURLWithPath: #filePath)
    let package = file.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let names = try? FileManager.default.contentsOfDirectory(atPath: package.path + "/Recipes")
    return (names ?? []).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  @Test("recipes that come with the command are known by name, and fit their data set")
  func builtIn() async throws {
    #expect(Self.recipes.count >= 8)
    let small = try SmallRun()
    for name in Self.recipes {
      let outcome = try await small.run("inspect", name)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.hasPrefix("\(name): input "))
    }
    let mnist = try await small.run("inspect", "mnist")
    #expect(mnist.output.hasPrefix("mnist: input 1×28×28, 5 time steps, batch 64"))
  }

  @Test("a layer's own rule is shown beside the others'")
  func ownRule() async throws {
    let small = try SmallRun()
    try small.folder.write(
      """
      data: {set: emnist-mnist}
      network:
        timeSteps: 3
        layers:
        - {kind: convolution, size: 4, kernel: 5, gradient: {rule: slayer}}
        - {kind: pooling, kernel: 4}
        - {kind: dense, size: 20, gradient: {neighborhood: {power: 1}}}
        - {kind: dense, size: 10}
      """, to: "own.yaml")
    let outcome = try await small.run("inspect", "own.yaml")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.contains { $0.first == "layer" && $0.last == "rule" })
    #expect(lines.contains { $0.first == "conv_1" && $0.contains("slayer,") })
    #expect(lines.contains { $0.first == "output" && $0.last == "neighborhood" })
    #expect(outcome.output.contains("  neighborhood, its own settings\n"))
    let plain = try await small.run("inspect", "small.yaml")
    #expect(!plain.output.contains("  rule\n"))
  }

  @Test("the memory of recordings is that of all their time steps")
  func recordings() async throws {
    let small = try SmallRun()
    let outcome = try await small.run("inspect", "nmnist", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("nmnist: input 2×34×34, 30 time steps, batch 32"))
    let cut = try await small.run("inspect", "nmnist", "--set", "data.events.downsampling=2")
    #expect(cut.output.hasPrefix("nmnist: input 2×17×17, 30 time steps"), "\(cut.errors)")
  }

  @Test("a checkpoint and a run folder show how far the run is")
  func checkpoint() async throws {
    let small = try SmallRun()
    try await small.trainSmall()
    let folder = try await small.run("inspect", "run")
    let file = try await small.run("inspect", "run/checkpoints/best.safetensors")
    #expect(folder.status == 0)
    #expect(folder.output == file.output)
    let last = try await small.run("inspect", "run/checkpoints/last.safetensors")
    #expect(last.output.hasPrefix("checkpoint after 2 epochs, 20 steps, best accuracy "))
    #expect(folder.output.contains("\nconv_1 "))
  }

  @Test("the binary needs nothing from where it was built")
  func movedBinary() async throws {
    let small = try SmallRun()
    // Not copied by this process: a file that one thread writes to while another one starts a
    // command is inherited by that command, and cannot be started as long as it has it.
    let copied = try await Command.shell("cp \"$COMMAND\" elsewhere", in: small.folder)
    try #require(copied.status == 0, "\(copied.errors)")
    let moved = small.folder.path + "/elsewhere"
    let outcome = try await Command.run(["inspect", "kmnist"], in: small.folder, command: moved)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("kmnist: "))
    let trained = try await Command.run(
      SmallRun.train(["small.yaml", "--output", "run", "--quiet"]), in: small.folder,
      command: moved)
    #expect(trained.status == 0, "\(trained.errors)")
  }
}
