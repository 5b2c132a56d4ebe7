extension NeuronLayer {
  /// The forward pass of neurons of any dynamics, see ``NeuronDynamics``, or with constants of their own
  /// in each channel.
  ///
  /// - Complexity: O(T·B·N), no allocation.
  func forwardDynamic(
    _ currents: FloatPointer, _ output: FloatPointer,
    _ scales: (factors: FloatPointer, stride: Int), _ rows: NeuronRows,
    _ constants: NeuronConstantPlaces?
  ) -> Int {
    let window = rows.row(0)  // Σ s[t] over the window
    let rowStride = width &* channels
    let factor = Lanes(repeating: poolingFactor)
    let one = Lanes(repeating: 1)
    var spikes = SIMD16<Int32>()
    forEachWindow { pair in
      let step = dynamicStep(pair, constants)
      for t in 0..<timeSteps { window[t] = Lanes() }
      var fires = SIMD16<Int32>()
      for y in 0..<pooling {
        for x in 0..<pooling {
          let place = y &* rowStride &+ x &* channels
          var state = DynamicStep<Lanes>.State()
          for t in 0..<timeSteps {
            let row = currents + t &* scales.stride
            let c = row.lanes(pair.first.neuron &+ place, pair.second.neuron &+ place)
            let fired = step.advance(&state, by: c * Lanes(repeating: scales.factors[t])).fired
            fires &-= fired.integers
            window[t] += Lanes().select(one, where: fired)
          }
        }
      }
      spikes &+= fires.counted(pair)
      let gain = step.gain * factor
      var a = Lanes()
      for t in 0..<timeSteps {
        a = step.synapticDecay * a + gain * window[t]
        let row = t &* (outputTimeStride ?? pooledPlane)
        output.store(a, row &+ pair.first.output, row &+ pair.second.output)
      }
    }
    return spikes.total
  }
}
