/// A rule that comes from outside, for neurons of any dynamics.
struct ExternalRuleBlock: BlockRule, StepwiseRule {
  let call: RuleCall
  let layer: NeuronLayer

  func run(_ block: BlockRows) {
    write(
      block, membraneDecay: layer.membraneDecay, synapticDecay: layer.synapticDecay,
      threshold: layer.threshold)
  }

  /// All e are there already: recurrent neurons, whose e come in step by step, cannot have such a rule.
  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    write(
      block, membraneDecay: step.membraneDecay[0], synapticDecay: step.synapticDecay[0],
      threshold: step.threshold[0])
  }

  @inline(__always)
  func settle(_ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>) {}

  private func write(
    _ block: BlockRows, membraneDecay: Float, synapticDecay: Float, threshold: Float
  ) {
    var neurons = ExternalRule.Neurons(
      timeSteps: block.timeSteps, count: Lanes.scalarCount, membraneDecay: membraneDecay,
      synapticDecay: synapticDecay, threshold: threshold, dynamics: layer.dynamics)
    withUnsafePointer(to: &neurons) {
      call.function(
        call.context, UnsafeRawPointer($0), block.currents.floats, block.errors.floats,
        block.deltas.floats)
    }
  }
}
