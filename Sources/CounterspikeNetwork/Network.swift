internal import CounterspikeKernels
public import CounterspikeSettings
public import CounterspikeSystem

/// A spiking network: its plan and its weights.
///
/// A value: copies share nothing, and nothing here trains; `CounterspikeTraining.Trainer` does.
public struct Network: Sendable {
  public let settings: NetworkSettings
  public let plan: NetworkPlan
  /// One tensor for each of the plan's parameters.
  public private(set) var weights: [Tensor]
  /// Running means and variances of normalizations, one tensor `[C]` for each of the plan's statistics.
  public private(set) var statistics: [Tensor]

  /// A network with fresh weights.
  ///
  /// Convolutions and lateral weights start as PyTorch's do, uniform in ±1/√fan-in; dense layers from a normal
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
    weights = plan.parameters.indices.map { plan.initialValues($0, seed: seed) }
    statistics = plan.initialStatistics
  }

  /// A network with the given weights.
  ///
  /// - Parameter statistics: `nil`: their initial values.
  /// - Throws: `invalidRecipe` as ``init(_:inputShape:seed:)``; `mismatch` naming the parameter whose
  ///   shape differs.
  package init(
    _ settings: NetworkSettings, inputShape: [Int], weights: [Tensor], statistics: [Tensor]? = nil
  ) throws(CounterspikeError) {
    self.settings = settings
    plan = try NetworkPlan(settings, inputShape: inputShape)
    self.weights = []
    self.statistics = plan.initialStatistics
    try setWeights(weights)
    if let statistics { try setStatistics(statistics) }
  }

  /// Takes over weights, one tensor for each of the plan's parameters.
  ///
  /// - Throws: `mismatch` naming the parameter whose shape differs.
  public mutating func setWeights(_ weights: [Tensor]) throws(CounterspikeError) {
    guard weights.count == plan.parameters.count else {
      throw CounterspikeError(
        .mismatch,
        "\(weights.count) tensors for a network of \(plan.parameters.count) parameters"
      )
    }
    for (tensor, parameter) in zip(weights, plan.parameters) where tensor.shape != parameter.shape {
      throw CounterspikeError(
        .mismatch,
        "\(parameter.id) has shape \(tensor.shape), the network wants \(parameter.shape)")
    }
    self.weights = weights
  }

  /// Takes over running means and variances, one tensor for each of the plan's statistics.
  ///
  /// - Throws: `mismatch` where there are others; a variance must not be negative.
  public mutating func setStatistics(_ statistics: [Tensor]) throws(CounterspikeError) {
    guard statistics.map(\.shape) == plan.statistics.map({ [$0.count] }) else {
      throw CounterspikeError(
        .mismatch,
        "running means and variances of shapes \(statistics.map(\.shape)) for a network of "
          + "\(plan.statistics.map { [$0.count] })")
    }
    for (tensor, statistic) in zip(statistics, plan.statistics)
    where !tensor.scalars.allSatisfy({ $0.isFinite && (statistic.role == .mean || $0 >= 0) }) {
      throw CounterspikeError(
        .mismatch, "\(statistic.id) has a value that is no number, infinite or no variance")
    }
    self.statistics = statistics
  }

  /// The parameter called `id`, such as `conv_1.weight`; `nil` if there is none.
  public subscript(id: NetworkPlan.Parameter.ID) -> Tensor? {
    plan.parameters.firstIndex { $0.id == id }.map { weights[$0] }
  }
}

extension NetworkPlan.Delay {
  /// The shares of ``longest`` that delays begin with: drawn ones, or a half, from which training can go both
  /// ways.
  fileprivate func initialShares(
    _ parameter: NetworkPlan.Parameter, place: Int, seed: UInt64
  ) -> Tensor {
    var stream = RandomStream(seed: seed, purpose: .weights, place, 2)
    return Tensor(
      shape: parameter.shape,
      scalars: (0..<parameter.count).map { _ in isDrawn ? stream.uniform() : 0.5 })
  }
}

extension NetworkPlan {
  /// The values that statistics begin with.
  package var initialStatistics: [Tensor] {
    statistics.map {
      Tensor(
        shape: [$0.count], scalars: Array(repeating: $0.initialValue, count: $0.count))
    }
  }

  /// The values that parameter `index` begins with, in the public order: weights are drawn, scales are 1,
  /// biases and shifts 0.
  package func initialValues(_ index: Int, seed: UInt64) -> Tensor {
    let parameter = parameters[index]
    if case .delay(let delay) = nodes[parameter.node].operation {
      return delay.initialShares(parameter, place: index, seed: seed)
    }
    guard parameter.isDecayed else {
      let value: Float =
        if let constant = parameter.role.constant,
          case .neurons(let neuron, _, _) = nodes[parameter.node].operation
        {
          neuron.argument(of: constant)
        } else {
          parameter.role == .scale ? 1 : 0
        }
      return Tensor(
        shape: parameter.shape, scalars: Array(repeating: value, count: parameter.count))
    }
    // Counted among the weights: a bias or lateral weights more or less leave the others as they are.
    let place = parameters[..<index].count { $0.role == .weight }
    var stream = RandomStream(
      seed: seed, purpose: .weights, place, parameter.role == .lateral ? 1 : 0)
    let fanIn = Double(parameter.shape.dropFirst().reduce(1, *))
    let scale = Double(parameter.scale)
    let scalars: [Float]
    switch nodes[parameter.node].operation {
    case .convolution, .neurons:
      let bound = scale / fanIn.squareRoot()
      scalars = (0..<parameter.count).map { _ in
        Float((2 * Double(stream.uniform()) - 1) * bound)
      }
    default:
      let deviation = scale * (2 / fanIn).squareRoot()
      scalars = (0..<parameter.count).map { _ in Float(stream.normal() * deviation) }
    }
    return Tensor(shape: parameter.shape, scalars: scalars)
  }
}
