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
    let step = step(of: Float.self)
    var membrane = currents
    var spikes = currents
    var psc = currents
    for neuron in 0..<plane {
      var v: Float = 0
      var a: Float = 0
      for t in 0..<timeSteps {
        let place = t * plane + neuron
        let (u, fired) = step.advance(&v, by: currents[place])
        a = step.psc(a, fired)
        membrane[place] = u
        spikes[place] = fired ? 1 : 0
        psc[place] = a
      }
    }
    return (membrane, spikes, psc)
  }
}
