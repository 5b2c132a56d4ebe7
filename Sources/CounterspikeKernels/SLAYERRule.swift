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
    let scale = step.gain * Lanes(repeating: rule.alpha)
    var delta = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      let f = rule.derivative(block.first[t] - step.threshold, scale: scale)
      delta = block.errors[t] * f + step.membraneDecay * delta
      block.deltas[t] = delta
    }
  }
}

extension SLAYERRule {
  /// (1 − d)·f(x) with `scale` = (1 − d)·α.
  @inline(__always)
  func derivative(_ x: Lanes, scale: Lanes) -> Lanes {
    scale * (x.magnitudes * Lanes(repeating: -beta)).exponentialOfNonPositive
  }
}
