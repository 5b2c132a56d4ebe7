internal import CounterspikeKernels
package import CounterspikeSettings

extension GradientSettings {
  /// Why the rule cannot be computed for neurons that see each other, if so.
  ///
  /// General neighborhoods need all errors of a neuron at once, and theirs come in step by step.
  private func problemWithLateralWeights() -> String? {
    guard !kernel(timeSteps: 1, isKernelLossOutput: false).isStepwise else {
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
  package func problem(with neuron: NeuronSettings, isRecurrent: Bool = false) -> String? {
    if let problem = registrationProblem(at: .root + "gradient") { return problem.message }
    if let problem = neuron.modelProblem(at: .root) { return problem.message }
    if let external = neuron.external {
      return problem(with: external, named: neuron.model.rawValue)
        ?? (isRecurrent ? problemWithLateralWeights() : nil)
    }
    if neuron.trainedPer == .channel, !(neuron.trained ?? []).isEmpty,
      case .own = kernel(timeSteps: 1, isKernelLossOutput: false)
    {
      return
        "the rule \(rule.rawValue) takes neurons that share their constants; set trainedPer to layer"
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
}
