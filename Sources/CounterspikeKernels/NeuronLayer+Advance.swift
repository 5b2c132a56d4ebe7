/// What the neurons of a layer carry from one time step to the next, where steps are made one at a time.
package struct NeuronState: Sendable {
  /// v behind the reset, shaped like the currents of one time step.
  package var membrane: FloatSlice
  /// b of an adaptive threshold, of the same shape.
  package var adaptation: FloatSlice
  /// a behind the pooling, `[B, pooledHeight, pooledWidth, channels]`.
  package var psc: FloatSlice

  package init(membrane: FloatSlice, adaptation: FloatSlice, psc: FloatSlice) {
    self.membrane = membrane
    self.adaptation = adaptation
    self.psc = psc
  }

  /// Before the first step everything is zero.
  package func clear() {
    for slice in [membrane, adaptation, psc] { slice.fill(0) }
  }
}

extension NeuronLayer {
  /// Advances the neurons by one time step and pools their psc.
  ///
  /// Every neuron takes the operations of ``forward(currents:output:scratch:constants:)`` in the same
  /// order, so that T calls give the same bits as one call for T time steps. ``timeSteps`` and
  /// ``stillInputDecay`` do not count here.
  ///
  /// - Parameters:
  ///   - currents: c of the step, `[B, height, width, channels]`.
  ///   - factor: what the currents are multiplied by, 1 unless they stand for a static input.
  ///   - state: of the step before; becomes that of this step.
  ///   - spikes: s of the step, shaped like the currents; neurons that no window covers stay at 0.
  /// - Returns: the number of spikes.
  /// - Complexity: O(B·N), no allocation.
  package func advance(
    currents: FloatSlice, factor: Float, state: NeuronState, spikes: FloatSlice
  ) -> Int {
    precondition(
      [currents.count, state.membrane.count, state.adaptation.count, spikes.count]
        .allSatisfy { $0 == plane } && state.psc.count == pooledPlane,
      "\(currents.count) currents and \(state.psc.count) outputs for a layer with \(plane) and "
        + "\(pooledPlane) a step")
    return VectorLevel.kernels.advance(
      self, currents: currents.pointer, factor: factor, membrane: state.membrane.pointer,
      adaptation: state.adaptation.pointer, psc: state.psc.pointer, spikes: spikes.pointer)
  }

  /// Advances leaky integrators that do not fire by one time step: u ← m·u + c.
  ///
  /// The next time step of ``readout(currents:output:scratch:constants:)``, in the same operations.
  ///
  /// - Parameters:
  ///   - currents: c of the step, `[B, height, width, channels]`.
  ///   - factor: what the currents are multiplied by, 1 unless they stand for a static input.
  ///   - membrane: u of the step before; becomes that of this step.
  package func advanceReadout(currents: FloatSlice, factor: Float, membrane: FloatSlice) {
    precondition(
      pooling == 1 && currents.count == plane && membrane.count == plane,
      "\(currents.count) currents and \(membrane.count) potentials for a readout of \(plane)")
    VectorLevel.kernels.advanceReadout(
      self, currents: currents.pointer, factor: factor, membrane: membrane.pointer)
  }
}
