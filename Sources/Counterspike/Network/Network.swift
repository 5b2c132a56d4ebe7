internal import CounterspikeKernels

/// A spiking network: its plan and its weights.
///
/// A value: copies share nothing, and nothing here trains; `CounterspikeTraining.Trainer` does.
public struct Network: Sendable {
  public let settings: NetworkSettings
  public let plan: NetworkPlan
  /// One tensor a stage, of the stage's `weightShape`.
  public private(set) var weights: [Tensor]

  /// A network with fresh weights.
  ///
  /// Convolutions start as PyTorch's do, uniform in ±1/√fan-in; dense layers from a normal
  /// distribution of variance 2/fan-in (Kaiming); both times the layer's scale.
  ///
  /// - Parameters:
  ///   - settings: layers, time steps, neurons.
  ///   - inputShape: of one time step of a sample, `[C, H, W]`.
  ///   - seed: of the weights.
  /// - Throws: `invalidRecipe` when the layers do not fit each other or the input, for settings that no
  ///   recipe could have, and for more weights than this process may have memory for.
  public init(
    _ settings: NetworkSettings, inputShape: [Int], seed: UInt64 = 1
  ) throws(CounterspikeError) {
    self.settings = settings
    let plan = try NetworkPlan(settings, inputShape: inputShape)
    self.plan = plan
    try MemoryLimit.current().require(
      plan.weightCount * MemoryLayout<Float>.stride,
      for: "the network of network.layers with \(plan.weightCount) weights",
      remedy: "use smaller layers")
    weights = plan.stages.indices.map { plan.initialWeights($0, seed: seed) }
  }

  /// A network with the given weights.
  ///
  /// - Throws: `invalidRecipe` as ``init(_:inputShape:seed:)``; `mismatch` naming the stage whose
  ///   weights have another shape.
  package init(
    _ settings: NetworkSettings, inputShape: [Int], weights: [Tensor]
  ) throws(CounterspikeError) {
    self.settings = settings
    plan = try NetworkPlan(settings, inputShape: inputShape)
    self.weights = []
    try setWeights(weights)
  }

  /// Takes over weights, one tensor a stage.
  ///
  /// - Throws: `mismatch` naming the stage whose shape differs.
  public mutating func setWeights(_ weights: [Tensor]) throws(CounterspikeError) {
    guard weights.count == plan.stages.count else {
      throw CounterspikeError(
        .mismatch,
        "\(weights.count) weight tensors for a network of \(plan.stages.count) layers with weights")
    }
    for (tensor, stage) in zip(weights, plan.stages) where tensor.shape != stage.weightShape {
      throw CounterspikeError(
        .mismatch,
        "the weights of \(stage.name) have shape \(tensor.shape), the network wants "
          + "\(stage.weightShape)")
    }
    self.weights = weights
  }
}

extension NetworkPlan {
  /// Fresh weights of stage `index`, in the public order.
  package func initialWeights(_ index: Int, seed: UInt64) -> Tensor {
    let stage = stages[index]
    var stream = RandomStream(seed: seed, purpose: .weights, index)
    let shape = stage.weightShape
    let fanIn = Double(shape.dropFirst().reduce(1, *))
    let scale = Double(stage.weightScale)
    let scalars: [Float]
    switch stage.kind {
    case .convolution:
      let bound = scale / fanIn.squareRoot()
      scalars = (0..<stage.weightCount).map { _ in
        Float((2 * Double(stream.uniform()) - 1) * bound)
      }
    case .dense:
      let deviation = scale * (2 / fanIn).squareRoot()
      scalars = (0..<stage.weightCount).map { _ in Float(stream.normal() * deviation) }
    }
    return Tensor(shape: shape, scalars: scalars)
  }
}
