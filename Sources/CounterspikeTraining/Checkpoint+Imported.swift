package import Counterspike

extension Checkpoint {
  /// A network that was trained elsewhere, before the first epoch of a training here.
  package init(imported network: Network, recipe: Recipe) {
    let zeros = network.weights.map { Tensor(zeros: $0.shape) }
    self.init(
      recipe: recipe, inputShape: network.plan.inputShape,
      progress: TrainingProgress(stages: network.plan.stages.count),
      state: Engine.State(
        weights: network.weights, first: zeros,
        second: recipe.optimizer.kind == .adamW ? zeros : [], statistics: network.statistics),
      plan: network.plan, fingerprints: nil, instructionSets: [])
  }
}
