internal import CounterspikeKernels
internal import CounterspikeProducts
internal import CounterspikeSystem

/// c = W ∗ a
struct ConvolutionPass: ProgramPass {
  let step: Program.Product
  let call: ConvolutionCall
  let input: FloatBuffer
  let output: FloatBuffer
  let gradient: FloatBuffer
  let inputGradient: InputGradient?
  let scratch: FloatBuffer

  var stage: Int { step.stage }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    try step.checked { () throws(LibraryFailure) in
      try call.forward(images: input.all, output: output.all, scratch: scratch.all)
    }
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    try step.checked { () throws(LibraryFailure) in
      try call.backwardWeights(
        images: input.all, outputGradient: gradient.all,
        packedGradient: run.gradients[step.parameter],
        scratch: scratch.all)
      run.clock?.end(.weightGradient, stage: stage)
      guard let inputGradient else { return }
      try inputGradient.take { (result) throws(LibraryFailure) in
        try call.backwardData(
          outputGradient: gradient.all, imageGradient: result, scratch: scratch.all)
      }
      run.clock?.end(.dataGradient, stage: stage)
    }
  }
}
