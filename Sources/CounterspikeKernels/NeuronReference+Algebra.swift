// The paper's membrane algebra on one neuron, in double precision.
extension NeuronReference {
  /// c = f⁻¹(u): c[t] = u[t] − m·u[t−1]·(1 − s[t−1])
  package func currents(membrane: [Double]) -> [Double] {
    var v = 0.0
    return membrane.map { u in
      defer { v = u > threshold ? 0 : u }
      return u - membraneDecay * v
    }
  }

  /// A neighbor of a waveform: what is added to the currents, and the spikes that this leads to.
  package struct Neighbor: Sendable {
    /// ε = u_p ⊟ u
    package var perturbation: [Double]
    package var membrane: [Double]
    package var spikes: [Double]
  }

  /// The waveform itself, as a neighbor at distance zero.
  package func unperturbed(_ currents: [Double]) -> Neighbor {
    let trace = run(currents)
    return Neighbor(
      perturbation: currents.map { _ in 0 }, membrane: trace.membrane, spikes: trace.spikes)
  }

  /// Moves `start` just across the threshold at step k: its spike there is inverted, and the neuron
  /// is replayed from there on the currents of `start`'s waveform.
  ///
  /// - Parameter currents: of the waveform that all perturbations are counted from; `start` must
  ///   not be perturbed after k.
  package func inverting(_ k: Int, of start: Neighbor, currents: [Double]) -> Neighbor {
    var result = start
    let made = start.spikes[k] == 0
    result.perturbation[k] += threshold - start.membrane[k]
    result.membrane[k] = made ? threshold.nextUp : threshold
    result.spikes[k] = made ? 1 : 0
    var v = made ? 0 : threshold
    for t in currents.indices.dropFirst(k + 1) {
      let u = membraneDecay * v + currents[t]
      let fired = u > threshold
      result.membrane[t] = u
      result.spikes[t] = fired ? 1 : 0
      v = fired ? 0 : u
    }
    return result
  }

  /// u ⊞ ε
  package func adding(_ perturbation: [Double], currents: [Double]) -> Neighbor {
    let trace = run(zip(currents, perturbation).map { $0 + $1 })
    return Neighbor(
      perturbation: perturbation, membrane: trace.membrane, spikes: trace.spikes)
  }
}
