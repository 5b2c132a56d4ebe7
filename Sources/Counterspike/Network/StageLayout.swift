internal import CounterspikeKernels

/// How a stage lies in memory: channels last, and padded to the kernels' width but for the input.
struct StageLayout: Sendable {
  let stage: NetworkPlan.Stage
  /// Floats from one pixel of the input to the next.
  let inputChannels: Int
  /// Floats from one pixel of the neurons to the next.
  let channels: Int
  /// The input is a still image: one plane of currents stands for all time steps.
  let isStill: Bool
  let stillInputDecay: Float?

  static func layouts(_ plan: NetworkPlan, isStill: Bool) -> [StageLayout] {
    plan.stages.enumerated().map { index, stage in
      StageLayout(
        stage: stage,
        inputChannels: index == 0 ? stage.inputShape[0] : paddedChannels(stage.inputShape[0]),
        channels: paddedChannels(stage.neuronShape[0]),
        isStill: isStill && index == 0,
        stillInputDecay: isStill && index == 0 ? Float(plan.inputSynapticDecay) : nil)
    }
  }

  /// Floats of one image of the input.
  var inputCount: Int { stage.inputShape[1] * stage.inputShape[2] * inputChannels }

  /// Floats of the weights as they are trained: `[out, in, kernel, kernel]` of a convolution,
  /// `[out, H, W, in]` of a dense layer, in and out padded.
  var weightCount: Int {
    switch stage.kind {
    case .convolution(let kernel, _, _): channels * inputChannels * kernel * kernel
    case .dense: channels * inputCount
    }
  }

  func neurons(timeSteps: Int, batch: Int) -> NeuronLayer {
    var layer = stage.neuron.layer(
      timeSteps: timeSteps, batch: batch, height: stage.neuronShape[1],
      width: stage.neuronShape[2], channels: channels)
    layer.stillInputDecay = stillInputDecay
    if let pooling = stage.pooling {
      layer.pooling = pooling.window
      layer.poolingFactor = pooling.factor
    }
    return layer
  }

  /// The shape that one call of the convolution serves; `nil` for a dense layer.
  func convolution(timeSteps: Int, batch: Int) -> ConvolutionShape? {
    guard case .convolution(let kernel, let stride, let padding) = stage.kind else { return nil }
    return ConvolutionShape(
      images: isStill ? batch : timeSteps * batch, inChannels: inputChannels,
      inHeight: stage.inputShape[1], inWidth: stage.inputShape[2], outChannels: channels,
      kernel: kernel, stride: stride, padding: padding)
  }

  /// What the stage multiplies, where its network asks for `precision`.
  ///
  /// The convolution of a still image, once for all time steps, is little work, and its pixels would lose
  /// a bit. oneDNN's older passes for kernels of one pixel compute wrong sums of an odd number of rounded
  /// channels (2.6).
  func precision(_ precision: NetworkSettings.Precision) -> NetworkSettings.Precision {
    guard case .convolution(let kernel, _, _) = stage.kind, !isStill,
      kernel > 1 || inputChannels.isMultiple(of: 2)
    else { return .float32 }
    return precision
  }

  /// Where each weight of the public order stands.
  var order: WeightOrder {
    let (outputs, inputs) = (stage.neuronShape[0], stage.inputShape[0])
    switch stage.kind {
    case .convolution(let kernel, _, _):
      let window = kernel * kernel
      return WeightOrder(
        outputs: outputs, inputs: inputs, pixels: window, outputStride: inputChannels * window,
        inputStride: window, pixelStride: 1)
    case .dense:
      return WeightOrder(
        outputs: outputs, inputs: inputs, pixels: stage.inputShape[1] * stage.inputShape[2],
        outputStride: inputCount, inputStride: 1, pixelStride: inputChannels)
    }
  }
}
