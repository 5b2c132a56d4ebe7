package import Counterspike

/// What the scores are made of, and how they come about over time.
///
/// The score at a step is what the network would give if the sample ended there; the last one is the score
/// that ``SamplePrediction`` has.
package enum ScoreCourse: Sendable, Equatable {
  /// The reduced output of each neuron.
  case reduced(Loss.Reduction)
  /// n/(T + 1) − t with n the spikes and t the step of the first one, counted from 0, or T.
  case latency

  /// As the first loss of a recipe ranks classes, or as a regression reduces its output.
  package init(_ loss: LossSettings) {
    self =
      switch loss.terms[0].loss {
      case .kernel, .count, .rate, .softmax(.everyStep, _): .reduced(.sum)
      case .squaredError(.everyStep): .reduced(.mean)
      case .softmax(let reduction, _), .squaredError(let reduction): .reduced(reduction)
      case .latency: .latency
      case .registered(let piece): .reduced(piece.scoreReduction)
      }
  }

  /// The scores of one neuron at each time step.
  ///
  /// - Parameters:
  ///   - output: the psc, or the membrane potential of a readout; shape `[T]`.
  ///   - spikes: 0 or 1, shape `[T]`.
  func values(output: [Float], spikes: [Float]) -> [Float] {
    let steps = Float(output.count)
    var (sum, count, largest) = (Float(0), Float(0), -Float.infinity)
    var first: Int?
    return output.indices.map { step in
      sum += output[step]
      largest = max(largest, output[step])
      if spikes[step] != 0 {
        count += 1
        first = first ?? step
      }
      return switch self {
      case .reduced(.sum), .reduced(.everyStep): sum
      case .reduced(.mean): sum / Float(step + 1)
      case .reduced(.last): output[step]
      case .reduced(.largest): largest
      case .reduced(.rate): count / steps
      case .latency: count / (steps + 1) - (first.map { Float($0) } ?? steps)
      }
    }
  }
}
