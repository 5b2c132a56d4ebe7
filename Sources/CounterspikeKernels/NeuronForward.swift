extension NeuronLayer {
  /// Advances the neurons through all time steps and pools their psc.
  ///
  ///     u[t] = m·v[t−1] + c[t],   s[t] = u[t] > θ,   v[t] = u[t]·(1 − s[t])
  ///     a[t] = d·a[t−1] + (1 − d)·f·Σ s[t]            (the sum over a pooling window)
  ///
  /// Pooling and the synaptic filter are both linear, so the window's spikes are summed first and
  /// filtered once.
  ///
  /// - Parameters:
  ///   - currents: c, `[T, B, height, width, channels]`, or one plane for a still image.
  ///   - output: a, `[T, B, pooledHeight, pooledWidth, channels]`.
  /// - Returns: the number of spikes; neurons that no window covers are not run.
  /// - Complexity: O(T·B·N), no allocation.
  /// - Note: Yang, Zhang, Li (ICML 2021), Eq. 1–3.
  package func forward(currents: FloatSlice, output: FloatSlice, scratch: NeuronScratch) -> Int {
    precondition(
      currents.count == currentCount && output.count == outputCount,
      "\(currents.count) currents and \(output.count) outputs for a layer with \(currentCount) "
        + "and \(outputCount)")
    precondition(scratch.timeSteps == timeSteps, "scratch of another number of time steps")
    let scales = prepareScales(scratch.row(0))
    return pooling == 1
      ? forwardPlain(currents.pointer, output.pointer, scales)
      : forwardPooled(currents.pointer, output.pointer, scales, scratch)
  }

  /// Writes the still image's factors, or ones; returns the stride between two steps' currents.
  @inline(__always)
  func prepareScales(_ row: UnsafeMutablePointer<Lanes>) -> (
    factors: UnsafeMutablePointer<Lanes>, stride: Int
  ) {
    guard let decay = stillInputDecay else {
      for t in 0..<timeSteps { row[t] = Lanes(repeating: 1) }
      return (row, plane)
    }
    var power: Float = 1
    for t in 0..<timeSteps {
      power *= decay
      row[t] = Lanes(repeating: 1 - power)
    }
    return (row, 0)
  }

  private func forwardPlain(
    _ currents: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ scales: (factors: UnsafeMutablePointer<Lanes>, stride: Int)
  ) -> Int {
    let m = Lanes(repeating: membraneDecay)
    let d = Lanes(repeating: synapticDecay)
    let gain = Lanes(repeating: 1 - synapticDecay)
    let theta = Lanes(repeating: threshold)
    let plane = self.plane
    var spikes = SIMD8<Int32>()
    for offset in stride(from: 0, to: plane, by: FloatBuffer.laneCount) {
      var v = Lanes()
      var a = Lanes()
      for t in 0..<timeSteps {
        let u = m * v + currents.lanes(t &* scales.stride &+ offset) * scales.factors[t]
        let fired = u .> theta
        v = u.select(Lanes(), where: fired)
        spikes &-= fired.integers
        a = d * a + Lanes().select(gain, where: fired)
        output.store(a, t &* plane &+ offset)
      }
    }
    return spikes.total
  }

  private func forwardPooled(
    _ currents: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ scales: (factors: UnsafeMutablePointer<Lanes>, stride: Int), _ scratch: NeuronScratch
  ) -> Int {
    let m = Lanes(repeating: membraneDecay)
    let d = Lanes(repeating: synapticDecay)
    let gain = Lanes(repeating: (1 - synapticDecay) * poolingFactor)
    let theta = Lanes(repeating: threshold)
    let window = scratch.row(1)  // Σ s[t] over the window
    let rowStride = width &* channels
    var spikes = SIMD8<Int32>()
    for image in 0..<batch {
      for y in 0..<pooledHeight {
        for x in 0..<pooledWidth {
          for channel in stride(from: 0, to: channels, by: FloatBuffer.laneCount) {
            for t in 0..<timeSteps { window[t] = Lanes() }
            for wy in 0..<pooling {
              for wx in 0..<pooling {
                let neuron =
                  (image &* height &+ y &* pooling &+ wy) &* rowStride
                  &+ (x &* pooling &+ wx) &* channels &+ channel
                var v = Lanes()
                for t in 0..<timeSteps {
                  let u = m * v + currents.lanes(t &* scales.stride &+ neuron) * scales.factors[t]
                  let fired = u .> theta
                  v = u.select(Lanes(), where: fired)
                  spikes &-= fired.integers
                  window[t] += Lanes().select(Lanes(repeating: 1), where: fired)
                }
              }
            }
            let place =
              ((image &* pooledHeight &+ y) &* pooledWidth &+ x) &* channels &+ channel
            var a = Lanes()
            for t in 0..<timeSteps {
              a = d * a + gain * window[t]
              output.store(a, t &* pooledPlane &+ place)
            }
          }
        }
      }
    }
    return spikes.total
  }
}
