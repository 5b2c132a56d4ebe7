internal import CounterspikeEngine
internal import CounterspikeKernels
internal import CounterspikeNetwork
package import CounterspikeSettings
internal import CounterspikeSystem

extension NetworkProbe {
  /// What a rule makes of the loss, summed over all samples.
  package struct RuleGradient: Sendable {
    /// ∂L/∂parameter, one for each of the plan's, in the public order.
    package var weights: [[Float]]
    /// ‖δ‖² over all neurons, samples and time steps, one a stage; of a static input's first stage
    /// the time steps are summed before.
    package var squaredDeltas: [Double]
    /// Whether any sample gives the neuron a δ other than 0; one a stage, in the order H, W, C
    /// without padding.
    package var hasGradient: [[Bool]]
    /// δ[t] and g[t] of the neurons that were asked for, in their order, one list a stage; in g of
    /// recurrent neurons is what comes back through their lateral weights.
    package var neurons: [[(deltas: [Float], gradient: [Float])]]
  }

  /// The gradients of several rules.
  ///
  /// - Parameters:
  ///   - rules: a gradient section each; with `respectsLayers`, layers with a rule of their own
  ///     keep it.
  ///   - neurons: whose δ and g are wanted, one list a stage.
  /// - Throws: `libraryFailure`.
  package func gradients(
    _ rules: [(settings: GradientSettings, respectsLayers: Bool)], neurons: [[Neuron]]
  ) throws -> [RuleGradient] {
    try answer(rules.count) { [self] item, worker in
      let (settings, respectsLayers) = rules[item]
      let kernels =
        respectsLayers
        ? settings.kernels(plan, loss: lossSettings)
        : plan.stages.indices.map {
          settings.kernel(
            timeSteps: plan.timeSteps,
            isKernelLossOutput: $0 == plan.stages.count - 1 && lossSettings.isPlainKernel)
        }
      // The penalty on firing rates is one of a whole micro-batch, and no part of the samples' losses here.
      let adjustment = LayerAdjustment(
        plan, gradient: settings, respectsLayers: respectsLayers, penalty: nil)
      return try gradient(kernels, adjustment, neurons: neurons, worker)
    }
  }

  private func gradient(
    _ rules: [SpikeRule], _ adjustment: LayerAdjustment?, neurons: [[Neuron]], _ worker: Worker
  ) throws -> RuleGradient {
    let (runner, parameters) = (worker.runner, worker.parameters)
    let counts = parameters.plan.gradientCounts
    let buffers = counts.map { FloatBuffer(count: $0) }
    let ofChunk = counts.map { FloatBuffer(count: $0) }
    var found: [[[Float]]] = neurons.map { $0.map { _ in [] } }
    var ofRecurrent: [[[Float]]] = found
    var squares = [Double](repeating: 0, count: plan.stages.count)
    var hasGradient = plan.stages.map { [Bool](repeating: false, count: $0.neuronCount) }
    for chunk in 0..<chunkCount {
      load(chunk, worker)
      try worker.result.run(runner, parameters, loss: loss, training: true)
      adjustment?.begin(worker.result)
      let samples = samples(of: chunk)
      try runner.backward(
        parameters, rules: rules, gradients: ofChunk.map { $0.all }, samples: samples.count,
        training: false, adjustment: adjustment
      ) { [self] stage, isApplied in
        let isRecurrent = plan.stages[stage].neuronKind == .recurrent
        if isApplied { flow(runner.stages[stage], &squares[stage], &hasGradient[stage]) }
        if isApplied && isRecurrent {
          for (index, neuron) in neurons[stage].enumerated()
          where samples.contains(neuron.sample) {
            ofRecurrent[stage][index] = deltas(at: neuron, runner.stages[stage])
          }
        }
        // What comes back through lateral weights is there only afterwards.
        if isApplied == isRecurrent {
          for (index, neuron) in neurons[stage].enumerated()
          where samples.contains(neuron.sample) {
            found[stage][index] = gradient(at: neuron, runner.stages[stage])
          }
        }
      }
      for (sum, part) in zip(buffers, ofChunk) { sum.all.add(part.all) }
    }
    let weights = try buffers.enumerated().map { index, buffer in
      try parameters.tensor(index, ofGradient: buffer).scalars
    }
    return RuleGradient(
      weights: weights, squaredDeltas: squares, hasGradient: hasGradient,
      neurons: plan.stages.indices.map { stage in
        plan.stages[stage].neuronKind == .recurrent
          ? zip(ofRecurrent[stage], found[stage]).map { (deltas: $0, gradient: $1) }
          : deltas(
            rules[stage], stage: stage, neurons: neurons[stage], gradients: found[stage])
      })
  }

  /// g[t] of a neuron, when the stage's output holds the gradient.
  private func gradient(at neuron: Neuron, _ stage: NeuronPass) -> [Float] {
    let layer = stage.neurons
    let place =
      ((neuron.sample % rows * layer.pooledHeight + neuron.y / layer.pooling) * layer.pooledWidth
        + neuron.x / layer.pooling) * layer.channels + neuron.channel
    let factor = layer.pooling == 1 ? 1 : layer.poolingFactor
    return (0..<plan.timeSteps).map { factor * stage.gradient.all[$0 * layer.pooledPlane + place] }
  }

  /// δ[t] of a neuron of a layer without pixels, when the stage's currents hold it.
  private func deltas(at neuron: Neuron, _ stage: NeuronPass) -> [Float] {
    let place = neuron.sample % rows * stage.neurons.channels + neuron.channel
    return (0..<plan.timeSteps).map { stage.currents.all[$0 * stage.neurons.plane + place] }
  }

  /// Takes up a stage's δ.
  private func flow(
    _ stage: NeuronPass, _ square: inout Double, _ hasGradient: inout [Bool]
  ) {
    let channels = stage.layout.stage.neuronShape[0]
    let stride = stage.layout.channels
    let neurons = stage.neurons.height * stage.neurons.width * stride
    for (index, delta) in stage.currents.all.array.enumerated() where delta != 0 {
      square += Double(delta) * Double(delta)
      let place = index % neurons
      if place % stride < channels {
        hasGradient[place / stride * channels + place % stride] = true
      }
    }
  }

  /// δ of single neurons, by the rule's own kernel.
  private func deltas(
    _ rule: SpikeRule, stage: Int, neurons: [Neuron], gradients: [[Float]]
  ) -> [(deltas: [Float], gradient: [Float])] {
    guard !neurons.isEmpty else { return [] }
    let channels = paddedChannels(neurons.count)
    let layer = network.neuron(ofStage: stage).layer(
      timeSteps: plan.timeSteps, batch: 1, channels: channels)
    let currents = FloatBuffer(count: layer.currentCount)
    let gradient = FloatBuffer(count: layer.outputCount)
    let constants = constants(of: neurons, stage: stage, channels: channels)
    for (index, neuron) in neurons.enumerated() {
      let values = self.currents(of: neuron)
      for t in 0..<plan.timeSteps {
        currents.all[t * channels + index] = values[t]
        gradient.all[t * channels + index] = gradients[index][t]
      }
    }
    if let external = external(stage) {
      let neurons = ExternalNeurons(external.neuron, layer, channels: channels)
      neurons.backward(
        rule: rule, currents: currents.all, gradient: gradient.all, samples: 1,
        room: FloatBuffer(count: neurons.roomCount).all)
    } else {
      layer.backward(
        rule: rule, currents: currents.all, gradient: gradient.all,
        scratch: NeuronScratch(timeSteps: plan.timeSteps), constants: constants)
    }
    return neurons.indices.map { index in
      (
        (0..<plan.timeSteps).map { currents.all[$0 * channels + index] }, gradients[index]
      )
    }
  }

  /// The constants of single neurons, where channels have their own.
  private func constants(
    of neurons: [Neuron], stage: Int, channels: Int
  ) -> NeuronConstants? {
    guard plan.hasConstantsByChannel(stage) else { return nil }
    var values = neurons.map { network.neuron(ofStage: stage, channel: $0.channel) }
    // Those that pad are any.
    while values.count < channels { values.append(values[0]) }
    return NeuronConstants(
      membraneDecay: FloatBuffer(values.map { Float($0.membraneDecay) }).all,
      synapticDecay: FloatBuffer(values.map { Float($0.synapticDecay) }).all,
      threshold: FloatBuffer(values.map(\.threshold)).all)
  }
}
