internal import Counterspike
internal import CounterspikeKernels
internal import CounterspikeReference

/// The spike trains that an audit tries, and what rules predict for them.
struct AuditFlip {
  let change: NetworkProbe.Change
  /// s' − s
  let difference: [Float]
  /// ε that moves the membrane just so far that it fires like this.
  let perturbation: [Double]
  /// The first step that differs.
  let step: Int

  /// ‖ε‖
  var distance: Double { perturbation.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

/// Draws changes of one layer.
struct AuditFlipSampler {
  let probe: NetworkProbe
  let stage: Int
  var stream: RandomStream

  init(_ probe: NetworkProbe, stage: Int, seed: UInt64) {
    self.probe = probe
    self.stage = stage
    stream = RandomStream(seed: seed, purpose: .audit, stage)
  }

  /// Single flips of neurons, samples and time steps drawn alike.
  mutating func flips(_ count: Int) -> [AuditFlip] {
    (0..<count).map { _ in
      let place = draw()
      return flip(place, at: stream.integer(below: probe.plan.timeSteps))
    }
  }

  /// All trains but the real one, of as many neurons as give about `count` of them.
  mutating func trains(_ count: Int) -> [AuditFlip] {
    let trains = 1 << probe.plan.timeSteps
    let neurons = max(1, (count + trains - 2) / (trains - 1))
    return (0..<neurons).flatMap { _ in
      let place = draw()
      return (0..<trains).compactMap { train(place, bits: $0) }
    }
  }

  /// A neuron that the next layer sees.
  mutating func draw() -> NetworkProbe.Neuron {
    let plan = probe.plan.stages[stage]
    let window = plan.pooling?.height ?? 1
    let sample = stream.integer(below: probe.sampleCount)
    let channel = stream.integer(below: plan.neuronShape[0])
    let y = stream.integer(below: plan.neuronShape[1] / window * window)
    let x = stream.integer(below: plan.neuronShape[2] / window * window)
    return NetworkProbe.Neuron(stage: stage, sample: sample, channel: channel, y: y, x: x)
  }

  /// The spike at k inverted, and the neuron replayed after it.
  func flip(_ place: NetworkProbe.Neuron, at k: Int) -> AuditFlip {
    let currents = probe.currents(of: place)
    let base = probe.run(currents, of: place)
    let neighbor = probe.inverting(k, currents, of: place)
    var perturbation = [Double](repeating: 0, count: currents.count)
    perturbation[k] = neighbor.perturbation
    return AuditFlip(
      change: NetworkProbe.Change(neuron: place, spikes: neighbor.spikes, inverted: k),
      difference: zip(neighbor.spikes, base.spikes).map { $0 - $1 }, perturbation: perturbation,
      step: k)
  }

  /// The train whose t-th spike is the t-th of `bits`; `nil` if it is the real one.
  func train(_ place: NetworkProbe.Neuron, bits: Int) -> AuditFlip? {
    let currents = probe.currents(of: place)
    let base = probe.run(currents, of: place)
    let spikes = currents.indices.map { Float(bits >> $0 & 1) }
    guard let step = currents.indices.first(where: { spikes[$0] != base.spikes[$0] }) else {
      return nil
    }
    // Up to the first difference the neuron does by itself what it did.
    let neighbor = probe.network.neuron(ofStage: stage, channel: place.channel).reference.forcing(
      spikes.map { Double($0) }, from: step, currents: currents.map { Double($0) })
    return AuditFlip(
      change: NetworkProbe.Change(neuron: place, spikes: spikes),
      difference: zip(spikes, base.spikes).map { $0 - $1 }, perturbation: neighbor.perturbation,
      step: step)
  }
}

/// What a rule predicts for a change: Σ g·Δa of neighborhood aggregation, Σ δ·ε of the rules that
/// give nothing but a derivative.
struct AuditPrediction {
  let gradient: GradientSettings
  /// d of each channel.
  let synapticDecay: [Double]
  /// The output neurons of the kernel loss.
  let isKernelLossOutput: Bool

  func callAsFunction(_ flip: AuditFlip, deltas: [Float], gradient g: [Float]) -> Double {
    let settings = gradient.neighborhood
    guard gradient.rule == .neighborhood, settings.neighbors == .simple else {
      return zip(deltas, flip.perturbation).reduce(0) { $0 + Double($1.0) * $1.1 }
    }
    let d = synapticDecay[flip.change.neuron.channel]
    var errors = g.map { Double($0) }
    for _ in 0..<(settings.error == .paper ? 1 : 0) {
      for t in errors.indices.dropLast().reversed() { errors[t] += d * errors[t + 1] }
    }
    let addsSquare = isKernelLossOutput && settings.outputDifference == .exact
    var a = 0.0  // Δa
    var sum = 0.0
    for t in errors.indices {
      a = d * a + (1 - d) * Double(flip.difference[t])
      sum += errors[t] * a + (addsSquare ? a * a / 2 : 0)
    }
    return sum
  }
}
