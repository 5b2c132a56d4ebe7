extension Kernels {
  /// ``NeuronLayer/record(_:)`` of `plane` neurons.
  static func record(
    _ layer: NeuronLayer, plane: Int, currents: UnsafePointer<Float>, membrane: FloatPointer,
    spikes: FloatPointer, psc: FloatPointer
  ) {
    let step = layer.dynamicStep()
    for neuron in 0..<plane {
      var state = DynamicStep<Float>.State()
      var a: Float = 0
      for t in 0..<layer.timeSteps {
        let place = t * plane + neuron
        let (u, _, fired) = step.advance(&state, by: currents[place])
        a = step.psc(a, fired)
        membrane[place] = u
        spikes[place] = fired ? 1 : 0
        psc[place] = a
      }
    }
  }

  /// ``NeuronLayer/inverting(_:currents:)``
  ///
  /// - Returns: ε
  static func inverting(
    _ layer: NeuronLayer, _ k: Int, timeSteps: Int, currents: UnsafePointer<Float>,
    spikes: FloatPointer
  ) -> Double {
    let step = layer.dynamicStep()
    var state = DynamicStep<Float>.State()
    var perturbation = 0.0
    for t in 0..<timeSteps {
      let b = state.b
      let (u, theta, fired) = step.advance(&state, by: currents[t])
      spikes[t] = fired ? 1 : 0
      guard t == k else { continue }
      perturbation = Double(theta) - Double(u)
      state.v = fired ? theta : step.reset(theta)
      state.b = step.adapted(b, !fired)
      spikes[t] = fired ? 0 : 1
    }
    return perturbation
  }
}
