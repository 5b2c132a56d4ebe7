extension NeuronLayer {
  /// What the neurons do with currents in any order of neurons, time outermost.
  ///
  /// In single precision and in the forward kernel's order of operations, so that the spikes are
  /// the very ones that it sees.
  ///
  /// - Parameter currents: c, T equal planes.
  /// - Returns: u before the reset, s as 0 or 1, and a, each as long as `currents`.
  package func record(
    _ currents: [Float]
  ) -> (membrane: [Float], spikes: [Float], psc: [Float]) {
    precondition(
      currents.count % timeSteps == 0, "\(currents.count) currents for \(timeSteps) steps")
    let plane = currents.count / timeSteps
    let step = dynamicStep()
    var membrane = currents
    var spikes = currents
    var psc = currents
    for neuron in 0..<plane {
      var state = DynamicStep<Float>.State()
      var a: Float = 0
      for t in 0..<timeSteps {
        let place = t * plane + neuron
        let (u, _, fired) = step.advance(&state, by: currents[place])
        a = step.psc(a, fired)
        membrane[place] = u
        spikes[place] = fired ? 1 : 0
        psc[place] = a
      }
    }
    return (membrane, spikes, psc)
  }

  /// One neuron whose spike at step k is inverted: its membrane stands at the threshold there, and it
  /// is replayed after k on the same currents. Its later thresholds are those of the changed train.
  ///
  /// - Parameter currents: c of one neuron, T values.
  /// - Returns: s as 0 or 1, and ε, what is added to c[k].
  package func inverting(
    _ k: Int, currents: [Float]
  ) -> (spikes: [Float], perturbation: Double) {
    let step = dynamicStep()
    var state = DynamicStep<Float>.State()
    var spikes = currents
    var perturbation = 0.0
    for t in currents.indices {
      let b = state.b
      let (u, theta, fired) = step.advance(&state, by: currents[t])
      spikes[t] = fired ? 1 : 0
      guard t == k else { continue }
      perturbation = Double(theta) - Double(u)
      state.v = fired ? theta : step.reset(theta)
      state.b = step.adapted(b, !fired)
      spikes[t] = fired ? 0 : 1
    }
    return (spikes, perturbation)
  }
}
