package import CounterspikeKernels
package import CounterspikeNetwork
internal import CounterspikeProducts
internal import CounterspikeSettings
package import CounterspikeSystem

/// Neurons, the pooling behind them and the dropout behind that.
package struct NeuronPass: MaskedPass {
  package let step: Program.Neurons
  /// c, later δ
  package let currents: FloatBuffer
  /// What the next layer sees.
  package let output: FloatBuffer
  /// The gradient with respect to it; in its place where one step alone takes it.
  package let gradient: FloatBuffer
  /// `[B, pooledHeight, pooledWidth, channels]`, where there is dropout.
  let mask: FloatBuffer?
  /// ∂L/∂m, ∂L/∂d and ∂L/∂θ of each channel, where constants are trained.
  let sums: FloatBuffer?
  /// m, d and θ of each channel, where channels have constants of their own.
  let constantsByChannel: FloatBuffer?
  /// Of recurrent neurons.
  let lateral: Lateral?
  /// What neurons from outside need beside it.
  let room: FloatBuffer?
  let scratch: NeuronScratch

  /// Lateral weights, by their place among the plan's parameters, and buffers.
  struct Lateral {
    let parameter: Int
    let states: FloatBuffer
    let room: FloatBuffer
  }

  package var stage: Int { step.stage }
  package var layout: StageLayout { step.layout }
  /// The neurons, their trained constants as they were at first.
  package var neurons: NeuronLayer { step.layer }

  package func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    silencePadding(run.samples)
    writeConstants(run.parameters)
    spikes[stage] += try fire(neuronsBesideConstants(run.parameters), run)
    if run.isTraining { applyMask(to: output) }
    run.clock?.end(.neuronsForward, stage: stage)
  }

  package func backward(_ run: BackwardRun) throws(CounterspikeError) {
    applyMask(to: gradient)
    run.adjustment?.addPenalty(
      neuronsBesideConstants(run.parameters), stage, constants: constants, to: gradient.all)
    run.inspect?(stage, false)
    try applyRule(neuronsBesideConstants(run.parameters), run)
    addConstantGradients(run)
    run.adjustment?.scale(stage, deltas: currents.all)
    try addLateralGradient(run)
    run.inspect?(stage, true)
    run.clock?.end(.neuronsBackward, stage: stage)
  }

  /// - Returns: the number of spikes.
  private func fire(_ neurons: NeuronLayer, _ run: ForwardRun) throws(CounterspikeError) -> Int {
    switch step.kind {
    case .spiking:
      return neurons.forward(
        currents: currents.all, output: output.all, scratch: scratch, constants: constants)
    case .readout:
      neurons.readout(
        currents: currents.all, output: output.all, scratch: scratch, constants: constants)
      return 0
    case .external(let neurons, _):
      return neurons.forward(
        currents: currents.all, output: output.all, samples: run.samples, room: externalRoom)
    case .recurrent(_, _, _, let external):
      return try lateral(run.parameters) { (lateral, weights) throws(LibraryFailure) in
        if let external {
          return try RecurrentExternalNeurons(external).forward(
            currents: currents.all, output: output.all, weights: weights,
            states: lateral.states.all, samples: run.samples, flips: run.flips[stage] ?? [])
        }
        return try RecurrentNeurons(neurons).forward(
          currents: currents.all, output: output.all, weights: weights,
          states: lateral.states.all, constants: constants, flips: run.flips[stage] ?? [])
      }
    }
  }

  /// Turns currents into δ.
  private func applyRule(_ neurons: NeuronLayer, _ run: BackwardRun) throws(CounterspikeError) {
    switch step.kind {
    case .spiking:
      neurons.backward(
        rule: run.rules[stage], currents: currents.all, gradient: gradient.all, scratch: scratch,
        constants: constants, constantGradients: clearedSums())
    case .external(let neurons, _):
      neurons.backward(
        rule: run.rules[stage], currents: currents.all, gradient: gradient.all,
        samples: run.samples, room: externalRoom)
    case .readout:
      neurons.readoutBackward(
        currents: currents.all, gradient: gradient.all, scratch: scratch,
        constants: constants, constantGradients: clearedSums())
    case .recurrent(_, _, _, let external):
      try lateral(run.parameters) { (lateral, weights) throws(LibraryFailure) in
        if let external {
          return try RecurrentExternalNeurons(external).backward(
            rule: run.rules[stage], currents: currents.all, gradient: gradient.all,
            weights: weights, samples: run.samples, room: lateral.room.all)
        }
        try RecurrentNeurons(neurons).backward(
          rule: run.rules[stage], currents: currents.all, gradient: gradient.all,
          weights: weights, room: lateral.room.all, constants: constants,
          constantGradients: clearedSums())
      }
    }
  }

  private var externalRoom: FloatSlice {
    guard let room else { preconditionFailure("\(layout.stage.name) has no room") }
    return room.all
  }

  private func addLateralGradient(_ run: BackwardRun) throws(CounterspikeError) {
    guard case .recurrent = step.kind else { return }
    try lateral(run.parameters) { (lateral, _) throws(LibraryFailure) in
      try RecurrentNeurons(neurons).weightGradient(
        deltas: currents.all, output: output.all, into: run.gradients[lateral.parameter],
        adding: false)
    }
  }

  /// Calls `body` with what recurrent neurons have; a failure names the layer.
  private func lateral<Result>(
    _ parameters: Parameters,
    _ body: (Lateral, FloatSlice) throws(LibraryFailure) -> Result
  ) throws(CounterspikeError) -> Result {
    guard let lateral else { preconditionFailure("\(layout.stage.name) is not recurrent") }
    do throws(LibraryFailure) {
      return try body(lateral, parameters.weights(lateral.parameter))
    } catch {
      throw CounterspikeError(error, stage: layout.stage.name)
    }
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
