internal import Counterspike
internal import CounterspikeTraining
internal import Foundation

extension TensorBoardWriter {
  /// The tag of each number of a line of metrics.
  static func tag(_ key: String) -> String {
    switch key {
    case "loss": "loss/training"
    case "trainAccuracy": "accuracy/training"
    case let key where key.hasSuffix("Loss"): "loss/\(key.dropLast(4))"
    case let key where key.hasSuffix("Accuracy"): "accuracy/\(key.dropLast(8))"
    case "trainRMSE": "rmse/training"
    case let key where key.hasSuffix("RMSE"): "rmse/\(key.dropLast(4))"
    default: "epoch/\(key)"
    }
  }

  /// What an epoch's line of metrics says.
  func scalars(_ metrics: JSONLine) -> [EventMessage.Value] {
    metrics.members.flatMap { member -> [EventMessage.Value] in
      if case .object(let rates) = member.value {
        return rates.members.compactMap { rate in
          rate.value.doubleValue.map { .init("firingRate/\(rate.key)", .scalar($0)) }
        }
      }
      guard let number = member.value.doubleValue, member.key != "step" else { return [] }
      return [.init(Self.tag(member.key), .scalar(number))]
    }
  }

  /// ‖∂L/∂w‖ of the last step of each layer, summed over the batch and before any clipping.
  var gradientNorms: [EventMessage.Value] {
    let squares = trainer.lastGradients().map { gradient in
      gradient.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    return trainer.plan.stages.map { stage in
      let square = stage.parameters.reduce(0.0) { $0 + squares[$1] }
      return .init("gradientNorm/\(stage.name)", .scalar(square.squareRoot()))
    }
  }

  /// The recipe, the network and the hyper-parameters.
  var introduction: [EventMessage.Value] {
    let recipe = trainer.recipe
    let settings = recipe.settings.filter { $0.key != "name" }
      .map { (key: $0.key, value: HyperParameters.Setting($0.value)) }
    // Indented, so that Markdown leaves it alone.
    let yaml = recipe.yaml.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    var judged = ["loss/training", "accuracy/training"]
    if let split { judged += ["loss/\(split)", "accuracy/\(split)"] }
    return [
      .init("recipe", .text(yaml)), .init("network", .text(networkTable)),
      HyperParameters.experiment(metrics: judged),
      HyperParameters.start(settings, at: Date().timeIntervalSince1970),
    ]
  }

  /// The name of the samples that epochs are judged by, if any are.
  private var split: String? { trainer.split?.rawValue }

  private var networkTable: String {
    let rows = trainer.plan.stages.map { stage in
      let neurons = stage.neuronShape.map { "\($0)" }.joined(separator: "×")
      let behind = stage.outputShape.map { "\($0)" }.joined(separator: "×")
      return "| \(stage.name) | \(neurons) | \(behind) | \(stage.weightCount) |"
    }
    let notation = LayerNotation.format(trainer.recipe.network.layers)
    let title = (notation.map { "\($0), " } ?? "") + "T = \(trainer.plan.timeSteps)"
    return """
      \(title)

      | layer | neurons | behind pooling | weights |
      | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))
      """
  }
}

// MARK: Histograms and images

extension TensorBoardWriter {
  /// The most values that are traced.
  private static let tracedValues = 1 << 18

  func histogramsAndImages(hasGradients: Bool) throws -> [EventMessage.Value] {
    let stages = trainer.plan.stages
    let weights = trainer.weights()
    var values: [EventMessage.Value] = []
    let names = trainer.plan.parameters.map { parameter in
      parameter.role == .weight ? String(parameter.id.dropLast(".weight".count)) : parameter.id
    }
    for (name, tensor) in zip(names, weights) {
      values.append(.init("weights/\(name)", .histogram(Histogram(tensor.scalars))))
    }
    if hasGradients {
      for (name, tensor) in zip(names, trainer.lastGradients()) {
        values.append(.init("gradients/\(name)", .histogram(Histogram(tensor.scalars))))
      }
    }
    func add(_ tag: String, _ image: PixelImage) throws {
      if let content = try image.content() { values.append(.init(tag, content)) }
    }
    if let confusion = trainer.confusion { try add("confusion", PixelImage(confusion: confusion)) }
    if let first = weights.first, first.shape.count == 4 {
      try add("kernels/\(stages[0].name)", PixelImage(kernels: first))
    }
    guard samples.count > 0 else { return values }
    let traces = try trainer.network().trace(samples.batch(Array(0..<tracedCount)))
    for trace in traces {
      values.append(
        .init("membrane/\(trace.name)", .histogram(Histogram(trace.membrane.scalars))))
      values.append(
        .init("spikeCount/\(trace.name)", .histogram(Histogram(Self.spikeCounts(trace.spikes)))))
    }
    try add("raster", PixelImage(raster: traces.map { $0.spikes.firstSample }))
    return values
  }

  /// How many samples are traced: 16, or fewer of a large network.
  private var tracedCount: Int {
    let plan = trainer.plan
    let values = plan.timeSteps * plan.stages.reduce(0) { $0 + $1.neuronCount }
    return min(samples.count, max(1, min(16, Self.tracedValues / max(values, 1))))
  }

  /// Spikes of each neuron in all time steps of one sample, from shape `[T, …]`.
  static func spikeCounts(_ spikes: Tensor) -> [Float] {
    let plane = spikes.count / spikes.shape[0]
    var counts = [Float](repeating: 0, count: plane)
    for step in 0..<spikes.shape[0] {
      for place in 0..<plane where spikes.scalars[step * plane + place] != 0 { counts[place] += 1 }
    }
    return counts
  }
}

extension Tensor {
  /// Of a tensor `[T, B, …]` the first sample, `[T, 1, …]`.
  var firstSample: Tensor {
    let (steps, batch) = (shape[0], shape[1])
    let size = count / (steps * batch)
    // A list of its own: to write a single scalar of a tensor from another module copies all of them.
    let first = (0..<steps).flatMap { step in scalars[(step * batch * size)...].prefix(size) }
    return Tensor(shape: [steps, 1] + shape.dropFirst(2), scalars: first)
  }
}
