internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeProducts
internal import CounterspikeSystem

/// c = W·a
struct DensePass: ProgramPass {
  let step: Program.Product
  /// One an image and time step.
  let rows: Int
  let input: FloatBuffer
  let output: FloatBuffer
  let gradient: FloatBuffer
  let inputGradient: InputGradient?

  var stage: Int { step.stage }
  private var inputs: Int { step.layout.inputCount }
  private var outputs: Int { step.layout.channels }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    try step.checked { () throws(LibraryFailure) in
      try MatrixProduct.forward(
        input: input.all, weights: run.parameters.weights(step.parameter), output: output.all,
        rows: rows, inputs: inputs, outputs: outputs)
    }
    run.clock?.end(.forward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    try step.checked { () throws(LibraryFailure) in
      try MatrixProduct.backwardWeights(
        input: input.all, outputGradient: gradient.all, gradient: run.gradients[step.parameter],
        rows: rows, inputs: inputs, outputs: outputs, adding: false)
      run.clock?.end(.weightGradient, stage: stage)
      guard let inputGradient else { return }
      try inputGradient.take { (result) throws(LibraryFailure) in
        try MatrixProduct.backwardData(
          outputGradient: gradient.all, weights: run.parameters.weights(step.parameter),
          inputGradient: result, rows: rows, inputs: inputs, outputs: outputs)
      }
      run.clock?.end(.dataGradient, stage: stage)
    }
  }
}
