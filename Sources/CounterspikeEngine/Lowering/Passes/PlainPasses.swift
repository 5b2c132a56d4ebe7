internal import CounterspikeKernels
internal import CounterspikeSystem

/// c += b by channel, in place.
struct BiasPass: ProgramPass {
  let step: Program.Bias
  let values: FloatBuffer
  let gradient: FloatBuffer
  let scratch: FloatBuffer

  var stage: Int { step.stage }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    step.planes.add(bias: run.parameters.weights(step.parameter), to: values.all)
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    step.planes.sum(
      gradient.all, into: run.gradients[step.parameter], scratch: scratch.all)
    run.clock?.end(.weightGradient, stage: stage)
  }
}

/// One plane into all time steps: c[t] = (1 − sᵗ⁺¹)·z of a static input, s its synapse's decay.
struct ExpansionPass: ProgramPass {
  let step: Program.Expansion
  let input: FloatBuffer
  let output: FloatBuffer
  let gradient: FloatBuffer

  var stage: Int { step.stage }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    step.planes.expand(input.all, factors: step.factors, into: output.all)
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    step.planes.contract(gradient.all, factors: step.factors, into: input.all)
    run.clock?.end(.dataGradient, stage: stage)
  }
}

/// The same values in another buffer.
struct CopyPass: ProgramPass {
  let step: Program.Copy
  let input: FloatBuffer
  let output: FloatBuffer
  let target: FloatBuffer

  var stage: Int { step.stage }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    output.all.copy(from: input.all)
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    target.all.set(output.all, times: 1, adding: step.target.adds)
    run.clock?.end(.dataGradient, stage: stage)
  }
}

/// The sum of values of one shape.
struct SumPass: ProgramPass {
  let step: Program.Sum
  let inputs: [FloatBuffer]
  let output: FloatBuffer
  let gradient: FloatBuffer
  let targets: [FloatBuffer]

  var stage: Int { step.stage }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    output.all.copy(from: inputs[0].all)
    for input in inputs.dropFirst() { output.all.add(input.all) }
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    // From the last to the first, as everywhere on the way back.
    for index in inputs.indices.reversed() {
      targets[index].all.set(gradient.all, times: 1, adding: step.targets[index].adds)
    }
    run.clock?.end(.dataGradient, stage: stage)
  }
}

/// Pooling that no neurons do in passing.
struct PoolingPass: ProgramPass {
  let step: Program.Pooling
  let input: FloatBuffer
  let output: FloatBuffer
  let gradient: FloatBuffer
  let target: FloatBuffer

  var stage: Int { step.stage }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    step.windows.forward(input.all, into: output.all)
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    step.windows.backward(
      gradient: gradient.all, input: input.all, into: target.all, adding: step.target.adds)
    run.clock?.end(.dataGradient, stage: stage)
  }
}

/// Dropout that does not follow neurons or their pooling directly.
struct DropoutPass: MaskedPass {
  let step: Program.Dropout
  let input: FloatBuffer
  let output: FloatBuffer
  let gradient: FloatBuffer
  let target: FloatBuffer
  /// `[B, H, W, channels]`; `nil` where nothing is trained.
  let mask: FloatBuffer?

  var stage: Int { step.stage }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    output.all.copy(from: input.all)
    if run.isTraining, let mask { multiply(output, by: mask) }
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    if let mask { multiply(gradient, by: mask) }
    target.all.set(gradient.all, times: 1, adding: step.target.adds)
    run.clock?.end(.dataGradient, stage: stage)
  }

  private func multiply(_ values: FloatBuffer, by mask: FloatBuffer) {
    for t in 0..<step.planes.timeSteps {
      values.slice(t * mask.count, mask.count).multiply(by: mask.all)
    }
  }

  func drawMask(seed: UInt64, epoch: Int, sample: Int, row: Int) {
    guard let mask else { return }
    let count = mask.count / step.planes.batch
    // Apart from the layers' own, which are counted from 0.
    writeDropoutMask(
      mask.slice(row * count, count), probability: step.probability, channels: step.shape[0],
      height: step.shape[1], width: step.shape[2], channelStride: step.planes.channels,
      stream: RandomStream(
        seed: seed, purpose: .dropout, epoch << 8 | (128 + step.node % 128), sample))
  }
}
