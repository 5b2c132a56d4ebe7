public import Counterspike
internal import CounterspikeData

extension Network {
  /// The network as an HDF5 file of the Neuromorphic Intermediate Representation, with time steps of 1e-4 s.
  ///
  /// A neuron becomes CubaLIF, or LIF where what it sees has no synapse, or IF where it does not leak, and a
  /// readout CubaLI or LI; with τ in steps and dt = 1e-4 s:
  ///
  ///     tau_mem = τ_m·dt   tau_syn = τ_s·dt of the layers that it sees   r = τ_m   w_in = τ_s
  ///     weight = W/τ_s     v_leak = τ_m·b for a bias b behind a synapse
  ///
  /// v_reset is left out: it is 0, which is what readers of NIR put there, and nir 1.0.4 and older, which some
  /// programs still need, have no such field and refuse files with it.
  ///
  /// Normalization is folded into weights and biases, a pooling's factor into the weights behind it.
  ///
  /// - Throws: `mismatch` naming the layer that NIR cannot express; `missingLibrary` in a build without
  ///   HDF5; `libraryFailure`.
  public func nirFile() throws(CounterspikeError) -> [UInt8] {
    try HDF5Tree.requireLibrary(for: "NIR")
    var export = NIRExport(self)
    return try export.graph().tree.fileBytes()
  }
}

/// Turns a network's nodes into those of NIR.
struct NIRExport {
  /// Seconds a step, which other programs assume where nothing says another.
  static let dt = 1e-4

  private let network: Network
  private let nodes: [NetworkPlan.Node]
  private var result = NIRGraph()
  /// A name that two nodes have: what no attribute's name can have becomes `_`.
  private var clash: String?

  /// Where a node's value comes from, in the graph of NIR.
  private struct Value {
    /// Nodes whose spikes, or currents, add up.
    var sources: [String]
    /// What the value is, in units of what the sources send.
    var factor: Double = 1
    /// τ_s of the neurons that send it.
    var synapse: Float
    /// b of each channel, of currents.
    var bias: [Float] = []
  }
  private var values: [Value] = []

  init(_ network: Network) {
    self.network = network
    nodes = network.plan.nodes
  }

  /// - Throws: `mismatch`.
  mutating func graph() throws(CounterspikeError) -> NIRGraph {
    for node in nodes { values.append(try value(of: node)) }
    guard let last = nodes.last, let source = values.last?.sources.first else { return result }
    add("output", "Output", ["shape": shape(last.shape)])
    result.edges.append((source, "output"))
    if let clash {
      throw CounterspikeError(
        .mismatch,
        "two layers would be called “\(clash.excerpt)” in the file, where a name has letters, digits and _ "
          + "only; rename one of them")
    }
    return result
  }

  private mutating func value(of node: NetworkPlan.Node) throws(CounterspikeError) -> Value {
    switch node.operation {
    case .input:
      add("input", "Input", ["shape": shape(node.shape)])
      return Value(sources: ["input"], synapse: network.settings.neuron.synapticTimeConstant)
    case .convolution, .dense: return try product(node)
    case .normalization: return values[node.inputs[0]]
    case .sum: return try sum(node)
    case .pooling(let pooling): return try pool(node, pooling)
    case .dropout: return values[node.inputs[0]]
    case .delay(let delay): return delayed(node, delay)
    case .registered(let piece, _): throw refused(node, "is the layer \(piece.name)")
    case .neurons(_, _, let kind): return try neurons(node, kind)
    }
  }

  private func refused(_ node: NetworkPlan.Node, _ what: String) -> CounterspikeError {
    CounterspikeError(
      .mismatch, "\(node.name) \(what); NIR has nothing to express that with")
  }

  private func sum(_ node: NetworkPlan.Node) throws(CounterspikeError) -> Value {
    let parts = node.inputs.map { values[$0] }
    var value = parts[0]
    for part in parts.dropFirst() {
      guard part.synapse == value.synapse, part.factor == value.factor else {
        throw refused(node, "adds up what has other synaptic time constants or factors")
      }
      guard Set(part.sources).isDisjoint(with: value.sources) else {
        throw refused(node, "adds a value to itself")
      }
      value.sources += part.sources
      if value.bias.isEmpty {
        value.bias = part.bias
      } else if !part.bias.isEmpty {
        value.bias = zip(value.bias, part.bias).map { $0 + $1 }
      }
    }
    return value
  }

  private mutating func pool(
    _ node: NetworkPlan.Node, _ pooling: NetworkPlan.Pooling
  ) throws(CounterspikeError) -> Value {
    guard pooling.kind != .maximum else {
      throw refused(node, "takes the largest value of windows")
    }
    var value = values[node.inputs[0]]
    let name = identifier(node.name)
    let windows = HDF5Tree.integers(shape: [2], [pooling.height, pooling.width])
    add(
      name, "AvgPool2d",
      ["kernel_size": windows, "stride": windows, "padding": .integers(shape: [2], [0, 0])])
    connect(value, to: name)
    value.sources = [name]
    value.factor *= Double(pooling.factor) * Double(pooling.height * pooling.width)
    return value
  }

  // MARK: Weights

  private mutating func product(_ node: NetworkPlan.Node) throws(CounterspikeError) -> Value {
    let source = values[node.inputs[0]]
    let name = identifier(node.name)
    guard case (var weights, let bias)? = network.folded(node) else {
      throw refused(node, "is normalized behind a sum")
    }
    let channels = node.shape[0]
    let scale = source.factor / Double(source.synapse)
    weights.scalars = weights.scalars.map { Float(Double($0) * scale) }
    let hasSynapse = source.synapse > 1
    // Behind a synapse a bias would be filtered; it becomes the neurons' v_leak.
    let own = hasSynapse ? [] : bias ?? []
    let zeros = [Float](repeating: 0, count: channels)
    let weight = HDF5Tree.floats(shape: weights.shape, weights.scalars)
    var from = source
    if case .convolution(_, let stride, let padding, let groups) = node.operation {
      let input = nodes[node.inputs[0]].shape
      func pair(_ value: Int) -> HDF5Tree { .integers(shape: [2], [value, value]) }
      add(
        name, "Conv2d",
        [
          "weight": weight, "bias": .floats(shape: [channels], own.isEmpty ? zeros : own),
          "stride": pair(stride), "padding": pair(padding), "dilation": pair(1),
          "groups": .integers(shape: [], [groups]),
          "input_shape": .integers(shape: [2], Array(input[1...])),
        ])
    } else {
      let input = nodes[node.inputs[0]].shape
      if input[1] * input[2] > 1 || source.sources.contains(where: isPicture) {
        let flat = name + "_flatten"
        add(
          flat, "Flatten",
          [
            "start_dim": .integers(shape: [], [-3]), "end_dim": .integers(shape: [], [-1]),
            "input_type": .integers(shape: [3], input),
          ])
        connect(from, to: flat)
        from.sources = [flat]
      }
      add(
        name, own.isEmpty ? "Linear" : "Affine",
        own.isEmpty
          ? ["weight": weight] : ["weight": weight, "bias": .floats(shape: [channels], own)])
    }
    connect(from, to: name)
    return Value(
      sources: [name], synapse: source.synapse, bias: hasSynapse ? bias ?? [] : [])
  }

  /// Whether a node's values have the axes C, H and W.
  private func isPicture(_ name: String) -> Bool {
    ["Conv2d", "AvgPool2d"].contains(result.nodes[name]?.type)
      || result.nodes[name]?.values.values.contains {
        if case .numbers(let shape, _) = $0 { shape.count == 3 } else { false }
      } == true
  }

  // MARK: Neurons

  /// A delay of each value, in seconds.
  private mutating func delayed(
    _ node: NetworkPlan.Node, _ delay: NetworkPlan.Delay
  ) -> Value {
    var value = values[node.inputs[0]]
    let name = identifier(node.name)
    let shares = network["\(node.name).delay"]?.scalars
    let pixels = node.shape[1] * node.shape[2]
    let shape =
      pixels == 1 && !value.sources.contains(where: isPicture) ? [node.shape[0]] : node.shape
    let steps = (0..<node.shape[0] * pixels).map { place -> Double in
      let share = shares.map { min(max($0[place / pixels], 0), 1) } ?? 1
      return Double(delay.longest * share)
    }
    add(name, "Delay", ["delay": .numbers(shape: shape, steps.map { $0 * Self.dt })])
    connect(value, to: name)
    value.sources = [name]
    return value
  }

  /// Lateral weights, from the neurons to themselves.
  private mutating func addLateral(
    of node: NetworkPlan.Node, _ name: String, _ neuron: NeuronSettings, currents: Value
  ) throws(CounterspikeError) {
    guard currents.synapse == neuron.synapticTimeConstant else {
      throw refused(
        node,
        "has lateral weights behind a synapse of \(neuron.synapticTimeConstant) steps and other weights behind "
          + "one of \(currents.synapse)")
    }
    guard let weights = network["\(node.name).lateral"] else { return }
    add(
      name + "_lateral", "Linear",
      [
        "weight": .floats(
          shape: weights.shape, weights.scalars.map { $0 / neuron.synapticTimeConstant })
      ])
    result.edges.append((name, name + "_lateral"))
    result.edges.append((name + "_lateral", name))
  }

  private mutating func neurons(
    _ node: NetworkPlan.Node, _ kind: NetworkPlan.NeuronKind
  ) throws(CounterspikeError) -> Value {
    guard let stage = network.plan.stages.indices.first(where: { stageNodes[$0] == node.id }) else {
      throw refused(node, "belongs to no layer")
    }
    let neuron = network.neuron(ofStage: stage)
    let isReadout = kind == .readout
    guard neuron.model == .leaky else {
      throw refused(node, "is of the neuron \(neuron.model.rawValue)")
    }
    guard neuron.reset == .zero || isReadout else {
      throw refused(node, "has the reset \(neuron.reset.rawValue)")
    }
    guard (neuron.adaptation?.strength ?? 0) == 0 else {
      throw refused(node, "has an adaptive threshold")
    }
    let currents = values[node.inputs[0]]
    let name = identifier(node.name)
    let shape =
      node.shape[1] * node.shape[2] == 1 && !currents.sources.contains(where: isPicture)
      ? [node.shape[0]] : node.shape
    let count = shape.reduce(1, *)
    let neurons = (0..<node.shape[0]).map { network.neuron(ofStage: stage, channel: $0) }
    guard neurons.allSatisfy({ $0.synapticTimeConstant == neuron.synapticTimeConstant }) else {
      throw refused(
        node, "has synaptic time constants by channel, where NIR has them where spikes arrive")
    }
    let pixels = max(count / node.shape[0], 1)
    func all(_ value: (Int) -> Double) -> HDF5Tree {
      .numbers(shape: shape, (0..<count).map { value($0 / pixels) })
    }
    func all(_ value: Double) -> HDF5Tree { all { _ in value } }
    func membrane(_ channel: Int) -> Double { Double(neurons[channel].membraneTimeConstant) }
    let synapse = Double(currents.synapse)
    let leak =
      currents.bias.isEmpty ? all(0) : all { Double(currents.bias[$0]) * membrane($0) }
    var parts: [String: HDF5Tree] =
      isReadout ? [:] : ["v_threshold": all { Double(neurons[$0].threshold) }]
    if synapse > 1 {
      parts["tau_mem"] = all { membrane($0) * Self.dt }
      parts["tau_syn"] = all(synapse * Self.dt)
      parts["r"] = all(membrane)
      parts["w_in"] = all(synapse)
      parts["v_leak"] = leak
      add(name, isReadout ? "CubaLI" : "CubaLIF", parts)
    } else if Float(neuron.membraneDecay) == 1, !isReadout {
      parts["r"] = all(1 / Self.dt)
      add(name, "IF", parts)
    } else {
      parts["tau"] = all { membrane($0) * Self.dt }
      parts["r"] = all(membrane)
      parts["v_leak"] = all(0)
      add(name, isReadout ? "LI" : "LIF", parts)
    }
    result.nodes[name]?.values["metadata"] = .group([
      "counterspike_synaptic_time_constant": .numbers(
        shape: [], [Double(neuron.synapticTimeConstant)])
    ])
    connect(currents, to: name)
    if kind == .recurrent { try addLateral(of: node, name, neuron, currents: currents) }
    return Value(sources: [name], synapse: neuron.synapticTimeConstant)
  }

  /// The neurons' node of each layer.
  private var stageNodes: [Int] {
    nodes.filter { if case .neurons = $0.operation { true } else { false } }.map(\.id)
  }

  // MARK: The graph

  private mutating func add(_ name: String, _ type: String, _ values: [String: HDF5Tree]) {
    if result.nodes[name] != nil { clash = clash ?? name }
    result.nodes[name] = NIRGraph.Node(type: type, values: values)
  }

  private mutating func connect(_ value: Value, to name: String) {
    for source in value.sources { result.edges.append((source, name)) }
  }

  /// A name that programs in Python can use as an attribute's.
  private func identifier(_ name: String) -> String {
    // What a graph's own ends are called.
    if ["input", "output"].contains(name) { return name + "_weights" }
    return String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  private func shape(_ shape: [Int]) -> HDF5Tree {
    shape[1] * shape[2] == 1
      ? .integers(shape: [1], [shape[0]]) : .integers(shape: [3], shape)
  }
}
