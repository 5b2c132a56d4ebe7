package import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeSettings
internal import CounterspikeSystem

extension NeuronPass {
  /// The neurons of a channel as they have been trained.
  package func neurons(_ parameters: Parameters, channel: Int) -> NeuronLayer {
    step.constants.isEmpty ? neurons : neurons.with(neuron(parameters, channel: channel))
  }

  /// The neurons as they have been trained, but for ``constants``.
  func neuronsBesideConstants(_ parameters: Parameters) -> NeuronLayer {
    constantsByChannel == nil ? neurons(parameters, channel: 0) : neurons
  }

  private func neuron(_ parameters: Parameters, channel: Int) -> NeuronSettings {
    var neuron = layout.stage.neuron
    for (constant, parameter) in step.constants {
      let arguments = parameters.weights(parameter)
      neuron.set(constant, argument: arguments[constantsByChannel == nil ? 0 : channel])
    }
    return neuron
  }

  // MARK: Constants of channels

  /// What kernels take in place of the layer's constants, as ``writeConstants(_:)`` left it.
  package var constants: NeuronConstants? { constantsByChannel.map(Self.constants) }

  /// Works out the constants of channels, if they have their own. Those of padding are the layer's first ones.
  package func writeConstants(_ parameters: Parameters) {
    guard let constants else { return }
    let first = layout.stage.neuron
    constants.membraneDecay.fill(Float(first.membraneDecay))
    constants.synapticDecay.fill(Float(first.synapticDecay))
    constants.threshold.fill(first.threshold)
    for channel in 0..<layout.stage.neuronShape[0] {
      let neuron = neuron(parameters, channel: channel)
      constants.membraneDecay[channel] = Float(neuron.membraneDecay)
      constants.synapticDecay[channel] = Float(neuron.synapticDecay)
      constants.threshold[channel] = neuron.threshold
    }
  }

  private static func constants(_ buffer: FloatBuffer) -> NeuronConstants {
    let channels = buffer.count / 3
    return NeuronConstants(
      membraneDecay: buffer.slice(0, channels), synapticDecay: buffer.slice(channels, channels),
      threshold: buffer.slice(2 * channels, channels))
  }

  // MARK: Records

  /// What the neurons do with currents `[T, B, C, H, W]`: u before the reset, s as 0 or 1, and a.
  package func record(
    _ currents: [Float], _ parameters: Parameters
  ) -> (membrane: [Float], spikes: [Float], psc: [Float]) {
    if let external = step.external { return external.record(currents) }
    guard constantsByChannel != nil else {
      return neurons(parameters, channel: 0).record(currents)
    }
    var result = (membrane: currents, spikes: currents, psc: currents)
    let shape = layout.stage.neuronShape
    let pixels = shape[1] * shape[2]
    let planes = currents.count / (shape[0] * pixels)
    for channel in 0..<shape[0] {
      let places = (0..<planes).flatMap { plane in
        (0..<pixels).map { (plane * shape[0] + channel) * pixels + $0 }
      }
      let record = neurons(parameters, channel: channel).record(places.map { currents[$0] })
      for (index, place) in places.enumerated() {
        result.membrane[place] = record.membrane[index]
        result.spikes[place] = record.spikes[index]
        result.psc[place] = record.psc[index]
      }
    }
    return result
  }

  // MARK: Gradients

  func clearedSums() -> NeuronConstants? {
    guard let sums else { return nil }
    sums.all.fill(0)
    return Self.constants(sums)
  }

  /// From the sums of each channel to the gradients of the numbers that are trained.
  func addConstantGradients(_ run: BackwardRun) {
    guard let sums else { return }
    let all = Self.constants(sums)
    for (constant, parameter) in step.constants {
      let slice =
        switch constant {
        case .membraneTimeConstant: all.membraneDecay
        case .synapticTimeConstant: all.synapticDecay
        case .threshold: all.threshold
        }
      let gradient = run.gradients[parameter]
      gradient.fill(0)
      if constantsByChannel != nil {
        for channel in 0..<layout.stage.neuronShape[0] {
          let slope = neuron(run.parameters, channel: channel).slope(of: constant)
          gradient[channel] = Float(Double(slice[channel]) * slope)
        }
        continue
      }
      var total = 0.0
      for channel in 0..<slice.count { total += Double(slice[channel]) }
      gradient[0] = Float(total * neuron(run.parameters, channel: 0).slope(of: constant))
    }
  }
}
