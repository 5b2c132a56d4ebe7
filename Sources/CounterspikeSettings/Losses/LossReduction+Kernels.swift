package import CounterspikeKernels

extension Loss.Reduction {
  package var kernel: OutputLoss.Reduction {
    switch self {
    case .sum: .sum
    case .mean: .mean
    case .last: .last
    case .largest: .largest
    case .rate: .rate
    case .everyStep: .everyStep
    }
  }
}
