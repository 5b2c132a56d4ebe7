internal import CounterspikeKernels

/// Neurons, the pooling behind them and the dropout behind that.
struct NeuronPass: MaskedPass {
  let step: Program.Neurons
  /// c, later δ
  let currents: FloatBuffer
  /// What the next layer sees.
  let output: FloatBuffer
  /// The gradient with respect to it; in its place where one step alone takes it.
  let gradient: FloatBuffer
  /// `[B, pooledHeight, pooledWidth, channels]`, where there is dropout.
  let mask: FloatBuffer?
  let scratch: NeuronScratch

  var stage: Int { step.stage }
  var layout: StageLayout { step.layout }
  var neurons: NeuronLayer { step.layer }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    silencePadding(run.samples)
    spikes[stage] += neurons.forward(currents: currents.all, output: output.all, scratch: scratch)
    if run.isTraining { applyMask(to: output) }
    run.clock?.end(.neuronsForward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    applyMask(to: gradient)
    run.adjustment?.addPenalty(neurons, stage, to: gradient.all)
    run.inspect?(stage, false)
    neurons.backward(
      rule: run.rules[stage], currents: currents.all, gradient: gradient.all, scratch: scratch)
    run.adjustment?.scale(stage, deltas: currents.all)
    run.inspect?(stage, true)
    run.clock?.end(.neuronsBackward, stage: stage)
  }

  /// Rows that pad the micro-batch have no currents, whatever biases and normalizations add.
  private func silencePadding(_ samples: Int) {
    let padding = neurons.batch - samples
    guard padding > 0 else { return }
    let row = neurons.plane / neurons.batch
    for t in 0..<neurons.currentCount / neurons.plane {
      currents.slice((t * neurons.batch + samples) * row, padding * row).fill(0)
    }
  }

  private func applyMask(to values: FloatBuffer) {
    guard let mask else { return }
    for t in 0..<neurons.timeSteps {
      values.slice(t * mask.count, mask.count).multiply(by: mask.all)
    }
  }

  /// Draws the dropout mask of row `row`.
  func drawMask(seed: UInt64, epoch: Int, sample: Int, row: Int) {
    guard let mask else { return }
    let shape = layout.stage.outputShape
    let count = mask.count / neurons.batch
    writeDropoutMask(
      mask.slice(row * count, count), probability: layout.stage.dropout,
      channels: shape[0], height: shape[1], width: shape[2], channelStride: layout.channels,
      stream: RandomStream(seed: seed, purpose: .dropout, epoch << 8 | stage, sample))
  }
}
