package import CounterspikeKernels

/// Neurons of a dense layer that see each other's psc one step later, through lateral weights V
/// `[N, N]`, target by source:
///
///     c[t] = c₀[t] + V·a[t−1]
///
/// c₀ is what arrives from other layers. u, s and a follow from c as everywhere, see ``NeuronDynamics``.
package struct RecurrentNeurons: Sendable {
  package let layer: NeuronLayer

  package init(_ layer: NeuronLayer) {
    precondition(
      layer.height == 1 && layer.width == 1 && layer.pooling == 1 && layer.stillInputDecay == nil,
      "recurrent neurons of a layer with pixels, pooling or a static input")
    self.layer = layer
  }

  /// A spike that is inverted: the membrane stands at the threshold there, and all neurons go on from it.
  package struct Flip: Sendable {
    /// The sample, as a row of the batch.
    package var row: Int
    package var neuron: Int
    /// The time step.
    package var step: Int

    package init(row: Int, neuron: Int, step: Int) {
      self.row = row
      self.neuron = neuron
      self.step = step
    }
  }

  /// Floats of the states, ``forward(currents:output:weights:states:constants:flips:)`` needs no others.
  package var stateCount: Int { 2 * layer.plane + lateralCount }

  /// With no fewer than these a sample's currents do not depend on how many samples are computed together.
  private var rows: Int { max(layer.batch, MatrixProduct.fewestRows) }

  /// Floats that ``addLateral(_:weights:to:room:)`` needs.
  package var lateralCount: Int { 2 * rows * layer.channels }

  /// currents += V·psc of one time step.
  ///
  /// - Parameters:
  ///   - psc: a of the step before, `[B, N]`.
  ///   - currents: `[B, N]`.
  ///   - room: ``lateralCount`` floats; what lies there in rows without a sample must be numbers.
  package func addLateral(
    _ psc: FloatSlice, weights: FloatSlice, to currents: FloatSlice, room: FloatSlice
  ) throws(LibraryFailure) {
    let size = rows * layer.channels
    room.slice(0, layer.plane).copy(from: psc)
    let sums = room.slice(size, size)
    try MatrixProduct.forward(
      input: room.slice(0, size), weights: weights, output: sums, rows: rows,
      inputs: layer.channels, outputs: layer.channels)
    currents.add(sums.slice(0, layer.plane))
  }

  /// Advances the neurons through all time steps.
  ///
  /// - Parameters:
  ///   - currents: c₀, `[T, B, N]`; becomes c.
  ///   - output: a, `[T, B, N]`.
  ///   - weights: V `[N, N]`, padding included.
  ///   - states: ``stateCount`` floats.
  ///   - constants: of each channel, in place of the layer's.
  /// - Returns: the number of spikes.
  /// - Complexity: O(T·B·N²), no allocation.
  package func forward(
    currents: FloatSlice, output: FloatSlice, weights: FloatSlice, states: FloatSlice,
    constants: NeuronConstants? = nil, flips: [Flip] = []
  ) throws(LibraryFailure) -> Int {
    precondition(
      currents.count == layer.currentCount && output.count == layer.outputCount
        && states.count >= stateCount,
      "\(currents.count) currents, \(output.count) outputs and \(states.count) states for a layer "
        + "with \(layer.currentCount), \(layer.outputCount) and \(stateCount)")
    layer.requireChannels(constants)
    let plane = layer.plane
    let v = states.slice(0, plane).pointer
    let b = states.slice(plane, plane).pointer
    states.fill(0)
    let kernels = VectorLevel.kernels
    var spikes = 0
    for t in 0..<layer.timeSteps {
      if t > 0 {
        try addLateral(
          output.slice((t - 1) * plane, plane), weights: weights,
          to: currents.slice(t * plane, plane), room: states.slice(2 * plane, lateralCount))
      }
      let c = currents.pointer + t * plane
      let a = output.pointer + t * plane
      let before = flips.isEmpty ? [] : neurons(of: flips, at: t, v, b)
      let last = t > 0 ? a - plane : nil
      spikes += kernels.recurrentForward(
        layer, currents: c, output: a, last: last, v: v, b: b,
        constants: constants?.places)
      for (place, membrane, adaptation) in before {
        kernels.recurrentInvert(
          layer.with(constants, channel: place % layer.channels), place, membrane: membrane,
          adaptation: adaptation, currents: c, output: a,
          last: last, v: v, b: b)
      }
    }
    return spikes
  }

  /// Where spikes are inverted at step t, and how the neurons stand there before.
  private func neurons(
    of flips: [Flip], at t: Int, _ v: FloatPointer, _ b: FloatPointer
  ) -> [(place: Int, membrane: Float, adaptation: Float)] {
    flips.filter { $0.step == t }.map { flip in
      let place = flip.row * layer.channels + flip.neuron
      return (place, v[place], b[place])
    }
  }
}
