import Counterspike
import Foundation

/// A leaky integrate-and-fire neuron with the reset to zero: the built-in neuron, written again, sixteen at a time.
struct LeakyNeuron: DifferentiableVectorNeuronModel {
  let decay: Float

  @inline(__always)
  func integrate(_ currents: Lanes, states v: inout Lanes, threshold: inout Lanes) -> Lanes {
    decay * v + currents
  }

  @inline(__always)
  func settle(_ spikes: Lanes, membrane u: Lanes, states v: inout Lanes) {
    v = u * (1 - spikes)
  }

  @inline(__always)
  func settleBackward(
    _ spikes: Lanes, membrane: Lanes, ofStates v: inout Lanes, ofSpikes: inout Lanes
  ) -> Lanes {
    let u = v * (1 - spikes)
    v = Lanes()
    return u
  }

  @inline(__always)
  func integrateBackward(
    _ currents: Lanes, states: Lanes, ofMembrane u: Lanes, ofThreshold: Lanes,
    ofStates v: inout Lanes
  ) -> Lanes {
    v += decay * u
    return u
  }
}

/// A resonate-and-fire neuron, which answers to currents of its own frequency:
///
///     x[t] = ρ·(cos(ω)·x[t−1] − sin(ω)·y[t−1]) + c[t]
///     y[t] = ρ·(sin(ω)·x[t−1] + cos(ω)·y[t−1])                    ω = 2π/period
///     s[t] = 1 if x[t] > θ + q[t−1] else 0,   q[t] = γ·q[t−1] + s[t]
///
/// A spike leaves the oscillation as it is; q, which it raises, keeps the neuron from firing again at once. It has no
/// derivatives, and takes neighborhood aggregation only. Its time step is on spans.
///
/// The form of Higuchi et al., “Balanced resonate-and-fire neurons” (ICML 2024), with an exact rotation in place of
/// their Euler step.
struct Resonator: NeuronModel {
  let cosine: Float
  let sine: Float
  /// γ
  let recovery: Float
  /// θ
  let threshold: Float

  init(period: Double, decay: Double, recovery: Double, threshold: Float) {
    let omega = 2 * Double.pi / period
    cosine = Float(decay * cos(omega))
    sine = Float(decay * sin(omega))
    self.recovery = Float(recovery)
    self.threshold = threshold
  }

  /// x, y and q
  var stateCount: Int { 3 }

  func integrate(
    _ currents: Span<Float>, states: inout MutableSpan<Float>,
    membrane: inout MutableSpan<Float>, threshold: inout MutableSpan<Float>
  ) {
    let n = currents.count
    for i in currents.indices {
      let (x, y) = (states[i], states[n + i])
      states[i] = cosine * x - sine * y + currents[i]
      states[n + i] = sine * x + cosine * y
      membrane[i] = states[i]
      threshold[i] = self.threshold + states[2 * n + i]
    }
  }

  func settle(_ spikes: Span<Float>, membrane: Span<Float>, states: inout MutableSpan<Float>) {
    let n = spikes.count
    for i in spikes.indices {
      states[2 * n + i] = recovery * states[2 * n + i] + spikes[i]
    }
  }
}
