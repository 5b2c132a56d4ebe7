/// A layer of ``ExternalNeuron``s, which a pass computes some at a time: all their time steps, before the next.
package struct ExternalNeurons: Sendable {
  package let neuron: ExternalNeuron
  /// Constants, shape and pooling.
  package let layer: NeuronLayer
  /// Channels that are none of the padding.
  package let channels: Int

  package init(_ neuron: ExternalNeuron, _ layer: NeuronLayer, channels: Int) {
    precondition(channels <= layer.channels, "\(channels) channels of \(layer.channels)")
    self.neuron = neuron
    self.layer = layer
    self.channels = channels
  }

  /// Floats that a pass needs beside its inputs.
  package var roomCount: Int { width * rows }

  /// Rows of ``width`` floats that a pass needs.
  private var rows: Int { pass(samples: 0).rowCount }

  /// Neurons that are taken at a time: what they need stays in a processor's first-level cache, or is that of
  /// one row of windows' neurons. A neuron that computes all time steps goes once through what it needs, and more
  /// of them save calls.
  private var taken: Int {
    let floats = (neuron.series == nil ? 8 : 16) * 1024
    let fitting = max(floats / rows / lanes * lanes, lanes)
    guard layer.pooling > 1 else { return min(fitting, padded(layer.plane)) }
    return min(max(fitting / window, 1), layer.pooledWidth) * window
  }

  /// The same, and unused ones up to whole lanes.
  private var width: Int { padded(taken) }

  /// Neurons that a window covers.
  private var window: Int { layer.pooling * layer.pooling * layer.channels }

  private var lanes: Int { 2 * FloatBuffer.octet }

  func padded(_ count: Int) -> Int { (count + lanes - 1) / lanes * lanes }

  package func pass(samples: Int, taken: Int = 0) -> ExternalPass {
    ExternalPass(
      call: neuron.call, layer: layer, channels: channels, samples: samples, taken: taken,
      width: padded(taken))
  }

  /// Advances the neurons through all time steps.
  ///
  /// - Parameters:
  ///   - currents: c, `[T, B, height, width, channels]`, or one plane for a static input.
  ///   - output: a, `[T, B, pooledHeight, pooledWidth, channels]`.
  ///   - samples: rows that are none of the padding.
  ///   - room: ``roomCount`` floats.
  /// - Returns: the number of spikes.
  package func forward(
    currents: FloatSlice, output: FloatSlice, samples: Int, room: FloatSlice
  ) -> Int {
    require(currents, output, room)
    defer { withExtendedLifetime(neuron) {} }
    return VectorLevel.kernels.externalForward(
      pass(samples: samples, taken: taken), currents: currents.pointer,
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
      pass(samples: samples, taken: taken), rule: vectorRule, currents: currents.pointer,
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
  /// Rows of the batch that are run; the others stay silent.
  package let samples: Int
  /// Neurons that are taken at a time, and floats of a row that they fill.
  package let taken: Int
  package let width: Int

  /// Rows of ``width`` floats that it needs: five and the states at each time step, and others.
  package var rowCount: Int { layer.timeSteps * (5 + call.stateCount) + 2 * call.stateCount + 7 }
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
      currents.count == count && spikes.count == count && psc.count == layer.pooledPlane
        && states.count == stateCount && room.count == advanceRoomCount,
      "slices of other sizes than \(count) neurons")
    let s = spikes.pointer
    let (u, theta, c) = (room.pointer, room.pointer + count, room.pointer + 2 * count)
    for i in 0..<count { c[i] = currents.pointer[i] * factor }
    theta.update(repeating: layer.threshold, count: count)
    let call = neuron.call
    call.integrate(call.context, c, states.pointer, u, theta, count)
    for i in 0..<count {
      let pixel = i / layer.channels
      let isReal = i % layer.channels < channels && isCovered(pixel)
      s[i] = isReal && u[i] > theta[i] ? 1 : 0
    }
    call.settle(call.context, s, u, states.pointer, count)
    withExtendedLifetime(neuron) {}
    pool(s, into: psc.pointer)
  }

  /// Whether a window sees a pixel.
  private func isCovered(_ pixel: Int) -> Bool {
    pixel % layer.width < layer.pooledWidth * layer.pooling
      && pixel / layer.width % layer.height < layer.pooledHeight * layer.pooling
  }

  /// a ← d·a + (1 − d)·f·Σ s
  private func pool(_ spikes: FloatPointer, into psc: FloatPointer) {
    let (d, gain) = (layer.synapticDecay, (1 - layer.synapticDecay) * layer.poolingFactor)
    let (size, channels) = (layer.pooling, layer.channels)
    let (height, width) = (layer.pooledHeight, layer.pooledWidth)
    for window in 0..<layer.pooledPlane / channels {
      let (image, y, x) = (window / width / height, window / width % height, window % width)
      for channel in 0..<channels {
        var sum: Float = 0
        for row in 0..<size {
          for column in 0..<size {
            let pixel = ((image * layer.height + y * size + row) * layer.width) + x * size + column
            sum += spikes[pixel * channels + channel]
          }
        }
        let place = window * channels + channel
        psc[place] = d * psc[place] + gain * sum
      }
    }
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
      if t == k {
        perturbation = Double(train.invert(currents[t]))
      } else {
        train.integrate([currents[t]])
        train.fire()
        train.settle()
      }
      spikes[t] = train.spikes[0]
    }
    return (spikes, perturbation)
  }

  /// One neuron behind a step at which its spike is inverted.
  ///
  /// - Parameter states: those before the step.
  package func inverting(states: [Float], current: Float) -> (states: [Float], spike: Float) {
    var train = ExternalTrain(neuron, layer, count: 1)
    train.states = states
    _ = train.invert(current)
    return (train.states, train.spikes[0])
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

  /// A step at which the one neuron's spike is inverted.
  ///
  /// - Returns: ε, which is added to the current.
  mutating func invert(_ current: Float) -> Float {
    let before = self
    integrate([current])
    fire()
    let fired = spikes[0]
    let theta = threshold
    let epsilon = (threshold[0] - membrane[0]) / neuron.currentGain
    self = before
    integrate([current + epsilon])
    membrane = theta
    spikes = [1 - fired]
    settle()
    return epsilon
  }

  mutating func settle() {
    let (neuron, spikes, membrane) = (neuron, spikes, membrane)
    var work = states.mutableSpan
    neuron.settle(spikes.span, membrane.span, &work)
  }
}
