public import CounterspikeSettings

extension NetworkPlan {
  /// A layer of neurons, with the products that bring its currents, and the pooling and dropout behind it
  /// that nothing else comes between: what is reported, audited and drawn as one.
  public struct Stage: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
      case convolution(kernel: Int, stride: Int, padding: Int)
      case dense
      /// A layer of a program's own, by its name.
      case registered(String)
    }

    /// `conv_1`, `dense_1`, …; the last one is `output`.
    public let name: String
    /// Of the product that the layer is named for.
    public let kind: Kind
    /// Shape of what arrives at that product, `[C, H, W]`.
    public let inputShape: [Int]
    /// Shape of the neurons, `[C, H, W]`; `[N, 1, 1]` for a dense layer.
    public let neuronShape: [Int]
    /// That product's weights, see ``Parameter/shape``; empty where it has none.
    public let weightShape: [Int]
    public internal(set) var neuron: NeuronSettings
    public let neuronKind: NeuronKind
    public let pooling: Pooling?
    /// The name of the pooling.
    public let poolingName: String?
    /// Probability that a value of the output is dropped in training.
    public let dropout: Float
    /// Scale of the initial weights.
    public let weightScale: Float
    /// The rule of these neurons, where it is not the network's.
    public let gradient: GradientSettings?
    /// Places of all its parameters in ``NetworkPlan/parameters``.
    public let parameters: [Int]
    /// The number of values of all its parameters.
    public let weightCount: Int
    /// The place of its lateral weights in ``NetworkPlan/parameters``, if it has such.
    public let lateral: Int?
    /// Multiply-adds that bring one time step's psc to the neurons, their own included.
    public let multiplyAdds: Int

    /// The neurons in ``NetworkPlan/nodes``.
    package let node: Node.ID
    /// The last of the nodes that make up the layer: the neurons, or the pooling or dropout behind them.
    package let last: Node.ID

    /// Shape of what the next stage sees, `[C, H, W]`.
    public var outputShape: [Int] {
      guard let pooling else { return neuronShape }
      return [neuronShape[0], neuronShape[1] / pooling.height, neuronShape[2] / pooling.width]
    }

    public var neuronCount: Int { neuronShape.reduce(1, *) }

    /// Neurons that something sees: windows that do not fit leave out the last rows and columns.
    public var activeNeuronCount: Int {
      guard let pooling else { return neuronCount }
      return neuronShape[0] * (neuronShape[1] / pooling.height * pooling.height)
        * (neuronShape[2] / pooling.width * pooling.width)
    }
  }
}

/// Who takes whose values, and what belongs to which layer of neurons.
struct GraphOrder {
  let consumers: [[NetworkPlan.Node.ID]]
  let stageOfNode: [Int]

  init(_ nodes: [NetworkPlan.Node]) {
    var consumers = [[Int]](repeating: [], count: nodes.count)
    for node in nodes {
      for input in node.inputs { consumers[input].append(node.id) }
    }
    var stage = nodes.count { $0.isNeurons }
    var stages = [Int](repeating: max(stage - 1, 0), count: nodes.count)
    for node in nodes.reversed() {
      if node.isNeurons {
        stage -= 1
        stages[node.id] = stage
      } else if let first = consumers[node.id].map({ stages[$0] }).min() {
        stages[node.id] = first
      }
    }
    self.consumers = consumers
    stageOfNode = stages
  }

  /// The nodes behind neurons that one pass computes with them: pooling by square windows' sums, then
  /// dropout, as long as nothing else takes the values in between.
  private func tail(of neurons: NetworkPlan.Node, _ nodes: [NetworkPlan.Node])
    -> (pooling: NetworkPlan.Node?, dropout: NetworkPlan.Node?)
  {
    func next(_ node: NetworkPlan.Node) -> NetworkPlan.Node? {
      consumers[node.id].count == 1 ? nodes[consumers[node.id][0]] : nil
    }
    // Recurrent neurons take their psc before anything is dropped, and a readout gives no psc.
    guard case .neurons(_, _, .spiking) = neurons.operation else { return (nil, nil) }
    var pooling: NetworkPlan.Node?
    var behind = next(neurons)
    // A layer of neurons without pooling has windows of one pixel and no factor, so such pooling is a pass.
    if let node = behind, case .pooling(let windows) = node.operation, windows.kind != .maximum,
      windows.height == windows.width, windows.height > 1
    {
      pooling = node
      behind = next(node)
    }
    guard let node = behind, case .dropout = node.operation else { return (pooling, nil) }
    return (pooling, node)
  }

  /// The layers of neurons, in order.
  func stages(_ nodes: [NetworkPlan.Node], _ parameters: [NetworkPlan.Parameter])
    -> [NetworkPlan.Stage]
  {
    nodes.compactMap { neurons in
      guard case .neurons(let neuron, let rule, let kind) = neurons.operation else { return nil }
      // What brings currents: back through normalizations and sums, the first input first.
      var product = nodes[neurons.inputs[0]]
      while !product.isProduct, let before = product.inputs.first { product = nodes[before] }
      let weight = parameters.first { $0.node == product.id && $0.role == .weight }
      let own = parameters.indices.filter {
        stageOfNode[parameters[$0].node] == stageOfNode[neurons.id]
      }
      let (pooling, dropout) = tail(of: neurons, nodes)
      return NetworkPlan.Stage(
        name: product.name, kind: NetworkPlan.Stage.Kind(product.operation),
        inputShape: nodes[product.inputs[0]].shape, neuronShape: neurons.shape,
        weightShape: weight?.shape ?? [], neuron: neuron, neuronKind: kind,
        pooling: pooling.flatMap {
          if case .pooling(let windows) = $0.operation { windows } else { nil }
        },
        poolingName: pooling?.name,
        dropout: dropout.map {
          if case .dropout(let probability) = $0.operation { probability } else { 0 }
        } ?? 0,
        weightScale: weight?.scale ?? 1, gradient: rule, parameters: own,
        weightCount: own.reduce(0) { $0 + parameters[$1].count },
        lateral: own.first { parameters[$0].role == .lateral },
        multiplyAdds: own.reduce(0) { sum, index in
          guard parameters[index].isDecayed else { return sum }
          let shape = nodes[parameters[index].node].shape
          return sum + shape[1] * shape[2] * parameters[index].count
        },
        node: neurons.id, last: (dropout ?? pooling ?? neurons).id)
    }
  }
}

extension NetworkPlan.Node {
  var isNeurons: Bool { neuronKind != nil }

  var neuronKind: NetworkPlan.NeuronKind? {
    if case .neurons(_, _, let kind) = operation { kind } else { nil }
  }

  /// Whether it has weights that a psc is multiplied by.
  package var isProduct: Bool {
    switch operation {
    case .convolution, .dense: true
    case .registered(_, let fires): fires
    default: false
    }
  }

  /// Whether it is a convolution or a matrix product.
  package var isBuiltInProduct: Bool {
    switch operation {
    case .convolution, .dense: true
    default: false
    }
  }
}

extension NetworkPlan.Stage.Kind {
  fileprivate init(_ operation: NetworkPlan.Node.Operation) {
    switch operation {
    case .convolution(let kernel, let stride, let padding, _):
      self = .convolution(kernel: kernel, stride: stride, padding: padding)
    case .registered(let piece, _): self = .registered(piece.name)
    default: self = .dense
    }
  }
}
