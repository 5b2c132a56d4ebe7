package import CounterspikeKernels

/// ``ExternalNeurons`` that see each other's psc one step later, as ``RecurrentNeurons`` do. All of them are taken
/// at once, step by step.
package struct RecurrentExternalNeurons: Sendable {
  package let neurons: ExternalNeurons
  private let lateral: RecurrentNeurons

  package init(_ neurons: ExternalNeurons) {
    self.neurons = neurons
    lateral = RecurrentNeurons(neurons.layer)
  }

  private var layer: NeuronLayer { neurons.layer }

  /// Floats of the states that the forward pass needs.
  package var stateCount: Int {
    neurons.stateCount + neurons.advanceRoomCount + layer.plane + lateral.lateralCount
  }

  /// Advances the neurons through all time steps.
  ///
  /// - Parameters:
  ///   - currents: c₀, `[T, B, N]`; becomes c.
  ///   - output: a, `[T, B, N]`.
  ///   - weights: V `[N, N]`, padding included.
  ///   - states: ``stateCount`` floats.
  ///   - samples: rows of the batch that are none of the padding.
  ///   - flips: spikes that are inverted.
  /// - Returns: the number of spikes.
  package func forward(
    currents: FloatSlice, output: FloatSlice, weights: FloatSlice, states: FloatSlice,
    samples: Int, flips: [RecurrentNeurons.Flip] = []
  ) throws(LibraryFailure) -> Int {
    precondition(
      currents.count == layer.currentCount && output.count == layer.outputCount
        && states.count >= stateCount,
      "\(currents.count) currents, \(output.count) outputs and \(states.count) states for a layer "
        + "with \(layer.currentCount), \(layer.outputCount) and \(stateCount)")
    states.fill(0)
    let plane = layer.plane
    let own = states.slice(0, neurons.stateCount)
    let spikes = states.slice(own.count, plane)
    let room = states.slice(own.count + plane, neurons.advanceRoomCount)
    let laterals = states.slice(own.count + plane + room.count, lateral.lateralCount)
    let used = plane / layer.batch * samples
    var total = 0
    for t in 0..<layer.timeSteps {
      let c = currents.slice(t * plane, plane)
      let a = output.slice(t * plane, plane)
      if t > 0 {
        let last = output.slice((t - 1) * plane, plane)
        try lateral.addLateral(last, weights: weights, to: c, room: laterals)
        a.copy(from: last)
      } else {
        a.fill(0)
      }
      let changed = flips.isEmpty ? [] : inverted(by: flips, at: t, own)
      neurons.advance(
        currents: c, factor: 1, states: own, psc: a, spikes: spikes, room: room)
      for (place, before) in changed {
        let after = neurons.inverting(states: before, current: c[place])
        for (index, value) in after.states.enumerated() { own[index * plane + place] = value }
        let last = t > 0 ? output[(t - 1) * plane + place] : 0
        a[place] = layer.synapticDecay * last + (1 - layer.synapticDecay) * after.spike
      }
      // Rows that pad a batch stay silent.
      a.slice(used, plane - used).fill(0)
      for place in 0..<used where spikes[place] > 0 { total += 1 }
    }
    return total
  }

  /// Where spikes are inverted at step t, and the neurons' states before.
  private func inverted(
    by flips: [RecurrentNeurons.Flip], at t: Int, _ states: FloatSlice
  ) -> [(place: Int, states: [Float])] {
    flips.filter { $0.step == t }.map { flip in
      let place = flip.row * layer.channels + flip.neuron
      return (
        place, (0..<neurons.neuron.stateCount).map { states[$0 * layer.plane + place] }
      )
    }
  }

  // MARK: Back

  /// Floats of the room that the way back needs.
  package var roomCount: Int {
    let pass = pass(samples: 0)
    return layer.plane + pass.rowCount * pass.width
  }

  private func pass(samples: Int) -> ExternalPass {
    neurons.pass(samples: samples, taken: layer.plane)
  }

  /// Turns the gradient with respect to the output into the one with respect to the currents, step by step from
  /// the last to the first, see ``RecurrentBackward``.
  ///
  /// - Parameters:
  ///   - currents: c as the forward pass left it; overwritten by ∂L/∂c.
  ///   - gradient: g = ∂L/∂a, `[T, B, N]`; what comes back through V is added to it.
  ///   - room: ``roomCount`` floats.
  /// - Precondition: the neuron ``ExternalNeuron/covers(_:)`` the rule, and it ``SpikeRule/isStepwise``.
  package func backward(
    rule: SpikeRule, currents: FloatSlice, gradient: FloatSlice, weights: FloatSlice, samples: Int,
    room: FloatSlice
  ) throws(LibraryFailure) {
    precondition(
      currents.count == layer.currentCount && gradient.count == layer.outputCount
        && room.count >= roomCount,
      "\(currents.count) currents, \(gradient.count) gradients and room for \(room.count) for a "
        + "layer with \(layer.currentCount), \(layer.outputCount) and \(roomCount)")
    guard neurons.neuron.covers(rule), rule.isStepwise,
      let vectorRule = rule.vectorRule
    else { preconditionFailure("a rule that is not defined for these neurons") }
    defer {
      withExtendedLifetime(neurons.neuron) {}
      withExtendedLifetime(rule) {}
    }
    let kernels = VectorLevel.kernels
    let plane = layer.plane
    let pass = pass(samples: samples)
    let lateral = room.slice(0, plane)
    let rows = room.pointer + plane
    kernels.externalRecurrentBegin(pass, currents: currents.pointer, room: rows)
    var t = layer.timeSteps
    while t > 0 {
      t &-= 1
      let isLast = t + 1 == layer.timeSteps
      if !isLast {
        try MatrixProduct.backwardData(
          outputGradient: currents.slice((t + 1) * plane, plane), weights: weights,
          inputGradient: lateral, rows: layer.batch, inputs: layer.channels,
          outputs: layer.channels)
      }
      kernels.externalRecurrentSettle(
        pass, rule: vectorRule, t, gradient: gradient.pointer,
        lateral: isLast ? nil : lateral.pointer, deltas: currents.pointer, room: rows)
    }
  }
}
