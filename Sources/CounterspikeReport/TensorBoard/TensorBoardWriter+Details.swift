internal import Counterspike
internal import CounterspikeTraining

/// Histograms and images. One sample at a time is traced and one list of tensors is held, so that a run takes
/// little more memory for them.
extension TensorBoardWriter {
  /// The most values of all layers together that are traced of more than one sample.
  private static let tracedValues = 1 << 20
  /// The most samples that are traced.
  private static let traced = 16

  func histogramsAndImages(hasGradients: Bool) throws -> [EventMessage.Value] {
    var values = try traces()
    values += histograms("weights", trainer.weights())
    if hasGradients { values += histograms("gradients", trainer.lastGradients()) }
    if let confusion = trainer.confusion {
      try values.add("confusion", PixelImage(confusion: confusion))
    }
    if let kernels = try firstKernels() { values.append(kernels) }
    return values
  }

  private func histograms(_ tag: String, _ tensors: [Tensor]) -> [EventMessage.Value] {
    zip(trainer.plan.parameters, tensors).map { parameter, tensor in
      let name =
        parameter.role == .weight ? String(parameter.id.dropLast(".weight".count)) : parameter.id
      return .init("\(tag)/\(name)", .histogram(Histogram(tensor.scalars)))
    }
  }

  /// The kernels of a network that begins with a convolution.
  private func firstKernels() throws -> EventMessage.Value? {
    guard let stage = trainer.plan.stages.first, let first = trainer.weights().first,
      first.shape.count == 4
    else { return nil }
    return try PixelImage(kernels: first).content().map { .init("kernels/\(stage.name)", $0) }
  }

  /// What the first samples do to the layers.
  private func traces() throws -> [EventMessage.Value] {
    guard samples.count > 0 else { return [] }
    let stages = trainer.plan.stages
    let network = try trainer.network()
    var membranes = stages.map { _ in MembraneSample() }
    var spikeCounts = stages.map { _ in [Float]() }
    var raster: [Tensor] = []
    for index in 0..<tracedCount {
      let traces = try network.trace(samples.batch([index]))
      for (place, trace) in traces.enumerated() {
        let counts = Self.spikeCounts(trace.spikes)
        membranes[place].add(trace.membrane.scalars, neurons: counts.count, samples: 1)
        spikeCounts[place] += counts
      }
      if index == 0 { raster = traces.filter { firingLayers.contains($0.name) }.map(\.spikes) }
    }
    var values = zip(stages, zip(membranes, spikeCounts)).flatMap {
      stage, found -> [EventMessage.Value] in
      let membrane = EventMessage.Value(
        "membrane/\(stage.name)", .histogram(Histogram(found.0.values)))
      guard firingLayers.contains(stage.name) else { return [membrane] }
      return [membrane, .init("spikeCount/\(stage.name)", .histogram(Histogram(found.1)))]
    }
    guard !raster.isEmpty else { return values }
    try values.add("raster", PixelImage(raster: raster))
    return values
  }

  /// How many samples are traced: 16, or fewer of a large network.
  private var tracedCount: Int {
    let plan = trainer.plan
    let values = plan.timeSteps * plan.stages.reduce(0) { $0 + $1.neuronCount }
    return min(samples.count, max(1, min(Self.traced, Self.tracedValues / max(values, 1))))
  }

  /// Spikes of each neuron in all time steps of one sample, from shape `[T, 1, …]`.
  static func spikeCounts(_ spikes: Tensor) -> [Float] {
    let plane = spikes.count / spikes.shape[0]
    var counts = [Float](repeating: 0, count: plane)
    for step in 0..<spikes.shape[0] {
      for place in 0..<plane where spikes.scalars[step * plane + place] != 0 { counts[place] += 1 }
    }
    return counts
  }
}

extension [EventMessage.Value] {
  fileprivate mutating func add(_ tag: String, _ image: PixelImage) throws {
    if let content = try image.content() { append(.init(tag, content)) }
  }
}
