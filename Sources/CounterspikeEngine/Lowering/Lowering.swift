internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeProducts
internal import CounterspikeSettings

extension Program {
  /// Lowers a network.
  ///
  /// - Parameters:
  ///   - parameters: one a parameter of the plan.
  ///   - isTraining: with room for what only training needs; normalizations take the statistics of the
  ///     micro-batch.
  ///   - frozen: the names of layers that training leaves as they are: their normalizations take running
  ///     means, as in an evaluation.
  init(
    _ plan: NetworkPlan, parameters: [ParameterLayout], microBatch: Int, isStill: Bool,
    isTraining: Bool, frozen: [String] = []
  ) {
    var lowering = Lowering(
      plan: plan, layouts: StageLayout.layouts(plan, isStill: isStill), parameters: parameters,
      microBatch: microBatch, isStill: isStill, isTraining: isTraining, frozen: frozen)
    input = lowering.reserveInput()
    for node in plan.nodes { lowering.lower(node) }
    buffers = lowering.buffers
    steps = lowering.steps
  }
}

/// Turns nodes into steps, in order.
private struct Lowering {
  typealias Node = NetworkPlan.Node

  let plan: NetworkPlan
  let layouts: [StageLayout]
  let parameters: [ParameterLayout]
  let microBatch: Int
  let isStill: Bool
  let isTraining: Bool
  let frozen: [String]
  var buffers: [Program.Buffer] = []
  var steps: [Program.Step] = []
  /// Of each node's value.
  var places: [Node.ID: Program.Place] = [:]
  /// How many of a node's consumers have been lowered.
  var lowered: [Node.ID: Int] = [:]

  mutating func reserve(_ name: String, _ count: Int, planes: Int? = nil) -> Int {
    buffers.append(
      Program.Buffer(name: name, count: count, planes: planes ?? plan.timeSteps))
    return buffers.count - 1
  }

  mutating func reserveInput() -> Int {
    let planes = isStill ? 1 : plan.timeSteps
    let buffer = reserve(
      "input", planes * microBatch * plan.inputShape.reduce(1, *), planes: planes)
    places[0] = Program.Place(value: buffer, gradient: buffer)
    return buffer
  }

  /// The value of `node`, and the gradient with respect to it: in the same buffer where `takers` is one.
  mutating func place(_ node: Node, _ count: Int, takers: Int, planes: Int? = nil) -> Program.Place
  {
    let value = reserve(node.name, count, planes: planes)
    let place = Program.Place(
      value: value,
      gradient: takers <= 1 ? value : reserve(node.name + ".gradient", count, planes: planes))
    places[node.id] = place
    return place
  }

  /// Where the gradient with respect to an input of the step being lowered goes.
  mutating func target(_ input: Node.ID) -> Program.Target {
    lowered[input, default: 0] += 1
    let isLast = lowered[input] == plan.consumers[input].count
    return Program.Target(buffer: places[input]?.gradient ?? 0, adds: !isLast)
  }

  func value(_ input: Node.ID) -> Int { places[input]?.value ?? 0 }
  func stage(_ node: Node) -> Int { plan.stageOfNode[node.id] }
  func takers(_ node: Node) -> Int { plan.consumers[node.id].count }

  /// The values of `shape` at all time steps.
  func planes(_ shape: [Int]) -> ChannelPlanes {
    ChannelPlanes(
      timeSteps: plan.timeSteps, batch: microBatch, pixels: shape[1] * shape[2],
      channels: paddedChannels(shape[0]))
  }

  func parameter(_ role: NetworkPlan.Parameter.Role, of node: Node) -> Int? {
    parameters.firstIndex { $0.parameter.node == node.id && $0.parameter.role == role }
  }

  mutating func lower(_ node: Node) {
    switch node.operation {
    case .input: break
    case .convolution, .dense: product(node)
    case .normalization(let normalization): normalize(node, normalization)
    case .sum: sum(node)
    case .neurons: neurons(node)
    case .pooling(let pooling): if places[node.id] == nil { pool(node, pooling) }
    case .delay(let delay): delayed(node, delay)
    case .registered(let piece, _): own(node, piece)
    case .dropout(let probability): if places[node.id] == nil { drop(node, probability) }
    }
  }

  // MARK: Currents

  private mutating func product(_ node: Node) {
    guard let parameter = parameter(.weight, of: node), let layout = parameters[parameter].product
    else { return }
    let input = node.inputs[0]
    let target = input == 0 ? nil : target(input)
    let isExpanded = layout.isStill && plan.needsExpansion(node)
    let count = layout.currentCount(timeSteps: plan.timeSteps, batch: microBatch)
    let output: Program.Place
    if isExpanded {
      let plane = reserve(node.name + ".plane", count, planes: 1)
      output = Program.Place(value: plane, gradient: plane)
    } else {
      output = place(node, count, takers: takers(node), planes: layout.isStill ? 1 : nil)
    }
    let temporary =
      target.flatMap { target in
        target.adds
          ? reserve(node.name + ".addend", buffers[target.buffer].count) : nil
      }
    let product = Program.Product(
      parameter: parameter, stage: stage(node), layout: layout, input: value(input), output: output,
      target: target, temporary: temporary)
    steps.append(layout.node.isConvolution ? .convolution(product) : .dense(product))
    let planes = planes(node.shape)
    if isExpanded {
      let expanded = place(node, planes.count, takers: takers(node))
      steps.append(
        .expansion(
          Program.Expansion(
            stage: stage(node), planes: planes,
            factors: NeuronLayer.stillScales(
              decay: Float(plan.inputSynapticDecay), timeSteps: plan.timeSteps),
            input: output.value, output: expanded)))
    }
    addBias(node)
  }

  /// What a product's currents are shifted by, if they are.
  private mutating func addBias(_ node: Node) {
    guard let bias = parameter(.bias, of: node), let value = places[node.id] else { return }
    let planes = planes(node.shape)
    steps.append(
      .bias(
        Program.Bias(
          parameter: bias, stage: stage(node), planes: planes, value: value,
          scratch: reserve(node.name + ".bias.sums", planes.channels))))
  }

  private mutating func normalize(_ node: Node, _ normalization: NetworkPlan.Normalization) {
    guard let scale = parameter(.scale, of: node), let shift = parameter(.shift, of: node) else {
      return
    }
    let statistics = plan.statistics.indices.filter { plan.statistics[$0].node == node.id }
    let input = value(node.inputs[0])
    let target = target(node.inputs[0])
    let planes = planes(node.shape)
    let output = place(node, planes.count, takers: takers(node))
    steps.append(
      .normalization(
        Program.Normalization(
          name: node.name, stage: stage(node), planes: planes, scale: scale, shift: shift,
          threshold: normalization.threshold, mean: statistics[0], variance: statistics[1],
          input: input, output: output, target: target,
          scratch: reserve(
            node.name + ".statistics", NormalizationPass.rows * planes.channels),
          isTraining: isTraining && !frozen.contains(plan.stages[stage(node)].name))))
  }

  private mutating func sum(_ node: Node) {
    let inputs = node.inputs.map { value($0) }
    let targets = node.inputs.map { target($0) }
    let output = place(node, planes(node.shape).count, takers: takers(node))
    steps.append(
      .sum(Program.Sum(stage: stage(node), inputs: inputs, output: output, targets: targets)))
  }

  // MARK: Neurons and what follows them

  private mutating func neurons(_ node: Node) {
    let index = stage(node)
    let layout = layouts[index]
    let layer = layout.neurons(timeSteps: plan.timeSteps, batch: microBatch)
    let input = node.inputs[0]
    var currents = value(input)
    let target = target(input)
    if takers(plan.nodes[input]) > 1 {
      // δ takes the currents' place, which another step still needs.
      currents = reserve(node.name + ".currents", layer.currentCount)
      steps.append(
        .copy(
          Program.Copy(
            stage: index, input: value(input),
            output: Program.Place(value: currents, gradient: currents), target: target)))
    }
    let last = plan.nodes[layout.stage.last]
    // Recurrent neurons need their psc on the way back, too.
    let isRecurrent = layout.stage.neuronKind == .recurrent
    let output = place(
      last, layer.outputCount, takers: takers(last) + (isRecurrent ? 1 : 0))
    for part in node.id...last.id where plan.stageOfFusedNode(part, in: layout.stage) {
      places[part] = output
    }
    let constants = plan.parameters.indices.compactMap { index in
      plan.parameters[index].node == node.id
        ? plan.parameters[index].role.constant.map { (constant: $0, parameter: index) } : nil
    }
    steps.append(
      .neurons(
        Program.Neurons(
          stage: index, layout: layout, layer: layer, currents: currents, output: output,
          mask: isTraining && layout.stage.dropout > 0
            ? reserve(last.name + ".dropout", layer.pooledPlane) : nil,
          constants: constants,
          sums: constants.isEmpty
            ? nil : reserve(node.name + ".constants.sums", 3 * layer.channels),
          constantsByChannel: plan.hasConstantsByChannel(index)
            ? reserve(node.name + ".constants", 3 * layer.channels, planes: 1) : nil,
          kind: kind(node, layout, layer))))
  }

  private mutating func kind(
    _ node: Node, _ layout: StageLayout, _ layer: NeuronLayer
  ) -> Program.Neurons.Kind {
    let external = layout.external(layer)
    guard let lateral = layout.stage.lateral else {
      if layout.stage.neuronKind == .readout { return .readout }
      guard let external else { return .spiking }
      let room = reserve(node.name + ".rows", external.roomCount, planes: 1)
      return .external(external, room: room)
    }
    let neurons = RecurrentNeurons(layer)
    let own = external.map(RecurrentExternalNeurons.init)
    return .recurrent(
      parameter: lateral,
      states: reserve(node.name + ".states", own?.stateCount ?? neurons.stateCount, planes: 1),
      room: reserve(node.name + ".errors", own?.roomCount ?? neurons.roomCount, planes: 1),
      external: external)
  }

  private mutating func pool(_ node: Node, _ pooling: NetworkPlan.Pooling) {
    let shape = plan.nodes[node.inputs[0]].shape
    let windows = PoolingWindows(
      pooling.kind == .maximum ? .maximum : .sum(factor: pooling.factor),
      images: plan.timeSteps * microBatch, height: shape[1], width: shape[2],
      channels: paddedChannels(shape[0]), windowHeight: pooling.height,
      windowWidth: pooling.width)
    let input = value(node.inputs[0])
    let target = target(node.inputs[0])
    let output = place(node, windows.outputCount, takers: takers(node))
    steps.append(
      .pooling(
        Program.Pooling(
          stage: stage(node), windows: windows, input: input, output: output, target: target)))
  }

  private mutating func own(_ node: Node, _ piece: RegisteredPiece) {
    let input = plan.nodes[node.inputs[0]]
    // The plan has made one of the same settings and shape already.
    guard let model = try? piece.layer(inputShape: input.shape) else {
      preconditionFailure("the layer \(piece.name) takes \(input.shape) no more")
    }
    let isStill = isStill && input.id == 0
    let places = LayerPlaces(
      input: .init(
        input.shape, stride: input.id == 0 ? input.shape[0] : paddedChannels(input.shape[0])),
      output: .init(node.shape, stride: paddedChannels(node.shape[0])))
    let value = value(input.id)
    let target = input.id == 0 ? nil : target(input.id)
    steps.append(
      .own(
        Program.OwnLayer(
          stage: stage(node), name: piece.name, model: model, places: places, rows: microBatch,
          factors: isStill
            ? NeuronLayer.stillScales(
              decay: Float(plan.inputSynapticDecay), timeSteps: plan.timeSteps)
            : Array(repeating: 1, count: plan.timeSteps), isStill: isStill,
          parameter: parameter(.weight, of: node), input: value,
          output: place(node, planes(node.shape).count, takers: takers(node)), target: target,
          room: reserve(node.name + ".rows", 2 * places.input.count, planes: 1))))
    addBias(node)
  }

  private mutating func delayed(_ node: Node, _ delay: NetworkPlan.Delay) {
    let planes = planes(node.shape)
    let input = value(node.inputs[0])
    let target = target(node.inputs[0])
    let output = place(node, planes.count, takers: takers(node))
    steps.append(
      .delay(
        Program.Delay(
          stage: stage(node), planes: planes, delay: delay, channels: node.shape[0],
          parameter: parameter(.delay, of: node), input: input, output: output, target: target,
          delays: reserve(node.name + ".delays", node.shape[0], planes: 1))))
  }

  private mutating func drop(_ node: Node, _ probability: Float) {
    let planes = planes(node.shape)
    let input = value(node.inputs[0])
    let target = target(node.inputs[0])
    let output = place(node, planes.count, takers: takers(node))
    steps.append(
      .dropout(
        Program.Dropout(
          stage: stage(node), node: node.id, planes: planes, probability: probability,
          shape: node.shape, input: input, output: output, target: target,
          mask: isTraining && probability > 0 ? reserve(node.name + ".mask", planes.plane) : nil)))
  }
}

extension NetworkPlan {
  /// Whether a node is one that a layer's neurons are computed with.
  fileprivate func stageOfFusedNode(_ id: Node.ID, in stage: Stage) -> Bool {
    var node = nodes[stage.last]
    while node.id > stage.node {
      if node.id == id { return true }
      node = nodes[node.inputs[0]]
    }
    return id == stage.node
  }
}

extension NetworkPlan.Node {
  fileprivate var isConvolution: Bool {
    if case .convolution = operation { true } else { false }
  }
}
