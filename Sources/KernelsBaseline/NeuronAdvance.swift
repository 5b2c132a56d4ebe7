extension Kernels {
  /// ``NeuronLayer/advance(currents:factor:state:spikes:constants:)``
  static func advance(
    _ layer: NeuronLayer, currents c: FloatPointer, factor: Float, membrane v: FloatPointer,
    adaptation b: FloatPointer, psc a: FloatPointer, spikes s: FloatPointer,
    constants: NeuronConstantPlaces?
  ) -> Int {
    let one = Lanes(repeating: 1)
    let rowStride = layer.width &* layer.channels
    var total = SIMD16<Int32>()
    layer.forEachWindow { pair in
      let step = layer.dynamicStep(pair, constants)
      var window = Lanes()
      var fires = SIMD16<Int32>()
      for y in 0..<layer.pooling {
        for x in 0..<layer.pooling {
          let place = y &* rowStride &+ x &* layer.channels
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
      let gain = step.gain * Lanes(repeating: layer.poolingFactor)
      let (first, second) = (pair.first.output, pair.second.output)
      a.store(step.synapticDecay * a.lanes(first, second) + gain * window, first, second)
    }
    return total.total
  }
}
