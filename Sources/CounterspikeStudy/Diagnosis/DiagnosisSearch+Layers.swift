internal import Counterspike
internal import CounterspikeTraining

/// What is wrong with the layers' activity.
extension DiagnosisSearch {
  /// Silent, saturated and clamped layers, by what a training warns of.
  mutating func activity() throws {
    let totals: BatchTotals
    if isTrained {
      let evaluation = try network.evaluate(
        trial.judged, loss: recipe.loss, workers: diagnosis.workers)
      totals = BatchTotals(evaluation, plan: plan)
    } else {
      totals = baseline.before
    }
    let warnings = TrainingWarning.found(
      totals, recipe: recipe, plan: plan, steps: 0, chance: trial.chance, weights: network.weights)
    for warning in warnings {
      switch warning.cause {
      case .silent(let layer):
        let why = layers.silence(place(layer)).observation.map { ": of its neurons \($0)" } ?? ""
        try unlessItPasses(
          .silent, layer,
          "\(layer) does not fire, so that nothing behind it can learn" + why, warning)
      case .saturated(let layer):
        try unlessItPasses(.saturated, layer, warning.observation, warning)
      case .clamped(let layer):
        let observation =
          isTrained
          ? warning.observation
          : "many initial weights of \(layer) lie beyond ±\(recipe.optimizer.weightClamp ?? 0), "
            + "optimizer.weightClamp, and the first step cuts them off"
        add(
          .clamped, layer: layer, observation,
          try attempt(
            isTrained ? lowerRates : currents(place(layer), isLoud: true),
            against: warning.cause))
      case .notLearning: break
      }
    }
  }

  /// Adds a finding about a layer. Of initial weights that a few steps put right it is one only where
  /// other settings do far better.
  mutating func unlessItPasses(
    _ cause: DiagnosisReport.Cause, _ layer: String, _ observation: String,
    _ warning: TrainingWarning
  ) throws {
    let stays = isTrained || baseline.outcome.hasDiverged || baseline.has(warning.cause)
    let found = try attempt(
      currents(place(layer), isLoud: cause == .saturated), against: warning.cause,
      isFar: !stays)
    guard stays || found.remedy != nil else { return }
    add(cause, layer: layer, observation, found)
  }

  private func currents(_ place: Int, isLoud: Bool) -> [DiagnosisCandidates.Candidate] {
    candidates.currents(
      place, isLoud: isLoud,
      size: layers.layers.indices.contains(place) ? layers.layers[place].current : 1)
  }

  private func place(_ layer: String) -> Int {
    plan.stages.firstIndex { $0.name == layer } ?? 0
  }

  /// Currents that leave nothing to the threshold.
  private static let largest = 20.0

  mutating func largeCurrents() throws {
    guard !findings.contains(where: { $0.layer != nil }),
      let place = layers.layers.firstIndex(where: { $0.current > Self.largest })
    else { return }
    let layer = layers.layers[place]
    let found = try attempt(currents(place, isLoud: true))
    guard found.remedy != nil || !learns else { return }
    add(
      .largeCurrents, layer: layer.name,
      "the currents of \(layer.name) are about \(layer.current.text(digits: 2)) times its threshold, so that "
        + "hardly anything depends on the threshold", found)
  }
}

extension BatchTotals {
  /// What an evaluation counted, as far as warnings ask for it.
  fileprivate init(_ evaluation: Evaluation, plan: NetworkPlan) {
    self.init(stages: plan.stages.count)
    samples = evaluation.samples
    correct = Int((evaluation.accuracy * Double(samples)).rounded())
    loss = evaluation.loss * Double(samples)
    spikes = plan.stages.map { stage in
      let rate = evaluation.firingRates.first { $0.layer == stage.name }?.rate ?? 0
      return Int((rate * Double(stage.activeNeuronCount * plan.timeSteps * samples)).rounded())
    }
  }
}
