internal import CounterspikeKernels

/// One worker's way through the network with one micro-batch: its buffers, allocated once.
///
/// Two buffers a stage suffice. The currents are overwritten by δ, and the output, once the next
/// stage's weight gradient has used it, by the gradient with respect to it.
final class MicroBatchRunner: Sendable {
  let plan: NetworkPlan
  let microBatch: Int
  let isStill: Bool
  /// What a sample is written to, in the order `[C, H, W]` or `[T, C, H, W]`.
  private let sample: FloatBuffer
  /// `[B, H, W, C]` of a still image, `[T, B, H, W, C]` of spike trains, then their psc.
  let input: FloatBuffer
  let stages: [StageRunner]
  let scratch: NeuronScratch
  private let convolutionScratch: FloatBuffer
  /// Measures every pass; `nil` unless the engine is to be profiled.
  let clock: PassClock?

  /// The buffers of one stage.
  struct StageRunner: Sendable {
    let layout: StageLayout
    let neurons: NeuronLayer
    let call: ConvolutionCall?
    /// c, later δ
    let currents: FloatBuffer
    /// What the next stage sees, later the gradient with respect to it.
    let output: FloatBuffer
    /// `[B, pooledHeight, pooledWidth, channels]`, where there is dropout.
    let mask: FloatBuffer?
  }

  /// - Throws: `libraryFailure`, also where there is no memory.
  init(_ plan: RunnerPlan, profiled: Bool = false) throws(CounterspikeError) {
    self.plan = plan.network
    microBatch = plan.microBatch
    isStill = plan.isStill
    clock = profiled ? PassClock(stages: plan.stages.count) : nil
    let purpose = "the samples that a worker takes at a time"
    sample = try FloatBuffer(plan.sampleCount, for: purpose)
    input = try FloatBuffer(plan.inputCount, for: purpose)
    scratch = NeuronScratch(timeSteps: plan.network.timeSteps)
    var stages: [StageRunner] = []
    for stage in plan.stages {
      let purpose = "the neurons of layer \(stage.layout.stage.name)"
      var call: ConvolutionCall?
      if let convolution = stage.convolution {
        do throws(LibraryFailure) {
          call = try ConvolutionCall(convolution)
        } catch {
          throw CounterspikeError(error, stage: stage.layout.stage.name)
        }
      }
      stages.append(
        StageRunner(
          layout: stage.layout, neurons: stage.neurons, call: call,
          currents: try FloatBuffer(stage.neurons.currentCount, for: purpose),
          output: try FloatBuffer(stage.neurons.outputCount, for: purpose),
          mask: stage.hasMask ? try FloatBuffer(stage.neurons.pooledPlane, for: purpose) : nil))
    }
    self.stages = stages
    convolutionScratch = try FloatBuffer(plan.scratchCount, for: "oneDNN's working memory")
  }

  /// Puts sample `index` of `source` into row `row`; with `index` `nil`, an empty sample.
  func load(_ source: any SampleSource, index: Int?, epoch: Int, row: Int) {
    let shape = plan.inputShape
    let pixels = shape.reduce(1, *)
    let planes = isStill ? 1 : plan.timeSteps
    guard let index else {
      for t in 0..<planes { input.slice((t * microBatch + row) * pixels, pixels).fill(0) }
      return
    }
    sample.all.withMutableSpan { source.load(index, epoch: epoch, into: &$0) }
    for t in 0..<planes {
      Layout.channelsLast(
        sample.slice(t * pixels, pixels),
        into: input.slice((t * microBatch + row) * pixels, pixels),
        channels: shape[0], height: shape[1], width: shape[2], channelStride: shape[0])
    }
  }

  /// Draws the dropout masks of row `row`.
  func drawMasks(seed: UInt64, epoch: Int, sample: Int, row: Int) {
    for (index, stage) in stages.enumerated() {
      guard let mask = stage.mask else { continue }
      let shape = stage.layout.stage.outputShape
      let count = mask.count / microBatch
      writeDropoutMask(
        mask.slice(row * count, count), probability: stage.layout.stage.dropout,
        channels: shape[0], height: shape[1], width: shape[2],
        channelStride: stage.layout.channels,
        stream: RandomStream(seed: seed, purpose: .dropout, epoch << 8 | index, sample))
    }
  }

  /// Brings the loaded samples through the network; the last stage's output is then the psc of the
  /// output neurons.
  ///
  /// - Parameters:
  ///   - first: the stage to begin with; the output of the one before it must be there.
  ///   - spikes: one number a stage, to which its spikes are added.
  func forward(
    _ parameters: Parameters, from first: Int = 0, training: Bool, spikes: inout [Int]
  ) throws(CounterspikeError) {
    if !isStill && first == 0 {
      input.all.filterSynaptically(
        decay: Float(plan.inputSynapticDecay), timeSteps: plan.timeSteps)
      clock?.end(.load)
    }
    var previous = first == 0 ? input : stages[first - 1].output
    for (index, stage) in stages.enumerated().dropFirst(first) {
      do throws(LibraryFailure) {
        if let call = stage.call {
          try call.forward(
            images: previous.all, output: stage.currents.all, scratch: convolutionScratch.all)
        } else {
          try MatrixProduct.forward(
            input: previous.all, weights: parameters.weights(index),
            output: stage.currents.all, rows: rows(stage),
            inputs: stage.layout.inputCount, outputs: stage.layout.channels)
        }
      } catch {
        throw CounterspikeError(error, stage: stage.layout.stage.name)
      }
      clock?.end(.forward, stage: index)
      spikes[index] += stage.neurons.forward(
        currents: stage.currents.all, output: stage.output.all, scratch: scratch)
      if training { applyMask(stage) }
      clock?.end(.neuronsForward, stage: index)
      previous = stage.output
    }
  }

  /// Brings the gradient with respect to the last stage's output, which stands in its place, back
  /// through the network.
  ///
  /// - Parameters:
  ///   - rules: give the derivative of a spike, one a stage.
  ///   - gradients: one slice a stage, of a convolution in oneDNN's order; written, or added to.
  ///   - temporary: room for one gradient of a convolution, used when adding.
  ///   - inspect: called for every stage before its rule is applied, when its output holds the
  ///     gradient and its currents are still there, and after it, when the currents are δ.
  func backward(
    _ parameters: Parameters, rules: [SpikeRule], gradients: [FloatSlice], temporary: FloatBuffer,
    adding: Bool, inspect: ((_ stage: Int, _ isApplied: Bool) -> Void)? = nil
  ) throws(CounterspikeError) {
    for index in stages.indices.reversed() {
      let stage = stages[index]
      let previous = index == 0 ? input : stages[index - 1].output
      applyMask(stage)
      inspect?(index, false)
      stage.neurons.backward(
        rule: rules[index], currents: stage.currents.all, gradient: stage.output.all,
        scratch: scratch)
      inspect?(index, true)
      clock?.end(.neuronsBackward, stage: index)
      do throws(LibraryFailure) {
        if let call = stage.call {
          let gradient = gradients[index]
          let target = adding ? temporary.slice(0, gradient.count) : gradient
          try call.backwardWeights(
            images: previous.all, outputGradient: stage.currents.all, packedGradient: target,
            scratch: convolutionScratch.all)
          if adding { gradient.add(target) }
          clock?.end(.weightGradient, stage: index)
          guard index > 0 else { continue }
          try call.backwardData(
            outputGradient: stage.currents.all, imageGradient: previous.all,
            scratch: convolutionScratch.all)
        } else {
          try MatrixProduct.backwardWeights(
            input: previous.all, outputGradient: stage.currents.all,
            gradient: gradients[index], rows: rows(stage), inputs: stage.layout.inputCount,
            outputs: stage.layout.channels, adding: adding)
          clock?.end(.weightGradient, stage: index)
          guard index > 0 else { continue }
          try MatrixProduct.backwardData(
            outputGradient: stage.currents.all, weights: parameters.weights(index),
            inputGradient: previous.all, rows: rows(stage), inputs: stage.layout.inputCount,
            outputs: stage.layout.channels)
        }
      } catch {
        throw CounterspikeError(error, stage: stage.layout.stage.name)
      }
      clock?.end(.dataGradient, stage: index)
    }
  }

  /// Rows of a dense stage's matrix: one an image and time step.
  private func rows(_ stage: StageRunner) -> Int {
    stage.layout.isStill ? microBatch : plan.timeSteps * microBatch
  }

  private func applyMask(_ stage: StageRunner) {
    guard let mask = stage.mask else { return }
    for t in 0..<plan.timeSteps {
      stage.output.slice(t * mask.count, mask.count).multiply(by: mask.all)
    }
  }
}
