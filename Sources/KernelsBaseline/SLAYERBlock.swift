struct SLAYERBlock: BlockRule {
  let step: NeuronStep<Lanes>
  let rule: SLAYERRule

  init(layer: NeuronLayer, rule: SLAYERRule) {
    step = layer.step()
    self.rule = rule
  }

  func run(_ block: BlockRows) {
    block.writeMembrane(block.first, step)
    let scale = step.gain * Lanes(repeating: rule.alpha)
    var delta = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      let f = rule.derivative(block.first[t] - step.threshold, scale: scale)
      delta = block.errors[t] * f + step.membraneDecay * delta
      block.deltas[t] = delta
    }
  }
}

extension SLAYERRule {
  /// (1 − d)·f(x) with `scale` = (1 − d)·α.
  @inline(__always)
  func derivative(_ x: Lanes, scale: Lanes) -> Lanes {
    scale * (x.magnitudes * Lanes(repeating: -beta)).exponentialOfNonPositive
  }
}
