package import CounterspikeKernels

/// One neuron, computed by the letter of the equations, in double precision: the plain version
/// that the fast kernels are tested against, and that traces are read from.
package struct NeuronReference: Sendable {
  package var membraneDecay: Double
  package var synapticDecay: Double
  package var threshold: Double

  package var dynamics: NeuronDynamics

  package init(
    membraneDecay: Double, synapticDecay: Double, threshold: Double,
    dynamics: NeuronDynamics = NeuronDynamics()
  ) {
    self.membraneDecay = membraneDecay
    self.synapticDecay = synapticDecay
    self.threshold = threshold
    self.dynamics = dynamics
  }

  /// u[t], θ[t], s[t] and a[t] of one neuron with currents c[t].
  package struct Trace: Sendable {
    package var membrane: [Double] = []
    package var thresholds: [Double] = []
    package var spikes: [Double] = []
    package var psc: [Double] = []

    package init() {}
  }

  /// v and b behind a time step.
  struct State {
    var v = 0.0
    var b = 0.0
  }

  /// θ[t] where b[t−1] = b.
  func threshold(_ b: Double) -> Double {
    threshold + Double(dynamics.adaptation?.strength ?? 0) * b
  }

  /// What stands behind a step with u and s.
  func settle(_ state: inout State, membrane u: Double, spike s: Double) {
    switch dynamics.reset {
    case .zero: state.v = u * (1 - s)
    case .subtraction: state.v = u - threshold * s
    case .none: state.v = u
    }
    let rho = Double(dynamics.adaptation?.decay ?? 0)
    state.b = rho * state.b + (1 - rho) * s
  }

  /// Brings v and b from one step to the next.
  func advance(
    _ state: inout State, by c: Double
  ) -> (membrane: Double, threshold: Double, spike: Double) {
    let u = membraneDecay * state.v + c
    let theta = threshold(state.b)
    let s = u > theta ? 1.0 : 0.0
    settle(&state, membrane: u, spike: s)
    return (u, theta, s)
  }

  package func run(_ currents: [Double]) -> Trace {
    var trace = Trace()
    var state = State()
    var a = 0.0
    for c in currents {
      let (u, theta, s) = advance(&state, by: c)
      a = synapticDecay * a + (1 - synapticDecay) * s
      trace.membrane.append(u)
      trace.thresholds.append(theta)
      trace.spikes.append(s)
      trace.psc.append(a)
    }
    return trace
  }

  /// e[t] = g[t] + d·e[t+1]
  package func filteredError(_ gradient: [Double]) -> [Double] {
    var errors = gradient
    for t in errors.indices.dropLast().reversed() { errors[t] += synapticDecay * errors[t + 1] }
    return errors
  }

  /// ΔL_k = Σ_t g[t]·(a_k[t] − a[t]) for each step k, every neighbor replayed to the end: O(T²).
  package func lossDifferences(currents: [Double], gradient: [Double]) -> [Double] {
    let base = run(currents)
    return currents.indices.map { k in
      let spikes = inverting(k, of: unperturbed(currents), currents: currents).spikes
      var a = 0.0
      var difference = 0.0
      for t in currents.indices {
        a = synapticDecay * a + (1 - synapticDecay) * spikes[t]
        difference += gradient[t] * (a - base.psc[t])
      }
      return difference
    }
  }

  /// δ of neighborhood aggregation, simple neighborhood.
  package func neighborhood(
    currents: [Double], gradient: [Double], rule: NeighborhoodRule
  ) -> [Double] {
    let error = rule.filtersTwice ? filteredError(gradient) : gradient
    let trace = run(currents)
    let differences = lossDifferences(currents: currents, gradient: error)
    return currents.indices.map {
      differences[$0] * weight(trace.thresholds[$0] - trace.membrane[$0], rule.weight)
    }
  }

  /// w(r) of the signed distance r = θ − u; r = 0 counts as not fired.
  package func weight(_ r: Double, _ weight: NeighborhoodRule.Weight) -> Double {
    let sign: Double = r < 0 ? -1 : 1
    switch weight {
    case .none:
      return 1
    case .inverse(let bound):
      return sign * min(Double(bound), 1 / abs(r))
    case .inverseCube(let bound):
      return sign * min(Double(bound), 1 / abs(r * r * r))
    case .lorentzian(let width):
      return sign * Double(width) / (r * r + Double(width))
    case .gaussian(let deviation):
      let z = r / Double(deviation)
      return sign * exponential(-z * z / 2) / (Double(deviation) * 2.506_628_274_631_000_5)
    }
  }
}
