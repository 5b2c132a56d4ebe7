internal import CounterspikeKernels

/// How a network is computed: steps over buffers, in order; backward in the reverse order.
///
/// Neurons, the pooling behind them and the dropout behind that are one step, as long as nothing else
/// takes the values in between. A buffer that has served the forward pass takes the gradient in the
/// backward pass: the currents are overwritten by δ, and what a product has taken, once its weight
/// gradient is known, by the gradient with respect to it.
struct Program: Sendable {
  /// Floats that each worker keeps for one micro-batch.
  struct Buffer: Sendable, Equatable {
    /// Whose value it holds.
    let name: String
    let count: Int
  }

  enum Step: Sendable {
    case convolution(Product)
    case dense(Product)
    case neurons(Neurons)
  }

  /// Weights and what they multiply.
  struct Product: Sendable {
    /// The place among the plan's parameters.
    let parameter: Int
    /// The layer that its time is counted for.
    let stage: Int
    let layout: StageLayout
    /// Buffers.
    let input: Int
    let output: Int
    /// Whether anything trains before it, so that it passes a gradient on.
    let needsInputGradient: Bool
  }

  /// Neurons with their pooling and dropout.
  struct Neurons: Sendable {
    let stage: Int
    let layout: StageLayout
    let layer: NeuronLayer
    /// Buffers: of the currents, of the output, and of the dropout mask in training.
    let currents: Int
    let output: Int
    let mask: Int?
  }

  let buffers: [Buffer]
  /// The buffer of the input.
  let input: Int
  let steps: [Step]
}

extension Program {
  /// Lowers a network.
  ///
  /// - Parameters:
  ///   - layouts: one a stage.
  ///   - isTraining: with room for what only training needs.
  init(
    _ plan: NetworkPlan, layouts: [StageLayout], microBatch: Int, isStill: Bool, isTraining: Bool
  ) {
    var lowering = Lowering(
      plan: plan, layouts: layouts, microBatch: microBatch, isTraining: isTraining)
    let planes = isStill ? 1 : plan.timeSteps
    input = lowering.reserve("input", planes * microBatch * plan.inputShape.reduce(1, *), of: 0)
    for node in plan.nodes { lowering.lower(node) }
    buffers = lowering.buffers
    steps = lowering.steps
  }

  private struct Lowering {
    let plan: NetworkPlan
    let layouts: [StageLayout]
    let microBatch: Int
    let isTraining: Bool
    var buffers: [Buffer] = []
    var steps: [Step] = []
    /// The buffer of each node's value.
    var places: [NetworkPlan.Node.ID: Int] = [:]
    var stage = 0

    mutating func reserve(_ name: String, _ count: Int, of node: NetworkPlan.Node.ID? = nil) -> Int
    {
      buffers.append(Buffer(name: name, count: count))
      if let node { places[node] = buffers.count - 1 }
      return buffers.count - 1
    }

    mutating func lower(_ node: NetworkPlan.Node) {
      switch node.operation {
      case .input: break
      case .convolution: steps.append(.convolution(product(node)))
      case .dense: steps.append(.dense(product(node)))
      case .neurons:
        steps.append(.neurons(neurons(node)))
        stage += 1
      case .pooling, .dropout:
        // Part of the neurons' step.
        places[node.id] = places[node.inputs[0]]
      }
    }

    private mutating func product(_ node: NetworkPlan.Node) -> Product {
      let layout = layouts[stage]
      let parameter = plan.parameters.firstIndex { $0.node == node.id } ?? 0
      let layer = layout.neurons(timeSteps: plan.timeSteps, batch: microBatch)
      return Product(
        parameter: parameter, stage: stage, layout: layout, input: places[node.inputs[0]] ?? 0,
        output: reserve(node.name, layer.currentCount, of: node.id),
        needsInputGradient: node.inputs[0] != 0)
    }

    private mutating func neurons(_ node: NetworkPlan.Node) -> Neurons {
      let layout = layouts[stage]
      let layer = layout.neurons(timeSteps: plan.timeSteps, batch: microBatch)
      let output = reserve(node.name, layer.outputCount, of: node.id)
      let mask =
        isTraining && layout.stage.dropout > 0
        ? reserve(node.name + ".dropout", layer.pooledPlane) : nil
      return Neurons(
        stage: stage, layout: layout, layer: layer, currents: places[node.inputs[0]] ?? 0,
        output: output, mask: mask)
    }
  }
}
