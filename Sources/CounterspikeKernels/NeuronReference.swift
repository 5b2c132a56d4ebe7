/// One neuron, computed by the letter of the equations, in double precision: the plain version
/// that the fast kernels are tested against, and that traces are read from.
package struct NeuronReference: Sendable {
  package var membraneDecay: Double
  package var synapticDecay: Double
  package var threshold: Double

  package init(membraneDecay: Double, synapticDecay: Double, threshold: Double) {
    self.membraneDecay = membraneDecay
    self.synapticDecay = synapticDecay
    self.threshold = threshold
  }

  /// u[t], s[t] and a[t] of one neuron with currents c[t].
  package struct Trace: Sendable {
    package var membrane: [Double] = []
    package var spikes: [Double] = []
    package var psc: [Double] = []
  }

  package func run(_ currents: [Double]) -> Trace {
    var trace = Trace()
    var v = 0.0
    var a = 0.0
    for c in currents {
      let u = membraneDecay * v + c
      let s = u > threshold ? 1.0 : 0.0
      v = u * (1 - s)
      a = synapticDecay * a + (1 - synapticDecay) * s
      trace.membrane.append(u)
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
      var spikes = base.spikes
      spikes[k] = 1 - spikes[k]
      var v = spikes[k] == 1 ? 0 : threshold
      for t in currents.indices.dropFirst(k + 1) {
        let u = membraneDecay * v + currents[t]
        spikes[t] = u > threshold ? 1 : 0
        v = u * (1 - spikes[t])
      }
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
    let membrane = run(currents).membrane
    return zip(lossDifferences(currents: currents, gradient: error), membrane).map {
      $0 * weight(threshold - $1, rule.weight)
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

  /// δ of the surrogate rule.
  package func surrogate(
    currents: [Double], gradient: [Double], rule: SurrogateRule
  ) -> [Double] {
    let trace = run(currents)
    let errors = filteredError(gradient)
    var deltas = [Double](repeating: 0, count: currents.count)
    var next = 0.0
    for t in currents.indices.reversed() {
      let u = trace.membrane[t]
      let f = rule.derivative(u - threshold)
      var path = membraneDecay * (1 - trace.spikes[t]) * next
      if rule.resetGradient { path -= membraneDecay * u * f * next }
      next = (1 - synapticDecay) * errors[t] * f + path
      deltas[t] = next
    }
    return deltas
  }
}
