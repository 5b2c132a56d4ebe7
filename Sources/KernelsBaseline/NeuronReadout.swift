extension Kernels {
  /// ``NeuronLayer/readout(currents:output:scratch:constants:)``
  static func readout(
    _ layer: NeuronLayer, currents: FloatPointer,
    output: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?
  ) {
    let scales = layer.prepareScales(rows)
    layer.forEachWindow { pair in
      let m = layer.dynamicStep(pair, constants).membraneDecay
      let (first, second) = (pair.first.neuron, pair.second.neuron)
      var u = Lanes()
      for t in 0..<layer.timeSteps {
        let row = t &* scales.stride
        let c = currents.lanes(row &+ first, row &+ second)
        u = m * u + c * Lanes(repeating: scales.factors[t])
        output.store(u, t &* layer.plane &+ first, t &* layer.plane &+ second)
      }
    }
  }

  /// ``NeuronLayer/readoutBackward(currents:gradient:scratch:constants:constantGradients:)``
  static func readoutBackward(
    _ layer: NeuronLayer, currents: FloatPointer,
    gradient: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?,
    constantGradients: NeuronConstantPlaces?
  ) {
    let scales = layer.prepareScales(rows)
    let rows = BlockRows(rows)
    layer.forEachWindow { pair in
      let m = layer.dynamicStep(pair, constants).membraneDecay
      let (first, second) = (pair.first.neuron, pair.second.neuron)
      var delta = Lanes()
      var t = layer.timeSteps
      while t > 0 {
        t &-= 1
        let row = t &* layer.plane
        delta = gradient.lanes(row &+ first, row &+ second) + m * delta
        rows.deltas[t] = delta
      }
      if let sums = constantGradients {
        var u = Lanes()
        var sum = Lanes()
        for t in 0..<layer.timeSteps {
          let row = t &* scales.stride
          let c = currents.lanes(row &+ first, row &+ second)
          sum += rows.deltas[t] * u
          u = m * u + c * Lanes(repeating: scales.factors[t])
        }
        sums.membraneDecay.add(sum, pair, channels: layer.channels)
      }
      layer.store(rows, currents, first, second, scales)
    }
  }
}
