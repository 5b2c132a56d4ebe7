/// What a spike does to its own neuron.
///
///     v[t] = u[t], and after a spike u[t]·(1 − s[t]), u[t] − θ·s[t] or u[t]     the reset
///     θ[t] = θ + β·b[t−1],   b[t] = ρ·b[t−1] + (1 − ρ)·s[t]                    the adaptation
///
/// The reset by subtraction takes θ itself away, not the adapted θ[t].
///
/// - Note: Bellec et al., "A solution to the learning dilemma for recurrent networks of spiking
///   neurons" (Nature Communications 2020) for the adaptive threshold; there without the factor 1 − ρ.
package struct NeuronDynamics: Sendable, Equatable {
  package enum Reset: Sendable, Equatable, CaseIterable {
    case zero
    case subtraction
    case none
  }

  package struct Adaptation: Sendable, Equatable {
    /// β
    package var strength: Float
    /// ρ
    package var decay: Float

    package init(strength: Float, decay: Float) {
      self.strength = strength
      self.decay = decay
    }
  }

  package var reset: Reset
  package var adaptation: Adaptation?

  package init(reset: Reset = .zero, adaptation: Adaptation? = nil) {
    self.reset = reset
    self.adaptation = adaptation
  }
}
