/// A layer of ``ExternalNeuron``s, which a pass computes some at a time: all their time steps, before the next.
package struct ExternalNeurons: Sendable {
  package let neuron: ExternalNeuron
  /// Constants and shape; it has no pooling.
  package let layer: NeuronLayer
  /// Channels that are none of the padding.
  package let channels: Int

  package init(_ neuron: ExternalNeuron, _ layer: NeuronLayer, channels: Int) {
    precondition(layer.pooling == 1, "neurons from outside have no pooling of their own")
    precondition(channels <= layer.channels, "\(channels) channels of \(layer.channels)")
    self.neuron = neuron
    self.layer = layer
    self.channels = channels
  }

  /// Floats that a pass needs beside its inputs.
  package var roomCount: Int { width * ExternalRows.rows(pass(count: 0)) }

  /// Neurons that are taken at a time, a multiple of ``NeuronRows``'s lanes: what they need stays in a
  /// processor's first-level cache.
  private var width: Int {
    let floats = 8 * 1024
    let fitting = floats / ExternalRows.rows(pass(count: 0)) / lanes * lanes
    return min(max(fitting, lanes), (layer.plane + lanes - 1) / lanes * lanes)
  }

  private var lanes: Int { 2 * FloatBuffer.octet }

  private func pass(count: Int, width: Int = 0) -> ExternalPass {
    ExternalPass(
      call: neuron.call, layer: layer, channels: channels, count: count, width: width)
  }

  /// Neurons of the first `samples` rows.
  private func count(_ samples: Int) -> Int { layer.plane / layer.batch * samples }

  /// Advances the neurons through all time steps.
  ///
  /// - Parameters:
  ///   - currents: c, `[T, B, height, width, channels]`, or one plane for a static input.
  ///   - output: a, `[T, B, height, width, channels]`.
  ///   - samples: rows that are none of the padding.
  ///   - room: ``roomCount`` floats.
  /// - Returns: the number of spikes.
  package func forward(
    currents: FloatSlice, output: FloatSlice, samples: Int, room: FloatSlice
  ) -> Int {
    require(currents, output, room)
    defer { withExtendedLifetime(neuron) {} }
    return VectorLevel.kernels.externalForward(
      pass(count: count(samples), width: width), currents: currents.pointer,
      output: output.pointer, room: room.pointer)
  }

  /// Turns the gradient with respect to the output into the one with respect to the currents.
  ///
  /// - Parameters:
  ///   - currents: c as in the forward pass; overwritten by ∂L/∂c.
  ///   - gradient: ∂L/∂a.
  /// - Precondition: the neuron ``ExternalNeuron/covers(_:)`` the rule.
  package func backward(
    rule: SpikeRule, currents: FloatSlice, gradient: FloatSlice, samples: Int, room: FloatSlice
  ) {
    require(currents, gradient, room)
    guard neuron.covers(rule), let vectorRule = rule.vectorRule else {
      preconditionFailure("a rule that is not defined for these neurons")
    }
    defer {
      withExtendedLifetime(neuron) {}
      withExtendedLifetime(rule) {}
    }
    VectorLevel.kernels.externalBackward(
      pass(count: count(samples), width: width), rule: vectorRule, currents: currents.pointer,
      gradient: gradient.pointer, room: room.pointer)
  }

  private func require(_ currents: FloatSlice, _ output: FloatSlice, _ room: FloatSlice) {
    precondition(
      currents.count == layer.currentCount && output.count == layer.outputCount
        && room.count == roomCount,
      "\(currents.count) currents, \(output.count) outputs and room for \(room.count) floats for a "
        + "layer with \(layer.currentCount), \(layer.outputCount) and \(roomCount)")
  }
}

/// ``ExternalNeurons`` as vector code sees them: plain values.
package struct ExternalPass {
  package let call: NeuronCall
  package let layer: NeuronLayer
  package let channels: Int
  /// Neurons of each time step that are run; the others stay silent.
  package let count: Int
  /// Neurons that are taken at a time.
  package let width: Int
}

// MARK: Single steps and single neurons

extension ExternalNeurons {
  /// Floats of the states of all neurons of one plane.
  package var stateCount: Int { neuron.stateCount * layer.plane }

  /// Floats that a single step needs: u, θ and c.
  package var advanceRoomCount: Int { 3 * layer.plane }

  /// Advances the neurons by one time step, as ``NeuronLayer/advance(currents:factor:state:spikes:)`` does.
  ///
  /// - Parameters:
  ///   - states: ``stateCount`` floats, of the step before; become those of this step.
  ///   - psc: a of the step before; becomes that of this step.
  ///   - room: ``advanceRoomCount`` floats.
  package func advance(
    currents: FloatSlice, factor: Float, states: FloatSlice, psc: FloatSlice, spikes: FloatSlice,
    room: FloatSlice
  ) {
    let count = layer.plane
    precondition(
      [currents.count, psc.count, spikes.count].allSatisfy { $0 == count }
        && states.count == stateCount && room.count == advanceRoomCount,
      "slices of other sizes than \(count) neurons")
    let (a, s) = (psc.pointer, spikes.pointer)
    let (u, theta, c) = (room.pointer, room.pointer + count, room.pointer + 2 * count)
    for i in 0..<count { c[i] = currents.pointer[i] * factor }
    theta.update(repeating: layer.threshold, count: count)
    let call = neuron.call
    call.integrate(call.context, c, states.pointer, u, theta, count)
    let (d, gain) = (layer.synapticDecay, 1 - layer.synapticDecay)
    for i in 0..<count {
      let isReal = i % layer.channels < channels
      s[i] = isReal && u[i] > theta[i] ? 1 : 0
      a[i] = d * a[i] + gain * s[i]
    }
    call.settle(call.context, s, u, states.pointer, count)
    withExtendedLifetime(neuron) {}
  }

  /// What the neurons do with currents in any order of neurons, time outermost, as
  /// ``NeuronLayer/record(_:)``.
  package func record(
    _ currents: [Float]
  ) -> (membrane: [Float], spikes: [Float], psc: [Float]) {
    let plane = currents.count / layer.timeSteps
    var (membrane, spikes, psc) = (currents, currents, currents)
    var train = ExternalTrain(neuron, layer, count: plane)
    for t in 0..<layer.timeSteps {
      let range = t * plane..<(t + 1) * plane
      train.integrate(Array(currents[range]))
      train.fire()
      train.settle()
      membrane.replaceSubrange(range, with: train.membrane)
      spikes.replaceSubrange(range, with: train.spikes)
      psc.replaceSubrange(range, with: train.psc)
    }
    return (membrane, spikes, psc)
  }

  /// One neuron whose spike at step k is inverted, as ``NeuronLayer/inverting(_:currents:)``: ε on c[k] moves u
  /// to the threshold there, and it is replayed after k on the same currents.
  package func inverting(
    _ k: Int, currents: [Float]
  ) -> (spikes: [Float], perturbation: Double) {
    var spikes = currents
    var perturbation = 0.0
    var train = ExternalTrain(neuron, layer, count: 1)
    for t in currents.indices {
      let before = train
      train.integrate([currents[t]])
      train.fire()
      if t == k {
        let fired = train.spikes[0]
        let epsilon = (train.threshold[0] - train.membrane[0]) / neuron.currentGain
        perturbation = Double(epsilon)
        let theta = train.threshold
        train = before
        train.integrate([currents[t] + epsilon])
        train.membrane = theta
        train.spikes = [1 - fired]
      }
      train.settle()
      spikes[t] = train.spikes[0]
    }
    return (spikes, perturbation)
  }
}

/// Some neurons at one time step.
private struct ExternalTrain {
  let neuron: ExternalNeuron
  let layer: NeuronLayer
  var states: [Float]
  var membrane: [Float]
  var threshold: [Float]
  var spikes: [Float]
  var psc: [Float]

  init(_ neuron: ExternalNeuron, _ layer: NeuronLayer, count: Int) {
    self.neuron = neuron
    self.layer = layer
    states = [Float](repeating: 0, count: count * neuron.stateCount)
    membrane = [Float](repeating: 0, count: count)
    threshold = [Float](repeating: layer.threshold, count: count)
    spikes = membrane
    psc = membrane
  }

  mutating func integrate(_ currents: [Float]) {
    Self.integrate(neuron, currents, &states, &membrane, &threshold)
  }

  private static func integrate(
    _ neuron: ExternalNeuron, _ currents: [Float], _ states: inout [Float],
    _ membrane: inout [Float], _ threshold: inout [Float]
  ) {
    var work = states.mutableSpan
    var u = membrane.mutableSpan
    var theta = threshold.mutableSpan
    neuron.integrate(currents.span, &work, &u, &theta)
  }

  /// From u to s and a.
  mutating func fire() {
    let (d, gain) = (layer.synapticDecay, 1 - layer.synapticDecay)
    for i in spikes.indices {
      spikes[i] = membrane[i] > threshold[i] ? 1 : 0
      psc[i] = d * psc[i] + gain * spikes[i]
    }
  }

  mutating func settle() {
    let (neuron, spikes, membrane) = (neuron, spikes, membrane)
    var work = states.mutableSpan
    neuron.settle(spikes.span, membrane.span, &work)
  }
}
