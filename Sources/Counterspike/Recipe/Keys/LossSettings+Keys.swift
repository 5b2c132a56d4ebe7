extension LossSettings: RecipeSection {
  static let keys: [RecipeKey<LossSettings>] = [
    .choice("kind", \.kind, "What is compared with the target."),
    .choice("targetFilter", \.targetFilter, "How often the kernel loss filters the target train."),
    .setting(
      "desiredCount", \.desiredCount, orNull: .within(0...1_000_000),
      "Spikes that the class's neuron should fire, of the count loss; null: one a time step."),
    .setting(
      "undesiredCount", \.undesiredCount, .within(0...1_000_000),
      "Spikes that each other neuron may fire, of the count loss."),
  ]
}

extension LossSettings.Kind: RecipeChoice {
  var summary: String {
    switch self {
    case .kernel: "the papers' van Rossum distance between filtered spike trains"
    case .count: "the squared difference of spike counts"
    case .softmax: "cross-entropy of the post-synaptic current summed over time"
    }
  }
}

extension LossSettings.TargetFilter: RecipeChoice {
  var summary: String {
    switch self {
    case .once: "by the synaptic filter alone, as the output is"
    case .twice: "a second time, as the authors' program does; with one time step, once"
    }
  }
}
