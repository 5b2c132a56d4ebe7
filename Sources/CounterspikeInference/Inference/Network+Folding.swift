internal import CounterspikeKernels
package import CounterspikeNetwork
package import CounterspikeSystem

extension Network {
  /// A product's weights and bias with the normalization behind it folded in, where there is one.
  ///
  ///     γ·θ·(W·a + b − mean)/√(variance + ε) + β = (f·W)·a + f·(b − mean) + β,   f = γ·θ/√(variance + ε)
  ///
  /// - Returns: weights in the shape of the parameter, and one bias a channel or none; `nil` for what is no
  ///   product.
  package func folded(_ node: NetworkPlan.Node) -> (weights: Tensor, bias: [Float]?)? {
    func parameter(_ role: NetworkPlan.Parameter.Role) -> Tensor? {
      plan.parameters.firstIndex { $0.node == node.id && $0.role == role }.map { weights[$0] }
    }
    guard var weight = parameter(.weight) else { return nil }
    let bias = parameter(.bias)?.scalars
    guard let folding = plan.folding(node) else { return (weight, bias) }
    let (mean, shift) = (statistics[folding.mean].scalars, weights[folding.shift].scalars)
    let factors = factors(folding)
    let size = weight.count / factors.count
    var folded: [Float] = []
    for (channel, factor) in factors.enumerated() {
      for place in channel * size..<(channel + 1) * size {
        weight.scalars[place] = WeightRounding.folded(weight.scalars[place], factor: factor)
      }
      let before = Double(bias?[channel] ?? 0) - Double(mean[channel])
      folded.append(Float(factor * before + Double(shift[channel])))
    }
    return (weight, folded)
  }

  /// f of each channel.
  func factors(_ folding: NetworkPlan.Folding) -> [Double] {
    zip(weights[folding.scale].scalars, statistics[folding.variance].scalars).map {
      folding.factor(scale: $0, variance: $1)
    }
  }
}
