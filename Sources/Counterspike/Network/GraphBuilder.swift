/// Turns a recipe's layers into nodes, one behind the other.
struct GraphBuilder {
  private let settings: NetworkSettings
  private var nodes: [NetworkPlan.Node]
  private var parameters: [NetworkPlan.Parameter] = []
  private var counts: [String: Int] = [:]

  /// The most neurons, and the most weights, of a layer; products of the two cannot overflow.
  static let limit = Int(Int32.max)

  init(_ settings: NetworkSettings, inputShape: [Int]) {
    self.settings = settings
    nodes = [
      NetworkPlan.Node(id: 0, name: "input", operation: .input, inputs: [], shape: inputShape)
    ]
  }

  private var last: NetworkPlan.Node { nodes[nodes.count - 1] }

  private mutating func number(_ kind: String) -> String {
    counts[kind, default: 0] += 1
    return "\(kind)_\(counts[kind, default: 0])"
  }

  private func failure(_ index: Int, _ text: String) -> CounterspikeError {
    CounterspikeError(.invalidRecipe, "network.layers, layer \(index + 1): \(text)")
  }

  mutating func add(_ layer: LayerSettings, at index: Int) throws(CounterspikeError) {
    switch layer.kind {
    case .convolution: try convolve(layer, at: index)
    case .dense:
      let name = number("dense")
      try product(
        layer, at: index, index == settings.layers.count - 1 ? "output" : name, .dense,
        [layer.size, 1, 1], weights: [layer.size, last.shape.reduce(1, *)])
    case .pooling: try pool(layer, at: index)
    case .dropout: try drop(layer, at: index)
    }
  }

  /// The nodes and parameters.
  ///
  /// - Throws: `invalidRecipe` when the last layer is none of output neurons.
  func finish() throws(CounterspikeError) -> ([NetworkPlan.Node], [NetworkPlan.Parameter]) {
    guard nodes.count > 1 else {
      throw CounterspikeError(
        .invalidRecipe, "network.layers is empty; write for instance 15C5-P2-300-10")
    }
    guard case .neurons = last.operation, case .dense = nodes[last.inputs[0]].operation else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.layers: the last layer must be a dense one with a neuron for each class, "
          + "without pooling or dropout behind it")
    }
    return (nodes, parameters)
  }

  private mutating func append(
    _ name: String, _ operation: NetworkPlan.Node.Operation, _ shape: [Int]
  ) {
    nodes.append(
      NetworkPlan.Node(
        id: nodes.count, name: name, operation: operation, inputs: [last.id], shape: shape))
  }

  private mutating func convolve(_ layer: LayerSettings, at index: Int) throws(CounterspikeError) {
    let isBehindDense = nodes.contains { if case .dense = $0.operation { true } else { false } }
    guard !isBehindDense else {
      throw failure(index, "a convolution cannot follow a dense layer; put it before")
    }
    let shape = last.shape
    let sizes = shape[1...].map { ($0 + 2 * layer.padding - layer.kernel) / layer.stride + 1 }
    guard shape[1...].allSatisfy({ $0 + 2 * layer.padding >= layer.kernel }) else {
      throw failure(
        index,
        "a \(layer.kernel)×\(layer.kernel) kernel is larger than its input of \(shape[1])×"
          + "\(shape[2]) with padding \(layer.padding); use a smaller kernel, more padding or "
          + "fewer pooling layers")
    }
    try product(
      layer, at: index, number("conv"),
      .convolution(kernel: layer.kernel, stride: layer.stride, padding: layer.padding),
      [layer.size] + sizes, weights: [layer.size, shape[0], layer.kernel, layer.kernel])
  }

  /// Weights, and the neurons that they feed.
  private mutating func product(
    _ layer: LayerSettings, at index: Int, _ name: String, _ operation: NetworkPlan.Node.Operation,
    _ shape: [Int], weights: [Int]
  ) throws(CounterspikeError) {
    for (shape, what) in [(shape, "neurons"), (weights, "weights")] {
      guard let count = Tensor.count(of: shape), count <= Self.limit else {
        throw failure(
          index,
          "it would have \(shape.map { "\($0)" }.joined(separator: "×")) \(what), more than the "
            + "\(Self.limit) that can be computed with; make it smaller")
      }
    }
    append(name, operation, shape)
    parameters.append(
      NetworkPlan.Parameter(
        id: "\(name).weight", role: .weight, node: last.id, shape: weights,
        scale: layer.weightScale ?? settings.weightScale))
    append(
      "\(name).neurons", .neurons(settings.neuron(of: layer), rule: layer.gradient), shape)
  }

  private mutating func pool(_ layer: LayerSettings, at index: Int) throws(CounterspikeError) {
    guard case .neurons = last.operation else {
      throw failure(
        index,
        "pooling must follow a layer of neurons directly; join two pooling layers into one "
          + "(P2-P2 is P4) and put dropout behind pooling")
    }
    let shape = last.shape
    guard shape[1] >= layer.kernel && shape[2] >= layer.kernel else {
      throw failure(
        index,
        "a pooling window of \(layer.kernel)×\(layer.kernel) is larger than its input of "
          + "\(shape[1])×\(shape[2]); leave it out")
    }
    append(
      number("pooling"),
      .pooling(window: layer.kernel, factor: layer.factor ?? settings.poolingFactor),
      [shape[0], shape[1] / layer.kernel, shape[2] / layer.kernel])
  }

  private mutating func drop(_ layer: LayerSettings, at index: Int) throws(CounterspikeError) {
    switch last.operation {
    case .neurons, .pooling:
      append(number("dropout"), .dropout(probability: layer.probability), last.shape)
    default:
      throw failure(index, "dropout must follow a layer of neurons or its pooling, once")
    }
  }
}
