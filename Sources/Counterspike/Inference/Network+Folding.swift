internal import CounterspikeSystem

extension Network {
  /// A product's weights and bias with the normalization behind it folded in, where there is one.
  ///
  ///     γ·θ·(W·a + b − mean)/√(variance + ε) + β = (f·W)·a + f·(b − mean) + β,   f = γ·θ/√(variance + ε)
  ///
  /// - Returns: weights in the shape of the parameter, and one bias a channel or none; `nil` where a
  ///   normalization stands behind something else than the product itself.
  package func folded(_ node: NetworkPlan.Node) -> (weights: Tensor, bias: [Float]?)? {
    func parameter(_ role: NetworkPlan.Parameter.Role, of node: NetworkPlan.Node) -> Tensor? {
      plan.parameters.firstIndex { $0.node == node.id && $0.role == role }.map { weights[$0] }
    }
    guard var weight = parameter(.weight, of: node) else { return nil }
    let bias = parameter(.bias, of: node)?.scalars
    let normalized = plan.nodes.first { other in
      if case .normalization = other.operation { other.inputs == [node.id] } else { false }
    }
    guard let normalized, case .normalization(let settings) = normalized.operation else {
      return (weight, bias)
    }
    let found = plan.statistics.indices.filter { plan.statistics[$0].node == normalized.id }
    guard let scale = parameter(.scale, of: normalized), found.count == 2,
      let shift = parameter(.shift, of: normalized)
    else { return nil }
    let (mean, variance) = (statistics[found[0]].scalars, statistics[found[1]].scalars)
    let size = weight.count / scale.count
    var folded: [Float] = []
    for channel in 0..<scale.count {
      let root = Double(variance[channel] + NetworkPlan.Normalization.epsilon).squareRoot()
      let factor = Double(scale.scalars[channel]) * Double(settings.threshold) / root
      for place in channel * size..<(channel + 1) * size {
        weight.scalars[place] = Float(Double(weight.scalars[place]) * factor)
      }
      let before = Double(bias?[channel] ?? 0) - Double(mean[channel])
      folded.append(Float(factor * before + Double(shift.scalars[channel])))
    }
    return (weight, folded)
  }
}
