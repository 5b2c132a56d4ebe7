/// A leaky integrate-and-fire neuron behind an exponential synapse.
///
///     u[t] = m·u[t−1]·(1 − s[t−1]) + c[t]        m = 1 − 1/τ_m
///     s[t] = 1 if u[t] > θ else 0
///     a[t] = d·a[t−1] + (1 − d)·s[t]             d = 1 − 1/τ_s
///
/// u is the membrane potential before the reset, s the spike, a the post-synaptic current (psc),
/// c the current that arrives; all are dimensionless and start at zero.
///
/// - Note: Yang, Zhang, Li (ICML 2021), Eq. 1–3.
public struct NeuronSettings: Sendable, Equatable {
  /// τ_m in time steps, > 1.
  public var membraneTimeConstant: Float = 5
  /// τ_s in time steps, > 1.
  public var synapticTimeConstant: Float = 2
  /// θ, > 0; a neuron fires when its membrane potential is strictly greater.
  public var threshold: Float = 1

  public init() {}

  public init(
    membraneTimeConstant: Float, synapticTimeConstant: Float, threshold: Float = 1
  ) {
    self.membraneTimeConstant = membraneTimeConstant
    self.synapticTimeConstant = synapticTimeConstant
    self.threshold = threshold
  }

  /// m = 1 − 1/τ_m
  public var membraneDecay: Double { 1 - 1 / Double(membraneTimeConstant) }
  /// d = 1 − 1/τ_s
  public var synapticDecay: Double { 1 - 1 / Double(synapticTimeConstant) }
}
