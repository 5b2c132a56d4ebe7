package import CounterspikeKernels
package import CounterspikeNetwork
package import CounterspikeProducts
package import CounterspikeSystem

/// One worker's way through the network with one micro-batch: a program with its buffers, which are
/// allocated once.
package final class MicroBatchRunner: Sendable {
  let plan: NetworkPlan
  let microBatch: Int
  let isStill: Bool
  /// What a sample is written to, in the order `[C, H, W]` or `[T, C, H, W]`.
  private let sample: FloatBuffer
  /// `[B, H, W, C]` of a static input, `[T, B, H, W, C]` of spike trains, then their psc.
  package let input: FloatBuffer
  package let passes: [any ProgramPass]
  /// Those of ``passes`` that are neurons, one a stage.
  package let stages: [NeuronPass]
  private let masked: [any MaskedPass]
  package let program: Program
  package let buffers: [FloatBuffer]
  private let convolutionScratch: FloatBuffer
  package let lossScratch: LossScratch
  /// Measures every pass; `nil` unless the engine is to be profiled.
  let clock: PassClock?

  /// - Throws: `libraryFailure`, also where there is no memory.
  package init(_ plan: RunnerPlan, profiled: Bool = false) throws(CounterspikeError) {
    self.plan = plan.network
    microBatch = plan.microBatch
    isStill = plan.isStill
    clock = profiled ? PassClock(stages: plan.network.stages.count) : nil
    sample = try FloatBuffer(plan.sampleCount, for: "a sample")
    var buffers: [FloatBuffer] = []
    for buffer in plan.program.buffers {
      buffers.append(try FloatBuffer(buffer.count, for: "\(buffer.name) of a micro-batch"))
    }
    self.buffers = buffers
    program = plan.program
    input = buffers[plan.program.input]
    let convolutionScratch = try FloatBuffer(plan.scratchCount, for: "oneDNN's working memory")
    self.convolutionScratch = convolutionScratch
    lossScratch = LossScratch(
      timeSteps: plan.network.timeSteps, batch: plan.microBatch,
      classes: plan.network.classCount)
    let factory = PassFactory(
      plan: plan, buffers: buffers, convolutionScratch: convolutionScratch,
      neuronScratch: NeuronScratch(timeSteps: plan.network.timeSteps))
    var passes: [any ProgramPass] = []
    for step in plan.program.steps { passes.append(try factory.pass(step)) }
    self.passes = passes
    stages = passes.compactMap { $0 as? NeuronPass }
    masked = passes.compactMap { $0 as? any MaskedPass }
  }

  /// Puts sample `index` of `source` into row `row`; with `index` `nil`, an empty sample.
  package func load(_ source: any SampleSource, index: Int?, epoch: Int, row: Int) {
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
    for pass in masked { pass.drawMask(seed: seed, epoch: epoch, sample: sample, row: row) }
  }

  /// Brings the loaded samples through the network; the last stage's output is then the psc of the
  /// output neurons.
  ///
  /// - Parameters:
  ///   - first: the stage to begin with; what it reads of those before must be there, see
  ///     ``Program/buffersRead(from:)``.
  ///   - inputIsFiltered: spike trains are the input's psc already.
  ///   - samples: rows that hold samples.
  ///   - statistics: see ``ForwardRun/statistics``.
  ///   - flips: see ``ForwardRun/flips``.
  ///   - spikes: one number a stage, to which its spikes are added.
  package func forward(
    _ parameters: Parameters, from first: Int = 0, inputIsFiltered: Bool = false, samples: Int,
    training: Bool, statistics: FloatBuffer? = nil, flips: [Int: [RecurrentNeurons.Flip]] = [:],
    spikes: inout [Int]
  ) throws(CounterspikeError) {
    if !isStill && first == 0 && !inputIsFiltered {
      input.all.filterSynaptically(
        decay: Float(plan.inputSynapticDecay), timeSteps: plan.timeSteps)
      clock?.end(.load)
    }
    let run = ForwardRun(
      parameters: parameters, samples: samples, isTraining: training, statistics: statistics,
      flips: flips, clock: clock)
    for pass in passes where pass.stage >= first { try pass.forward(run, spikes: &spikes) }
  }

  /// Brings the gradient with respect to the last stage's output, which stands in its place, back
  /// through the network.
  ///
  /// - Parameters:
  ///   - rules: give the derivative of a spike, one a stage.
  ///   - gradients: one slice a parameter, of a convolution in oneDNN's order; written.
  ///   - samples: rows that hold samples, as on the way forward.
  ///   - adjustment: what layers do besides their rules; it has taken up this micro-batch.
  ///   - inspect: called for every stage, see ``BackwardRun/inspect``.
  package func backward(
    _ parameters: Parameters, rules: [SpikeRule], gradients: [FloatSlice], samples: Int,
    training: Bool, adjustment: LayerAdjustment? = nil,
    inspect: ((_ stage: Int, _ isApplied: Bool) -> Void)? = nil
  ) throws(CounterspikeError) {
    let run = BackwardRun(
      parameters: parameters, samples: samples, isTraining: training, rules: rules,
      gradients: gradients, inspect: inspect, adjustment: adjustment, clock: clock)
    for pass in passes.reversed() { try pass.backward(run) }
  }
}
