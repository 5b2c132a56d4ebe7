internal import CounterspikeKernels

/// A network with all shapes worked out: what is built, trained and inspected.
///
/// Layers are grouped into *stages*: weights, the neurons they feed, and the pooling and dropout
/// that follow these.
public struct NetworkPlan: Sendable, Equatable {
  /// Shape of one time step of a sample, `[C, H, W]`.
  public let inputShape: [Int]
  /// T
  public let timeSteps: Int
  public let stages: [Stage]
  /// d of the input's synapse.
  public let inputSynapticDecay: Double
  /// What convolutions multiply.
  public let precision: NetworkSettings.Precision

  /// The number of output neurons.
  public var classCount: Int { stages.last?.neuronShape[0] ?? 0 }

  /// The number of weights.
  public var weightCount: Int { stages.reduce(0) { $0 + $1.weightCount } }

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

    /// `[out, in, kernel, kernel]` of a convolution, `[out, in]` of a dense layer whose inputs are
    /// in the order C, H, W.
    public var weightShape: [Int] {
      switch kind {
      case .convolution(let kernel, _, _): [neuronShape[0], inputShape[0], kernel, kernel]
      case .dense: [neuronShape[0], inputShape.reduce(1, *)]
      }
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

extension NetworkPlan {
  /// Works out the shapes of `settings` for samples of `inputShape`.
  ///
  /// - Parameter inputShape: `[C, H, W]`.
  /// - Throws: `invalidRecipe` naming the setting that no recipe could have, or the layer that does not
  ///   fit.
  public init(_ settings: NetworkSettings, inputShape: [Int]) throws(CounterspikeError) {
    try settings.validate()
    guard inputShape.count == 3, inputShape.allSatisfy({ (1...Builder.limit).contains($0) }),
      let count = Tensor.count(of: inputShape), count <= Builder.limit
    else {
      throw CounterspikeError(
        .invalidRecipe,
        "a network takes samples of shape [C, H, W], with at most \(Builder.limit) numbers, not "
          + "\(inputShape)")
    }
    var builder = Builder(settings: settings, shape: inputShape)
    for (index, layer) in settings.layers.enumerated() {
      try builder.add(layer, at: index)
    }
    stages = builder.finish()
    self.inputShape = inputShape
    timeSteps = settings.timeSteps
    inputSynapticDecay = settings.neuron.synapticDecay
    precision = settings.precision
    try requireCountable(samples: 1, workers: 1)
  }

  private struct Builder {
    let settings: NetworkSettings
    var shape: [Int]
    var stages: [Stage] = []
    var counts: [String: Int] = [:]

    /// The most neurons, and the most weights, of a layer; products of the two cannot overflow.
    static let limit = Int(Int32.max)

    mutating func number(_ kind: String) -> String {
      counts[kind, default: 0] += 1
      return "\(kind)_\(counts[kind, default: 0])"
    }

    func failure(_ index: Int, _ text: String) -> CounterspikeError {
      CounterspikeError(.invalidRecipe, "network.layers, layer \(index + 1): \(text)")
    }

    mutating func add(_ layer: LayerSettings, at index: Int) throws(CounterspikeError) {
      switch layer.kind {
      case .convolution:
        guard stages.last.map({ $0.kind != .dense }) ?? true else {
          throw failure(index, "a convolution cannot follow a dense layer; put it before")
        }
        let sizes = shape[1...].map { ($0 + 2 * layer.padding - layer.kernel) / layer.stride + 1 }
        guard shape[1...].allSatisfy({ $0 + 2 * layer.padding >= layer.kernel }) else {
          throw failure(
            index,
            "a \(layer.kernel)×\(layer.kernel) kernel is larger than its input of \(shape[1])×"
              + "\(shape[2]) with padding \(layer.padding); use a smaller kernel, more padding or "
              + "fewer pooling layers")
        }
        try append(
          layer, at: index, number("conv"),
          .convolution(kernel: layer.kernel, stride: layer.stride, padding: layer.padding),
          [layer.size] + sizes)
      case .dense:
        try append(layer, at: index, number("dense"), .dense, [layer.size, 1, 1])
      case .pooling:
        try pool(layer, at: index)
      case .dropout:
        try drop(layer, at: index)
      }
    }

    mutating func append(
      _ layer: LayerSettings, at index: Int, _ name: String, _ kind: Stage.Kind, _ to: [Int]
    ) throws(CounterspikeError) {
      var neuron = settings.neuron
      neuron.membraneTimeConstant = layer.membraneTimeConstant ?? neuron.membraneTimeConstant
      neuron.synapticTimeConstant = layer.synapticTimeConstant ?? neuron.synapticTimeConstant
      neuron.threshold = layer.threshold ?? neuron.threshold
      let stage = Stage(
        name: name, kind: kind, inputShape: shape, neuronShape: to, neuron: neuron,
        pooling: nil, dropout: 0, weightScale: layer.weightScale ?? settings.weightScale,
        gradient: layer.gradient)
      for (shape, what) in [(stage.neuronShape, "neurons"), (stage.weightShape, "weights")] {
        guard let count = Tensor.count(of: shape), count <= Self.limit else {
          throw failure(
            index,
            "it would have \(shape.map { "\($0)" }.joined(separator: "×")) \(what), more than the "
              + "\(Self.limit) that can be computed with; make it smaller")
        }
      }
      stages.append(stage)
      shape = to
    }

    mutating func pool(_ layer: LayerSettings, at index: Int) throws(CounterspikeError) {
      guard let stage = stages.last, stage.pooling == nil, stage.dropout == 0 else {
        throw failure(
          index,
          "pooling must follow a layer of neurons directly; join two pooling layers into one "
            + "(P2-P2 is P4) and put dropout behind pooling")
      }
      guard shape[1] >= layer.kernel && shape[2] >= layer.kernel else {
        throw failure(
          index,
          "a pooling window of \(layer.kernel)×\(layer.kernel) is larger than its input of "
            + "\(shape[1])×\(shape[2]); leave it out")
      }
      let pooling = Stage.Pooling(
        name: number("pooling"), window: layer.kernel,
        factor: layer.factor ?? settings.poolingFactor)
      stages[stages.count - 1] = stage.with(pooling: pooling, dropout: 0)
      shape = stages[stages.count - 1].outputShape
    }

    mutating func drop(_ layer: LayerSettings, at index: Int) throws(CounterspikeError) {
      guard let stage = stages.last, stage.dropout == 0 else {
        throw failure(index, "dropout must follow a layer of neurons or its pooling, once")
      }
      stages[stages.count - 1] = stage.with(pooling: stage.pooling, dropout: layer.probability)
    }

    /// The stages; the last layer is dense, as the recipe's check of `network.layers` demands.
    func finish() -> [Stage] {
      stages.dropLast() + stages.suffix(1).map { $0.renamed("output") }
    }
  }
}

extension NetworkPlan.Stage {
  fileprivate func with(pooling: Pooling?, dropout: Float) -> Self {
    Self(
      name: name, kind: kind, inputShape: inputShape, neuronShape: neuronShape, neuron: neuron,
      pooling: pooling, dropout: dropout, weightScale: weightScale, gradient: gradient)
  }

  fileprivate func renamed(_ name: String) -> Self {
    Self(
      name: name, kind: kind, inputShape: inputShape, neuronShape: neuronShape, neuron: neuron,
      pooling: pooling, dropout: dropout, weightScale: weightScale, gradient: gradient)
  }
}
