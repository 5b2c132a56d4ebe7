internal import CounterspikeRecipe
internal import CounterspikeSettings
internal import CounterspikeSystem

/// Turns a recipe's layers into nodes.
struct GraphBuilder {
  private let settings: NetworkSettings
  private let longest: Int
  private var nodes: [NetworkPlan.Node]
  private var parameters: [NetworkPlan.Parameter] = []
  private var counts: [String: Int] = [:]
  /// The node whose value the next layer takes.
  private var lastID = 0
  /// The nodes of the layers' values, by the layers' names.
  private var named: [String: NetworkPlan.Node.ID] = ["input": 0]

  /// The most neurons, and the most weights, of a layer; products of the two cannot overflow.
  static let limit = Int(Int32.max)

  /// - Parameter longest: delays must be shorter than so many time steps.
  init(_ settings: NetworkSettings, inputShape: [Int], longest: Int) {
    self.settings = settings
    self.longest = longest
    nodes = [
      NetworkPlan.Node(id: 0, name: "input", operation: .input, inputs: [], shape: inputShape)
    ]
  }

  private var last: NetworkPlan.Node { nodes[lastID] }

  /// - Parameter name: one of its own.
  private mutating func number(_ kind: String, unless name: String? = nil) -> String {
    if let name { return name }
    counts[kind, default: 0] += 1
    return "\(kind)_\(counts[kind, default: 0])"
  }

  private func failure(_ place: String, _ text: String) -> CounterspikeError {
    CounterspikeError(.invalidRecipe, "network.layers, \(place): \(text)")
  }

  /// - Parameter place: of the layer, such as “layer 3”.
  mutating func add(_ layer: LayerSettings, at place: String, isLast: Bool)
    throws(CounterspikeError)
  {
    if let name = layer.name, named[name] != nil || nodes.contains(where: { $0.name == name }) {
      throw failure(
        place, "“\(name.excerpt)” is the name of another layer, too; give it one of its own")
    }
    if let inputs = layer.inputs { try take(inputs, for: layer, at: place) }
    switch layer.kind {
    case .convolution, .dense, .recurrent, .readout:
      let currents = try product(layer, at: place, isOutput: isLast, name: layer.name)
      try fire(layer, currents, at: place, isOutput: isLast)
    case .pooling: try pool(layer, at: place)
    case .dropout: try drop(layer, at: place)
    case .delay: try delay(layer, at: place)
    case .residual: try block(layer, at: place)
    case .registered(let name): try own(layer, name, at: place)
    }
    named[layer.name ?? valueName] = lastID
  }

  /// What the layer that was added last is called.
  private var valueName: String {
    let name = last.name
    return name.hasSuffix(Self.neuronsSuffix)
      ? String(name.dropLast(Self.neuronsSuffix.count)) : name
  }

  private static let neuronsSuffix = ".neurons"

  /// Has the next layer take the values of others.
  private mutating func take(
    _ inputs: [String], for layer: LayerSettings, at place: String
  ) throws(CounterspikeError) {
    var values: [NetworkPlan.Node] = []
    for name in inputs {
      guard let id = named[name] else {
        let near = name.nearest(in: Array(named.keys)).map { "did you mean \($0)? " } ?? ""
        throw failure(
          place,
          "inputs names “\(name.excerpt)”, which is no layer before this one; \(near)there are "
            + named.sorted { $0.value < $1.value }.map(\.key).joined(separator: ", "))
      }
      values.append(nodes[id])
    }
    guard let first = values.first else { return }
    lastID = first.id
    guard values.count > 1 else { return }
    for (name, value) in zip(inputs, values).dropFirst() where value.shape != first.shape {
      let shapes = [first, value].map { $0.shape.map { "\($0)" }.joined(separator: "×") }
      throw failure(
        place,
        "inputs adds up \(inputs[0]) of \(shapes[0]) and \(name) of \(shapes[1]); they must have one shape"
      )
    }
    guard !values.contains(where: { $0.id == 0 }) else {
      throw failure(
        place, "inputs adds up the samples themselves; put a convolution behind them first")
    }
    append(number("sum"), .sum, first.shape, from: values)
  }

  /// The nodes and parameters.
  ///
  /// - Throws: `invalidRecipe` when the last layer is none of output neurons.
  func finish() throws(CounterspikeError) -> ([NetworkPlan.Node], [NetworkPlan.Parameter]) {
    guard nodes.count > 1 else {
      throw CounterspikeError(
        .invalidRecipe, "network.layers is empty; write for instance 15C5-P2-300-10")
    }
    var product = last
    while !product.isProduct, let before = product.inputs.first { product = nodes[before] }
    guard let kind = last.neuronKind, kind != .recurrent, case .dense = product.operation else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.layers: the last layer must be a dense one or a readout with a neuron for each "
          + "class, without pooling or dropout behind it")
    }
    return (nodes, parameters)
  }

  @discardableResult
  private mutating func append(
    _ name: String, _ operation: NetworkPlan.Node.Operation, _ shape: [Int],
    from inputs: [NetworkPlan.Node]
  ) -> NetworkPlan.Node {
    let node = NetworkPlan.Node(
      id: nodes.count, name: name, operation: operation, inputs: inputs.map(\.id), shape: shape)
    nodes.append(node)
    lastID = node.id
    return node
  }

  private mutating func addParameter(
    _ role: NetworkPlan.Parameter.Role, of node: NetworkPlan.Node, _ shape: [Int], scale: Float = 1
  ) {
    parameters.append(
      NetworkPlan.Parameter(
        id: "\(node.name).\(role.rawValue)", role: role, node: node.id, shape: shape, scale: scale))
  }

  /// The size of what a convolution makes of an input.
  private func size(
    _ layer: LayerSettings, of shape: [Int], at place: String
  ) throws(CounterspikeError) -> [Int] {
    let isBehindDense = nodes.contains { if case .dense = $0.operation { true } else { false } }
    guard !isBehindDense else {
      throw failure(place, "a convolution cannot follow a dense layer; put it before")
    }
    guard shape[1...].allSatisfy({ $0 + 2 * layer.padding >= layer.kernel }) else {
      throw failure(
        place,
        "a \(layer.kernel)×\(layer.kernel) kernel is larger than its input of \(shape[1])×"
          + "\(shape[2]) with padding \(layer.padding); use a smaller kernel, more padding or "
          + "fewer pooling layers")
    }
    return shape[1...].map { ($0 + 2 * layer.padding - layer.kernel) / layer.stride + 1 }
  }

  private func checkGroups(
    _ layer: LayerSettings, _ input: NetworkPlan.Node, at place: String
  ) throws(CounterspikeError) {
    let (groups, channels) = (layer.groups, input.shape[0])
    guard groups > 1 else { return }
    let sizes = "\(channels) channels before it and \(layer.size) of its own"
    guard channels.isMultiple(of: groups), layer.size.isMultiple(of: groups) else {
      throw failure(place, "\(sizes) are not \(groups) equal groups; use a divisor of both")
    }
    let isDepthwise = channels == groups && layer.size == groups
    let width = 8
    guard input.id != 0 || channels.isMultiple(of: width),
      isDepthwise || (channels.isMultiple(of: width) && layer.size.isMultiple(of: width))
    else {
      throw failure(
        place,
        "groups need as many of them as channels, behind a layer, or numbers of channels that are "
          + "multiples of \(width), not \(sizes)")
    }
  }

  /// Weights, bias and normalization: what brings the currents of a layer's neurons.
  ///
  /// - Parameters:
  ///   - name: of the product; `nil`: the next of its kind.
  ///   - input: what it multiplies; `nil`: the value of the layer before.
  private mutating func product(
    _ layer: LayerSettings, at place: String, isOutput: Bool = false, name: String? = nil,
    from input: NetworkPlan.Node? = nil
  ) throws(CounterspikeError) -> NetworkPlan.Node {
    let input = input ?? last
    let isConvolution = layer.kind == .convolution
    let shape: [Int]
    let weights: [Int]
    let operation: NetworkPlan.Node.Operation
    if isConvolution {
      shape = [layer.size] + (try size(layer, of: input.shape, at: place))
      try checkGroups(layer, input, at: place)
      weights = [layer.size, input.shape[0] / layer.groups, layer.kernel, layer.kernel]
      operation = .convolution(
        kernel: layer.kernel, stride: layer.stride, padding: layer.padding, groups: layer.groups)
    } else {
      shape = [layer.size, 1, 1]
      weights = [layer.size, input.shape.reduce(1, *)]
      operation = .dense
    }
    for (shape, what) in [(shape, "neurons"), (weights, "weights")] {
      guard let count = Tensor.count(of: shape), count <= Self.limit else {
        throw failure(
          place,
          "it would have \(shape.map { "\($0)" }.joined(separator: "×")) \(what), more than the "
            + "\(Self.limit) that can be computed with; make it smaller")
      }
    }
    let numbered = number(
      isConvolution ? "conv" : layer.kind == .recurrent ? "recurrent" : "dense", unless: name)
    let product = append(
      isOutput ? "output" : numbered, operation, shape, from: [input])
    addParameter(.weight, of: product, weights, scale: layer.weightScale ?? settings.weightScale)
    return shifted(product, layer)
  }

  /// A product with what its layer has of a bias and a normalization.
  private mutating func shifted(
    _ product: NetworkPlan.Node, _ layer: LayerSettings
  ) -> NetworkPlan.Node {
    let channels = product.shape[0]
    if layer.bias ?? settings.bias { addParameter(.bias, of: product, [channels]) }
    let isUsual = layer.kind == .convolution && settings.normalization
    guard layer.normalization ?? isUsual else { return product }
    let normalization = append(
      "\(product.name).normalization",
      .normalization(NetworkPlan.Normalization(threshold: settings.neuron(of: layer).threshold)),
      product.shape, from: [product])
    addParameter(.scale, of: normalization, [channels])
    addParameter(.shift, of: normalization, [channels])
    return normalization
  }

  /// Neurons at which currents arrive.
  @discardableResult
  private mutating func fire(
    _ layer: LayerSettings, _ currents: NetworkPlan.Node, at place: String, isOutput: Bool = false,
    name: String? = nil
  ) throws(CounterspikeError) -> NetworkPlan.Node {
    var product = currents
    while !product.isProduct { product = nodes[product.inputs[0]] }
    let kind: NetworkPlan.NeuronKind =
      switch layer.kind {
      case .recurrent: .recurrent
      case .readout: .readout
      default: .spiking
      }
    guard isOutput || kind != .readout else {
      throw failure(place, "a readout gives no spikes, so that it must be the last layer")
    }
    guard !isOutput || kind != .recurrent else {
      throw failure(
        place, "the last layer cannot be recurrent; put a dense layer or a readout behind it")
    }
    var neuron = settings.neuron(of: layer)
    if kind == .readout {
      neuron = neuron.withoutFiring
    } else if let problem = neuron.modelProblem {
      throw failure(place, "its neurons: \(problem)")
    }
    if neuron.model == .leaky, let setting = layer.modelSettings.keys.min() {
      throw failure(
        place, "\(setting) means nothing for the neuron leaky; leave it out, or name a model")
    }
    let neurons = append(
      "\(name ?? product.name).neurons", .neurons(neuron, rule: layer.gradient, kind: kind),
      currents.shape, from: [currents])
    if kind == .recurrent {
      let count = currents.shape[0]
      guard count * count <= Self.limit else {
        throw failure(
          place,
          "\(count) neurons would have \(count)×\(count) lateral weights, more than the "
            + "\(Self.limit) that can be computed with; make it smaller")
      }
      addParameter(
        .lateral, of: neurons, [count, count], scale: layer.weightScale ?? settings.weightScale)
    }
    for constant in neuron.trained ?? [] {
      // The losses' targets have the output layer's synapse.
      if isOutput, constant == .synapticTimeConstant { continue }
      guard neuron.argument(of: constant).isFinite else {
        throw failure(
          place,
          "a \(constant.rawValue) of 1 cannot be trained; raise it, or leave it out of trained")
      }
      addParameter(
        NetworkPlan.Parameter.Role(constant), of: neurons,
        [neuron.trainedPer == .layer ? 1 : currents.shape[0]])
    }
    return neurons
  }

  // MARK: Layers of a program's own

  private mutating func own(
    _ layer: LayerSettings, _ name: String, at place: String
  ) throws(CounterspikeError) {
    if let problem = layer.pieceProblem { throw failure(place, problem) }
    guard let piece = layer.piece, let fires = LayerRegistry.table[name]?.piece.fires else {
      return
    }
    let input = last
    let model: any LayerModel
    do throws(CounterspikeError) {
      model = try piece.layer(inputShape: input.shape)
    } catch {
      throw failure(place, "the layer \(name): \(error.message)")
    }
    let (shape, weights) = (model.outputShape, model.weightShape)
    for (shape, what) in [(shape, "values"), (weights, "weights")] {
      guard shape.allSatisfy({ $0 > 0 }), let count = Tensor.count(of: shape), count <= Self.limit
      else {
        throw failure(
          place, "the layer \(name) would have \(shape) \(what); allowed are 1 to \(Self.limit)")
      }
    }
    guard shape.count == 3 else {
      throw failure(place, "the layer \(name) makes values of the shape \(shape), not of [C, H, W]")
    }
    let node = append(
      number(name, unless: layer.name), .registered(piece, fires: fires), shape, from: [input])
    if !weights.isEmpty {
      addParameter(
        .weight, of: node, weights,
        scale: (layer.weightScale ?? settings.weightScale) * model.weightScale)
    }
    if fires { try fire(layer, shifted(node, layer), at: place) }
  }

  // MARK: Residual blocks

  private mutating func block(
    _ block: LayerSettings, at place: String
  ) throws(CounterspikeError) {
    let name = number("residual", unless: block.name)
    let begin = last
    guard begin.id != 0 else {
      throw failure(
        place, "a residual block must follow a layer of neurons; put a convolution before")
    }
    func inside(_ index: Int) -> String { "\(place), layer \(index + 1) of the block" }
    guard let final = block.layers.last else {
      throw failure(place, "the block has no layers; give it some under layers")
    }
    for (index, layer) in block.layers.dropLast().enumerated() {
      try add(layer, at: inside(index), isLast: false)
    }
    let finalPlace = inside(block.layers.count - 1)
    switch block.join {
    case .psc:
      try add(final, at: finalPlace, isLast: false)
      let end = last
      let past = try shortcut(block, from: begin, to: end.shape, final, name, at: place)
      let other =
        block.shortcut == .identity
        ? past : try fire(final, past, at: place, name: "\(name).shortcut")
      try join([end, other], name, block, at: place)
    case .current:
      guard final.kind == .convolution || final.kind == .dense else {
        throw failure(
          finalPlace,
          "a block whose join is current must end in a convolution or a dense layer, whose currents the "
            + "shortcut's are added to; put other layers behind the block, or use join: psc")
      }
      let currents = try product(final, at: finalPlace)
      let past = try shortcut(block, from: begin, to: currents.shape, final, name, at: place)
      let sum = try join([currents, past], name, block, at: place)
      try fire(final, sum, at: finalPlace)
    }
  }

  /// What is added at the end of a block that begins behind `begin`: a psc or currents.
  private mutating func shortcut(
    _ block: LayerSettings, from begin: NetworkPlan.Node, to shape: [Int], _ final: LayerSettings,
    _ name: String, at place: String
  ) throws(CounterspikeError) -> NetworkPlan.Node {
    switch (block.shortcut, block.join) {
    case (.identity, .psc): return begin
    case (.identity, .current):
      guard begin.isNeurons else {
        throw failure(
          place,
          "with join: current and shortcut: identity the block adds the currents of the neurons before "
            + "it, so that it must follow these directly; move pooling and dropout, or use "
            + "shortcut: convolution")
      }
      return nodes[begin.inputs[0]]
    case (.convolution, _):
      guard begin.shape[1] >= shape[1], begin.shape[2] >= shape[2], shape[1] > 0, shape[2] > 0
      else {
        throw failure(
          place,
          "the block makes \(begin.shape[1])×\(begin.shape[2]) pixels \(shape[1])×\(shape[2]); "
            + "a shortcut can only make them fewer: use less padding")
      }
      var layer = LayerSettings.convolution(
        shape[0], kernel: 1, stride: (begin.shape[1] + shape[1] - 1) / shape[1])
      layer.weightScale = final.weightScale
      layer.bias = final.bias
      layer.normalization = final.normalization
      layer.threshold = final.threshold
      return try product(layer, at: "\(place), its shortcut", name: "\(name).shortcut", from: begin)
    }
  }

  @discardableResult
  private mutating func join(
    _ values: [NetworkPlan.Node], _ name: String, _ block: LayerSettings, at place: String
  ) throws(CounterspikeError) -> NetworkPlan.Node {
    let shapes = values.map { $0.shape.map { "\($0)" }.joined(separator: "×") }
    guard values[0].shape == values[1].shape else {
      let remedy =
        block.shortcut == .identity
        ? "give the last layer \(values[1].shape[0]) channels, padding and a stride that keep the "
          + "size, or use shortcut: convolution" : "use another padding or stride in the block"
      throw failure(
        place, "the block's layers make \(shapes[0]), its shortcut \(shapes[1]); \(remedy)")
    }
    return append(name, .sum, values[0].shape, from: values)
  }

  // MARK: Pooling, dropout and delays

  private mutating func delay(
    _ layer: LayerSettings, at place: String
  ) throws(CounterspikeError) {
    guard last.id != 0 else {
      throw failure(place, "a delay must follow a layer; put a convolution or a dense layer before")
    }
    guard layer.steps < Float(longest) else {
      throw failure(
        place,
        "a delay of \(layer.steps) time steps is none that a spike arrives after, with "
          + "\(longest) time steps in all; make it shorter")
    }
    let delay = NetworkPlan.Delay(
      longest: layer.steps, isDrawn: layer.start == .random, isTrained: layer.learned)
    let node = append(number("delay", unless: layer.name), .delay(delay), last.shape, from: [last])
    if delay.isParameter { addParameter(.delay, of: node, [last.shape[0]]) }
  }

  private mutating func pool(
    _ layer: LayerSettings, at place: String
  ) throws(CounterspikeError) {
    switch last.operation {
    case .neurons, .sum, .delay, .registered: break
    default:
      throw failure(
        place,
        "pooling must follow a layer of neurons or a residual block directly; join two pooling layers "
          + "into one (P2-P2 is P4) and put dropout behind pooling")
    }
    let shape = last.shape
    let (height, width) =
      layer.global ? (shape[1], shape[2]) : (layer.kernel, layer.kernel)
    guard shape[1] >= height && shape[2] >= width else {
      throw failure(
        place,
        "a pooling window of \(layer.kernel)×\(layer.kernel) is larger than its input of "
          + "\(shape[1])×\(shape[2]); leave it out")
    }
    let factor: Float =
      switch layer.by {
      case .sum: layer.factor ?? settings.poolingFactor
      case .average: (layer.factor ?? 1) / Float(height * width)
      case .maximum: 1
      }
    let name = number("pooling", unless: layer.name)
    append(
      name,
      .pooling(
        NetworkPlan.Pooling(kind: layer.by, height: height, width: width, factor: factor)),
      [shape[0], shape[1] / height, shape[2] / width], from: [last])
  }

  private mutating func drop(
    _ layer: LayerSettings, at place: String
  ) throws(CounterspikeError) {
    switch last.operation {
    case .neurons, .pooling, .sum, .delay, .registered:
      let name = number("dropout", unless: layer.name)
      append(name, .dropout(probability: layer.probability), last.shape, from: [last])
    default:
      throw failure(place, "dropout must follow a layer of neurons or its pooling, once")
    }
  }
}
