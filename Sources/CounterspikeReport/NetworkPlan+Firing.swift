package import Counterspike

extension NetworkPlan.Stage {
  /// θ; `nil`: the neurons never fire, as those of a readout.
  var firingThreshold: Float? { neuronKind == .readout ? nil : neuron.threshold }
}

extension NetworkPlan {
  /// The layers whose neurons can fire; of others neither a rate nor spikes are shown.
  package var firingLayers: Set<String> {
    Set(stages.filter { $0.firingThreshold != nil }.map(\.name))
  }
}
