internal import CounterspikeKernels
public import CounterspikeNetwork
internal import CounterspikeProducts
internal import CounterspikeRecipe
public import CounterspikeSettings
public import CounterspikeSystem

/// What the neurons of one layer did.
public struct LayerTrace: Sendable {
  /// `conv_1`, `dense_1`, `output`, …
  public let name: String
  /// Currents c, `[T, B, C, H, W]`.
  public let currents: Tensor
  /// Membrane potentials u before the reset, same shape.
  public let membrane: Tensor
  /// Spikes s, 0 or 1, same shape.
  public let spikes: Tensor
  /// Post-synaptic currents a, same shape; of a readout its membrane potentials, which it gives.
  public let psc: Tensor
  /// The name of the pooling that follows and the psc behind it, `[T, B, C, H′, W′]`.
  public let pooled: (name: String, psc: Tensor)?
}

/// The loss of some samples and its gradient.
public struct LossGradient: Sendable {
  /// Summed over the samples.
  public let loss: Double
  /// ∂loss/∂parameter, one tensor for each of the plan's parameters.
  public let weights: [Tensor]
}

extension Network {
  /// Runs the network without dropout and records every layer.
  ///
  /// - Parameter input: static inputs `[B, C, H, W]` or spike trains `[T, B, C, H, W]`.
  /// - Throws: `mismatch` when the input's shape is not the network's; `libraryFailure`.
  public func trace(_ input: Tensor) throws -> [LayerTrace] {
    let (runner, parameters) = try prepared(input, backward: false)
    var spikes = [Int](repeating: 0, count: plan.stages.count)
    try runner.forward(
      parameters, samples: runner.microBatch, training: false, spikes: &spikes)
    return runner.stages.map { trace($0, parameters) }
  }

  /// The loss of labelled samples and its gradient under a rule, without dropout.
  ///
  /// - Parameters:
  ///   - input: static inputs `[B, C, H, W]` or spike trains `[T, B, C, H, W]`.
  ///   - labels: the class of each sample.
  /// - Throws: `mismatch` when the input's shape is not the network's, or a label is no class of it;
  ///   `invalidRecipe` for settings that no recipe could have; `libraryFailure`.
  public func lossGradient(
    _ input: Tensor, labels: [Int], gradient: GradientSettings, loss: LossSettings
  ) throws -> LossGradient {
    guard labels.allSatisfy({ (0..<plan.classCount).contains($0) }) else {
      throw CounterspikeError(
        .mismatch,
        "a label is not in 0 ..< \(plan.classCount), the classes of the network; check the labels")
    }
    return try lossGradient(
      input, count: labels.count, "labels", gradient: gradient, loss: loss, targetShape: []
    ) { result in
      result.labels = labels.map { Int32($0) }
    }
  }

  /// The loss of samples with numbers as targets and its gradient under a rule, without dropout.
  ///
  /// - Parameters:
  ///   - input: static inputs `[B, C, H, W]` or spike trains `[T, B, C, H, W]`.
  ///   - targets: `[B, K]` or `[B, T, K]` for K output neurons.
  ///   - loss: of the kind `squaredError`.
  /// - Throws: as for samples with labels.
  public func lossGradient(
    _ input: Tensor, targets: Tensor, gradient: GradientSettings, loss: LossSettings
  ) throws -> LossGradient {
    try lossGradient(
      input, count: targets.shape.first ?? 0, "targets", gradient: gradient, loss: loss,
      targetShape: Array(targets.shape.dropFirst())
    ) { result in
      result.labels = result.labels.map { _ in 0 }
      result.targets?.all.copy(from: targets.scalars)
    }
  }

  private func lossGradient(
    _ input: Tensor, count: Int, _ what: String, gradient: GradientSettings, loss: LossSettings,
    targetShape: [Int], fill: (MicroBatchResult) -> Void
  ) throws -> LossGradient {
    let (runner, parameters) = try prepared(input, backward: true)
    guard count == runner.microBatch else {
      throw CounterspikeError(
        .mismatch,
        "\(count) \(what) for \(runner.microBatch) samples; give each sample its own")
    }
    try gradient.validate()
    let kernel = try loss.kernel(plan: plan, batch: count, targetShape: targetShape)
    try gradient.requireNeurons(of: plan)
    try gradient.requireMemory(plan, workers: 1)
    let result = MicroBatchResult(
      microBatch: count, stages: plan.stages.count, targetCount: kernel.targetCount)
    fill(result)
    try result.run(runner, parameters, loss: kernel, training: true)
    let adjustment = LayerAdjustment(plan, gradient: gradient, penalty: loss.rates)
    adjustment?.begin(result)
    let buffers = parameters.plan.gradientCounts.map { FloatBuffer(count: $0) }
    try runner.backward(
      parameters, rules: gradient.kernels(plan, loss: loss),
      gradients: buffers.map { $0.all },
      samples: count, training: false,
      adjustment: adjustment)
    var weights: [Tensor] = []
    for (index, buffer) in buffers.enumerated() {
      weights.append(try parameters.tensor(index, ofGradient: buffer))
    }
    return LossGradient(loss: result.losses.reduce(0, +), weights: weights)
  }

  /// A runner whose micro-batch is `input`, loaded.
  private func prepared(
    _ input: Tensor, backward: Bool
  ) throws(CounterspikeError) -> (MicroBatchRunner, Parameters) {
    let isStill = input.shape.count == 4
    let wanted = (isStill ? [] : [plan.timeSteps]) + [0] + plan.inputShape
    guard input.shape.count == wanted.count, input.count > 0,
      zip(input.shape, wanted).allSatisfy({ $1 == 0 || $0 == $1 })
    else {
      throw CounterspikeError(
        .mismatch,
        "an input of shape \(input.shape) for a network that takes [B, C, H, W] or [T, B, C, H, W] "
          + "with [C, H, W] = \(plan.inputShape) and T = \(plan.timeSteps)")
    }
    OneDNN.useOneThread()
    let batch = input.shape[isStill ? 0 : 1]
    try plan.requireCountable(samples: batch, workers: 1)
    let parameterPlan = try ParameterPlan(
      plan, isStill: isStill, microBatch: batch, backward: backward)
    let runnerPlan = RunnerPlan(parameterPlan, training: false)
    let gradients =
      backward ? 2 * parameterPlan.gradientCounts.reduce(0, +) * MemoryLayout<Float>.stride : 0
    try MemoryLimit.current().require(
      parameterPlan.bytes + gradients + runnerPlan.bytes, for: "\(batch) samples at once",
      remedy: "give fewer at a time")
    let parameters = try Parameters(parameterPlan, statistics: statistics) { weights[$0] }
    let runner = try MicroBatchRunner(runnerPlan)
    let (channels, height, width) = (plan.inputShape[0], plan.inputShape[1], plan.inputShape[2])
    let size = plan.inputShape.reduce(1, *)
    let images = FloatBuffer(input.scalars)
    for image in 0..<input.count / size {
      Layout.channelsLast(
        images.slice(image * size, size), into: runner.input.slice(image * size, size),
        channels: channels, height: height, width: width, channelStride: channels)
    }
    return (runner, parameters)
  }

  private func trace(_ runner: NeuronPass, _ parameters: Parameters) -> LayerTrace {
    let stage = runner.layout.stage
    let neurons = runner.neurons
    let (steps, batch) = (neurons.timeSteps, neurons.batch)
    let shape = [steps, batch] + stage.neuronShape
    var currents = Layout.channelsFirst(
      runner.currents.all, images: runner.layout.isStill ? batch : steps * batch,
      channels: stage.neuronShape[0], height: stage.neuronShape[1], width: stage.neuronShape[2],
      channelStride: runner.layout.channels)
    if let decay = runner.layout.stillInputDecay {
      let scales = NeuronLayer.stillScales(decay: decay, timeSteps: steps)
      currents = scales.flatMap { scale in currents.map { $0 * scale } }
    }
    let record = runner.record(currents, parameters)
    let pooled = stage.poolingName.map { name in
      let scalars = Layout.channelsFirst(
        runner.output.all, images: steps * batch, channels: stage.outputShape[0],
        height: stage.outputShape[1], width: stage.outputShape[2],
        channelStride: runner.layout.channels)
      return (name, Tensor(shape: [steps, batch] + stage.outputShape, scalars: scalars))
    }
    return LayerTrace(
      name: stage.name, currents: Tensor(shape: shape, scalars: currents),
      membrane: Tensor(shape: shape, scalars: record.membrane),
      spikes: Tensor(shape: shape, scalars: record.spikes),
      psc: Tensor(
        shape: shape, scalars: stage.neuronKind == .readout ? record.membrane : record.psc),
      pooled: pooled)
  }
}
