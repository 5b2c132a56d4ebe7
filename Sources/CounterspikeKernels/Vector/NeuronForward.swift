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
  ///   - currents: c, `[T, B, height, width, channels]`, or one plane for a static input.
  ///   - output: a, `[T, B, pooledHeight, pooledWidth, channels]`.
  ///   - constants: of each channel, in place of the layer's.
  /// - Returns: the number of spikes; neurons that no window covers are not run.
  /// - Complexity: O(T·B·N), no allocation.
  /// - Note: Yang, Zhang, Li (ICML 2021), Eq. 1–3.
  package func forward(
    currents: FloatSlice, output: FloatSlice, scratch: NeuronScratch,
    constants: NeuronConstants? = nil
  ) -> Int {
    precondition(
      currents.count == currentCount && output.count == outputCount,
      "\(currents.count) currents and \(output.count) outputs for a layer with \(currentCount) "
        + "and \(outputCount)")
    precondition(scratch.timeSteps == timeSteps, "scratch of another number of time steps")
    let scales = prepareScales(scratch)
    guard dynamics.isRenewed && constants == nil else {
      requireChannels(constants)
      return forwardDynamic(currents.pointer, output.pointer, scales, scratch, constants)
    }
    return pooling == 1
      ? forwardPlain(currents.pointer, output.pointer, scales)
      : forwardPooled(currents.pointer, output.pointer, scales, scratch)
  }

  /// Writes the static input's factors, or ones; returns the stride between two steps' currents.
  @inline(__always)
  func prepareScales(
    _ scratch: NeuronScratch
  ) -> (factors: UnsafeMutablePointer<Float>, stride: Int) {
    let factors = scratch.factors
    guard let decay = stillInputDecay else {
      for t in 0..<timeSteps { factors[t] = 1 }
      return (factors, plane)
    }
    var power: Float = 1
    for t in 0..<timeSteps {
      power *= decay
      factors[t] = 1 - power
    }
    return (factors, 0)
  }

  private func forwardPlain(
    _ currents: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ scales: (factors: UnsafeMutablePointer<Float>, stride: Int)
  ) -> Int {
    let step = step(of: Lanes.self)
    let plane = self.plane
    var spikes = SIMD16<Int32>()
    forEachWindow { pair in
      let (first, second) = (pair.first.neuron, pair.second.neuron)
      var v = Lanes()
      var a = Lanes()
      var fires = SIMD16<Int32>()
      for t in 0..<timeSteps {
        let row = t &* scales.stride
        let c = currents.lanes(row &+ first, row &+ second)
        let fired = step.advance(&v, by: c * Lanes(repeating: scales.factors[t])).fired
        fires &-= fired.integers
        a = step.psc(a, fired)
        output.store(a, t &* plane &+ first, t &* plane &+ second)
      }
      spikes &+= fires.counted(pair)
    }
    return spikes.total
  }

  private func forwardPooled(
    _ currents: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ scales: (factors: UnsafeMutablePointer<Float>, stride: Int), _ scratch: NeuronScratch
  ) -> Int {
    let step = step(of: Lanes.self)
    let d = Lanes(repeating: synapticDecay)
    let gain = Lanes(repeating: (1 - synapticDecay) * poolingFactor)
    let window = scratch.row(0)  // Σ s[t] over the window
    let rowStride = width &* channels
    let pooling = self.pooling
    /// Where the neuron `index` of a window lies behind its first.
    func place(_ index: Int) -> Int {
      index / pooling &* rowStride &+ index % pooling &* channels
    }
    var spikes = SIMD16<Int32>()
    forEachWindow { pair in
      for t in 0..<timeSteps { window[t] = Lanes() }
      var fires = SIMD16<Int32>()
      // Two neurons at a time: each step waits for the one before, and two chains wait side by side.
      for index in stride(from: 0, to: pooling &* pooling, by: 2) {
        let isPair = index &+ 1 < pooling &* pooling
        let (one, other) = (place(index), place(isPair ? index &+ 1 : index))
        let weight = Lanes(repeating: isPair ? 1 : 0)
        var v = Lanes()
        var w = Lanes()
        var firesOfOther = SIMD16<Int32>()
        for t in 0..<timeSteps {
          let row = currents + t &* scales.stride
          let factor = Lanes(repeating: scales.factors[t])
          let c = row.lanes(pair.first.neuron &+ one, pair.second.neuron &+ one)
          let otherC = row.lanes(pair.first.neuron &+ other, pair.second.neuron &+ other)
          let fired = step.advance(&v, by: c * factor).fired
          let otherFired = step.advance(&w, by: otherC * factor).fired
          fires &-= fired.integers
          firesOfOther &-= otherFired.integers
          window[t] +=
            Lanes().select(Lanes(repeating: 1), where: fired)
            + Lanes().select(weight, where: otherFired)
        }
        if isPair { fires &+= firesOfOther }
      }
      spikes &+= fires.counted(pair)
      var a = Lanes()
      for t in 0..<timeSteps {
        a = d * a + gain * window[t]
        let row = t &* pooledPlane
        output.store(a, row &+ pair.first.output, row &+ pair.second.output)
      }
    }
    return spikes.total
  }
}

extension SIMD16<Int32> {
  /// Numbers of spikes, those of an octet that stands twice in a pair only once.
  @inline(__always)
  func counted(_ pair: OctetPair) -> Self {
    pair.isSingle ? Self(lowHalf: lowHalf, highHalf: SIMD8()) : self
  }

  var total: Int { indices.reduce(0) { $0 + Int(self[$1]) } }
}
