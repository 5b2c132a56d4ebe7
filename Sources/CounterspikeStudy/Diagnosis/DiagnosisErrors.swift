internal import Counterspike

/// Where the error stops, or what becomes of it, on its way from the output to the first layer.
struct DiagnosisErrors {
  /// A layer as far as its errors matter.
  struct Layer {
    var seen: DiagnosisReport.Layer
    /// Root mean square of its weights.
    var weight: Double
    /// Its weights are not trained.
    var isFrozen = false
    /// Something arrives at its weights: samples, or spikes of a layer before it.
    var isFed = true
  }

  let layers: [Layer]
  let optimizer: OptimizerSettings
  /// Samples of a step.
  let batchSize: Int

  /// Errors that grow by more than this explode.
  private static let growth = 1000.0
  /// A layer with an error whose rule gives so many neurons the weight zero learns nothing.
  private static let zeros = 0.99

  /// The cause and its layer, from the output on: a layer that passes nothing on explains those before it.
  var blocked: (cause: DiagnosisReport.Cause, place: Int)? {
    for place in layers.indices.reversed() {
      let seen = layers[place].seen
      if let share = seen.zeroWeight, share >= Self.zeros { return (.ruleWeight, place) }
      if seen.zeroWeight == nil, seen.error == 0 { return (.noError, place) }
    }
    return nil
  }

  /// The first layer whose weights a step changes by nothing that counts.
  var vanishing: Int? { layers.indices.first(where: isTooSmall) }

  /// How often each layer's error has that of the last one in it, for the layers where that is too much.
  var exploding: [(place: Int, growth: Double)] {
    let output = layers.last?.seen.error ?? 0
    guard output > 0 else { return [] }
    return layers.enumerated().compactMap { place, layer in
      let growth = layer.seen.error / output
      return growth > Self.growth ? (place, growth) : nil
    }
  }

  /// Root mean square of a weight's gradient in a step.
  func stepGradient(_ place: Int) -> Double { layers[place].seen.gradient * Double(batchSize) }

  private func isTooSmall(_ place: Int) -> Bool {
    let layer = layers[place]
    // What gets nothing has no gradient, whatever the errors are.
    guard layer.isFed, !layer.isFrozen else { return false }
    let batch = stepGradient(place)
    switch optimizer.kind {
    case .adamW: return batch < Double(optimizer.epsilon)
    case .sgd: return Double(optimizer.learningRate) * batch < 1e-9 * layer.weight
    }
  }
}
