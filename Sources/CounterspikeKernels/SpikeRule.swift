/// The rules and their settings.
package enum SpikeRule: Sendable, Equatable {
  case neighborhood(NeighborhoodRule)
  case surrogate(SurrogateRule)
  case tsslbp
  case slayer(SLAYERRule)
  case general(GeneralNeighborhoodRule)
}

extension SpikeRule {
  /// Whether the rule is defined for such neurons.
  ///
  /// TSSL-BP knows a firing time's effect up to the reset to zero only. SLAYER leaves out on the way back
  /// what a spike does to its own neuron, which would leave an adaptation without effect.
  package func covers(_ dynamics: NeuronDynamics) -> Bool {
    switch self {
    case .neighborhood, .surrogate, .general: true
    case .slayer: dynamics.adaptation == nil
    case .tsslbp: dynamics.isRenewed
    }
  }
}

/// A ``SpikeRule`` that vector code computes, without anything that would have to be retained.
package enum VectorRule: Sendable {
  case neighborhood(NeighborhoodRule)
  case surrogate(SurrogateRule)
  case tsslbp
  case slayer(SLAYERRule)
}

extension SpikeRule {
  /// `nil` for general neighborhoods, which are computed neuron by neuron.
  var vectorRule: VectorRule? {
    switch self {
    case .neighborhood(let rule): .neighborhood(rule)
    case .surrogate(let rule): .surrogate(rule)
    case .tsslbp: .tsslbp
    case .slayer(let rule): .slayer(rule)
    case .general: nil
    }
  }
}
