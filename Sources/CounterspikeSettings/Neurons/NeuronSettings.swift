/// A leaky integrate-and-fire neuron behind an exponential synapse.
///
///     u[t] = m·v[t−1] + c[t]                     m = 1 − 1/τ_m
///     s[t] = 1 if u[t] > θ[t] else 0
///     v[t] = u[t]·(1 − s[t])                     with the reset to zero, see ``Reset``
///     a[t] = d·a[t−1] + (1 − d)·s[t]             d = 1 − 1/τ_s
///
/// u is the membrane potential before the reset, v the one behind it, s the spike, a the post-synaptic
/// current (psc), c the current that arrives; all are dimensionless and start at zero. The threshold
/// θ[t] is θ, or higher where it is adaptive, see ``AdaptationSettings``.
///
/// - Note: Yang, Zhang, Li (ICML 2021), Eq. 1–3.
public struct NeuronSettings: Sendable, Equatable {
  /// What the neuron does in a time step.
  public var model = Model.leaky
  /// Settings of a registered neuron that are not as its defaults.
  public package(set) var modelSettings: [String: Double] = [:]
  /// τ_m in time steps, > 1.
  public var membraneTimeConstant: Float = 5
  /// τ_s in time steps, ≥ 1; 1: no synapse, the psc is the spike itself.
  public var synapticTimeConstant: Float = 2
  /// θ, > 0; a neuron fires when its membrane potential is strictly greater. Infinite in a readout.
  public var threshold: Float = 1
  /// What a spike does to the membrane potential.
  public var reset = Reset.zero
  /// An adaptive threshold, if any.
  public var adaptation: AdaptationSettings?
  /// Constants that training changes; `nil`: none. The output layer keeps its synaptic time constant, which
  /// the losses' targets share.
  public var trained: [TrainedConstant]?
  /// What has a number of its own for each of them.
  public var trainedPer = TrainedUnit.layer

  /// What a spike does to the membrane potential.
  public enum Reset: String, Sendable, Equatable, CaseIterable {
    /// v = u·(1 − s)
    case zero
    /// v = u − θ·s, with θ itself where the threshold is adaptive
    case subtraction
    /// v = u
    case none
  }

  public init() {}

  public init(
    membraneTimeConstant: Float, synapticTimeConstant: Float, threshold: Float = 1
  ) {
    self.membraneTimeConstant = membraneTimeConstant
    self.synapticTimeConstant = synapticTimeConstant
    self.threshold = threshold
  }

  /// Neurons with the same leak that never fire: those of a readout.
  package var withoutFiring: NeuronSettings {
    var neuron = NeuronSettings()
    neuron.membraneTimeConstant = membraneTimeConstant
    neuron.synapticTimeConstant = 1
    neuron.threshold = .infinity
    neuron.reset = .none
    neuron.trained = trained?.filter { $0 == .membraneTimeConstant }
    neuron.trainedPer = trainedPer
    return neuron
  }

  /// m = 1 − 1/τ_m
  public var membraneDecay: Double { 1 - 1 / Double(membraneTimeConstant) }
  /// d = 1 − 1/τ_s
  public var synapticDecay: Double { 1 - 1 / Double(synapticTimeConstant) }
}

/// An adaptive threshold: the more a neuron has fired, the harder it fires again.
///
///     θ[t] = θ + β·b[t−1],   b[t] = ρ·b[t−1] + (1 − ρ)·s[t]        ρ = 1 − 1/τ_b
///
/// - Note: Bellec et al., “A solution to the learning dilemma for recurrent networks of spiking neurons”
///   (Nature Communications 2020). Deviation: the factor 1 − ρ, so that b is the neuron's recent rate,
///   in 0 ..< 1, and β the most that the threshold can rise by.
public struct AdaptationSettings: Sendable, Equatable {
  /// β in units of the membrane potential, ≥ 0; 0: the threshold stays at θ.
  public var strength: Float = 1.8
  /// τ_b in time steps, ≥ 1.
  public var timeConstant: Float = 20

  public init() {}

  public init(strength: Float, timeConstant: Float) {
    self.strength = strength
    self.timeConstant = timeConstant
  }

  /// ρ = 1 − 1/τ_b
  public var decay: Double { 1 - 1 / Double(timeConstant) }
}
