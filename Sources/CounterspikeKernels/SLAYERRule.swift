/// SLAYER: the error through an exponential around the threshold, and through all earlier steps as
/// if there were no reset.
///
///     f(x) = α·exp(−β·|x|)
///     δ[t] = E[t]·f(u[t] − θ) + m·δ[t+1],   E[t] = (1−d)·e[t]
///
/// - Note: Shrestha, Orchard, "SLAYER: spike layer error reassignment in time" (NeurIPS 2018). There
///   the reset is a refractory response whose derivative is left out; here it is the reset of u.
package struct SLAYERRule: Sendable, Equatable {
  package var alpha: Float
  package var beta: Float

  package init(alpha: Float, beta: Float) {
    self.alpha = alpha
    self.beta = beta
  }
}

struct SLAYERBlock: BlockRule {
  let step: NeuronStep<Lanes>
  let rule: SLAYERRule

  init(layer: NeuronLayer, rule: SLAYERRule) {
    step = layer.step()
    self.rule = rule
  }

  func run(_ block: BlockRows) {
    block.writeMembrane(block.first, step)
    rule.writeDeltas(
      block, membrane: block.first, membraneDecay: step.membraneDecay, gain: step.gain,
      threshold: step.threshold)
  }
}

extension SLAYERRule {
  /// δ from u.
  @inline(__always)
  func writeDeltas(
    _ block: BlockRows, membrane: UnsafeMutablePointer<Lanes>, membraneDecay m: Lanes,
    gain: Lanes, threshold theta: Lanes
  ) {
    let scale = gain * Lanes(repeating: alpha)  // (1 − d)·α
    let steepness = Lanes(repeating: -beta)
    var delta = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      let distance = (membrane[t] - theta).magnitudes
      let derivative = scale * (distance * steepness).exponentialOfNonPositive
      delta = block.errors[t] * derivative + m * delta
      block.deltas[t] = delta
    }
  }

  /// f(x)
  @inline(__always)
  func derivative(_ x: Lanes) -> Lanes {
    Lanes(repeating: alpha) * (x.magnitudes * Lanes(repeating: -beta)).exponentialOfNonPositive
  }
}
