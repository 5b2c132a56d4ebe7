extension NeuronReference {
  /// Neurons of one sample that see each other one step later, by the letter of the equations.
  ///
  /// - Parameters:
  ///   - currents: c₀ of each neuron, T values each.
  ///   - lateral: V, target by source.
  ///   - flip: a spike that is inverted.
  /// - Returns: c and what each neuron did.
  package func run(
    _ currents: [[Double]], lateral: [[Double]], inverting flip: (neuron: Int, step: Int)? = nil
  ) -> (currents: [[Double]], traces: [Trace]) {
    Self.run(currents.map { _ in self }, currents, lateral: lateral, inverting: flip)
  }

  /// The same of neurons each of which has constants of its own.
  package static func run(
    _ neurons: [NeuronReference], _ currents: [[Double]], lateral: [[Double]],
    inverting flip: (neuron: Int, step: Int)? = nil
  ) -> (currents: [[Double]], traces: [Trace]) {
    var currents = currents
    var traces = currents.map { _ in Trace() }
    var states = currents.map { _ in State() }
    var psc = currents.map { _ in 0.0 }
    for t in currents[0].indices {
      let before = psc
      for i in currents.indices {
        for (j, a) in before.enumerated() { currents[i][t] += lateral[i][j] * a }
        let (neuron, state) = (neurons[i], states[i])
        var (u, theta, s) = neuron.advance(&states[i], by: currents[i][t])
        if let flip, flip.neuron == i, flip.step == t {
          s = 1 - s
          u = theta
          states[i] = state
          neuron.settle(&states[i], membrane: u, spike: s)
        }
        psc[i] = neuron.synapticDecay * psc[i] + (1 - neuron.synapticDecay) * s
        traces[i].membrane.append(u)
        traces[i].thresholds.append(theta)
        traces[i].spikes.append(s)
        traces[i].psc.append(psc[i])
      }
    }
    return (currents, traces)
  }

  /// δ of such neurons: from the last step to the first, each with all that is known of later ones.
  ///
  /// - Parameters:
  ///   - currents: c of each neuron, that from the others included.
  ///   - gradient: g of each neuron, without what comes back through V.
  ///   - rule: δ of one neuron from its c and g.
  package func recurrentDeltas(
    currents: [[Double]], gradient: [[Double]], lateral: [[Double]],
    rule: (_ currents: [Double], _ gradient: [Double]) -> [Double]
  ) -> [[Double]] {
    Self.recurrentDeltas(currents: currents, gradient: gradient, lateral: lateral) { _, c, g in
      rule(c, g)
    }.deltas
  }

  /// The same of neurons each of which has a rule of its own, and g with what comes back through V.
  package static func recurrentDeltas(
    currents: [[Double]], gradient: [[Double]], lateral: [[Double]],
    rule: (_ neuron: Int, _ currents: [Double], _ gradient: [Double]) -> [Double]
  ) -> (deltas: [[Double]], gradient: [[Double]]) {
    let steps = currents[0].count
    var deltas = currents.map { $0.map { _ in 0.0 } }
    var gradient = gradient
    for t in (0..<steps).reversed() {
      if t + 1 < steps {
        for i in currents.indices {
          for j in currents.indices { gradient[i][t] += lateral[j][i] * deltas[j][t + 1] }
        }
      }
      for i in currents.indices {
        let known = gradient[i].enumerated().map { $0 < t ? 0 : $1 }
        deltas[i][t] = rule(i, currents[i], known)[t]
      }
    }
    return (deltas, gradient)
  }
}
