internal import Counterspike
internal import CounterspikeKernels

/// What a network's layers do with some samples, and what reaches them of the error.
struct DiagnosisLayers {
  let probe: NetworkProbe
  private let network: Network
  /// Those of ``NetworkPlan/stages`` but for a readout, which is the last.
  let layers: [DiagnosisReport.Layer]
  private let hasGradient: [[Bool]]

  /// Samples that are looked at.
  private static let samples = 32
  /// Neurons of a layer that are looked at one by one.
  private static let neurons = 256

  /// - Throws: as ``NetworkProbe``.
  init(_ network: Network, recipe: Recipe, source: any SampleSource, workers: Int) throws {
    let plan = network.plan
    let probe = try NetworkProbe(
      network: network, source: source, indices: Array(0..<min(source.count, Self.samples)),
      loss: recipe.loss, workers: workers)
    self.probe = probe
    self.network = network
    // A readout has no spikes that could be missing.
    let firing = plan.stages.indices.filter { plan.stages[$0].fires }
    let sampled = plan.stages.indices.map { stage -> [NetworkProbe.Neuron] in
      guard firing.contains(stage) else { return [] }
      var sampler = AuditFlipSampler(probe, stage: stage, seed: recipe.seed)
      return (0..<Self.neurons).map { _ in sampler.draw() }
    }
    let gradient = try probe.gradients([(recipe.gradient, true)], neurons: sampled)[0]
    hasGradient = gradient.hasGradient
    layers = firing.map { place in
      let stage = network.trainedStage(place)
      var (square, spikes, errors, zeros) = (0.0, 0, 0, 0)
      for (index, neuron) in sampled[place].enumerated() {
        let currents = probe.currents(of: neuron)
        square += currents.reduce(0) { $0 + Double($1) * Double($1) }
        spikes += probe.run(currents, of: neuron).spikes.count { $0 > 0 }
        let found = gradient.neurons[place][index]
        guard found.gradient.contains(where: { $0 != 0 }) else { continue }
        errors += 1
        if found.deltas.allSatisfy({ $0 == 0 }) { zeros += 1 }
      }
      let values = Double(Self.neurons * plan.timeSteps)
      let deltas = Double(stage.activeNeuronCount * probe.sampleCount * plan.timeSteps)
      let weights = stage.parameters.reduce(0.0) { $0 + AuditWeights.square(gradient.weights[$1]) }
      return DiagnosisReport.Layer(
        name: stage.name, firingRate: Double(spikes) / values,
        current: (square / values).squareRoot() / Double(stage.neuron.threshold),
        error: (gradient.squaredDeltas[place] / deltas).squareRoot(),
        gradient: (weights / Double(stage.weightCount)).squareRoot() / Double(probe.sampleCount),
        zeroWeight: errors > 0 ? Double(zeros) / Double(errors) : nil)
    }
  }

  /// Why most neurons of a layer are silent.
  func silence(_ stage: Int) -> AuditReport.Silence {
    AuditReport.Silence(
      network.trainedStage(stage), isFirst: network.plan.sources(of: stage).contains(nil),
      probe.activity(of: stage),
      hasGradient: hasGradient[stage])
  }
}
