package import CounterspikeSettings

extension NeuronSettings {
  /// Why a registered neuron cannot be used, if so, as a sentence.
  package var modelProblem: String? { modelProblem(at: .root)?.message }

  /// Why a registered neuron cannot be used, if so: it is not registered, or a setting is not allowed, or is one
  /// that it does not have.
  func modelProblem(at path: RecipePath) -> RecipeProblem? {
    guard case .registered(let name) = model else { return nil }
    if let problem = NeuronRegistry.table.problem(name, modelSettings, key: "model", at: path) {
      return problem
    }
    let others = [
      ("reset", reset != NeuronSettings().reset), ("adaptation", adaptation != nil),
      ("trained", !(trained ?? []).isEmpty),
    ]
    guard let (key, _) = others.first(where: { $0.1 }) else { return nil }
    return RecipeProblem(
      path + key,
      "means nothing for the neuron \(name), which does by itself what a spike does; leave it out")
  }
}

extension LayerSettings {
  /// Why a registered layer cannot be used, if so, as a sentence.
  package var pieceProblem: String? {
    guard case .registered(let name) = kind else { return nil }
    return LayerRegistry.table.problem(name, ownSettings, key: "kind", at: .root)?.message
  }
}
