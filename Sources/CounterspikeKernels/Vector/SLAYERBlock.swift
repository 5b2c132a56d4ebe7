struct SLAYERBlock: BlockRule {
  let step: NeuronStep<Lanes>
  let rule: SLAYERRule

  init(layer: NeuronLayer, rule: SLAYERRule) {
    step = layer.step()
    self.rule = rule
  }

  func run(_ block: BlockRows) {
    block.writeMembrane(block.first, step)
    rule.writeDeltas(
      block, membrane: block.first, membraneDecay: step.membraneDecay, gain: step.gain,
      threshold: step.threshold)
  }
}

extension SLAYERRule {
  /// δ from u.
  @inline(__always)
  func writeDeltas(
    _ block: BlockRows, membrane: UnsafeMutablePointer<Lanes>, membraneDecay m: Lanes,
    gain: Lanes, threshold theta: Lanes
  ) {
    let scale = gain * Lanes(repeating: alpha)  // (1 − d)·α
    let steepness = Lanes(repeating: -beta)
    var delta = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      let distance = (membrane[t] - theta).magnitudes
      let derivative = scale * (distance * steepness).exponentialOfNonPositive
      delta = block.errors[t] * derivative + m * delta
      block.deltas[t] = delta
    }
  }
}
