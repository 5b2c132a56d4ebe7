package import CounterspikeKernels
package import CounterspikeReference

extension NeuronSettings {
  /// What a spike does to its own neuron, as the kernels take it.
  package var dynamics: NeuronDynamics {
    let kernelReset: NeuronDynamics.Reset =
      switch reset {
      case .zero: .zero
      case .subtraction: .subtraction
      case .none: .none
      }
    return NeuronDynamics(
      reset: kernelReset,
      adaptation: adaptation.flatMap {
        $0.strength > 0
          ? NeuronDynamics.Adaptation(strength: $0.strength, decay: Float($0.decay)) : nil
      })
  }

  /// A neuron in double precision.
  package var reference: NeuronReference {
    NeuronReference(
      membraneDecay: membraneDecay, synapticDecay: synapticDecay, threshold: Double(threshold),
      dynamics: dynamics)
  }

  /// A layer of such neurons.
  package func layer(
    timeSteps: Int, batch: Int, height: Int = 1, width: Int = 1, channels: Int
  ) -> NeuronLayer {
    var layer = NeuronLayer(
      membraneDecay: membraneDecay, synapticDecay: synapticDecay, threshold: threshold,
      timeSteps: timeSteps, batch: batch, height: height, width: width, channels: channels)
    layer.dynamics = dynamics
    return layer
  }
}

extension NeuronLayer {
  /// The same layer of other neurons.
  package func with(_ neuron: NeuronSettings) -> NeuronLayer {
    var layer = neuron.layer(
      timeSteps: timeSteps, batch: batch, height: height, width: width, channels: channels)
    layer.pooling = pooling
    layer.poolingFactor = poolingFactor
    layer.stillInputDecay = stillInputDecay
    return layer
  }
}
