internal import CounterspikeKernels

/// c = W ∗ a
struct ConvolutionPass: ProgramPass {
  let step: Program.Product
  let call: ConvolutionCall
  let input: FloatBuffer
  let output: FloatBuffer
  let scratch: FloatBuffer

  var stage: Int { step.stage }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    try step.checked { () throws(LibraryFailure) in
      try call.forward(images: input.all, output: output.all, scratch: scratch.all)
    }
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    let gradient = run.gradients[step.parameter]
    let target = run.isAdding ? run.temporary.slice(0, gradient.count) : gradient
    try step.checked { () throws(LibraryFailure) in
      try call.backwardWeights(
        images: input.all, outputGradient: output.all, packedGradient: target,
        scratch: scratch.all)
      if run.isAdding { gradient.add(target) }
      run.clock?.end(.weightGradient, stage: stage)
      guard step.needsInputGradient else { return }
      try call.backwardData(
        outputGradient: output.all, imageGradient: input.all, scratch: scratch.all)
      run.clock?.end(.dataGradient, stage: stage)
    }
  }
}

extension Program.Product {
  /// Calls oneDNN; a failure names the layer.
  @inline(__always)
  func checked(_ body: () throws(LibraryFailure) -> Void) throws(CounterspikeError) {
    do throws(LibraryFailure) {
      try body()
    } catch {
      throw CounterspikeError(error, stage: layout.stage.name)
    }
  }
}
