public import Counterspike

/// How well a network does on labelled samples.
public struct Evaluation: Sendable {
  public let samples: Int
  /// Mean loss a sample.
  public let loss: Double
  /// Fraction of samples that are predicted right.
  public let accuracy: Double
  /// `confusion[label][prediction]`: how many samples of a class were predicted as which.
  public let confusion: [[Int]]
  /// Spikes a neuron and time step, one number a layer.
  public let firingRates: [FiringRate]
}

extension Network {
  /// Predicts every sample of `source` and counts.
  ///
  /// - Parameters:
  ///   - loss: which loss to report.
  ///   - workers: threads; they change nothing but the speed.
  /// - Throws: `mismatch` when samples and network do not fit; `invalidRecipe` for settings that no
  ///   recipe could have or fewer than one worker; `libraryFailure`.
  public func evaluate(
    _ source: any SampleSource, loss: LossSettings = LossSettings(), workers: Int = 1
  ) throws -> Evaluation {
    guard source.shape == plan.inputShape || source.shape == [plan.timeSteps] + plan.inputShape,
      source.classCount == plan.classCount
    else {
      throw CounterspikeError(
        .mismatch,
        "samples of shape \(source.shape) in \(source.classCount) classes for a network that takes "
          + "\(plan.inputShape), at \(plan.timeSteps) time steps, and knows \(plan.classCount); name "
          + "the data it was trained on")
    }
    let engine = try Engine(
      network: self, isStill: source.shape.count == 3, gradient: GradientSettings(), loss: loss,
      optimizer: OptimizerSettings(), batchSize: 64, seed: 0, workers: workers)
    var confusion = Array(
      repeating: [Int](repeating: 0, count: plan.classCount), count: plan.classCount)
    guard let result = try engine.evaluate(source: source, indices: Array(0..<source.count))
    else { throw CancellationError() }
    for (index, prediction) in result.predictions.enumerated() {
      confusion[source.label(at: index)][prediction] += 1
    }
    return Evaluation(
      samples: source.count, loss: result.totals.meanLoss, accuracy: result.totals.accuracy,
      confusion: confusion, firingRates: result.totals.firingRates(plan))
  }
}

extension Evaluation {
  /// One JSON object: what `circumstances` says, `samples`, `accuracy`, `loss`, `firingRates`,
  /// `confusion`.
  package func json(_ circumstances: JSONLine) -> String {
    let results: JSONLine = [
      "samples": .integer(samples), "accuracy": .number(accuracy), "loss": .number(loss),
      "firingRates": .object(
        JSONLine(firingRates.map { JSONLine.Member($0.layer, .number($0.rate)) })),
      "confusion": .array(confusion.map { .array($0.map { .integer($0) }) }),
    ]
    return JSONLine(circumstances.members + results.members).description
  }
}
