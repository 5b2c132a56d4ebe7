public import Counterspike

extension Trainer {
  /// The layers of a network that fine-tuning begins with.
  public struct StartingWeights: Sendable, Equatable {
    /// Layers whose weights are the checkpoint's.
    public let taken: [String]
    /// Layers that have the recipe's initial weights, drawn anew.
    public let drawn: [String]
  }

  /// Takes over the weights of all layers that a checkpoint has under the same name and with the same
  /// shape; the output layer's only where the classes are the same. The others keep their initial
  /// weights. What the optimizer remembers is not taken over.
  ///
  /// - Throws: `mismatch` where a step was made already, no layer fits, or one that is frozen does not.
  @discardableResult
  public func start(from checkpoint: Checkpoint) throws(CounterspikeError) -> StartingWeights {
    guard completedSteps == 0 else {
      throw CounterspikeError(
        .mismatch,
        "\(completedSteps) steps were made already; take the checkpoint's weights before the first one"
      )
    }
    let fresh = engine.state
    var (weights, statistics) = (fresh.weights, fresh.statistics)
    let names = plan.stages.map(\.name)
    let hasOtherClasses =
      if let old = checkpoint.recipe.data.classes, let new = recipe.data.classes { old != new } else
      {
        false
      }
    var taken: [String] = []
    let old = Dictionary(
      zip(
        checkpoint.parameters + checkpoint.statistics,
        checkpoint.weights + checkpoint.statisticValues)
    ) { first, _ in first }
    for (place, stage) in plan.stages.enumerated() {
      let isOtherOutput = hasOtherClasses && place == names.count - 1
      let fits = stage.parameters.allSatisfy {
        old[plan.parameters[$0].id]?.shape == plan.parameters[$0].shape
      }
      guard fits, !isOtherOutput else { continue }
      for index in stage.parameters {
        if let tensor = old[plan.parameters[index].id] { weights[index] = tensor }
      }
      for (index, statistic) in plan.statistics.enumerated()
      where plan.stage(of: statistic) == place {
        if let tensor = old[statistic.id], tensor.count == statistic.count {
          statistics[index] = tensor
        }
      }
      taken.append(stage.name)
    }
    let drawn = names.filter { !taken.contains($0) }
    if let layer = drawn.first(where: { recipe.training.frozen?.contains($0) == true }) {
      throw CounterspikeError(
        .mismatch,
        "training.frozen names \(layer), whose weights the checkpoint has in another shape or not at "
          + "all; give it the shape that it has there, or train it")
    }
    guard !taken.isEmpty else {
      throw CounterspikeError(
        .mismatch,
        "no layer of network.layers has the name and shape of one in the checkpoint, which has "
          + zip(checkpoint.parameters, checkpoint.weights).map { "\($0) \($1.shape)" }
          .joined(separator: ", ") + "; use its layers")
    }
    try setWeights(weights, statistics: statistics)
    return StartingWeights(taken: taken, drawn: drawn)
  }
}
