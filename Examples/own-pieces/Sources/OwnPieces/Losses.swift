import Counterspike

/// Σ_{k≠y} max(0, margin − (v_y − v_k))² with v the mean output of each neuron and y the sample's class.
struct MarginLoss: SampleLoss {
  let margin: Float

  func evaluate(
    _ sample: LossSample, outputs: Span<Float>, spikes: Span<Float>, targets: Span<Float>,
    ofOutputs: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>
  ) -> Double {
    let (steps, classes) = (sample.timeSteps, sample.classCount)
    func mean(_ neuron: Int, _ outputs: Span<Float>) -> Float {
      var sum: Float = 0
      for t in 0..<steps { sum += outputs[t * classes + neuron] }
      return sum / Float(steps)
    }
    let own = mean(sample.label, outputs)
    var loss = 0.0
    for neuron in 0..<classes where neuron != sample.label {
      let lacking = max(0, margin - own + mean(neuron, outputs))
      loss += Double(lacking * lacking)
      let slope = 2 * lacking / Float(steps)
      for t in 0..<steps {
        ofOutputs[t * classes + neuron] += slope
        ofOutputs[t * classes + sample.label] -= slope
      }
    }
    return loss
  }
}

/// ½ Σ_k (n_k/T − r_k)² with n the spikes and r = 1 for the class's neuron, 0 for the others: a loss of
/// spikes alone.
struct FewSpikes: SampleLoss {
  func evaluate(
    _ sample: LossSample, outputs: Span<Float>, spikes: Span<Float>, targets: Span<Float>,
    ofOutputs: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>
  ) -> Double {
    let (steps, classes) = (sample.timeSteps, sample.classCount)
    var loss = 0.0
    for neuron in 0..<classes {
      var count: Float = 0
      for t in 0..<steps { count += spikes[t * classes + neuron] }
      let difference = count / Float(steps) - (neuron == sample.label ? 1 : 0)
      loss += Double(difference * difference) / 2
      for t in 0..<steps { ofSpikes[t * classes + neuron] = difference / Float(steps) }
    }
    return loss
  }
}
