internal import CounterspikeKernels

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
  /// The layers of neurons, each with what brings its currents and what follows it; one for each of
  /// ``parameters``.
  public let stages: [Stage]

  /// The number of output neurons.
  public var classCount: Int { stages.last?.neuronShape[0] ?? 0 }

  /// The number of weights.
  public var weightCount: Int { parameters.reduce(0) { $0 + $1.count } }

  /// Works out the shapes of `settings` for samples of `inputShape`.
  ///
  /// - Parameter inputShape: `[C, H, W]`.
  /// - Throws: `invalidRecipe` naming the setting that no recipe could have, or the layer that does not
  ///   fit.
  public init(_ settings: NetworkSettings, inputShape: [Int]) throws(CounterspikeError) {
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
    var builder = GraphBuilder(settings, inputShape: inputShape)
    for (index, layer) in settings.layers.enumerated() { try builder.add(layer, at: index) }
    (nodes, parameters) = try builder.finish()
    stages = Stage.stages(of: nodes, parameters)
    try requireCountable(samples: 1, workers: 1)
  }
}
