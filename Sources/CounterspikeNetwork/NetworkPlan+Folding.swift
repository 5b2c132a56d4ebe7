extension NetworkPlan {
  /// The normalization behind a product, which can be folded into its weights and bias.
  package struct Folding: Sendable {
    /// Places of γ and β among the parameters.
    package let scale: Int
    package let shift: Int
    /// Places among the statistics.
    package let mean: Int
    package let variance: Int
    /// θ
    package let threshold: Float

    /// f = γ·θ/√(variance + ε) of one channel.
    package func factor(scale: Float, variance: Float) -> Double {
      Double(scale) * Double(threshold)
        / Double(variance + NetworkPlan.Normalization.epsilon).squareRoot()
    }
  }

  /// `nil` where no normalization takes what the product gives.
  package func folding(_ product: Node) -> Folding? {
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
