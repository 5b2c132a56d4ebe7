extension Kernels {
  /// The forward pass of ``NeuronLayer/forward(currents:output:scratch:constants:)``.
  static func forward(
    _ layer: NeuronLayer, currents: FloatPointer,
    output: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?
  ) -> Int {
    let scales = layer.prepareScales(rows)
    guard layer.dynamics.isRenewed && constants == nil else {
      return layer.forwardDynamic(currents, output, scales, rows, constants)
    }
    return layer.pooling == 1
      ? layer.forwardPlain(currents, output, scales)
      : layer.forwardPooled(currents, output, scales, rows)
  }
}

extension NeuronLayer {
  /// Writes the static input's factors, or ones; returns the stride between two steps' currents.
  @inline(__always)
  func prepareScales(
    _ rows: NeuronRows
  ) -> (factors: FloatPointer, stride: Int) {
    let factors = rows.factors
    guard let decay = stillInputDecay else {
      for t in 0..<timeSteps { factors[t] = 1 }
      return (factors, timeStride ?? plane)
    }
    var power: Float = 1
    for t in 0..<timeSteps {
      power *= decay
      factors[t] = 1 - power
    }
    return (factors, 0)
  }

  fileprivate func forwardPlain(
    _ currents: FloatPointer, _ output: FloatPointer,
    _ scales: (factors: FloatPointer, stride: Int)
  ) -> Int {
    let step = step(of: Lanes.self)
    let outputStride = outputTimeStride ?? plane
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
        output.store(a, t &* outputStride &+ first, t &* outputStride &+ second)
      }
      spikes &+= fires.counted(pair)
    }
    return spikes.total
  }

  fileprivate func forwardPooled(
    _ currents: FloatPointer, _ output: FloatPointer,
    _ scales: (factors: FloatPointer, stride: Int), _ rows: NeuronRows
  ) -> Int {
    let step = step(of: Lanes.self)
    let d = Lanes(repeating: synapticDecay)
    let gain = Lanes(repeating: (1 - synapticDecay) * poolingFactor)
    let window = rows.row(0)  // Σ s[t] over the window
    let rowStride = width &* channels
    let pooling = self.pooling
    /// Where the neuron `index` of a window lies behind its first.
    func place(_ index: Int) -> Int {
      index / pooling &* rowStride &+ index % pooling &* channels
    }
    let outputStride = outputTimeStride ?? pooledPlane
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
        let row = t &* outputStride
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
    let lower = Self(lowHalf: SIMD8(repeating: -1), highHalf: SIMD8())
    return pair.isSingle ? self & lower : self
  }

  var total: Int { indices.reduce(0) { $0 + Int(self[$1]) } }
}
