/// The rules and their settings.
package enum SpikeRule: Sendable, Equatable {
  case neighborhood(NeighborhoodRule)
  case surrogate(SurrogateRule)
  case tsslbp
  case slayer(SLAYERRule)
  case neuronwise(NeuronwiseRule)
  /// The surrogate rule with a derivative from outside.
  case external(ExternalDerivative)
  /// A rule from outside that takes all currents and errors of a neuron at once.
  case own(ExternalRule)
}

extension SpikeRule {
  /// Whether the rule is defined for such neurons.
  ///
  /// TSSL-BP knows a firing time's effect up to the reset to zero only. SLAYER leaves out on the way back
  /// what a spike does to its own neuron, which would leave an adaptation without effect.
  package func covers(_ dynamics: NeuronDynamics) -> Bool {
    switch self {
    case .neighborhood, .surrogate, .neuronwise, .external, .own: true
    case .slayer: dynamics.adaptation == nil
    case .tsslbp: dynamics.isRenewed
    }
  }

  /// Whether it can be computed step by step, as neurons that see each other need it.
  package var isStepwise: Bool {
    switch self {
    case .neuronwise, .own: false
    case .neighborhood, .surrogate, .tsslbp, .slayer, .external: true
    }
  }
}

/// A ``SpikeRule`` that vector code computes, without anything that would have to be retained.
package enum VectorRule: Sendable {
  case neighborhood(NeighborhoodRule)
  case surrogate(SurrogateRule)
  case tsslbp
  case slayer(SLAYERRule)
  case external(DerivativeCall)
  case own(RuleCall)
}

extension SpikeRule {
  /// `nil` for rules that are computed neuron by neuron. It is valid as long as the rule lives.
  package var vectorRule: VectorRule? {
    switch self {
    case .neighborhood(let rule): .neighborhood(rule)
    case .surrogate(let rule): .surrogate(rule)
    case .tsslbp: .tsslbp
    case .slayer(let rule): .slayer(rule)
    case .external(let derivative): .external(derivative.call)
    case .own(let rule): .own(rule.call)
    case .neuronwise: nil
    }
  }
}
