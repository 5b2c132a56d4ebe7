// The paper's membrane algebra on one neuron, in double precision.
extension NeuronReference {
  /// c = f⁻¹(u): c[t] = u[t] − m·v[t−1]
  package func currents(membrane: [Double]) -> [Double] {
    var state = State()
    return membrane.map { u in
      let c = u - membraneDecay * state.v
      settle(&state, membrane: u, spike: u > threshold(state.b) ? 1 : 0)
      return c
    }
  }

  /// The spikes of a waveform.
  package func spikes(membrane: [Double]) -> [Double] {
    var state = State()
    return membrane.map { u in
      let s = u > threshold(state.b) ? 1.0 : 0.0
      settle(&state, membrane: u, spike: s)
      return s
    }
  }

  /// A neighbor of a waveform: what is added to the currents, and the spikes that this leads to.
  package struct Neighbor: Sendable {
    /// ε = u_p ⊟ u
    package var perturbation: [Double]
    package var membrane: [Double]
    package var thresholds: [Double]
    package var spikes: [Double]
  }

  /// The waveform itself, as a neighbor at distance zero.
  package func unperturbed(_ currents: [Double]) -> Neighbor {
    let trace = run(currents)
    return neighbor(trace, perturbation: currents.map { _ in 0 })
  }

  private func neighbor(_ trace: Trace, perturbation: [Double]) -> Neighbor {
    Neighbor(
      perturbation: perturbation, membrane: trace.membrane, thresholds: trace.thresholds,
      spikes: trace.spikes)
  }

  /// Moves `start` just across the threshold at step k: its spike there is inverted, and the neuron
  /// is replayed from there on the currents of `start`'s waveform.
  ///
  /// - Parameter currents: of the waveform that all perturbations are counted from; `start` must
  ///   not be perturbed after k.
  package func inverting(_ k: Int, of start: Neighbor, currents: [Double]) -> Neighbor {
    var result = start
    var state = State()
    for t in 0..<k { settle(&state, membrane: start.membrane[t], spike: start.spikes[t]) }
    let theta = threshold(state.b)
    let spike = 1 - start.spikes[k]
    result.perturbation[k] += theta - start.membrane[k]
    result.membrane[k] = spike == 1 ? theta.nextUp : theta
    result.spikes[k] = spike
    settle(&state, membrane: theta, spike: spike)
    for t in currents.indices.dropFirst(k + 1) {
      let (u, theta, s) = advance(&state, by: currents[t])
      result.membrane[t] = u
      result.thresholds[t] = theta
      result.spikes[t] = s
    }
    return result
  }

  /// The neighbor whose spikes are `spikes`: wherever the neuron would do otherwise, from step `first`
  /// on, its membrane is moved just to the threshold.
  package func forcing(_ spikes: [Double], from first: Int, currents: [Double]) -> Neighbor {
    var result = unperturbed(currents)
    result.spikes = spikes
    var state = State()
    for t in currents.indices {
      var u = membraneDecay * state.v + currents[t]
      let theta = threshold(state.b)
      if t >= first && (u > theta) != (spikes[t] == 1) {
        result.perturbation[t] = theta - u
        u = theta
      }
      result.membrane[t] = u
      result.thresholds[t] = theta
      settle(&state, membrane: u, spike: spikes[t])
    }
    return result
  }

  /// u ⊞ ε
  package func adding(_ perturbation: [Double], currents: [Double]) -> Neighbor {
    neighbor(
      run(zip(currents, perturbation).map { $0 + $1 }), perturbation: perturbation)
  }
}
