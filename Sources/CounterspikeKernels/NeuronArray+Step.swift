extension NeuronArray {
  /// The gradients of one time step, where the caller goes back through the steps itself.
  ///
  ///     S = (1−d)·∂L/∂a + (1−ρ)·∂L/∂b                        what a spike adds to the loss behind it
  ///     ∂L/∂c = D + κ·∂L/∂v    (neighborhood: D alone)       ∂L/∂v⁻ = m·(D + κ·∂L/∂v)
  ///     ∂L/∂a⁻ = d·∂L/∂a                                     ∂L/∂b⁻ = ρ·∂L/∂b − β·D
  ///
  /// a, v and b are those behind the step, a⁻, v⁻ and b⁻ those before it, and κ = ∂v/∂u is 1, and 0 after a
  /// spike with a reset to zero. D is the rule's own:
  ///
  /// - surrogate: S·f(u − θ), and with `resetGradient` S has what the reset takes away times ∂L/∂v besides;
  ///   step after step this is ``SurrogateRule`` over the whole series, as are SLAYER and TSSL-BP.
  /// - neighborhood: ΔL·w(θ − u), where ΔL is ±S + Δv·∂L/∂v: the spike is inverted, and what its membrane
  ///   does afterwards goes on to first order. Over a whole series the neuron is replayed instead.
  ///
  /// - Parameters:
  ///   - before: v⁻, a⁻ and b⁻, `[N]` each; a⁻ is needed by TSSL-BP alone.
  ///   - gradient: ∂L/∂a, `[N]`.
  ///   - after: ∂L/∂v and ∂L/∂b; its psc is not looked at.
  ///   - deltas: ∂L/∂c, `[N]`.
  ///   - result: ∂L/∂v⁻, ∂L/∂a⁻ and ∂L/∂b⁻.
  /// - Precondition: ``SpikeRule/hasStep(hasSynapse:)``, and one time step.
  package func backwardStep(
    _ range: Range<Int>, rule: SpikeRule, currents: UnsafePointer<Float>, before: Given,
    gradient: UnsafePointer<Float>, after: Given, deltas: UnsafeMutablePointer<Float>,
    result: Written
  ) {
    precondition(timeSteps == 1, "\(timeSteps) steps in place of one")
    requireNeurons(range)
    guard let rule = rule.vectorRule else {
      preconditionFailure("a neighborhood that needs the whole series")
    }
    VectorLevel.kernels.backwardStep(
      self, rule: rule, from: range.lowerBound, to: range.upperBound, currents: currents,
      before: before, gradient: gradient, after: after, deltas: deltas, result: result)
  }
}

extension SpikeRule {
  /// Whether the rule's gradient of one step follows from that step and the gradients of the state behind
  /// it, see ``NeuronArray/backwardStep(_:rule:currents:before:gradient:after:deltas:result:)``.
  ///
  /// - Parameter hasSynapse: the psc lasts longer than a spike.
  package func hasStep(hasSynapse: Bool) -> Bool {
    switch self {
    case .neighborhood(let rule): !rule.filtersTwice || !hasSynapse
    case .surrogate, .tsslbp, .slayer, .external: true
    case .neuronwise, .own: false
    }
  }
}
