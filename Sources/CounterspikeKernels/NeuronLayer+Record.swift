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
    var membrane = currents
    var spikes = currents
    var psc = currents
    VectorLevel.kernels.record(
      self, plane: plane, currents: currents, membrane: &membrane, spikes: &spikes, psc: &psc)
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
    var spikes = currents
    let perturbation = VectorLevel.kernels.inverting(
      self, k, timeSteps: currents.count, currents: currents, spikes: &spikes)
    return (spikes, perturbation)
  }
}
