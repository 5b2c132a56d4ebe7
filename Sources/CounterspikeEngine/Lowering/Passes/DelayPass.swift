package import CounterspikeKernels
internal import CounterspikeNetwork
package import CounterspikeSystem

/// What arrives some time steps later.
package struct DelayPass: ProgramPass {
  let step: Program.Delay
  let input: FloatBuffer
  let output: FloatBuffer
  let gradient: FloatBuffer
  let target: FloatBuffer

  /// D of each channel, in time steps.
  package let delays: FloatBuffer

  package var stage: Int { step.stage }

  package func writeDelays(_ parameters: Parameters) {
    guard let parameter = step.parameter else { return delays.all.fill(step.delay.longest) }
    let shares = parameters.weights(parameter)
    for channel in 0..<delays.count {
      delays.all[channel] = step.delay.longest * min(max(shares[channel], 0), 1)
    }
  }

  package func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    writeDelays(run.parameters)
    step.planes.delay(input.all, by: delays.all, into: output.all)
    run.clock?.end(.forward, stage: stage)
  }

  package func backward(_ run: BackwardRun) throws(CounterspikeError) {
    if let parameter = step.parameter {
      let result = run.gradients[parameter]
      result.fill(0)
      if step.delay.isTrained {
        step.planes.addDelayGradient(
          input.all, gradient.all, delays: delays.all, scale: step.delay.longest, to: result)
      }
      run.clock?.end(.weightGradient, stage: stage)
    }
    step.planes.undelay(
      gradient.all, by: delays.all, into: target.all, adding: step.target.adds)
    run.clock?.end(.dataGradient, stage: stage)
  }
}
