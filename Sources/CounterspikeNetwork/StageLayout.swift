package import CounterspikeKernels
package import CounterspikeProducts
package import CounterspikeSettings

/// How a layer of neurons lies in memory: channels last, and padded to the kernels' width.
package struct StageLayout: Sendable {
  package let stage: NetworkPlan.Stage
  /// Floats from one pixel of the neurons to the next.
  package let channels: Int
  /// The synaptic decay of a static input, where one plane of currents stands for all time steps.
  package let stillInputDecay: Float?

  package var isStill: Bool { stillInputDecay != nil }

  package static func layouts(_ plan: NetworkPlan, isStill: Bool) -> [StageLayout] {
    plan.stages.map { stage in
      let currents = plan.nodes[plan.nodes[stage.node].inputs[0]]
      let isStill = isStill && plan.isPlane(currents) && !plan.needsExpansion(currents)
      return StageLayout(
        stage: stage, channels: paddedChannels(stage.neuronShape[0]),
        stillInputDecay: isStill ? Float(plan.inputSynapticDecay) : nil)
    }
  }

  package func neurons(timeSteps: Int, batch: Int) -> NeuronLayer {
    var layer = stage.neuron.layer(
      timeSteps: timeSteps, batch: batch, height: stage.neuronShape[1],
      width: stage.neuronShape[2], channels: channels)
    layer.stillInputDecay = stillInputDecay
    if let pooling = stage.pooling {
      layer.pooling = pooling.height
      layer.poolingFactor = pooling.factor
    }
    return layer
  }
}

extension StageLayout {
  /// The neurons as a program's own, if they are such.
  package func external(_ layer: NeuronLayer) -> ExternalNeurons? {
    stage.neuron.external.map { ExternalNeurons($0, layer, channels: stage.neuronShape[0]) }
  }
}

extension NetworkPlan {
  /// Whether one plane of a node's value can stand for all time steps where samples are static: it
  /// multiplies the samples themselves.
  func isPlane(_ node: Node) -> Bool { node.isBuiltInProduct && node.inputs[0] == 0 }

  /// Whether a plane must be expanded to all time steps: something other than one layer of neurons takes
  /// it, or a bias is added.
  package func needsExpansion(_ node: Node) -> Bool {
    let takers = consumers[node.id]
    guard takers.count == 1, let kind = nodes[takers[0]].neuronKind, kind != .recurrent else {
      return true
    }
    return parameters.contains { $0.node == node.id && $0.role == .bias }
  }
}

/// How a product's weights lie in memory, and what they multiply.
package struct ProductLayout: Sendable {
  package let node: NetworkPlan.Node
  let inputShape: [Int]
  /// Floats from one pixel of the input to the next.
  let inputChannels: Int
  /// Floats from one pixel of the currents to the next.
  package let channels: Int
  /// One plane of currents stands for all time steps.
  package let isStill: Bool

  package init(_ node: NetworkPlan.Node, _ plan: NetworkPlan, isStill: Bool) {
    let input = plan.nodes[node.inputs[0]]
    self.node = node
    inputShape = input.shape
    inputChannels = input.id == 0 ? input.shape[0] : paddedChannels(input.shape[0])
    channels = paddedChannels(node.shape[0])
    self.isStill = isStill && input.id == 0
  }

  private var groups: Int {
    if case .convolution(_, _, _, let groups) = node.operation { groups } else { 1 }
  }

  /// Input channels that each group sees, padding included: groups of several channels have none.
  private var inputsOfGroup: Int {
    groups == 1 ? inputChannels : inputShape[0] / groups
  }

  /// Floats of one image of the input.
  package var inputCount: Int { inputShape[1] * inputShape[2] * inputChannels }

  /// Floats of the currents.
  package func currentCount(timeSteps: Int, batch: Int) -> Int {
    (isStill ? 1 : timeSteps) * batch * node.shape[1] * node.shape[2] * channels
  }

  /// Floats of the weights as they are trained: `[out, in, kernel, kernel]` of a convolution,
  /// `[out, H, W, in]` of a dense layer, in and out padded.
  package var weightCount: Int {
    guard case .convolution(let kernel, _, _, _) = node.operation else {
      return channels * inputCount
    }
    return channels * inputsOfGroup * kernel * kernel
  }

  /// The shape that one call of the convolution serves; `nil` for a dense layer.
  package func convolution(timeSteps: Int, batch: Int) -> ConvolutionShape? {
    guard case .convolution(let kernel, let stride, let padding, _) = node.operation else {
      return nil
    }
    return ConvolutionShape(
      images: isStill ? batch : timeSteps * batch, inChannels: inputChannels,
      inHeight: inputShape[1], inWidth: inputShape[2], outChannels: channels,
      kernel: kernel, stride: stride, padding: padding,
      // Where each channel is a group, so is each that pads.
      groups: groups > 1 && groups == node.shape[0] ? channels : groups)
  }

  /// What the product multiplies, where its network asks for `precision`.
  ///
  /// The convolution of a static input, once for all time steps, is little work, and its pixels would lose
  /// a bit. oneDNN's older passes for kernels of one pixel compute wrong sums of an odd number of rounded
  /// channels (2.6).
  package func precision(_ precision: NetworkSettings.Precision) -> NetworkSettings.Precision {
    guard case .convolution(let kernel, _, _, let groups) = node.operation, !isStill, groups == 1,
      kernel > 1 || inputChannels.isMultiple(of: 2)
    else { return .float32 }
    return precision
  }

  /// Where each weight of the public order stands.
  package var order: WeightOrder {
    let (outputs, inputs) = (node.shape[0], inputShape[0])
    guard case .convolution(let kernel, _, _, _) = node.operation else {
      return WeightOrder(
        outputs: outputs, inputs: inputs, pixels: inputShape[1] * inputShape[2],
        outputStride: inputCount, inputStride: 1, pixelStride: inputChannels)
    }
    let window = kernel * kernel
    return WeightOrder(
      outputs: outputs, inputs: inputs / groups, pixels: window,
      outputStride: inputsOfGroup * window,
      inputStride: window, pixelStride: 1)
  }
}
