package import CounterspikeKernels

extension GradientSettings {
  /// The rule as the kernels take it.
  package var kernel: SpikeRule {
    switch rule {
    case .neighborhood: .neighborhood(neighborhood.kernel)
    case .surrogate: .surrogate(surrogate.kernel)
    case .tsslbp: .tsslbp
    case .slayer: .slayer(SLAYERRule(alpha: slayer.alpha, beta: slayer.beta))
    }
  }

  /// The rule of every stage: its own, or else this.
  package func kernels(_ plan: NetworkPlan) -> [SpikeRule] {
    plan.stages.map { ($0.gradient ?? self).kernel }
  }
}

extension NeighborhoodSettings {
  package var kernel: NeighborhoodRule {
    let weight: NeighborhoodRule.Weight =
      switch distance {
      case .inversePower where power == 1: .inverse(bound: clamp)
      case .inversePower: .inverseCube(bound: clamp)
      case .lorentzian: .lorentzian(width: width)
      case .gaussian: .gaussian(deviation: width)
      }
    return NeighborhoodRule(filtersTwice: error == .paper, weight: weight)
  }
}

extension SurrogateSettings {
  package var kernel: SurrogateRule {
    let kernelShape: SurrogateRule.Shape =
      switch shape {
      case .sigmoid: .sigmoid
      case .rectangle: .rectangle
      case .triangle: .triangle
      case .fastSigmoid: .fastSigmoid
      case .arctangent: .arctangent
      }
    return SurrogateRule(shape: kernelShape, width: width, resetGradient: resetGradient)
  }
}
