internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeProducts
internal import CounterspikeSystem

/// Makes a program's steps passes over one worker's buffers.
struct PassFactory {
  let plan: RunnerPlan
  let buffers: [FloatBuffer]
  let convolutionScratch: FloatBuffer
  let neuronScratch: NeuronScratch

  func pass(_ step: Program.Step) throws(CounterspikeError) -> any ProgramPass {
    switch step {
    case .convolution(let step): try convolution(step)
    case .dense(let step):
      DensePass(
        step: step, rows: (step.layout.isStill ? 1 : plan.network.timeSteps) * plan.microBatch,
        input: buffers[step.input], output: buffers[step.output.value],
        gradient: buffers[step.output.gradient], inputGradient: inputGradient(step))
    case .bias(let step):
      BiasPass(
        step: step, values: buffers[step.value.value], gradient: buffers[step.value.gradient],
        scratch: buffers[step.scratch])
    case .expansion(let step):
      ExpansionPass(
        step: step, input: buffers[step.input], output: buffers[step.output.value],
        gradient: buffers[step.output.gradient])
    case .copy(let step):
      CopyPass(
        step: step, input: buffers[step.input], output: buffers[step.output.value],
        target: buffers[step.target.buffer])
    case .normalization(let step):
      NormalizationPass(
        step: step, input: buffers[step.input], output: buffers[step.output.value],
        gradient: buffers[step.output.gradient], target: buffers[step.target.buffer],
        scratch: buffers[step.scratch])
    case .sum(let step):
      SumPass(
        step: step, inputs: step.inputs.map { buffers[$0] }, output: buffers[step.output.value],
        gradient: buffers[step.output.gradient], targets: step.targets.map { buffers[$0.buffer] })
    case .pooling(let step):
      PoolingPass(
        step: step, input: buffers[step.input], output: buffers[step.output.value],
        gradient: buffers[step.output.gradient], target: buffers[step.target.buffer])
    case .dropout(let step):
      DropoutPass(
        step: step, input: buffers[step.input], output: buffers[step.output.value],
        gradient: buffers[step.output.gradient], target: buffers[step.target.buffer],
        mask: step.mask.map { buffers[$0] })
    case .delay(let step):
      DelayPass(
        step: step, input: buffers[step.input], output: buffers[step.output.value],
        gradient: buffers[step.output.gradient], target: buffers[step.target.buffer],
        delays: buffers[step.delays])
    case .own(let step):
      OwnLayerPass(
        step: step, input: buffers[step.input], output: buffers[step.output.value],
        gradient: buffers[step.output.gradient], target: step.target.map { buffers[$0.buffer] },
        room: buffers[step.room])
    case .neurons(let step):
      NeuronPass(
        step: step, currents: buffers[step.currents], output: buffers[step.output.value],
        gradient: buffers[step.output.gradient], mask: step.mask.map { buffers[$0] },
        sums: step.sums.map { buffers[$0] },
        constantsByChannel: step.constantsByChannel.map { buffers[$0] }, lateral: lateral(step),
        room: room(step), scratch: neuronScratch)
    }
  }

  private func convolution(_ step: Program.Product) throws(CounterspikeError) -> ConvolutionPass {
    guard let convolution = plan.parameters[step.parameter].convolution else {
      preconditionFailure("\(step.layout.node.name) has no convolution")
    }
    do throws(LibraryFailure) {
      return ConvolutionPass(
        step: step, call: try ConvolutionCall(convolution), input: buffers[step.input],
        output: buffers[step.output.value], gradient: buffers[step.output.gradient],
        inputGradient: inputGradient(step), scratch: convolutionScratch)
    } catch {
      throw CounterspikeError(error, stage: step.layout.node.name)
    }
  }

  private func lateral(_ step: Program.Neurons) -> NeuronPass.Lateral? {
    guard case .recurrent(let parameter, let states, let room, _) = step.kind else { return nil }
    return NeuronPass.Lateral(
      parameter: parameter, states: buffers[states], room: buffers[room])
  }

  private func room(_ step: Program.Neurons) -> FloatBuffer? {
    guard case .external(_, let room) = step.kind else { return nil }
    return buffers[room]
  }

  private func inputGradient(_ step: Program.Product) -> InputGradient? {
    step.target.map {
      InputGradient(target: buffers[$0.buffer], temporary: step.temporary.map { buffers[$0] })
    }
  }
}
