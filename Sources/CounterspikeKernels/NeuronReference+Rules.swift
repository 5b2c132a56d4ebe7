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
