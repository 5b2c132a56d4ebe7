package import CounterspikeKernels

extension SurrogateRule {
  /// f(x), the surrogate derivative of a spike; its area is 1.
  package func derivative(_ x: Double) -> Double {
    let w = Double(width)
    let z = abs(x) / w
    switch shape {
    case .sigmoid:
      let q = exponential(-z)
      return q / ((1 + q) * (1 + q) * w)
    case .rectangle: return z < 0.5 ? 1 / w : 0
    case .triangle: return max(0, 1 - z) / w
    case .fastSigmoid: return 1 / (2 * w * (1 + z) * (1 + z))
    case .arctangent: return 1 / (.pi * w * (1 + z * z))
    }
  }
}

extension NeuronReference {
  /// δ of the surrogate rule.
  package func surrogate(
    currents: [Double], gradient: [Double], rule: SurrogateRule
  ) -> [Double] {
    deltas(run(currents), gradient: gradient, resetGradient: rule.resetGradient) {
      rule.derivative($0)
    }
  }

  /// δ of a train whose spikes have a derivative by u − θ: backpropagation through all that a spike does.
  ///
  /// Spikes between 0 and 1 are allowed; with `resetGradient` δ is then the very derivative.
  ///
  /// - Parameter derivative: f, of u − θ.
  package func deltas(
    _ trace: Trace, gradient: [Double], resetGradient: Bool, derivative: (Double) -> Double
  ) -> [Double] {
    let errors = filteredError(gradient)
    let beta = Double(dynamics.adaptation?.strength ?? 0)
    let rho = Double(dynamics.adaptation?.decay ?? 0)
    var deltas = gradient
    var ofMembrane = 0.0  // ∂L/∂v[t]
    var ofAdaptation = 0.0  // ∂L/∂b[t]
    for t in gradient.indices.reversed() {
      let (u, s) = (trace.membrane[t], trace.spikes[t])
      // v by s, and by u.
      let (bySpike, byMembrane) =
        switch dynamics.reset {
        case .zero: (-u, 1 - s)
        case .subtraction: (-threshold, 1.0)
        case .none: (0.0, 1.0)
        }
      var ofSpike = (1 - synapticDecay) * errors[t] + (1 - rho) * ofAdaptation
      if resetGradient { ofSpike += bySpike * ofMembrane }
      let through = ofSpike * derivative(u - trace.thresholds[t])
      deltas[t] = through + byMembrane * ofMembrane
      ofMembrane = membraneDecay * deltas[t]
      ofAdaptation = rho * ofAdaptation - beta * through
    }
    return deltas
  }

  /// The gradients with respect to the neuron's constants.
  package struct ConstantGradients: Sendable, Equatable {
    package var membraneDecay = 0.0
    package var synapticDecay = 0.0
    package var threshold = 0.0

    package init() {}
  }

  /// The gradients with respect to the constants, from δ.
  package func constantGradients(
    _ trace: Trace, gradient: [Double], deltas: [Double]
  ) -> ConstantGradients {
    let errors = filteredError(gradient)
    var result = ConstantGradients()
    var state = State()
    for t in deltas.indices {
      result.membraneDecay += deltas[t] * state.v
      result.synapticDecay += errors[t] * ((t > 0 ? trace.psc[t - 1] : 0) - trace.spikes[t])
      // A membrane lower by 1 everywhere, in place of a threshold higher by 1.
      var lower = 1.0
      if t > 0 {
        lower -= membraneDecay * (dynamics.reset == .none ? 1 : 1 - trace.spikes[t - 1])
      }
      result.threshold -= deltas[t] * lower
      settle(&state, membrane: trace.membrane[t], spike: trace.spikes[t])
    }
    return result
  }

  /// δ of SLAYER.
  package func slayer(currents: [Double], gradient: [Double], rule: SLAYERRule) -> [Double] {
    let membrane = run(currents).membrane
    let errors = filteredError(gradient)
    var deltas = [Double](repeating: 0, count: currents.count)
    var next = 0.0
    for t in currents.indices.reversed() {
      let f = Double(rule.alpha) * exponential(-Double(rule.beta) * abs(membrane[t] - threshold))
      next = (1 - synapticDecay) * errors[t] * f + membraneDecay * next
      deltas[t] = next
    }
    return deltas
  }
}
