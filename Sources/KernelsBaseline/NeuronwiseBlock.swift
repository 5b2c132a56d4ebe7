extension NeuronwiseCall {
  /// Writes δ of one lane.
  fileprivate func write(_ block: BlockRows, lane: Int, of neuron: NeuronwiseRule.Neuron) {
    withUnsafePointer(to: neuron) {
      function(
        context, UnsafeRawPointer($0), block.currents.floats + lane, block.errors.floats + lane,
        block.deltas.floats + lane, Lanes.scalarCount)
    }
  }
}

/// ``NeuronwiseRule`` of neurons that are reset to zero.
struct NeuronwiseBlock: BlockRule {
  let call: NeuronwiseCall
  let layer: NeuronLayer

  func run(_ block: BlockRows) {
    let neuron = NeuronwiseRule.Neuron(
      timeSteps: block.timeSteps, membraneDecay: layer.exactMembraneDecay,
      synapticDecay: Double(layer.synapticDecay), threshold: Double(layer.threshold),
      dynamics: layer.dynamics)
    for lane in 0..<Lanes.scalarCount { call.write(block, lane: lane, of: neuron) }
  }
}

/// ``NeuronwiseRule`` of neurons of any dynamics.
struct DynamicNeuronwiseBlock: DynamicBlockRule {
  let call: NeuronwiseCall
  let layer: NeuronLayer

  func run(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    for lane in 0..<Lanes.scalarCount {
      let neuron = NeuronwiseRule.Neuron(
        timeSteps: block.timeSteps, membraneDecay: Double(step.membraneDecay[lane]),
        synapticDecay: Double(step.synapticDecay[lane]), threshold: Double(step.threshold[lane]),
        dynamics: layer.dynamics)
      call.write(block, lane: lane, of: neuron)
    }
  }
}

extension Kernels {
  /// The backward pass of
  /// ``NeuronLayer/backward(rule:currents:gradient:scratch:constants:constantGradients:)`` by such a rule.
  static func neuronwiseBackward(
    _ layer: NeuronLayer, rule call: NeuronwiseCall, currents: FloatPointer,
    gradient: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?,
    constantGradients: NeuronConstantPlaces?
  ) {
    if layer.dynamics.isRenewed && constants == nil && constantGradients == nil {
      layer.backward(NeuronwiseBlock(call: call, layer: layer), currents, gradient, rows)
    } else {
      layer.backward(
        DynamicNeuronwiseBlock(call: call, layer: layer), currents, gradient, rows, constants,
        constantGradients)
    }
  }
}
