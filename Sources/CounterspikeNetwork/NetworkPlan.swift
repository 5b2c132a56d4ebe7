internal import CounterspikeKernels
internal import CounterspikeRecipe
public import CounterspikeSettings
public import CounterspikeSystem

/// A network with all shapes worked out: what is built, trained and inspected.
///
/// A directed acyclic graph of nodes, in an order in which each comes behind those it takes values
/// from. How it is computed is the matter of a program, see `Program`.
public struct NetworkPlan: Sendable, Equatable {
  /// Shape of one time step of a sample, `[C, H, W]`.
  public let inputShape: [Int]
  /// T
  public let timeSteps: Int
  /// d of the input's synapse.
  public let inputSynapticDecay: Double
  /// What convolutions multiply.
  public let precision: NetworkSettings.Precision
  /// The first is the input, the last the output neurons.
  public let nodes: [Node]
  /// In the order of the nodes that use them.
  public let parameters: [Parameter]
  /// What normalizations keep beside their parameters, in the order of their nodes, mean before variance.
  public let statistics: [Statistic]
  /// The layers of neurons, each with what brings its currents and what follows it.
  public let stages: [Stage]
  /// For every node those that take its value, in order.
  package let consumers: [[Node.ID]]
  /// For every node the layer that it is counted for: that of the first neurons which its value reaches,
  /// or its own.
  package let stageOfNode: [Int]

  /// The number of output neurons.
  public var classCount: Int { stages.last?.neuronShape[0] ?? 0 }

  /// The number of values that are trained.
  public var weightCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// The place in ``stages`` of the layer that a parameter belongs to.
  public func stage(of parameter: Parameter) -> Int { stageOfNode[parameter.node] }

  /// The place in ``stages`` of the layer that a statistic belongs to.
  package func stage(of statistic: Statistic) -> Int { stageOfNode[statistic.node] }

  /// Whether any layer is normalized.
  package var isNormalized: Bool { !statistics.isEmpty }

  /// Works out the shapes of `settings` for samples of `inputShape`.
  ///
  /// - Parameter inputShape: `[C, H, W]`.
  /// - Throws: `invalidRecipe` naming the setting that no recipe could have, or the layer that does not
  ///   fit.
  public init(_ settings: NetworkSettings, inputShape: [Int]) throws(CounterspikeError) {
    try self.init(settings, inputShape: inputShape, longest: settings.timeSteps)
  }

  /// - Parameter longest: delays must be shorter than so many time steps, which a session, that makes one at a
  ///   time, does not know from its settings.
  package init(
    _ settings: NetworkSettings, inputShape: [Int], longest: Int
  ) throws(CounterspikeError) {
    try settings.validate()
    guard inputShape.count == 3, inputShape.allSatisfy({ (1...GraphBuilder.limit).contains($0) }),
      let count = Tensor.count(of: inputShape), count <= GraphBuilder.limit
    else {
      throw CounterspikeError(
        .invalidRecipe,
        "a network takes samples of shape [C, H, W], with at most \(GraphBuilder.limit) numbers, not "
          + "\(inputShape)")
    }
    self.inputShape = inputShape
    timeSteps = settings.timeSteps
    inputSynapticDecay = settings.neuron.synapticDecay
    precision = settings.precision
    var builder = GraphBuilder(settings, inputShape: inputShape, longest: longest)
    for (index, layer) in settings.layers.enumerated() {
      try builder.add(
        layer, at: "layer \(index + 1)", isLast: index == settings.layers.count - 1)
    }
    let (nodes, parameters) = try builder.finish()
    self.nodes = nodes
    self.parameters = parameters
    statistics = nodes.flatMap { node -> [Statistic] in
      guard case .normalization = node.operation else { return [] }
      return Statistic.Role.allCases.map { role in
        Statistic(
          id: "\(node.name).\(role.rawValue)", role: role, node: node.id, count: node.shape[0])
      }
    }
    let graph = GraphOrder(nodes)
    consumers = graph.consumers
    stageOfNode = graph.stageOfNode
    stages = graph.stages(nodes, parameters)
    try requireCountable(samples: 1, workers: 1)
  }
}
