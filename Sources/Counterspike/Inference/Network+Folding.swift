internal import CounterspikeKernels
internal import CounterspikeSystem

extension NetworkPlan {
  /// The normalization behind a product, which can be folded into its weights and bias.
  struct Folding: Sendable {
    /// Places of γ and β among the parameters.
    let scale: Int
    let shift: Int
    /// Places among the statistics.
    let mean: Int
    let variance: Int
    /// θ
    let threshold: Float

    /// f = γ·θ/√(variance + ε) of one channel.
    func factor(scale: Float, variance: Float) -> Double {
      Double(scale) * Double(threshold)
        / Double(variance + NetworkPlan.Normalization.epsilon).squareRoot()
    }
  }

  /// `nil` where no normalization takes what the product gives.
  func folding(_ product: Node) -> Folding? {
    for node in nodes where node.inputs == [product.id] {
      guard case .normalization(let settings) = node.operation else { continue }
      func parameter(_ role: Parameter.Role) -> Int? {
        parameters.firstIndex { $0.node == node.id && $0.role == role }
      }
      func statistic(_ role: Statistic.Role) -> Int? {
        statistics.firstIndex { $0.node == node.id && $0.role == role }
      }
      guard let scale = parameter(.scale), let shift = parameter(.shift),
        let mean = statistic(.mean), let variance = statistic(.variance)
      else { continue }
      return Folding(
        scale: scale, shift: shift, mean: mean, variance: variance, threshold: settings.threshold)
    }
    return nil
  }
}

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
