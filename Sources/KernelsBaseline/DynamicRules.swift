// The rules that need a derivative only, for neurons of any dynamics.

/// The surrogate rule through the reset and the adaptive threshold.
///
///     S[t] = E[t] + (1 − ρ)·λ[t]                                   ∂L/∂s[t]
///     δ[t] = S[t]·f(u[t] − θ[t]) + m·κ[t]·δ[t+1]
///     λ[t−1] = ρ·λ[t] − β·S[t]·f(u[t] − θ[t])                      λ = ∂L/∂b
///
/// κ[t] = ∂v/∂u is 1, and 0 after a spike with a reset to zero. With `resetGradient` S[t] has m·δ[t+1]
/// times what the reset takes away besides: −u[t] of a reset to zero, −θ of one by subtraction.
struct DynamicSurrogateBlock: StepwiseRule {
  let rule: SurrogateRule

  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>) { Self.begin(block, step) }

  @inline(__always)
  func settle(_ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>) {
    let path = Lanes(repeating: rule.resetGradient ? 1 : 0)
    Self.settle(block, t, step, path: path) { rule.derivative($0) }
  }

  /// u stands in the first row, θ[t] in the second.
  @inline(__always)
  static func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    var state = DynamicStep<Lanes>.State()
    for t in 0..<block.timeSteps {
      (block.first[t], block.second[t], _) = step.advance(&state, by: block.currents[t])
    }
    block.third[block.timeSteps] = Lanes()
  }

  /// λ[t−1] stands in the third row at t.
  ///
  /// - Parameters:
  ///   - path: 1 with the path through the reset, else 0.
  ///   - derivative: f of u − θ.
  @inline(__always)
  static func settle(
    _ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>, path: Lanes,
    derivative: (Lanes) -> Lanes
  ) {
    let one = Lanes(repeating: 1)
    let u = block.first[t]
    let theta = block.second[t]
    let ofAdaptation = block.third[t &+ 1]
    let carried = step.membraneDecay * block.deltas[t &+ 1]
    let taken = (one - step.kept) * u + step.dropped
    let ofSpike =
      step.gain * block.errors[t] + step.adaptationGain * ofAdaptation - path * taken * carried
    let through = ofSpike * derivative(u - theta)
    block.deltas[t] = through + carried.select(step.kept * carried, where: u .> theta)
    block.third[t] = step.adaptationDecay * ofAdaptation - step.strength * through
  }
}

/// ``SLAYERRule`` behind any reset, which it leaves out on the way back.
struct DynamicSLAYERBlock: StepwiseRule {
  let rule: SLAYERRule

  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    var state = DynamicStep<Lanes>.State()
    for t in 0..<block.timeSteps {
      block.first[t] = step.advance(&state, by: block.currents[t]).membrane
    }
  }

  @inline(__always)
  func settle(_ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>) {
    let f = rule.derivative(
      block.first[t] - step.threshold, scale: step.gain * Lanes(repeating: rule.alpha))
    block.deltas[t] = block.errors[t] * f + step.membraneDecay * block.deltas[t &+ 1]
  }
}

/// TSSL-BP of neurons with constants of their own in each channel.
struct DynamicTSSLBPBlock: StepwiseRule {
  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    TSSLBPBlock(step: NeuronStep(step)).writeTrain(block)
    block.fourth[block.timeSteps] = Lanes()
  }

  /// A behind step t stands in the fourth row at t.
  @inline(__always)
  func settle(_ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>) {
    var carried = block.fourth[t &+ 1]
    TSSLBPBlock(step: NeuronStep(step)).settle(block, t, &carried)
    block.fourth[t] = carried
  }
}
