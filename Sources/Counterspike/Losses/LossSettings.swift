/// The loss, summed over the batch. The class's neuron should fire, the others should not.
public struct LossSettings: Sendable, Equatable {
  public enum Kind: String, Sendable, Equatable, CaseIterable {
    /// The papers' van Rossum distance: L = ½ Σ_t (a[t] − (σ∗y)[t])², σ∗ the synaptic filter.
    case kernel
    /// L = ½ Σ ((n − n_target)/T)² over the spike counts n; zero where a wanted count is exceeded
    /// or an unwanted one not reached.
    case count
    /// Cross-entropy of the psc summed over time.
    case softmax
  }

  /// How often the target spike train is filtered in the kernel loss.
  public enum TargetFilter: String, Sendable, Equatable, CaseIterable {
    case once
    /// As the authors' program does; the target then rises more slowly than the output can. With a single
    /// time step, T = 1, the target is filtered once: filtered twice, (1−d)², it would be as far from
    /// the output of a neuron that fires, 1 − d, as from that of one that does not, 0, at τ_s = 2,
    /// and farther at larger ones.
    case twice
  }

  public var kind = Kind.kernel
  /// Of the kernel loss.
  public var targetFilter = TargetFilter.twice
  /// Spikes that the class's neuron should fire, of the count loss; `nil`: one at every step.
  public var desiredCount: Int?
  /// Spikes that every other neuron may fire, of the count loss.
  public var undesiredCount = 0

  public init() {}
}
