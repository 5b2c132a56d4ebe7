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
  ///   - constants: of each channel, in place of the layer's.
  /// - Returns: the number of spikes.
  /// - Complexity: O(B·N), no allocation.
  package func advance(
    currents: FloatSlice, factor: Float, state: NeuronState, spikes: FloatSlice,
    constants: NeuronConstants? = nil
  ) -> Int {
    precondition(
      [currents.count, state.membrane.count, state.adaptation.count, spikes.count]
        .allSatisfy { $0 == plane } && state.psc.count == pooledPlane,
      "\(currents.count) currents and \(state.psc.count) outputs for a layer with \(plane) and "
        + "\(pooledPlane) a step")
    requireChannels(constants)
    return VectorLevel.kernels.advance(
      self, currents: currents.pointer, factor: factor, membrane: state.membrane.pointer,
      adaptation: state.adaptation.pointer, psc: state.psc.pointer, spikes: spikes.pointer,
      constants: constants?.places)
  }
}

extension NeuronLayer {
  /// u ← m·u + c of one time step of a readout, in the operations of ``readout(currents:output:scratch:constants:)``.
  ///
  /// - Parameters:
  ///   - currents: c of the step, `[B, height, width, channels]`.
  ///   - factor: what the currents are multiplied by, 1 unless they stand for a static input.
  ///   - potentials: u.
  ///   - constants: of each channel, in place of the layer's; only m counts.
  package func integrate(
    currents: FloatSlice, factor: Float, into potentials: FloatSlice,
    constants: NeuronConstants? = nil
  ) {
    precondition(
      currents.count == plane && potentials.count == plane,
      "\(currents.count) currents and \(potentials.count) potentials for \(plane) a step")
    requireChannels(constants)
    let (c, u) = (currents.pointer, potentials.pointer)
    let own = constants?.membraneDecay.pointer
    for place in 0..<plane {
      let m = own?[place % channels] ?? membraneDecay
      u[place] = m * u[place] + c[place] * factor
    }
  }
}

extension FloatSlice {
  /// Moves everything to the front by `count`; what is there is lost.
  package func shift(by count: Int) {
    precondition((0...self.count).contains(count), "a shift by \(count) of \(self.count)")
    pointer.update(from: pointer + count, count: self.count - count)
  }

  /// a ← d·a + (1 − d)·x, where x is in the order `[C, H, W]` and a in `[H, W, C]`.
  ///
  /// The next time step of ``filterSynaptically(decay:timeSteps:)``, in the same operations.
  package func filterSynaptically(
    next frame: Span<Float>, decay: Float, channels: Int, pixels: Int
  ) {
    precondition(
      frame.count == channels * pixels && count == frame.count,
      "a frame of \(frame.count) floats for \(channels) channels of \(pixels) pixels")
    let gain = 1 - decay
    let a = pointer
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        let place = pixel &* channels &+ channel
        a[place] = decay * a[place] + gain * frame[unchecked: channel &* pixels &+ pixel]
      }
    }
  }

  /// self = x, where x is in the order `[C, H, W]` and this in `[H, W, C]`.
  package func copy(channelsFirst image: Span<Float>, channels: Int, pixels: Int) {
    precondition(
      image.count == channels * pixels && count == image.count,
      "an image of \(image.count) floats for \(channels) channels of \(pixels) pixels")
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        pointer[pixel &* channels &+ channel] = image[unchecked: channel &* pixels &+ pixel]
      }
    }
  }
}
