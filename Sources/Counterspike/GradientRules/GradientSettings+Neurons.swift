internal import CounterspikeKernels
internal import CounterspikeSystem

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

  /// Whether the rule is defined for such neurons.
  package func covers(_ neuron: NeuronSettings) -> Bool {
    kernel(timeSteps: 1, isKernelLossOutput: false).covers(neuron.dynamics)
  }

  /// Why the rule cannot be computed for neurons that see each other, if so.
  ///
  /// General neighborhoods need all errors of a neuron at once, and theirs come in step by step.
  private func problemWithLateralWeights() -> String? {
    guard !RecurrentNeurons.covers(kernel(timeSteps: 1, isKernelLossOutput: false)) else {
      return nil
    }
    if case .registered(let name) = rule {
      return
        "the rule \(name) looks at all time steps at once, and is not defined for recurrent neurons; use "
        + "another one there"
    }
    return
      "gradient.neighborhood.neighbors \(neighborhood.neighbors.rawValue) is not defined for recurrent "
      + "neurons; set it to simple"
  }

  /// Why the rule cannot be computed for such neurons, if so.
  func problem(with neuron: NeuronSettings, isRecurrent: Bool = false) -> String? {
    if let problem = registrationProblem(at: .root + "gradient") { return problem.message }
    if let problem = neuron.modelProblem(at: .root) { return problem.message }
    if neuron.model != .leaky, isRecurrent {
      return
        "the neuron \(neuron.model.rawValue) cannot be recurrent; use a dense layer, or model leaky"
    }
    if let external = neuron.external {
      return problem(with: external, named: neuron.model.rawValue)
    }
    guard !covers(neuron) else { return isRecurrent ? problemWithLateralWeights() : nil }
    let others = Rule.allCases.filter { rule in
      var settings = GradientSettings()
      settings.rule = rule
      return settings.covers(neuron)
    }
    let what =
      (neuron.reset == .zero ? [] : ["the reset \(neuron.reset.rawValue)"])
      + (neuron.dynamics.adaptation == nil ? [] : ["an adaptive threshold"])
    return "the rule \(rule.rawValue) is not defined for neurons with "
      + what.joined(separator: " and ")
      + "; rules that are: \(others.map(\.rawValue).joined(separator: ", "))"
  }

  private func problem(with neuron: ExternalNeuron, named name: String) -> String? {
    let exact = neighborhood.outputDifference == .exact && rule == .neighborhood
    let kernel = kernel(timeSteps: 1, isKernelLossOutput: exact)
    guard !neuron.covers(kernel) else { return nil }
    let needs =
      neuron.isDifferentiable
      ? "the rules surrogate, without resetGradient, and those that this program registers"
      : "no rule that needs its derivatives, which it does not give"
    return
      "the rule \(rule.rawValue) with these settings is not defined for the neuron \(name); it takes "
      + "the rule neighborhood with neighbors simple and outputDifference firstOrder, and \(needs)"
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
