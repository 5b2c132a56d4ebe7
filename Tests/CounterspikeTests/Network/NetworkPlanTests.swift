import Counterspike
import Testing

@Suite("A network's plan")
struct NetworkPlanTests {
  private func plan(_ notation: String, _ inputShape: [Int] = [1, 28, 28]) throws -> NetworkPlan {
    try NetworkPlan(NetworkSettings(notation), inputShape: inputShape)
  }

  @Test("has the shapes of the papers' network for MNIST")
  func paperMNIST() throws {
    let plan = try plan("15C5-P2-40C5-P2-300-10")
    #expect(plan == (try NetworkPlan(NetworkSettings(), inputShape: [1, 28, 28])))
    #expect(plan.timeSteps == 5)
    #expect(plan.classCount == 10)
    #expect(plan.stages.map(\.name) == ["conv_1", "conv_2", "dense_1", "output"])
    #expect(plan.stages.map { $0.poolingName } == ["pooling_1", "pooling_2", nil, nil])
    #expect(
      plan.stages.map(\.inputShape) == [[1, 28, 28], [15, 12, 12], [40, 4, 4], [300, 1, 1]])
    #expect(
      plan.stages.map(\.neuronShape) == [[15, 24, 24], [40, 8, 8], [300, 1, 1], [10, 1, 1]])
    #expect(
      plan.stages.map(\.outputShape) == [[15, 12, 12], [40, 4, 4], [300, 1, 1], [10, 1, 1]])
    #expect(
      plan.stages.map(\.weightShape) == [[15, 1, 5, 5], [40, 15, 5, 5], [300, 640], [10, 300]])
    #expect(plan.stages.map(\.weightCount) == [375, 15_000, 192_000, 3000])
    #expect(plan.weightCount == 210_375)
    #expect(plan.stages.map(\.neuronCount) == [8640, 2560, 300, 10])
    #expect(plan.stages.map(\.multiplyAdds) == [216_000, 960_000, 192_000, 3000])
    #expect(plan.stages.allSatisfy { $0.activeNeuronCount == $0.neuronCount })
    #expect(plan.stages[0].kind == .convolution(kernel: 5, stride: 1, padding: 0))
    #expect(plan.stages[0].pooling?.height == 2 && plan.stages[0].pooling?.factor == 1.1)
  }

  @Test("knows of each layer whose values it takes")
  func sources() throws {
    var settings = NetworkSettings()
    settings.layers = [
      .dense(8), .residual([.dense(9), .dense(8)]), .recurrent(8), .dense(6), .readout(4),
    ]
    settings.layers[0].name = "first"
    settings.layers[3].inputs = ["recurrent_1", "first"]
    let plan = try NetworkPlan(settings, inputShape: [5, 1, 1])
    // The readout and what is behind the block take one layer, or the block's two.
    #expect(plan.stages.indices.map(plan.sources(of:)) == [[nil], [0], [1], [0, 2], [0, 3], [4]])
  }

  @Test("has the shapes of the papers' network for CIFAR-10")
  func paperCIFAR() throws {
    let plan = try plan(
      "96C3p1-256C3p1-P2-384C3p1-P2-384C3p1-256C3p1-1024-1024-10", [3, 32, 32])
    #expect(
      plan.stages.map(\.name)
        == ["conv_1", "conv_2", "conv_3", "conv_4", "conv_5", "dense_1", "dense_2", "output"])
    #expect(
      plan.stages.map(\.neuronShape) == [
        [96, 32, 32], [256, 32, 32], [384, 16, 16], [384, 8, 8], [256, 8, 8], [1024, 1, 1],
        [1024, 1, 1], [10, 1, 1],
      ])
    #expect(
      plan.stages.map(\.inputShape) == [
        [3, 32, 32], [96, 32, 32], [256, 16, 16], [384, 8, 8], [384, 8, 8], [256, 8, 8],
        [1024, 1, 1], [1024, 1, 1],
      ])
    #expect(
      plan.stages.map(\.weightCount) == [
        2592, 221_184, 884_736, 1_327_104, 884_736, 16_777_216, 1_048_576, 10_240,
      ])
    #expect(plan.stages[1].multiplyAdds == 226_492_416)
    #expect(plan.stages.map { $0.pooling != nil }.filter { $0 }.count == 2)
  }

  @Test("rounds strides and windows down, and counts the neurons that windows cover")
  func rounding() throws {
    let stages = try plan("4C3p1s2-6C3p2-P3-10-3", [1, 11, 14]).stages
    #expect(stages[0].neuronShape == [4, 6, 7])
    #expect(stages[1].neuronShape == [6, 8, 9])
    #expect(stages[1].outputShape == [6, 2, 3])
    #expect(stages[1].neuronCount == 432)
    #expect(stages[1].activeNeuronCount == 324)
    #expect(stages[2].weightShape == [10, 36])
    // As large as its input, and larger only with its padding.
    #expect(try plan("2C7-P1-1", [1, 7, 7]).stages[0].outputShape == [2, 1, 1])
    #expect(try plan("2C9p1-1", [1, 7, 7]).stages[0].neuronShape == [2, 1, 1])
  }

  @Test("gives each layer its own neurons and scale, or the network's")
  func layerSettings() throws {
    var settings = try NetworkSettings("4C3-P2-D0.25-8-6-2", timeSteps: 7)
    settings.neuron = NeuronSettings(
      membraneTimeConstant: 8, synapticTimeConstant: 4, threshold: 0.5)
    settings.weightScale = 2
    settings.layers[0].membraneTimeConstant = 3
    settings.layers[1].factor = 0.25
    settings.layers[3].synapticTimeConstant = 1.5
    settings.layers[4].threshold = 2
    settings.layers[4].weightScale = 3
    let plan = try NetworkPlan(settings, inputShape: [1, 6, 6])
    #expect(plan.timeSteps == 7)
    #expect(plan.inputSynapticDecay == 0.75)
    #expect(plan.stages.map(\.neuron.membraneTimeConstant) == [3, 8, 8, 8])
    #expect(plan.stages.map(\.neuron.synapticTimeConstant) == [4, 1.5, 4, 4])
    #expect(plan.stages.map(\.neuron.threshold) == [0.5, 0.5, 2, 0.5])
    #expect(plan.stages.map(\.weightScale) == [2, 2, 3, 2])
    #expect(plan.stages.map(\.dropout) == [0.25, 0, 0, 0])
    #expect(plan.stages[0].pooling?.factor == 0.25)
    #expect(plan.stages[0].neuron.membraneDecay == 1 - 1 / 3.0)
    #expect(plan.stages[1].neuron.synapticDecay == 1 - 1 / 1.5)
  }

  @Test(
    "is refused, naming the layer, the reason and a remedy",
    arguments: [
      (
        "15C29-10",
        "network.layers, layer 1: a 29×29 kernel is larger than its input of 28×28 with padding 0; "
          + "use a smaller kernel, more padding or fewer pooling layers"
      ),
      (
        "4C5-P2-4C5-P4-4C3p0-10",
        "network.layers, layer 5: a 3×3 kernel is larger than its input of 2×2 with padding 0; "
          + "use a smaller kernel, more padding or fewer pooling layers"
      ),
      (
        "2C31p1-10",
        "network.layers, layer 1: a 31×31 kernel is larger than its input of 28×28 with padding 1; "
          + "use a smaller kernel, more padding or fewer pooling layers"
      ),
      (
        "P2-10",
        "network.layers, layer 1: pooling must follow a layer of neurons or a residual block directly; join two "
          + "pooling layers into one (P2-P2 is P4) and put dropout behind pooling"
      ),
      (
        "4C5-P2-P2-10",
        "network.layers, layer 3: pooling must follow a layer of neurons or a residual block directly; join two "
          + "pooling layers into one (P2-P2 is P4) and put dropout behind pooling"
      ),
      (
        "4C5-D0.5-P2-10",
        "network.layers, layer 3: pooling must follow a layer of neurons or a residual block directly; join two "
          + "pooling layers into one (P2-P2 is P4) and put dropout behind pooling"
      ),
      (
        "4C5-P25-10",
        "network.layers, layer 2: a pooling window of 25×25 is larger than its input of 24×24; "
          + "leave it out"
      ),
      (
        "20-P2-10",
        "network.layers, layer 2: a pooling window of 2×2 is larger than its input of 1×1; "
          + "leave it out"
      ),
      (
        "300-15C5-10",
        "network.layers, layer 2: a convolution cannot follow a dense layer; put it before"
      ),
      (
        "300-D0.1-15C5-10",
        "network.layers, layer 3: a convolution cannot follow a dense layer; put it before"
      ),
      (
        "D0.5-10",
        "network.layers, layer 1: dropout must follow a layer of neurons or its pooling, once"
      ),
      (
        "20-D0.5-D0.5-10",
        "network.layers, layer 3: dropout must follow a layer of neurons or its pooling, once"
      ),
      (
        "15C5",
        "“network.layers” ends with a convolution layer; the last layer must be dense or a readout, with one neuron for each "
          + "class"
      ),
      (
        "10-D0.5",
        "“network.layers” ends with a dropout layer; the last layer must be dense or a readout, with one neuron for each "
          + "class"
      ),
      (
        "10-P1",
        "“network.layers” ends with a pooling layer; the last layer must be dense or a readout, with one neuron for each "
          + "class"
      ),
    ])
  func refusal(notation: String, message: String) throws {
    let error = #expect(throws: CounterspikeError.self) { try plan(notation) }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message == message)
  }

  @Test(
    "is refused when a layer is larger than can be counted",
    arguments: [
      ("99999999-10", "layer 1: it would have 99999999×784 weights, more than the 2147483647"),
      ("99999999C1p9999-10", "layer 1: it would have 99999999×20026×20026 neurons"),
      (
        Array(repeating: "2C1p9999", count: 300).joined(separator: "-") + "-10",
        "layer 2: it would have 2×40024×40024 neurons"
      ),
    ])
  func tooLarge(notation: String, reason: String) throws {
    let error = #expect(throws: CounterspikeError.self) { try plan(notation) }
    #expect(error?.code == .invalidRecipe)
    let message = try #require(error?.message)
    #expect(message.hasPrefix("network.layers, \(reason)"), "\(message)")
    #expect(message.hasSuffix("that can be computed with; make it smaller"))
  }

  @Test("is refused without layers")
  func empty() {
    var settings = NetworkSettings()
    settings.layers = []
    let error = #expect(throws: CounterspikeError.self) {
      try NetworkPlan(settings, inputShape: [1, 28, 28])
    }
    #expect(
      error?.message
        == "“network.layers” is an empty list; allowed: a network like 15C5-P2-300-10, or a list of "
        + "layers")
  }
}
