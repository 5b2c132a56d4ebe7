extension GeneralNeighborhoodRule {
  /// δ of one lane.
  func writeDeltas(_ block: BlockRows, lane: Int, of neuron: NeuronReference) {
    let steps = 0..<block.timeSteps
    let deltas = deltas(
      neuron, currents: steps.map { Double(block.currents[$0][lane]) },
      errors: steps.map { Double(block.errors[$0][lane]) })
    for t in steps { block.deltas[t][lane] = Float(deltas[t]) }
  }
}

struct GeneralNeighborhoodBlock: BlockRule {
  let neuron: NeuronReference
  let rule: GeneralNeighborhoodRule

  init(layer: NeuronLayer, rule: GeneralNeighborhoodRule) {
    neuron = NeuronReference(
      membraneDecay: layer.exactMembraneDecay, synapticDecay: Double(layer.synapticDecay),
      threshold: Double(layer.threshold))
    self.rule = rule
  }

  func run(_ block: BlockRows) {
    for lane in 0..<Lanes.scalarCount { rule.writeDeltas(block, lane: lane, of: neuron) }
  }
}

/// ``GeneralNeighborhoodRule`` of neurons of any dynamics.
struct DynamicGeneralBlock: DynamicBlockRule {
  let rule: GeneralNeighborhoodRule
  let dynamics: NeuronDynamics

  func run(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    for lane in 0..<Lanes.scalarCount {
      let neuron = NeuronReference(
        membraneDecay: Double(step.membraneDecay[lane]),
        synapticDecay: Double(step.synapticDecay[lane]), threshold: Double(step.threshold[lane]),
        dynamics: dynamics)
      rule.writeDeltas(block, lane: lane, of: neuron)
    }
  }
}

extension NeuronLayer {
  func backward(
    _ rule: GeneralNeighborhoodRule, _ currents: FloatSlice, _ gradient: FloatSlice,
    _ scratch: NeuronScratch, _ constants: NeuronConstants?, _ sums: NeuronConstants?
  ) {
    if dynamics.isRenewed && constants == nil && sums == nil {
      backward(
        GeneralNeighborhoodBlock(layer: self, rule: rule), currents.pointer, gradient.pointer,
        scratch.rows)
    } else {
      backward(
        DynamicGeneralBlock(rule: rule, dynamics: dynamics), currents.pointer, gradient.pointer,
        scratch.rows, constants?.places, sums?.places)
    }
  }
}
