import Counterspike
import CounterspikeData
import CounterspikeTraining
import Foundation
import TestSupport
import Testing

@testable import CounterspikeInterchange

#if HDF5
  @Suite("Networks of the Neuromorphic Intermediate Representation")
  struct NIRTests {
    /// Files that other programs wrote (Benchmarks/peers/make_nir.py), and the seconds of their time step.
    enum Golden: String, CaseIterable {
      case snnTorchLeaky = "snntorch_leaky"
      case snnTorchSynaptic = "snntorch_synaptic"
      case spikingJellyLIF = "spikingjelly_lif"
      case spikingJellyIF = "spikingjelly_if"
      case spikingJellyCUBA = "spikingjelly_cuba"
      case norseLIF = "norse_lif"
      case sinabsIF = "sinabs_if"

      /// Norse 1.1 writes dt·τ in place of τ, so that its step of 1e-3 s stands for 1e-6 s; sinabs takes
      /// the step for the unit of time.
      var timeStep: Double {
        switch self {
        case .norseLIF: 1e-6
        case .sinabsIF: 1
        default: 1e-4
        }
      }
    }

    private static func fixture(_ name: String) throws -> String {
      try #require(Bundle.module.path(forResource: "Fixtures/\(name)", ofType: nil))
    }

    private static func recipe(timeSteps: Int) -> Recipe {
      var recipe = Recipe()
      recipe.network.timeSteps = timeSteps
      return recipe
    }

    /// Output spikes, `[T, B, N]`.
    private static func spikes(_ network: Network, _ input: Tensor) throws -> [Float] {
      try #require(try network.trace(input).last).spikes.scalars
    }

    @Test(
      "fire the spikes that they fired in the program that wrote them", arguments: Golden.allCases)
    func golden(file: Golden) throws {
      let values = try SafeTensorsFile(
        contentsOf: Self.fixture("\(file.rawValue).safetensors"))
      let shape = try values.entry("input").shape
      let checkpoint = try Checkpoint(
        nirFile: Self.fixture("\(file.rawValue).nir"), recipe: Self.recipe(timeSteps: shape[0]),
        timeStep: file.timeStep)
      let network = try checkpoint.network()
      let input = Tensor(
        shape: Array(shape[..<2]) + network.plan.inputShape,
        scalars: try values.integers("input").map { Float($0) })
      let wanted = try values.integers("output").map { Float($0) }
      #expect(try Self.spikes(network, input) == wanted)
      #expect(wanted.contains(1) && wanted.contains(0))
    }

    /// Networks whose pieces NIR can express.
    private static func network(_ name: String) throws -> Network {
      var settings: NetworkSettings
      switch name {
      case "residual":
        settings = try NetworkSettings("4C3-8-3", timeSteps: 12)
        settings.layers.insert(.residual([.convolution(4, kernel: 3, padding: 1)]), at: 1)
      case "recurrent":
        settings = try NetworkSettings("8-3", timeSteps: 12)
        settings.layers.insert(.recurrent(7), at: 1)
      case "channels":
        settings = try NetworkSettings("4C3-P2-8-3", timeSteps: 12)
        settings.layers.insert(.recurrent(7), at: 3)
        settings.layers[4] = .readout(3)
        settings.neuron.trained = [.membraneTimeConstant, .threshold]
        settings.neuron.trainedPer = .channel
      case "delayed":
        settings = try NetworkSettings("4C3-8-3", timeSteps: 12)
        settings.layers.insert(.delay(2), at: 1)
      case "readout":
        settings = try NetworkSettings("4C3-P2-8-3", timeSteps: 12)
        settings.layers[3] = .readout(3)
      case "bias":
        settings = try NetworkSettings("4C3-P2-8-3", timeSteps: 12)
        settings.bias = true
      case "normalized":
        settings = try NetworkSettings("4C3-P2-6C2-8-3", timeSteps: 12)
        settings.normalization = true
      case "no synapse":
        settings = try NetworkSettings("4C3-P2-8-3", timeSteps: 12)
        settings.neuron.synapticTimeConstant = 1
        settings.bias = true
      case "mixed":
        settings = try NetworkSettings("4C3-P2-8-3", timeSteps: 12)
        settings.layers[0].synapticTimeConstant = 4
        settings.layers[0].membraneTimeConstant = 3
        settings.layers[2].synapticTimeConstant = 1
        settings.layers[2].threshold = 0.7
        settings.layers[3].membraneTimeConstant = 9
      default:
        settings = try NetworkSettings("4C3-P2-8-3", timeSteps: 12)
        settings.neuron.trained = [.membraneTimeConstant, .threshold]
      }
      settings.weightScale = 3
      var network = try Network(settings, inputShape: [2, 8, 9], seed: 5)
      // Biases and normalizations that say something.
      try network.setWeights(
        zip(network.plan.parameters, network.weights).map { parameter, tensor in
          let isConstant =
            settings.neuron.trainedPer == .channel && !parameter.isDecayed
          guard isConstant || [.bias, .shift].contains(parameter.role) else { return tensor }
          return Tensor(
            shape: tensor.shape,
            scalars: tensor.scalars.enumerated().map {
              (isConstant ? $1 : 0) + Float($0 % 3) * 0.1 - 0.05
            })
        })
      try network.setStatistics(
        zip(network.plan.statistics, network.statistics).map { statistic, tensor in
          Tensor(
            shape: tensor.shape,
            scalars: tensor.scalars.indices.map {
              statistic.role == .mean ? Float($0) * 0.02 : 0.3 + Float($0) * 0.1
            })
        })
      return network
    }

    @Test(
      "come back as the network that was written",
      arguments: [
        "straight", "residual", "bias", "normalized", "no synapse", "mixed", "recurrent", "readout",
        "delayed", "channels",
      ])
    func roundTrip(name: String) throws {
      let network = try Self.network(name)
      let folder = try TemporaryFolder()
      let bytes = try network.nirFile()
      #expect(bytes == (try network.nirFile()), "equal networks are equal bytes")
      try folder.write(bytes, to: "net.nir")
      let other = try Checkpoint(
        nirFile: "\(folder.path)/net.nir", recipe: Self.recipe(timeSteps: 12)
      ).network()
      let stages = network.plan.stages
      #expect(other.plan.stages.map(\.neuronShape) == stages.map(\.neuronShape))
      for index in stages.indices {
        for channel in 0..<stages[index].neuronShape[0] {
          let ours = network.neuron(ofStage: index, channel: channel)
          let theirs = other.neuron(ofStage: index, channel: channel)
          #expect(abs(ours.membraneTimeConstant - theirs.membraneTimeConstant) < 1e-5)
          #expect(abs(ours.synapticTimeConstant - theirs.synapticTimeConstant) < 1e-5)
          #expect(
            ours.threshold == theirs.threshold || abs(ours.threshold - theirs.threshold) < 1e-6)
        }
      }
      let input = Tensor(
        shape: [12, 5, 2, 8, 9],
        scalars: (0..<12 * 5 * 144).map { ($0 * 7919 + $0 / 144 * 31) % 10 < 4 ? 1 : 0 })
      let (ours, theirs) = (try network.trace(input), try other.trace(input))
      for (our, their) in zip(ours, theirs) {
        // Folding rounds weights once more; a spike hangs on the last bit nowhere here.
        #expect(our.spikes.scalars == their.spikes.scalars, "\(our.name)")
        let isReadout = ["readout", "channels"].contains(name) && our.name == "output"
        #expect(our.spikes.scalars.contains(1) != isReadout, "\(our.name)")
        if isReadout {
          #expect(
            zip(our.membrane.scalars, their.membrane.scalars).allSatisfy { abs($0 - $1) < 1e-4 })
        }
      }
    }

    @Test("cannot express everything; the layer is named")
    func refusedExports() throws {
      func message(_ change: (inout NetworkSettings) throws -> Void) throws -> String {
        var settings = try NetworkSettings("4C3-P2-8-3")
        try change(&settings)
        let network = try Network(settings, inputShape: [1, 8, 8])
        let error = #expect(throws: CounterspikeError.self) { try network.nirFile() }
        #expect(error?.code == .mismatch)
        return error?.message ?? ""
      }
      #expect(try message { $0.layers[1].by = .maximum }.contains("pooling_1 takes the largest"))
      #expect(
        try message { $0.layers[2].reset = .subtraction }.contains(
          "dense_1.neurons has the reset subtraction"))
      #expect(
        try message { $0.neuron.adaptation = AdaptationSettings() }.contains("adaptive threshold"))
      var network = try Network(
        {
          var settings = try NetworkSettings("5-3")
          settings.neuron.trained = [.synapticTimeConstant]
          settings.neuron.trainedPer = .channel
          return settings
        }(), inputShape: [4, 1, 1])
      var weights = network.weights
      weights[1] = Tensor(shape: [5], scalars: [0, 0.1, 0.2, 0.3, 0.4])
      try network.setWeights(weights)
      let error = #expect(throws: CounterspikeError.self) { try network.nirFile() }
      #expect(error?.message.contains("dense_1.neurons has synaptic time constants by") == true)
      #expect(
        try message {
          $0.layers = [
            .convolution(4, kernel: 3), .residual([.convolution(4, kernel: 3, padding: 1)]),
            .dense(3),
          ]
          $0.layers[1].layers[0].synapticTimeConstant = 7
        }.contains("residual_1 adds up what has other synaptic time constants"))
      #expect(
        try message {
          $0.layers[0].name = "a-b"
          $0.layers[2].name = "a_b"
        }.contains("two layers would be called “a_b”"))
    }

    @Test("in graphs within graphs keep their ends")
    func nested() throws {
      // a = input → block → output, where block has ends of its own.
      func ends(_ middle: [String: HDF5Tree], _ edges: [String]) -> HDF5Tree {
        return .group([
          "type": .text(shape: [], ["NIRGraph"]),
          "nodes": .group(
            middle.merging([
              "input": .group(["type": .text(shape: [], ["Input"])]),
              "output": .group(["type": .text(shape: [], ["Output"])]),
            ]) { $1 }),
          "edges": .text(shape: [edges.count / 2, 2], edges),
        ])
      }
      let block = ends([:], ["input", "output"])
      let a = ends(["block": block], ["input", "block", "block", "output"])
      let whole = ends(["a": a], ["input", "a", "a", "output"])
      let graph = try NIRGraph(.group(["node": whole]), path: "nested")
      #expect(graph.edges.contains { $0 == ("input", "a.input") })
      #expect(graph.edges.contains { $0 == ("a.input", "a.block.input") })
      #expect(graph.edges.contains { $0 == ("a.block.output", "a.output") })
      #expect(graph.edges.contains { $0 == ("a.output", "output") })
    }

    // MARK: Bad files

    private static func read(_ tree: HDF5Tree) throws -> String {
      let folder = try TemporaryFolder()
      try folder.write(tree.fileBytes(), to: "bad.nir")
      let error = #expect(throws: CounterspikeError.self) {
        try Checkpoint(nirFile: "\(folder.path)/bad.nir", recipe: Recipe())
      }
      let message = error?.message ?? ""
      #expect(!message.contains("\n"))
      return message
    }

    private static func graph(
      _ change: (inout NIRGraph) throws -> Void
    ) throws -> HDF5Tree {
      var export = NIRExport(try network("straight"))
      var graph = try export.graph()
      try change(&graph)
      return graph.tree
    }

    @Test("are refused with the node that is wrong")
    func badGraphs() throws {
      #expect(
        try Self.read(Self.graph { $0.edges.append(("dense_1_neurons", "conv_1")) })
          .contains("has a cycle through"))
      #expect(
        try Self.read(Self.graph { $0.nodes["dense_1"]?.type = "Warp" })
          .contains("node “dense_1” is of the unknown type “Warp”"))
      #expect(
        try Self.read(Self.graph { $0.edges.append(("dense_1", "nowhere")) })
          .contains("“nowhere”, which is no node"))
      #expect(
        try Self.read(
          Self.graph {
            $0.nodes["dense_1"]?.values["weight"] = .numbers(shape: [2, 3], [1, 2, 3, 4, 5, 6])
          }
        ).contains("node “dense_1” has weights of shape [2, 3]"))
      #expect(
        try Self.read(
          Self.graph { $0.nodes["dense_1_neurons"]?.values["v_reset"] = .numbers(shape: [], [0.5]) }
        ).contains("is reset to another value than 0"))
      #expect(
        try Self.read(
          Self.graph { $0.nodes["dense_1_neurons"]?.values["r"] = .numbers(shape: [], [.nan]) }
        )
        .contains("no finite number"))
      #expect(
        try Self.read(Self.graph { $0.nodes["dense_1_neurons"]?.values["r"] = nil })
          .contains("has no numbers “r”"))
      #expect(
        try Self.read(Self.graph { $0.nodes["dense_1_neurons"]?.type = "I" })
          .contains("an integrator without a leak"))
      #expect(
        try Self.read(.group(["a": .numbers(shape: [], [1])])).contains("has no graph of NIR"))
    }

    @Test("with more texts than anything needs are refused by the item's name")
    func texts() throws {
      let many = HDF5Tree.text(shape: [100_001], Array(repeating: "a", count: 100_001))
      #expect(try Self.read(.group(["many": many])).contains("many"))
    }

    @Test("whose numbers do not fill their shape are not written")
    func shapes() {
      for tree in [
        HDF5Tree.numbers(shape: [3], [1, 2]), .floats(shape: [1 << 40, 1 << 40], [1]),
        .text(shape: [2, 2], ["a"]),
      ] {
        #expect(throws: CounterspikeError.self) { try HDF5Tree.group(["a": tree]).fileBytes() }
      }
      #expect(throws: Never.self) {
        try HDF5Tree.group(["a": .numbers(shape: [2], [1, 2])]).fileBytes()
      }
    }

    @Test("that are truncated or no HDF5 are refused in one line")
    func damaged() throws {
      let folder = try TemporaryFolder()
      let bytes = try Self.network("straight").nirFile()
      for length in [0, 7, 100, 900, bytes.count / 2, bytes.count - 1] {
        try folder.write(Array(bytes[..<length]), to: "bad.nir")
        let error = #expect(throws: CounterspikeError.self) {
          try Checkpoint(nirFile: "\(folder.path)/bad.nir", recipe: Recipe())
        }
        #expect(error?.message.contains("bad.nir") == true)
      }
      // Changed bytes must never end this process.
      for place in stride(from: 8, to: bytes.count, by: bytes.count / 60) {
        var damaged = bytes
        damaged[place] ^= 0xFF
        try folder.write(damaged, to: "bad.nir")
        _ = try? Checkpoint(nirFile: "\(folder.path)/bad.nir", recipe: Recipe())
      }
    }
  }
#endif
