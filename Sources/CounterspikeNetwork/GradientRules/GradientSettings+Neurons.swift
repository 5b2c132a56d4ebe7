package import CounterspikeKernels
internal import CounterspikeRecipe
package import CounterspikeSettings
package import CounterspikeSystem

extension GradientSettings {
  /// The rule of a layer's neurons: its own, or else this.
  ///
  /// Lateral weights multiply δ once a time step, and an inverse power, which is as large as its clamp near the
  /// threshold, grows without bound on that way: trainings of 77 steps ended in infinite gradients
  /// (docs/networks.md). So recurrent neurons without a rule of their own take the Lorentzian weight and the
  /// exact error in its place.
  package func settings(of stage: NetworkPlan.Stage) -> GradientSettings {
    if let own = stage.gradient { return own }
    guard stage.neuronKind == .recurrent, rule == .neighborhood,
      neighborhood.distance == .inversePower
    else { return self }
    var bounded = self
    bounded.neighborhood.distance = .lorentzian
    bounded.neighborhood.width = NeighborhoodSettings().width
    bounded.neighborhood.error = .exact
    return bounded
  }

  /// The rule of every stage as the kernels take it: its own, or else this.
  package func kernels(_ plan: NetworkPlan, loss: LossSettings) -> [SpikeRule] {
    plan.stages.indices.map { index in
      settings(of: plan.stages[index]).kernel(
        timeSteps: plan.timeSteps,
        isKernelLossOutput: index == plan.stages.count - 1 && loss.isPlainKernel)
    }
  }

  /// - Throws: `invalidRecipe` naming the first layer whose neurons the rule is not defined for.
  ///
  /// - Parameter respectsLayers: layers with a rule of their own keep it.
  package func requireNeurons(
    of plan: NetworkPlan, respectsLayers: Bool = true
  ) throws(CounterspikeError) {
    for stage in plan.stages where stage.neuronKind != .readout {
      let rule = respectsLayers ? settings(of: stage) : self
      let isRecurrent = stage.neuronKind == .recurrent
      guard let problem = rule.problem(with: stage.neuron, isRecurrent: isRecurrent) else {
        continue
      }
      throw CounterspikeError(.invalidRecipe, "\(stage.name): \(problem)", remedy: .changeSetting)
    }
  }
}
