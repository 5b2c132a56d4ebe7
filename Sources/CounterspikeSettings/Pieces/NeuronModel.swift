/// A neuron of a program's own, see ``NeuronRegistry``: its time step, in two halves.
///
///     struct LeakyNeuron: NeuronModel {
///       let decay: Float
///       var stateCount: Int { 1 }  // v
///
///       func integrate(
///         _ currents: Span<Float>, states v: inout MutableSpan<Float>,
///         membrane u: inout MutableSpan<Float>, threshold: inout MutableSpan<Float>
///       ) {
///         for i in currents.indices { u[i] = decay * v[i] + currents[i] }
///       }
///
///       func settle(
///         _ spikes: Span<Float>, membrane u: Span<Float>, states v: inout MutableSpan<Float>
///       ) {
///         for i in spikes.indices { v[i] = u[i] * (1 - spikes[i]) }
///       }
///     }
///
/// Every call is for some neurons, whose number is that of the currents. States of n neurons lie one kind behind
/// the other: the i-th state of neuron j at i·n + j. All are 0 before the first time step.
///
/// A loop becomes vector code if it has no branches: `u[i] * (1 - spikes[i])` does, a choice between values that are
/// read only then does not.
///
/// A ``VectorNeuronModel`` is the same on sixteen neurons at a time, and faster.
///
/// What is written may depend on a neuron's own values only, not on those around it or on earlier calls: then
/// results do not depend on the number of threads. Neighborhood aggregation needs these two functions only. Rules
/// with surrogate derivatives need a ``DifferentiableNeuronModel``.
public protocol NeuronModel: Sendable {
  /// Numbers that each neuron keeps from one time step to the next, ≥ 0.
  var stateCount: Int { get }

  /// ∂u[t]/∂c[t], > 0; 1 unless the model says otherwise.
  var currentGain: Float { get }

  /// Brings the currents of a time step into the states, and writes the membrane potentials; the neuron fires where
  /// u > θ.
  ///
  /// - Parameters:
  ///   - currents: c[t]
  ///   - states: behind the step before; become those before a spike.
  ///   - membrane: u[t], to be written.
  ///   - threshold: θ[t]; holds `threshold` of the recipe, or what the model wrote last. A model that writes it at
  ///     one step writes it at all.
  func integrate(
    _ currents: Span<Float>, states: inout MutableSpan<Float>,
    membrane: inout MutableSpan<Float>, threshold: inout MutableSpan<Float>)

  /// Does to the states what firing, or not firing, does to them: the reset.
  ///
  /// - Parameters:
  ///   - spikes: s[t], 0 or 1. It need not be what u says: rules ask what a neuron would do that had (not) fired.
  ///   - membrane: u[t]
  ///   - states: as ``integrate(_:states:membrane:threshold:)`` left them; become those behind the step.
  func settle(
    _ spikes: Span<Float>, membrane: Span<Float>, states: inout MutableSpan<Float>)
}

extension NeuronModel {
  public var currentGain: Float { 1 }
}

/// A neuron with the way back through its time step, which surrogate gradients need.
///
///     func settleBackward(
///       _ spikes: Span<Float>, membrane: Span<Float>, ofStates v: inout MutableSpan<Float>,
///       ofMembrane u: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>
///     ) {
///       for i in spikes.indices {
///         u[i] = v[i] * (1 - spikes[i])
///         v[i] = 0
///       }
///     }
///
///     func integrateBackward(
///       _ currents: Span<Float>, states: Span<Float>, ofMembrane u: Span<Float>,
///       ofThreshold: Span<Float>, ofStates v: inout MutableSpan<Float>,
///       ofCurrents c: inout MutableSpan<Float>
///     ) {
///       for i in currents.indices {
///         c[i] = u[i]
///         v[i] += decay * u[i]
///       }
///     }
public protocol DifferentiableNeuronModel: NeuronModel {
  /// The way back through ``NeuronModel/settle(_:membrane:states:)``.
  ///
  /// - Parameters:
  ///   - ofStates: the gradient with respect to the states behind the step; becomes the one with respect to the
  ///     states before the spike.
  ///   - ofMembrane: the gradient with respect to u[t] by way of the states, to be written; zeros before.
  ///   - ofSpikes: the same with respect to s[t]; zeros before. A model that leaves the reset out of it, as most
  ///     surrogate gradients do, leaves zeros.
  func settleBackward(
    _ spikes: Span<Float>, membrane: Span<Float>, ofStates: inout MutableSpan<Float>,
    ofMembrane: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>)

  /// The way back through ``NeuronModel/integrate(_:states:membrane:threshold:)``.
  ///
  /// - Parameters:
  ///   - currents: c[t]
  ///   - states: those before the time step.
  ///   - ofMembrane: the gradient with respect to u[t].
  ///   - ofThreshold: the gradient with respect to θ[t]; a model with a constant threshold ignores it.
  ///   - ofStates: the gradient with respect to the states before the spike; becomes the one with respect to the
  ///     states before the time step.
  ///   - ofCurrents: the gradient with respect to c[t], to be written.
  func integrateBackward(
    _ currents: Span<Float>, states: Span<Float>, ofMembrane: Span<Float>,
    ofThreshold: Span<Float>, ofStates: inout MutableSpan<Float>,
    ofCurrents: inout MutableSpan<Float>)
}
