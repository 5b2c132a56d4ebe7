package import Counterspike

/// What keeps a network from learning, seen at the end of an epoch.
public struct TrainingWarning: Sendable, Equatable, CustomStringConvertible {
  public enum Cause: Sendable, Equatable {
    /// A layer practically never fires: fewer than one spike in a hundred samples.
    case silent(layer: String)
    /// A layer's neurons fire at nearly every step, whatever the sample.
    case saturated(layer: String)
    /// A tenth of a layer's weights or more stand at the bound ±`optimizer.weightClamp`.
    case clamped(layer: String)
    /// After at least a hundred steps, the training samples, 200 or more, are predicted no better than by
    /// chance.
    case notLearning
  }

  public let cause: Cause
  /// What is seen, on one line.
  public let observation: String
  /// What may help, on one line.
  public let advice: String
  /// What is seen and what may help, on one line.
  public var description: String { "\(observation); \(advice)" }

  /// The fewest steps after which a network that has learnt nothing is told of.
  private static let steps = 100
  /// The fewest samples; of less, chance may be right about many.
  private static let samples = 200
  /// The rate from which on a layer says nothing.
  private static let saturation = 0.99

  /// What is wrong after an epoch; only the first of several layers in a row, which is the cause of
  /// the others.
  ///
  /// - Parameters:
  ///   - totals: of the epoch's training steps.
  ///   - steps: made since the run began.
  ///   - chance: the share of the most frequent class.
  ///   - weights: after the epoch, one tensor a parameter.
  package static func found(
    _ totals: BatchTotals, recipe: Recipe, plan: NetworkPlan, steps: Int, chance: Double,
    weights: [Tensor]
  ) -> [TrainingWarning] {
    var found: [TrainingWarning] = []
    let rates = totals.firingRates(plan)
    let rate = "optimizer.learningRate is \(recipe.optimizer.learningRate)"
    if let bound = recipe.optimizer.weightClamp,
      let clamped = zip(weights, plan.parameters).first(where: {
        $1.isDecayed && isClamped($0, bound)
          && recipe.training.frozen?.contains(plan.stages[plan.stage(of: $1)].name) != true
      })
    {
      let layer = plan.stages[plan.stage(of: clamped.1)].name
      found.append(
        TrainingWarning(
          cause: .clamped(layer: layer),
          observation: "many weights of \(layer) stand at ±\(bound), "
            + "optimizer.weightClamp: steps are too large",
          advice: "lower the learning rate (\(rate))"))
    }
    let hasClamped = !found.isEmpty
    if let place = plan.stages.indices.first(where: {
      plan.stages[$0].fires && totals.spikes[$0] * 100 < totals.samples
    }) {
      let stage = plan.trainedStage(place, weights: weights)
      let threshold = stage.neuron.threshold
      let source =
        place == 0
        ? "lower network.neuron.threshold (\(threshold)) or raise network.weightScale"
        : "raise the layer's weightScale or lower its threshold (\(threshold))"
      found.append(
        TrainingWarning(
          cause: .silent(layer: stage.name),
          observation: "\(stage.name) does not fire, so that nothing behind it can learn: its "
            + "currents do not reach the threshold",
          advice: source
            + (hasClamped ? "" : ", or lower the learning rate if it fired before (\(rate))")))
    } else if let place = rates.firstIndex(where: { $0.rate >= saturation }) {
      let layer = rates[place].layer
      found.append(
        TrainingWarning(
          cause: .saturated(layer: layer),
          observation: "the neurons of \(layer) fire at every step, whatever the sample",
          advice: "raise their threshold, or lower weightScale or the learning rate (\(rate))"))
    }
    if found.isEmpty, !recipe.loss.isRegression, steps >= Self.steps,
      totals.samples >= Self.samples, isChance(totals, chance)
    {
      found.append(
        TrainingWarning(
          cause: .notLearning,
          observation: "the training samples are predicted no better than by chance "
            + "(after \(steps) steps)",
          advice: "try a smaller or larger learning rate (\(rate)), another loss.kind, and check "
            + "that the labels belong to the samples"))
    }
    return found
  }

  /// Whether a tenth of the weights stand at the bound.
  private static func isClamped(_ weights: Tensor, _ bound: Float) -> Bool {
    10 * weights.scalars.count { abs($0) >= bound } >= weights.count
  }

  private static func isChance(_ totals: BatchTotals, _ chance: Double) -> Bool {
    Chance.explains(totals.accuracy, samples: totals.samples, chance: chance)
  }
}

/// What guessing reaches.
package enum Chance {
  /// The share of samples that whoever always names the most frequent class has right.
  package static func accuracy(of source: any SampleSource) -> Double {
    Double(counts(of: source).max() ?? 0) / Double(max(source.count, 1))
  }

  /// Samples of each class.
  package static func counts(of source: any SampleSource) -> [Int] {
    var counts = [Int](repeating: 0, count: source.classCount)
    for index in 0..<source.count { counts[source.label(at: index)] += 1 }
    return counts
  }

  /// Whether an accuracy is within three standard deviations of chance.
  package static func explains(_ accuracy: Double, samples: Int, chance: Double) -> Bool {
    let count = Double(max(samples, 1))
    return accuracy <= chance + 3 * (chance * (1 - chance) / count).squareRoot()
  }
}
