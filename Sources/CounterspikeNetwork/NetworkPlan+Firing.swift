internal import CounterspikeSettings

extension NetworkPlan.Stage {
  /// Whether its neurons can fire; those of a readout cannot, and have neither a rate nor spikes.
  package var fires: Bool { neuronKind != .readout }

  /// θ; `nil`: the neurons never fire.
  package var firingThreshold: Float? { fires ? neuron.threshold : nil }
}

extension NetworkPlan {
  /// The layers whose neurons can fire.
  package var firingLayers: Set<String> { Set(stages.filter(\.fires).map(\.name)) }
}
