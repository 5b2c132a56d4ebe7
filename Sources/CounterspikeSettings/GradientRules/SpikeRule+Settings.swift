package import CounterspikeKernels
internal import CounterspikeReference

extension GradientSettings {
  /// The rule of one stage.
  ///
  /// - Parameter isKernelLossOutput: its neurons are the output, and the loss is the kernel loss alone, unweighted.
  package func kernel(timeSteps: Int, isKernelLossOutput: Bool) -> SpikeRule {
    switch rule {
    case .neighborhood:
      neighborhood.kernel(timeSteps: timeSteps, isKernelLossOutput: isKernelLossOutput)
    case .surrogate: .surrogate(surrogate.kernel)
    case .tsslbp: .tsslbp
    case .slayer: .slayer(SLAYERRule(alpha: slayer.alpha, beta: slayer.beta))
    case .registered(let name): RuleRegistry.kernel(name, ruleSettings)
    }
  }

  /// Whether the rule is defined for such neurons.
  package func covers(_ neuron: NeuronSettings) -> Bool {
    kernel(timeSteps: 1, isKernelLossOutput: false).covers(neuron.dynamics)
  }
}

extension NeighborhoodSettings {
  func kernel(timeSteps: Int, isKernelLossOutput: Bool) -> SpikeRule {
    let addsSquare = isKernelLossOutput && outputDifference == .exact
    let all: GeneralNeighborhoodRule.Neighbors =
      switch neighbors {
      case .simple: .simple(weight)
      case .flips: .flips
      case .sampled:
        .sampled(
          GeneralNeighborhoodRule.perturbations(
            count: samples, deviation: Double(deviation), timeSteps: timeSteps, seed: seed))
      }
    guard neighbors != .simple || addsSquare else {
      return .neighborhood(NeighborhoodRule(filtersTwice: error == .paper, weight: weight))
    }
    return .general(
      GeneralNeighborhoodRule(
        neighbors: all, filtersTwice: error == .paper, bound: Double(clamp),
        ridge: Double(ridge), addsSquare: addsSquare))
  }

  private var weight: NeighborhoodRule.Weight {
    switch distance {
    case .inversePower where power == 1: .inverse(bound: clamp)
    case .inversePower: .inverseCube(bound: clamp)
    case .lorentzian: .lorentzian(width: width)
    case .gaussian: .gaussian(deviation: width)
    }
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
