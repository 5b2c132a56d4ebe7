/// What is done with a ``StepwiseRule`` whose type is not known where it is asked for: compiled for each
/// rule once.
protocol StepwiseWork {
  func run(_ rule: some StepwiseRule)
}

extension VectorRule {
  /// Does `work` with the rule for neurons of any dynamics.
  ///
  /// - Parameter exactMembraneDecay: m before it is rounded to a float; `nil` where each channel has its own.
  @inline(__always)
  func apply(
    _ work: some StepwiseWork, exactMembraneDecay: Double?, layer: NeuronLayer
  ) {
    switch self {
    case .neighborhood(let rule):
      func replay(_ weight: some DistanceWeight) {
        work.run(ReplayBlock(weight: weight, exactMembraneDecay: exactMembraneDecay))
      }
      switch rule.weight {
      case .inverse(let bound): replay(InverseWeight(bound: bound))
      case .inverseCube(let bound): replay(InverseCubeWeight(bound: bound))
      case .lorentzian(let width): replay(LorentzianWeight(width: width))
      case .gaussian(let deviation): replay(GaussianWeight(deviation: deviation))
      case .none: replay(UnitWeight())
      }
    case .surrogate(let rule): work.run(DynamicSurrogateBlock(rule: rule))
    case .tsslbp: work.run(DynamicTSSLBPBlock())
    case .slayer(let rule): work.run(DynamicSLAYERBlock(rule: rule))
    case .external(let call): work.run(DynamicExternalBlock(call: call))
    case .own(let call): work.run(ExternalRuleBlock(call: call, layer: layer))
    }
  }
}

/// A ``VectorRule`` for neurons of any dynamics: what it is of is decided anew for each block, so that the
/// loops around exist once.
struct DynamicRule: DynamicBlockRule {
  let rule: VectorRule
  let exactMembraneDecay: Double?
  let layer: NeuronLayer

  var filtersTwice: Bool { rule.filtersTwice }

  private struct Block: StepwiseWork {
    let block: BlockRows
    let step: DynamicStep<Lanes>

    func run(_ rule: some StepwiseRule) {
      rule.begin(block, step)
      block.deltas[block.timeSteps] = Lanes()
      var t = block.timeSteps
      while t > 0 {
        t &-= 1
        rule.settle(block, t, step)
      }
    }
  }

  func run(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    rule.apply(
      Block(block: block, step: step), exactMembraneDecay: exactMembraneDecay, layer: layer)
  }
}
