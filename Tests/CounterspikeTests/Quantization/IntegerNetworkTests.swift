import Counterspike
import CounterspikeKernels
import Testing

@Suite("Networks in integers")
struct IntegerNetworkTests {
  enum Case: String, CaseIterable {
    case straight, groups, strides, poolings, subtraction, noReset, withoutSynapse, bias

    var settings: NetworkSettings {
      var settings = NetworkSettings()
      settings.timeSteps = 8
      settings.neuron.threshold = 0.5
      settings.weightScale = 2
      settings.layers = [
        .convolution(6, kernel: 3), .pooling(2), .convolution(9, kernel: 3, padding: 1),
        .dense(12), .dense(4),
      ]
      switch self {
      case .straight: break
      case .groups:
        var depthwise = LayerSettings.convolution(6, kernel: 3, padding: 1)
        depthwise.groups = 6
        settings.layers.insert(depthwise, at: 1)
      case .strides:
        settings.layers[0] = .convolution(6, kernel: 3, stride: 2, padding: 1)
      case .poolings:
        var maximum = LayerSettings.pooling(2)
        maximum.by = .maximum
        var average = LayerSettings.pooling(2)
        average.by = .average
        average.factor = 4
        settings.layers = [
          .convolution(6, kernel: 3), maximum, .convolution(9, kernel: 1), average, .dense(4),
        ]
      case .subtraction: settings.neuron.reset = .subtraction
      case .noReset: settings.neuron.reset = .none
      case .withoutSynapse: settings.neuron.synapticTimeConstant = 1
      case .bias: settings.bias = true
      }
      return settings
    }
  }

  static let inputShape = [3, 11, 11]

  /// `[T, 2, C, H, W]`: numbers of both signs.
  static func frames(_ timeSteps: Int) -> Tensor {
    var random = RandomStream(seed: 5, purpose: .audit)
    let shape = [timeSteps, 2] + inputShape
    return Tensor(
      shape: shape, scalars: (0..<shape.reduce(1, *)).map { _ in Float(random.normal()) })
  }

  /// The share of spikes, of all layers, that differ from the network's own.
  ///
  /// - Parameter isActive: whether the network must fire; a silent one would agree with anything.
  static func differing(
    _ integers: IntegerNetwork, _ network: Network, isActive: Bool = true
  ) throws -> Double {
    let frames = frames(integers.timeSteps)
    let traces = try network.trace(frames)
    let size = inputShape.reduce(1, *)
    var (differing, count, fired) = (0, 0, 0)
    for row in 0..<2 {
      var session = IntegerSession(integers)
      for t in 0..<integers.timeSteps {
        let begin = (t * 2 + row) * size
        session.step(frames.scalars.span.extracting(begin..<begin + size))
        for (layer, trace) in traces.enumerated() {
          let spikes = session.spikes(ofLayer: layer)
          let place = (t * 2 + row) * spikes.count
          for (neuron, spike) in spikes.enumerated() {
            let own = trace.spikes.scalars[place + neuron] > 0
            fired += own ? 1 : 0
            differing += own == spike ? 0 : 1
            count += 1
          }
        }
      }
    }
    #expect(!isActive || fired * 20 > count && fired * 20 < 19 * count)
    return Double(differing) / Double(count)
  }

  @Test("fire as the network of the rounded weights does", arguments: Case.allCases)
  func spikes(test: Case) throws {
    var network = try Network(test.settings, inputShape: Self.inputShape, seed: 3)
    var values = network.weights
    if test == .bias {
      for (index, parameter) in network.plan.parameters.enumerated() where parameter.role == .bias {
        for channel in values[index].scalars.indices {
          values[index].scalars[channel] = 0.1 * Float(channel % 3 - 1)
        }
      }
      try network.setWeights(values)
    }
    let integers = try network.quantized(QuantizationSettings(inputLimit: 5))
    for layer in integers.layers {
      let index = try #require(
        network.plan.parameters.firstIndex { $0.id == "\(layer.name).weight" })
      let size = values[index].count / layer.product.scales.count
      for place in values[index].scalars.indices {
        let rounded = Float(layer.product.weights[place]) * layer.product.scales[place / size]
        #expect(abs(rounded - values[index].scalars[place]) <= layer.product.scales[place / size])
        values[index].scalars[place] = rounded
      }
    }
    try network.setWeights(values)
    #expect(try Self.differing(integers, network) < 0.004)
  }

  @Test("keep their precision beside a channel whose weights are next to nothing")
  func deadChannel() throws {
    var network = try Network(Case.straight.settings, inputShape: Self.inputShape, seed: 3)
    let whole = try network.quantized(QuantizationSettings(inputLimit: 5))
    var values = network.weights
    let size = values[0].count / 6
    for place in 0..<size { values[0].scalars[place] *= 1e-9 }
    try network.setWeights(values)
    let integers = try network.quantized(QuantizationSettings(inputLimit: 5))
    #expect(integers.fractionBits == whole.fractionBits)
    #expect(try Self.differing(integers, network) < 0.03)
  }

  @Test("fold normalizations")
  func normalization() throws {
    var settings = Case.straight.settings
    settings.normalization = true
    var network = try Network(settings, inputShape: Self.inputShape, seed: 4)
    try network.setStatistics(
      network.statistics.enumerated().map { index, tensor in
        Tensor(
          shape: tensor.shape,
          scalars: tensor.scalars.indices.map {
            index % 2 == 0 ? 0.1 * Float($0 % 3 - 1) : 0.2 + 0.1 * Float($0 % 4)
          })
      })
    let integers = try network.quantized(QuantizationSettings(inputLimit: 5))
    #expect(try Self.differing(integers, network) < 0.03)
    // What was folded counts: without it, the spikes are others.
    try network.setStatistics(
      network.statistics.map {
        Tensor(shape: $0.shape, scalars: Array(repeating: 2, count: $0.count))
      })
    #expect(try Self.differing(integers, network, isActive: false) > 0.1)
  }

  @Test(
    "round to the nearest multiple of a scale", arguments: [2, 4, 8],
    [
      QuantizationSettings.Scale.layer, .channel,
    ])
  func rounding(bits: Int, scale: QuantizationSettings.Scale) throws {
    let network = try Network(Case.straight.settings, inputShape: Self.inputShape)
    let integers = try network.quantized(QuantizationSettings(bits: bits, scale: scale))
    let limit = 1 << (bits - 1) - 1
    for layer in integers.layers {
      let weights = try #require(network["\(layer.name).weight"]).scalars
      let product = layer.product
      let size = weights.count / product.scales.count
      for (place, weight) in weights.enumerated() {
        let q = product.scales[place / size]
        #expect(abs(Int(product.weights[place])) <= limit)
        #expect(abs(Float(product.weights[place]) * q - weight) <= q * 0.5001)
      }
      #expect(product.weights.contains { abs(Int($0)) == limit })
      if scale == .layer { #expect(Set(product.scales).count == 1) }
      #expect(integers.fractionBits >= 4)
    }
  }

  @Test("keep their sums in 32 bits under the largest inputs")
  func largestInputs() throws {
    var settings = Case.straight.settings
    settings.neuron.membraneTimeConstant = 200
    settings.neuron.reset = .none
    settings.timeSteps = 300
    var network = try Network(settings, inputShape: Self.inputShape)
    try network.setWeights(
      network.weights.map {
        Tensor(shape: $0.shape, scalars: Array(repeating: 1, count: $0.count))
      })
    var session = IntegerSession(try network.quantized(QuantizationSettings(inputLimit: 2)))
    // Sums that do not fit would end the test.
    let frame = [Float](repeating: 1e9, count: Self.inputShape.reduce(1, *))
    for _ in 0..<settings.timeSteps { session.step(frame.span) }
    #expect(session.scores.allSatisfy { $0 > 0 })
    session.reset()
    #expect(session == IntegerSession(session.network))
  }

  @Test("are refused where a node cannot be in integers, by its name")
  func refused() throws {
    func message(_ change: (inout NetworkSettings) -> Void) throws -> String {
      var settings = Case.straight.settings
      change(&settings)
      let network = try Network(settings, inputShape: Self.inputShape)
      let error = #expect(throws: CounterspikeError.self) { try network.quantized() }
      #expect(error?.code == .invalidRecipe)
      return error?.message ?? ""
    }
    #expect(
      try message {
        $0.layers.insert(.residual([.convolution(6, kernel: 3, padding: 1)]), at: 1)
      }.contains("adds up several values, which cannot be quantized"))
    #expect(try message { $0.layers[3] = .recurrent(12) }.contains("is a recurrent layer"))
    #expect(try message { $0.layers.insert(.delay(1), at: 3) }.contains("delays what it gets"))
    #expect(
      try message { $0.neuron.adaptation = AdaptationSettings() }
        .contains("has an adaptive threshold"))
    let network = try Network(Case.straight.settings, inputShape: Self.inputShape)
    for bits in [1, 9] {
      #expect(throws: CounterspikeError.self) {
        try network.quantized(QuantizationSettings(bits: bits))
      }
    }
    #expect(throws: CounterspikeError.self) {
      try network.quantized(QuantizationSettings(inputLimit: .nan))
    }
  }
}
