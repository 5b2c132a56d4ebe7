struct SurrogateBlock: BlockRule {
  let step: NeuronStep<Lanes>
  let rule: SurrogateRule

  init(layer: NeuronLayer, rule: SurrogateRule) {
    step = layer.step()
    self.rule = rule
  }

  func run(_ block: BlockRows) {
    let m = step.membraneDecay
    let theta = step.threshold
    let membrane = block.first
    block.writeMembrane(membrane, step)
    // f apart from the recursion, none of whose steps then waits for an exponential.
    let slopes = block.second
    for t in 0..<block.timeSteps { slopes[t] = rule.derivative(membrane[t] - theta) }
    let path = rule.resetGradient ? m : Lanes()
    var delta = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      let u = membrane[t]
      let f = slopes[t]
      let through = (m * delta).select(Lanes(), where: u .> theta)
      delta = step.gain * block.errors[t] * f + through - path * u * f * delta
      block.deltas[t] = delta
    }
  }
}

extension SurrogateRule {
  /// f(x)
  @inline(always)
  func derivative(_ x: Lanes) -> Lanes {
    switch shape {
    case .sigmoid:
      // σ(z)·(1 − σ(z)) = q/(1 + q)² with q = exp(−|z|)
      let scale = Lanes(repeating: 1 / width)
      let q = (-(x * scale).magnitudes).exponentialOfNonPositive
      let half = q + Lanes(repeating: 1)
      return q / (half * half) * scale
    case .rectangle:
      let isInside = x.magnitudes .< Lanes(repeating: width / 2)
      return Lanes().select(Lanes(repeating: 1 / width), where: isInside)
    case .triangle:
      let scale = 1 / width
      let height = Lanes(repeating: 1) - x.magnitudes * Lanes(repeating: scale)
      return (height * Lanes(repeating: scale)).select(Lanes(), where: height .< Lanes())
    case .fastSigmoid:
      let root = Lanes(repeating: 1) + x.magnitudes * Lanes(repeating: 1 / width)
      return Lanes(repeating: 0.5 / width) / (root * root)
    case .arctangent:
      let z = x * Lanes(repeating: 1 / width)
      return Lanes(repeating: 1 / (.pi * width)) / (Lanes(repeating: 1) + z * z)
    }
  }
}
