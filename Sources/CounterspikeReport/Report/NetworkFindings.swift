package import Counterspike
package import CounterspikeData
package import CounterspikeTraining

/// What a trained network does with the test samples.
package struct NetworkFindings: Sendable {
  package let plan: NetworkPlan
  package let classNames: [String]
  package let evaluation: Evaluation
  /// The samples that are predicted wrong, the surest mistakes first; none in regression.
  package private(set) var wrong: [SamplePrediction] = []
  /// In regression with a number an output neuron all samples, the largest errors first.
  package private(set) var errors: [SampleError] = []
  /// What the samples' files are called; `nil`: they have no names.
  package let names: [String]?
  /// Over ``tracedCount`` samples.
  package private(set) var layers: [LayerFindings]
  package let tracedCount: Int
  package let operations: SynapticOperations
  package private(set) var confusions: [Confusion] = []
  /// Wrong samples, of different confusions as far as possible, and a right one; in regression the samples
  /// of the largest errors and that of the smallest one.
  package private(set) var examples: [SampleFindings] = []
  package let kernels: Kernels?
  /// What is to be known of the data.
  package let remarks: [String]

  /// A pair of classes of which one is taken for the other.
  package struct Confusion: Sendable {
    package var label: Int
    package var prediction: Int
    package var count: Int
    /// A few of the samples, the surest mistakes first.
    package var pictures: [(index: Int, picture: PagePicture)]
  }

  /// What the first layer's units look at.
  package struct Kernels: Sendable {
    package var layer: String
    /// Of all units; fewer may be drawn.
    package var count: Int
    /// The magnitude of the fullest colour.
    package var bound: Float
    package var pictures: [PagePicture]
  }

  /// The most samples that are traced, and values of all layers together.
  private static let traced = (samples: 64, values: 1 << 22)
  private static let shown = (examples: 5, confusions: 6, pictures: 3, kernels: 64)

  /// Evaluates a checkpoint on the test samples, and traces some of them.
  ///
  /// - Throws: `mismatch` where samples and network do not fit; `libraryFailure`.
  package init(_ checkpoint: Checkpoint, _ data: DataSet, workers: Int) throws {
    let network = try checkpoint.network()
    let source = data.test
    plan = network.plan
    classNames = data.classNames
    names = data.testNames
    remarks = checkpoint.remarks(on: data, by: checkpoint.recipe, isTest: true)
    let isRegression = checkpoint.recipe.loss.isRegression
    var wrong: [SamplePrediction] = []
    var right: SamplePrediction?
    var errors: [SampleError] = []
    evaluation = try network.evaluate(source, loss: checkpoint.recipe.loss, workers: workers) {
      if isRegression {
        // Numbers are neither right nor wrong; a sample with a series of them has no scores beside it.
        if source.targetShape.count == 1 {
          errors.append(SampleError($0, targets: source.targets($0.index)))
        }
      } else if $0.prediction != $0.label {
        wrong.append($0)
      } else if right == nil {
        right = $0
      }
    }
    wrong.sort { ($1.lead, $0.index) < ($0.lead, $1.index) }
    errors.sort { ($1.rmse, $0.prediction.index) < ($0.rmse, $1.prediction.index) }
    self.wrong = wrong
    self.errors = errors
    kernels = Self.kernels(network)

    let neurons = plan.stages.reduce(0) { $0 + $1.neuronCount }
    let values = max(1, neurons * plan.timeSteps)
    tracedCount = min(source.count, max(1, min(Self.traced.samples, Self.traced.values / values)))
    let portion = max(1, min(16, (1 << 18) / values))
    var layers: [LayerFindings] = []
    let stages = plan.stages.indices.map { network.trainedStage($0) }
    for stage in stages { layers.append(LayerFindings(stage, timeSteps: plan.timeSteps)) }
    var input = SpikeInput(source)
    var gradients: [[Float]] = []
    for first in stride(from: 0, to: tracedCount, by: portion) {
      let indices = Array(first..<min(first + portion, tracedCount))
      let batch = source.batch(indices)
      input.add(batch)
      for (index, trace) in try network.trace(batch).enumerated() {
        layers[index].add(trace, samples: indices.count)
      }
      let gradient = try Self.gradient(network, batch, of: source, indices, checkpoint.recipe)
      let parts = gradient.weights.map(\.scalars)
      gradients = gradients.isEmpty ? parts : zip(gradients, parts).map { zip($0, $1).map(+) }
    }
    for (index, stage) in plan.stages.enumerated() {
      let square = stage.parameters.reduce(0.0) { sum, parameter in
        gradients[parameter].reduce(sum) { $0 + Double($1) * Double($1) }
      }
      layers[index].gradientNorm = square.squareRoot() / Double(tracedCount)
    }
    self.layers = layers
    operations = SynapticOperations(
      plan, spikes: layers.map(\.spikes), input: input.sums, isStill: source.shape.count == 3,
      isImage: (source as? EncodedSet)?.source.shape.count == 3, samples: tracedCount)
    confusions = Self.confusions(evaluation, wrong, source)
    let chosen =
      isRegression
      ? Self.chosen(errors).map { (prediction: $0.prediction, targets: $0.targets) }
      : Self.chosen(wrong, right).map { (prediction: $0, targets: []) }
    for (prediction, targets) in chosen {
      examples.append(
        SampleFindings(
          prediction, targets: targets, name: names.map { $0[prediction.index] },
          picture: Self.picture(source, prediction.index), plan: plan,
          stages: stages, traces: try network.trace(source.batch([prediction.index])),
          loss: checkpoint.recipe.loss))
    }
  }

  private static func gradient(
    _ network: Network, _ batch: Tensor, of source: any SampleSource, _ indices: [Int],
    _ recipe: Recipe
  ) throws -> LossGradient {
    guard recipe.loss.isRegression else {
      return try network.lossGradient(
        batch, labels: indices.map { source.label(at: $0) }, gradient: recipe.gradient,
        loss: recipe.loss)
    }
    let targets = Tensor(
      shape: [indices.count] + source.targetShape, scalars: indices.flatMap(source.targets))
    return try network.lossGradient(
      batch, targets: targets, gradient: recipe.gradient, loss: recipe.loss)
  }

  private static func picture(_ source: any SampleSource, _ index: Int) -> PagePicture {
    PagePicture(PixelImage(sample: source.values(index), shape: source.shape))
  }

  /// One wrong sample of each confusion in turn, and the right one.
  private static func chosen(
    _ wrong: [SamplePrediction], _ right: SamplePrediction?
  ) -> [SamplePrediction] {
    var chosen: [SamplePrediction] = []
    for prediction in wrong + wrong where chosen.count < shown.examples {
      let isKnown = chosen.contains {
        $0.label == prediction.label && $0.prediction == prediction.prediction
      }
      if !isKnown { chosen.append(prediction) }
    }
    return chosen + (right.map { [$0] } ?? [])
  }

  /// The samples of the largest errors, and that of the smallest one.
  private static func chosen(_ errors: [SampleError]) -> [SampleError] {
    let worst = errors.prefix(shown.examples)
    return worst + (errors.count > worst.count ? errors.suffix(1) : [])
  }

  private static func confusions(
    _ evaluation: Evaluation, _ wrong: [SamplePrediction], _ source: any SampleSource
  ) -> [Confusion] {
    var pairs: [(label: Int, prediction: Int, count: Int)] = []
    for (label, row) in evaluation.confusion.enumerated() {
      for (prediction, count) in row.enumerated() where count > 0 && label != prediction {
        pairs.append((label, prediction, count))
      }
    }
    pairs.sort { ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction) }
    return pairs.prefix(shown.confusions).map { pair in
      let samples = wrong.filter { $0.label == pair.label && $0.prediction == pair.prediction }
      return Confusion(
        label: pair.label, prediction: pair.prediction, count: pair.count,
        pictures: samples.prefix(shown.pictures).map { ($0.index, picture(source, $0.index)) })
    }
  }

  private static func kernels(_ network: Network) -> Kernels? {
    guard let stage = network.plan.stages.first,
      let index = stage.parameters.first(where: { network.plan.parameters[$0].role == .weight })
    else { return nil }
    let weights = network.weights[index]
    let units = weights.shape[0]
    let size = weights.count / units
    let shape = weights.shape.count == 4 ? Array(weights.shape.dropFirst()) : stage.inputShape
    let bound = weights.scalars.reduce(0) { max($0, abs($1)) }
    let values = weights.scalars
    return Kernels(
      layer: stage.name, count: units, bound: bound,
      pictures: (0..<min(units, shown.kernels)).map { unit in
        PagePicture(
          PixelImage(
            kernel: values[unit * size..<(unit + 1) * size], shape: shape, bound: bound))
      })
  }
}

extension SamplePrediction {
  /// By how much the predicted class's score exceeds that of the sample's own class.
  package var lead: Float { scores[prediction] - scores[label] }
}

/// Sums of the samples' values, as long as these are numbers of spikes.
private struct SpikeInput {
  /// Shape `[C, H, W]`; `nil`: the samples are static inputs, or have values that are no such numbers.
  private(set) var sums: [Double]?

  init(_ source: any SampleSource) {
    sums =
      source.shape.count == 4
      ? [Double](repeating: 0, count: source.shape.suffix(3).reduce(1, *)) : nil
  }

  mutating func add(_ batch: Tensor) {
    guard var found = sums else { return }
    let values = batch.scalars
    guard values.allSatisfy({ $0 >= 0 && $0.rounded() == $0 }) else {
      sums = nil
      return
    }
    let size = found.count
    for (place, value) in values.enumerated() where value != 0 {
      found[place % size] += Double(value)
    }
    sums = found
  }
}
