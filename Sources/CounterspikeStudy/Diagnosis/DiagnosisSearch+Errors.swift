internal import Counterspike

/// What is wrong with the errors that arrive at the layers.
extension DiagnosisSearch {
  mutating func errors() throws {
    guard !findings.contains(where: { $0.layer != nil }) else { return }
    let errors = DiagnosisErrors(
      layers: layers.layers.indices.map(weighed), optimizer: recipe.optimizer,
      batchSize: recipe.training.batchSize)
    func name(_ place: Int) -> String { plan.stages[place].name }
    if let (cause, place) = errors.blocked {
      let isRule = cause == .ruleWeight
      return add(
        cause, layer: name(place),
        isRule
          ? "an error arrives at \(name(place)), and the gradient rule \(rule(place)) gives it the "
            + "weight zero: no membrane potential is near enough to the threshold for it"
          : "no error arrives at \(name(place)), so that it does not learn",
        try attempt(candidates.rule(of: ownRule(place)) + (isRule ? [] : candidates.other())))
    }
    if let place = errors.vanishing {
      return add(
        .vanishing, layer: name(place),
        "the errors vanish on the way to \(name(place)): its gradient is too small for the "
          + "optimizer",
        try attempt(
          candidates.optimizer(gradient: errors.stepGradient(place))
            + candidates.size(of: ownRule(place))))
    }
    for (place, growth) in errors.exploding {
      let found = try attempt(candidates.size(of: ownRule(place)))
      guard found.remedy != nil || !learns else { continue }
      return add(
        .exploding, layer: name(place),
        "the errors explode on the way to \(name(place)): they are \(growth.text(digits: 2)) times "
          + "those of \(name(errors.layers.count - 1))", found)
    }
  }

  private func weighed(_ place: Int) -> DiagnosisErrors.Layer {
    let stage = plan.stages[place]
    let weights = stage.parameters.map { network.weights[$0] }
    let count = weights.reduce(0) { $0 + $1.count }
    let square = weights.reduce(0.0) { $0 + AuditWeights.square($1.scalars) }
    return DiagnosisErrors.Layer(
      seen: layers.layers[place], weight: (square / Double(max(count, 1))).squareRoot(),
      isFrozen: recipe.training.frozen?.contains(stage.name) == true,
      isFed: plan.sources(of: place).contains {
        $0.map { layers.layers[$0].firingRate > 0 } ?? true
      })
  }

  /// The layer, where it has a rule of its own.
  private func ownRule(_ place: Int) -> Int? {
    plan.stages[place].gradient == nil ? nil : candidates.layerIndex(place)
  }

  private func rule(_ place: Int) -> String {
    (plan.stages[place].gradient ?? recipe.gradient).rule.rawValue
  }
}
