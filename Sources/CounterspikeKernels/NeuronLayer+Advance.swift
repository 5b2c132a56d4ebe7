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
    let (c, v, b) = (currents.pointer, state.membrane.pointer, state.adaptation.pointer)
    let (s, a) = (spikes.pointer, state.psc.pointer)
    let one = Lanes(repeating: 1)
    let rowStride = width &* channels
    var total = SIMD16<Int32>()
    forEachWindow { pair in
      let step = dynamicStep(pair, nil)
      var window = Lanes()
      var fires = SIMD16<Int32>()
      for y in 0..<pooling {
        for x in 0..<pooling {
          let place = y &* rowStride &+ x &* channels
          let (first, second) = (pair.first.neuron &+ place, pair.second.neuron &+ place)
          var neuron = DynamicStep<Lanes>.State()
          neuron.v = v.lanes(first, second)
          neuron.b = b.lanes(first, second)
          let current = c.lanes(first, second) * Lanes(repeating: factor)
          let fired = step.advance(&neuron, by: current).fired
          fires &-= fired.integers
          let spike = Lanes().select(one, where: fired)
          window += spike
          v.store(neuron.v, first, second)
          b.store(neuron.b, first, second)
          s.store(spike, first, second)
        }
      }
      total &+= fires.counted(pair)
      let gain = step.gain * Lanes(repeating: poolingFactor)
      let (first, second) = (pair.first.output, pair.second.output)
      a.store(step.synapticDecay * a.lanes(first, second) + gain * window, first, second)
    }
    return total.total
  }
}

extension NeuronLayer {
  /// u ← m·u + c of one time step of a readout, in the operations of ``readout(currents:output:scratch:constants:)``.
  ///
  /// - Parameters:
  ///   - currents: c of the step, `[B, height, width, channels]`.
  ///   - factor: what the currents are multiplied by, 1 unless they stand for a static input.
  ///   - potentials: u.
  package func integrate(currents: FloatSlice, factor: Float, into potentials: FloatSlice) {
    precondition(
      currents.count == plane && potentials.count == plane,
      "\(currents.count) currents and \(potentials.count) potentials for \(plane) a step")
    let (c, u) = (currents.pointer, potentials.pointer)
    for place in 0..<plane { u[place] = membraneDecay * u[place] + c[place] * factor }
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

  /// self += other, of which only the first values count.
  package func add(firstOf other: FloatSlice) {
    precondition(other.count >= count, "\(other.count) floats onto \(count)")
    for i in 0..<count { pointer[i] += other.pointer[i] }
  }
}
