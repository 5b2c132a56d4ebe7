/// The constants of every channel's neurons, where they are trained, or the gradients with respect to
/// them; one value a channel, the padding included.
package struct NeuronConstants: Sendable {
  /// m
  package var membraneDecay: FloatSlice
  /// d
  package var synapticDecay: FloatSlice
  /// θ
  package var threshold: FloatSlice

  package init(membraneDecay: FloatSlice, synapticDecay: FloatSlice, threshold: FloatSlice) {
    precondition(
      membraneDecay.count == synapticDecay.count && synapticDecay.count == threshold.count,
      "constants of \(membraneDecay.count), \(synapticDecay.count) and \(threshold.count) channels")
    self.membraneDecay = membraneDecay
    self.synapticDecay = synapticDecay
    self.threshold = threshold
  }
}

extension NeuronLayer {
  /// A layer all of whose neurons are those of a channel.
  package func with(_ constants: NeuronConstants?, channel: Int) -> NeuronLayer {
    guard let constants else { return self }
    var layer = self
    layer.exactMembraneDecay = Double(constants.membraneDecay[channel])
    layer.synapticDecay = constants.synapticDecay[channel]
    layer.threshold = constants.threshold[channel]
    return layer
  }

  package func requireChannels(_ constants: NeuronConstants?) {
    guard let constants else { return }
    precondition(
      constants.membraneDecay.count == channels,
      "constants of \(constants.membraneDecay.count) channels for a layer with \(channels)")
  }
}

/// Where ``NeuronConstants`` lie, as vector code sees them.
package struct NeuronConstantPlaces {
  package let membraneDecay: FloatPointer
  package let synapticDecay: FloatPointer
  package let threshold: FloatPointer
}

extension NeuronConstants {
  package var places: NeuronConstantPlaces {
    NeuronConstantPlaces(
      membraneDecay: membraneDecay.pointer, synapticDecay: synapticDecay.pointer,
      threshold: threshold.pointer)
  }
}
