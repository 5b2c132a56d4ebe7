internal import Counterspike
internal import CounterspikeData

/// Turns a graph of NIR into a network: each layer of neurons takes its Linear, Affine or convolution with
/// it, see ``Network/nirFile()`` for the numbers.
struct NIRImport {
  typealias Name = String

  let path: String
  let graph: NIRGraph
  /// Seconds a step.
  let dt: Double

  /// What a node sends to others.
  enum Value {
    case signal(Signal)
    case currents(Product)
  }

  /// Spikes of layers, or the input, perhaps pooled.
  struct Signal {
    /// Names of layers; several add up.
    var sources: [String]
    /// Places of the layers of neurons that send the spikes; −1: the input.
    var neurons: [Int]
    var shape: [Int]
    /// What Scale multiplies each value by.
    var scale: [Double]?
  }

  /// Weights, and what they multiply.
  struct Product {
    var node: Name
    var layer: LayerSettings
    var input: Signal
    /// In the shape of the layer's parameter.
    var shape: [Int]
    var weights: [Double]
    var bias: [Double]
    /// V, target by source, of recurrent neurons.
    var lateral: [Double] = []
    /// Constants of the neurons that differ from channel to channel.
    var constants: [NeuronSettings.TrainedConstant: [Float]] = [:]
    /// Of the currents, `[C, H, W]`.
    var outputShape: [Int]
  }

  private(set) var layers: [LayerSettings] = []
  private(set) var inputShape: [Int] = []
  /// Of each layer of neurons.
  private(set) var products: [Product] = []
  /// τ_s that what sees each layer of neurons asks for, and who asks.
  private var synapses: [Int: (value: Double, node: Name)] = [:]
  /// τ_s of a layer that nothing sees.
  private var ownSynapses: [Int: Double] = [:]
  private var values: [Name: Value] = [:]
  private let lateral: [Name: Name]

  init(_ graph: NIRGraph, path: String, dt: Double) throws(CounterspikeError) {
    self.graph = graph
    self.path = path
    self.dt = dt
    lateral = graph.lateral
    for name in try graph.ordered(path: path) { try add(name) }
    guard !inputShape.isEmpty else { throw problem("Input", "is missing; the graph needs one") }
    guard !products.isEmpty else {
      throw CounterspikeError(
        .mismatch, "“\(path.excerpt)” has no neurons; a network needs LIF, CubaLIF or IF")
    }
  }

  func problem(_ node: Name, _ text: String) -> CounterspikeError {
    CounterspikeError(.mismatch, "“\(path.excerpt)”, node “\(node.excerpt)” \(text)")
  }

  private func inputs(_ name: Name) -> [Name] {
    graph.edges.filter { $0.to == name && $0.from != lateral[name] }.map(\.from)
  }

  private mutating func add(_ name: Name) throws(CounterspikeError) {
    guard let node = graph.nodes[name] else { return }
    switch node.type {
    case "Input":
      // Of a graph inside of another it passes on what arrives.
      guard inputs(name).isEmpty else {
        values[name] = .signal(try signal(name))
        return
      }
      guard inputShape.isEmpty else { throw problem(name, "is a second input; one is possible") }
      inputShape = try pictureShape(name)
      values[name] = .signal(Signal(sources: ["input"], neurons: [-1], shape: inputShape))
    case "Output", "Flatten": if let value = try passed(name) { values[name] = value }
    case "Delay": try delay(name)
    case "Scale":
      var signal = try signal(name)
      let scale = try numbers(name, "scale").values
      let count = signal.shape.reduce(1, *)
      guard scale.count == 1 || scale.count == count else {
        throw problem(name, "has \(scale.count) factors for \(count) values; let it have as many")
      }
      let before = signal.scale ?? [Double](repeating: 1, count: count)
      signal.scale = before.enumerated().map { $1 * scale[scale.count == 1 ? 0 : $0] }
      values[name] = .signal(signal)
    case "SumPool2d", "AvgPool2d": try pool(name, isMean: node.type == "AvgPool2d")
    case "Linear", "Affine":
      // What neurons send to themselves belongs to them.
      guard !lateral.values.contains(name) else { return }
      values[name] = .currents(try dense(name))
    case "Conv2d", "Conv1d": values[name] = .currents(try convolution(name))
    case "LIF", "CubaLIF", "IF", "LI", "CubaLI": try neurons(name, node.type)
    case "I":
      throw problem(name, "is an integrator without a leak, which does not fire; use LI")
    case "Threshold":
      throw problem(name, "is a Threshold without a membrane; use LIF, CubaLIF or IF")
    default:
      throw problem(
        name,
        "is of the unknown type “\(node.type.excerpt)”; known are Input, Output, Linear, Affine, Conv1d, "
          + "Conv2d, SumPool2d, AvgPool2d, Flatten, Scale, Delay, LIF, CubaLIF, IF, LI and CubaLI")
    }
  }

  // MARK: Signals

  private func passed(_ name: Name) throws(CounterspikeError) -> Value? {
    let from = inputs(name)
    if from.count == 1, case .currents? = values[from[0]] { return values[from[0]] }
    return .signal(try signal(name))
  }

  /// What arrives at a node: spikes, summed up where they come from several.
  func signal(_ name: Name) throws(CounterspikeError) -> Signal {
    var result: Signal?
    for from in inputs(name) {
      guard case .signal(let next)? = values[from] else {
        throw problem(name, "takes currents of “\(from.excerpt)”; put neurons between the two")
      }
      guard let before = result else {
        result = next
        continue
      }
      guard before.shape == next.shape, before.scale == next.scale,
        !next.neurons.contains(-1), !before.neurons.contains(-1)
      else {
        throw problem(
          name,
          "sums up \(before.shape) and \(next.shape), or what is scaled in other ways, or the input; "
            + "only spikes of one shape can be added up")
      }
      result?.sources += next.sources
      result?.neurons += next.neurons
    }
    guard let result else { throw problem(name, "takes nothing; add an edge to it") }
    return result
  }

  /// A delay of whole or other steps that is the same for all values.
  private mutating func delay(_ name: Name) throws(CounterspikeError) {
    let signal = try signal(name)
    let steps = try uniform(name, "delay") / dt
    guard steps != 0 else {
      values[name] = .signal(signal)
      return
    }
    guard steps > 0, steps < 1e6, signal.scale == nil, !signal.neurons.contains(-1) else {
      throw problem(
        name,
        "delays the input, what is scaled, or by a time below 0 or above 10⁶ steps; put neurons "
          + "before it and Scale behind it")
    }
    var layer = LayerSettings.delay(Float(steps))
    layer.name = layerName(name)
    layer.inputs = signal.sources
    layers.append(layer)
    values[name] = .signal(
      Signal(sources: [layer.name ?? name], neurons: signal.neurons, shape: signal.shape))
  }

  private mutating func pool(_ name: Name, isMean: Bool) throws(CounterspikeError) {
    let signal = try signal(name)
    guard !signal.neurons.contains(-1) else {
      throw problem(name, "pools the input itself; put neurons before it, or pool the samples")
    }
    let kernel = try square(name, "kernel_size")
    guard try square(name, "stride") == kernel, try square(name, "padding") == 0 else {
      throw problem(
        name, "has windows that overlap, leave gaps or are padded; let stride be kernel_size")
    }
    guard kernel >= 1, signal.shape[1] >= kernel, signal.shape[2] >= kernel else {
      throw problem(name, "has windows of \(kernel) for values of shape \(signal.shape)")
    }
    let factors = Set(signal.scale ?? [1])
    guard factors.count == 1, let factor = factors.first, factor > 0 else {
      throw problem(name, "pools what is scaled in several ways; put Scale behind it")
    }
    var layer = LayerSettings.pooling(kernel)
    layer.by = isMean ? .average : .sum
    layer.factor = Float(factor)
    layer.name = layerName(name)
    layer.inputs = signal.sources
    layers.append(layer)
    let shape = [signal.shape[0], signal.shape[1] / kernel, signal.shape[2] / kernel]
    values[name] = .signal(
      Signal(sources: [layer.name ?? name], neurons: signal.neurons, shape: shape))
  }

  // MARK: Neurons

  private mutating func neurons(_ name: Name, _ type: String) throws(CounterspikeError) {
    let from = inputs(name)
    guard from.count == 1, case .currents(var product)? = values[from[0]] else {
      throw problem(
        name,
        from.count > 1
          ? "takes \(from.count) values; one Linear, Affine or convolution is possible"
          : "does not follow Linear, Affine or a convolution; put one before it")
    }
    let channels = product.outputShape[0]
    let hasLeak = type != "IF"
    let tau =
      hasLeak
      ? try perChannel(
        name, type.hasPrefix("Cuba") ? "tau_mem" : "tau", channels, product.outputShape)
      : [Double](repeating: 0, count: channels)
    let synapse = type.hasPrefix("Cuba") ? try uniform(name, "tau_syn") / dt : 1
    guard let shortest = tau.min(), !hasLeak || shortest > dt * 1.000_001 else {
      throw problem(
        name,
        "has a time constant of \(tau.min() ?? 0) s, no longer than a time step of \(dt) s; use a "
          + "shorter step",
        remedy: .nameTimeStep)
    }
    guard synapse >= 1 - 1e-6 else {
      throw problem(
        name, "has tau_syn shorter than a time step of \(dt) s; use a shorter step",
        remedy: .nameTimeStep)
    }
    if graph.nodes[name]?.values["v_reset"] != nil, try uniform(name, "v_reset") != 0 {
      throw problem(
        name, "is reset to another value than 0; shift its potential, threshold and leak")
    }
    let rates = try perChannel(name, "r", channels, product.outputShape)
    let gains =
      type.hasPrefix("Cuba") && graph.nodes[name]?.values["w_in"] != nil
      ? try perChannel(name, "w_in", channels, product.outputShape)
      : [Double](repeating: 1, count: channels)
    let leaks =
      hasLeak
      ? try perChannel(name, "v_leak", channels, product.outputShape)
      : [Double](repeating: 0, count: channels)
    guard synapse <= 1 + 1e-6 || product.bias.allSatisfy({ $0 == 0 }) else {
      throw problem(
        product.node,
        "has a bias, which the synapse of “\(name.excerpt)” would filter; give that v_leak instead, or train "
          + "without bias")
    }
    // What a unit of current adds to the membrane potential in a step.
    let shares = tau.map { hasLeak ? dt / $0 : dt }
    let size = product.weights.count / channels
    for channel in 0..<channels {
      let share = shares[channel]
      let gain = gains[channel] * rates[channel] * share
      for place in channel * size..<(channel + 1) * size { product.weights[place] *= gain }
      product.bias[channel] =
        product.bias[channel] * rates[channel] * share + leaks[channel] * (hasLeak ? share : 0)
    }
    try setKind(
      name, type, &product, gain: { gains[$0] * rates[$0] * shares[$0] }, synapse: synapse)
    if hasLeak {
      product.take(.membraneTimeConstant, tau.map { Float($0 / dt) })
    } else {
      product.layer.membraneTimeConstant = 1e9
    }
    product.layer.bias = product.bias.contains { $0 != 0 }
    product.layer.normalization = false
    product.layer.name = layerName(product.node)
    product.layer.inputs = product.input.sources
    // Recurrent neurons see themselves through their own synapse.
    let own = lateral[name] == nil ? [] : [products.count]
    for source in product.input.neurons + own {
      if let before = synapses[source], abs(before.value - synapse) > 1e-5 * synapse {
        throw problem(
          name,
          "has another tau_syn than “\(before.node.excerpt)”, which sees the same spikes; let both be one"
        )
      }
      synapses[source] = (max(synapse, 1), name)
    }
    ownSynapses[products.count] = metadataSynapse(name) ?? synapse
    layers.append(product.layer)
    values[name] = .signal(
      Signal(
        sources: [product.layer.name ?? name], neurons: [products.count],
        shape: product.outputShape))
    products.append(product)
  }

  /// Whether the neurons fire, see each other or are a readout.
  private func setKind(
    _ name: Name, _ type: String, _ product: inout Product, gain: (Int) -> Double, synapse: Double
  ) throws(CounterspikeError) {
    let own = lateral[name]
    guard type.hasSuffix("LIF") || type == "IF" else {
      guard own == nil, product.layer.kind == .dense else {
        throw problem(
          name, "does not fire, and sees itself or follows a convolution; a readout follows Linear")
      }
      product.layer.kind = .readout
      return
    }
    let thresholds = try perChannel(
      name, "v_threshold", product.outputShape[0], product.outputShape)
    guard let lowest = thresholds.min(), lowest > 0 else {
      throw problem(name, "has a threshold of \(thresholds.min() ?? 0); it must be above 0")
    }
    product.take(.threshold, thresholds.map { Float($0) })
    guard let own else { return }
    guard product.layer.kind == .dense else {
      throw problem(
        name, "sees itself and follows a convolution; only dense layers can be recurrent")
    }
    let count = product.outputShape[0]
    let (shape, values) = try numbers(own, "weight")
    guard shape == [count, count] else {
      throw problem(own, "has weights of shape \(shape) for \(count) neurons")
    }
    if graph.nodes[own]?.values["bias"] != nil {
      let bias = try numbers(own, "bias").values
      guard bias.allSatisfy({ $0 == 0 }) else {
        throw problem(
          own, "has a bias, which lateral weights have not; add it to “\(product.node.excerpt)”")
      }
    }
    product.layer.kind = .recurrent
    product.lateral = values.enumerated().map { $1 * gain($0 / count) }
  }

  private func metadataSynapse(_ name: Name) -> Double? {
    guard
      case .numbers(_, let values)? = graph.nodes[name]?.values["metadata"]?[
        "counterspike_synaptic_time_constant"], let value = values.first, value >= 1
    else { return nil }
    return value
  }

  /// A name that a recipe can have.
  private func layerName(_ name: Name) -> String {
    let text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    return "nir_" + text
  }

  // MARK: The result

  /// τ_s of a layer of neurons; −1: of the input.
  func synapse(_ place: Int) -> Float {
    Float(synapses[place]?.value ?? ownSynapses[place] ?? 1)
  }

  private func problem(
    _ node: Name, _ text: String, remedy: CounterspikeError.Remedy
  ) -> CounterspikeError {
    var error = problem(node, text)
    error.remedy = remedy
    return error
  }
}
