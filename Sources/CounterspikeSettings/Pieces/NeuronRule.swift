internal import CounterspikeKernels

/// A gradient rule of a program's own that looks at whole runs of neurons, see ``RuleRegistry``: one that replays
/// them, as neighborhood aggregation does, or weighs one time step by others.
///
///     struct Straight: NeuronRule {  // δ[t] = E[t], as if a spike were its membrane potential
///       func write(
///         _ neurons: RuleNeurons, currents: Span<Float>, errors: Span<Float>,
///         into deltas: inout MutableSpan<Float>
///       ) {
///         for i in errors.indices { deltas[i] = (1 - neurons.synapticDecay) * errors[i] }
///       }
///     }
///
/// It is defined for neurons with any reset, with an adaptive threshold and with trained constants, but not for
/// recurrent layers, whose errors come in step by step, nor for neurons of ``NeuronRegistry``.
public protocol NeuronRule: Sendable {
  /// Writes δ[t] = ∂L/∂u[t] of some neurons. Value t of neuron j stands at t·n + j, n the number of neurons.
  ///
  /// What is written may depend on a neuron's own values only: then results do not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - currents: c[t], from which u and s follow, see ``NeuronSettings``.
  ///   - errors: e[t] = ∂L/∂a[t] + d·e[t+1]; (1 − d)·e[t] is what one more spike at t would add to the loss.
  ///   - deltas: finite values.
  func write(
    _ neurons: RuleNeurons, currents: Span<Float>, errors: Span<Float>,
    into deltas: inout MutableSpan<Float>)
}

/// What a ``NeuronRule`` is told of its neurons.
public struct RuleNeurons: Sendable, Equatable {
  /// T
  public let timeSteps: Int
  /// n, the neurons of the call: a multiple of sixteen, see `Span.lanes(at:)`.
  public let count: Int
  /// m
  public let membraneDecay: Float
  /// d
  public let synapticDecay: Float
  /// θ
  public let threshold: Float
  public let reset: NeuronSettings.Reset
  /// β and ρ of an adaptive threshold, if it is such: θ[t] = θ + β·b[t−1].
  public let adaptation: (strength: Float, decay: Float)?

  init(_ neurons: ExternalRule.Neurons) {
    timeSteps = neurons.timeSteps
    count = neurons.count
    membraneDecay = neurons.membraneDecay
    synapticDecay = neurons.synapticDecay
    threshold = neurons.threshold
    reset =
      switch neurons.dynamics.reset {
      case .zero: .zero
      case .subtraction: .subtraction
      case .none: .none
      }
    adaptation = neurons.dynamics.adaptation.map { ($0.strength, $0.decay) }
  }

  public static func == (a: RuleNeurons, b: RuleNeurons) -> Bool {
    (a.timeSteps, a.count, a.membraneDecay, a.synapticDecay, a.threshold)
      == (b.timeSteps, b.count, b.membraneDecay, b.synapticDecay, b.threshold)
      && a.reset == b.reset && a.adaptation?.strength == b.adaptation?.strength
      && a.adaptation?.decay == b.adaptation?.decay
  }
}
