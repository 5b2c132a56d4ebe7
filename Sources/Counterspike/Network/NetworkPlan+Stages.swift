extension NetworkPlan {
  /// A layer of neurons, with the product that brings its currents, and the pooling and dropout behind
  /// it: what is reported, audited and drawn as one.
  public struct Stage: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
      case convolution(kernel: Int, stride: Int, padding: Int)
      case dense
    }

    public struct Pooling: Sendable, Equatable {
      public let name: String
      public let window: Int
      public let factor: Float
    }

    /// `conv_1`, `dense_1`, …; the last one is `output`.
    public let name: String
    public let kind: Kind
    /// Shape of what arrives, `[C, H, W]`.
    public let inputShape: [Int]
    /// Shape of the neurons, `[C, H, W]`; `[N, 1, 1]` for a dense layer.
    public let neuronShape: [Int]
    /// The parameter's shape, see ``Parameter/shape``.
    public let weightShape: [Int]
    public let neuron: NeuronSettings
    public let pooling: Pooling?
    /// Probability that a value of the output is dropped in training.
    public let dropout: Float
    /// Scale of the initial weights.
    public let weightScale: Float
    /// The rule of these neurons, where it is not the network's.
    public let gradient: GradientSettings?

    /// Shape of what the next stage sees, `[C, H, W]`.
    public var outputShape: [Int] {
      guard let pooling else { return neuronShape }
      return [neuronShape[0], neuronShape[1] / pooling.window, neuronShape[2] / pooling.window]
    }

    public var weightCount: Int { weightShape.reduce(1, *) }
    public var neuronCount: Int { neuronShape.reduce(1, *) }

    /// Neurons that something sees: windows that do not fit leave out the last rows and columns.
    public var activeNeuronCount: Int {
      guard let window = pooling?.window else { return neuronCount }
      return neuronShape[0] * (neuronShape[1] / window * window)
        * (neuronShape[2] / window * window)
    }

    /// Multiply-adds that bring one time step's psc to the neurons.
    public var multiplyAdds: Int {
      neuronShape[1] * neuronShape[2] * weightCount
    }
  }
}

extension NetworkPlan.Stage {
  /// The stages of a graph, in the order of their neurons.
  static func stages(of nodes: [NetworkPlan.Node], _ parameters: [NetworkPlan.Parameter])
    -> [NetworkPlan.Stage]
  {
    nodes.compactMap { neurons in
      guard case .neurons(let neuron, let rule) = neurons.operation,
        let parameter = parameters.first(where: { $0.node == neurons.inputs[0] })
      else { return nil }
      let product = nodes[neurons.inputs[0]]
      var pooling: Pooling?
      var dropout: Float = 0
      for node in nodes[(neurons.id + 1)...] {
        switch node.operation {
        case .pooling(let window, let factor):
          pooling = Pooling(name: node.name, window: window, factor: factor)
          continue
        case .dropout(let probability):
          dropout = probability
          continue
        default: break
        }
        break
      }
      return NetworkPlan.Stage(
        name: product.name, kind: Kind(product.operation),
        inputShape: nodes[product.inputs[0]].shape, neuronShape: neurons.shape,
        weightShape: parameter.shape, neuron: neuron, pooling: pooling, dropout: dropout,
        weightScale: parameter.scale, gradient: rule)
    }
  }
}

extension NetworkPlan.Stage.Kind {
  fileprivate init(_ operation: NetworkPlan.Node.Operation) {
    if case .convolution(let kernel, let stride, let padding) = operation {
      self = .convolution(kernel: kernel, stride: stride, padding: padding)
    } else {
      self = .dense
    }
  }
}
