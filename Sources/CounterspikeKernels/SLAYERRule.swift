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
  let membraneDecay: Float
  let gain: Float
  let threshold: Float
  let rule: SLAYERRule

  init(layer: NeuronLayer, rule: SLAYERRule) {
    membraneDecay = layer.membraneDecay
    gain = 1 - layer.synapticDecay
    threshold = layer.threshold
    self.rule = rule
  }

  func run(_ block: BlockRows) {
    let m = Lanes(repeating: membraneDecay)
    let theta = Lanes(repeating: threshold)
    let scale = Lanes(repeating: gain * rule.alpha)
    let steepness = Lanes(repeating: -rule.beta)
    let derivative = block.first
    var v = Lanes()
    for t in 0..<block.timeSteps {
      let u = m * v + block.currents[t]
      derivative[t] = scale * ((u - theta).magnitudes * steepness).exponentialOfNonPositive
      v = u.select(Lanes(), where: u .> theta)
    }
    var delta = Lanes()
    for t in stride(from: block.timeSteps - 1, through: 0, by: -1) {
      delta = block.errors[t] * derivative[t] + m * delta
      block.deltas[t] = delta
    }
  }
}
