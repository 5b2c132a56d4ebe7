// The rules that need a derivative only, for neurons of any dynamics.

/// The surrogate rule through the reset and the adaptive threshold.
///
///     S[t] = E[t] + (1 − ρ)·λ[t]                                   ∂L/∂s[t]
///     δ[t] = S[t]·f(u[t] − θ[t]) + m·κ[t]·δ[t+1]
///     λ[t−1] = ρ·λ[t] − β·S[t]·f(u[t] − θ[t])                      λ = ∂L/∂b
///
/// κ[t] = ∂v/∂u is 1, and 0 after a spike with a reset to zero. With `resetGradient` S[t] has m·δ[t+1]
/// times what the reset takes away besides: −u[t] of a reset to zero, −θ of one by subtraction.
struct DynamicSurrogateBlock: DynamicBlockRule {
  let rule: SurrogateRule

  func run(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    let membrane = block.first
    let threshold = block.second
    var state = DynamicStep<Lanes>.State()
    for t in 0..<block.timeSteps {
      (membrane[t], threshold[t], _) = step.advance(&state, by: block.currents[t])
    }
    let one = Lanes(repeating: 1)
    let path = Lanes(repeating: rule.resetGradient ? 1 : 0)
    var delta = Lanes()
    var ofAdaptation = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      let u = membrane[t]
      let theta = threshold[t]
      let carried = step.membraneDecay * delta
      let taken = (one - step.kept) * u + step.dropped
      let ofSpike =
        step.gain * block.errors[t] + step.adaptationGain * ofAdaptation - path * taken * carried
      let through = ofSpike * rule.derivative(u - theta)
      delta = through + carried.select(step.kept * carried, where: u .> theta)
      ofAdaptation = step.adaptationDecay * ofAdaptation - step.strength * through
      block.deltas[t] = delta
    }
  }
}

/// ``SLAYERRule`` behind any reset, which it leaves out on the way back.
struct DynamicSLAYERBlock: DynamicBlockRule {
  let rule: SLAYERRule

  func run(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    var state = DynamicStep<Lanes>.State()
    for t in 0..<block.timeSteps {
      block.first[t] = step.advance(&state, by: block.currents[t]).membrane
    }
    rule.writeDeltas(
      block, membrane: block.first, membraneDecay: step.membraneDecay, gain: step.gain,
      threshold: step.threshold)
  }
}

/// TSSL-BP of neurons with constants of their own in each channel.
struct DynamicTSSLBPBlock: DynamicBlockRule {
  func run(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    TSSLBPBlock(step: NeuronStep(step)).run(block)
  }
}
