package import CounterspikeKernels

extension GradientSettings {
  /// The rule as the kernels take it.
  package var kernel: SpikeRule {
    switch rule {
    case .neighborhood: .neighborhood(neighborhood.kernel)
    case .surrogate: .surrogate(surrogate.kernel)
    case .tsslbp: .tsslbp
    }
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
    switch shape {
    case .sigmoid:
      SurrogateRule(shape: .sigmoid, width: width, resetGradient: resetGradient)
    }
  }
}
