/// The terms' equations; each adds its gradient and returns its loss, both without the factor.
extension OutputLoss {
  func kernelLoss(
    _ row: LossRow, _ label: Int, _ target: [Float], _ sum: inout LossSum
  ) -> Double {
    var loss = 0.0
    for t in 0..<timeSteps {
      for neuron in 0..<classes {
        let difference = row[t, neuron] - (neuron == label ? target[t] : 0)
        loss += Double(difference * difference)
        sum.add(difference, t, neuron)
      }
    }
    return loss / 2
  }

  func countLoss(
    _ row: LossRow, _ label: Int, _ desired: Float, _ undesired: Float, _ sum: inout LossSum
  ) -> Double {
    let steps = Float(timeSteps)
    var loss = 0.0
    for neuron in 0..<classes {
      let count = row.count(neuron)
      let wanted = neuron == label ? desired : undesired
      let isMet = neuron == label ? count >= wanted : count <= wanted
      let difference = isMet ? 0 : (count - wanted) / steps
      loss += Double(difference * difference)
      row.spreadOverSpikes(difference / steps, neuron, to: &sum)
    }
    return loss / 2
  }

  func rateLoss(
    _ row: LossRow, _ label: Int, _ desired: Float, _ undesired: Float, _ sum: inout LossSum
  ) -> Double {
    var loss = 0.0
    for neuron in 0..<classes {
      let difference = row.reduced(neuron, by: .rate) - (neuron == label ? desired : undesired)
      loss += Double(difference) * Double(difference)
      row.spread(2 * difference / Float(classes), neuron, by: .rate, to: &sum)
    }
    return loss / Double(classes)
  }

  func softmaxLoss(
    _ row: LossRow, _ reduction: Reduction, _ label: Int, _ smoothing: Float,
    _ sum: inout LossSum, _ scratch: LossScratch
  ) -> Double {
    for neuron in 0..<classes { scratch.values[neuron] = row.reduced(neuron, by: reduction) }
    let loss = crossEntropy(label, smoothing, scratch)
    for neuron in 0..<classes {
      row.spread(scratch.values[neuron], neuron, by: reduction, to: &sum)
    }
    return loss
  }

  /// Temporal efficient training (Deng et al., ICLR 2022): the mean over t of the cross-entropy of a[t].
  func stepwiseSoftmaxLoss(
    _ row: LossRow, _ label: Int, _ smoothing: Float, _ sum: inout LossSum,
    _ scratch: LossScratch
  ) -> Double {
    let share = 1 / Float(timeSteps)
    var loss = 0.0
    for t in 0..<timeSteps {
      for neuron in 0..<classes { scratch.values[neuron] = row[t, neuron] }
      loss += crossEntropy(label, smoothing, scratch)
      for neuron in 0..<classes { sum.add(share * scratch.values[neuron], t, neuron) }
    }
    return loss / Double(timeSteps)
  }

  /// The derivative of a first spike's step with respect to that spike is taken for −1, as snnTorch's
  /// `ce_temporal_loss` does; a neuron that is silent gets it at the last step. With respect to a it is
  /// 1/(1−d) of that, at the same step.
  func latencyLoss(
    _ row: LossRow, _ label: Int, _ timeScale: Float, _ sum: inout LossSum,
    _ scratch: LossScratch
  ) -> Double {
    func step(_ neuron: Int) -> Int { row.firstSpike(neuron) ?? timeSteps - 1 }
    for neuron in 0..<classes { scratch.values[neuron] = -Float(step(neuron)) / timeScale }
    let loss = crossEntropy(label, 0, scratch)
    for neuron in 0..<classes {
      let slope = scratch.values[neuron] / timeScale / (1 - synapticDecay)
      row.put(slope, at: step(neuron), neuron, to: &sum)
    }
    return loss
  }

  func squaredErrorLoss(
    _ row: LossRow, _ reduction: Reduction, _ target: UnsafeMutablePointer<Float>?,
    _ sum: inout LossSum
  ) -> Double {
    guard let target else { preconditionFailure("a squared error without targets") }
    var loss = 0.0
    guard reduction == .everyStep else {
      for neuron in 0..<classes {
        let difference = row.reduced(neuron, by: reduction) - target[neuron]
        loss += Double(difference) * Double(difference)
        row.spread(2 * difference / Float(classes), neuron, by: reduction, to: &sum)
      }
      return loss / Double(classes)
    }
    // A target of one number a neuron is that of every step.
    let stride = targetCount == classes ? 0 : classes
    for t in 0..<timeSteps {
      for neuron in 0..<classes {
        let difference = row[t, neuron] - target[t * stride + neuron]
        loss += Double(difference) * Double(difference)
        sum.add(2 * difference / Float(timeSteps * classes), t, neuron)
      }
    }
    return loss / Double(timeSteps * classes)
  }

  /// The cross-entropy of the softmax of `scratch.values`, which become its slope, p − q.
  private func crossEntropy(_ label: Int, _ smoothing: Float, _ scratch: LossScratch) -> Double {
    let values = scratch.values
    let powers = scratch.powers
    var largest = -Float.infinity
    for neuron in 0..<classes { largest = max(largest, values[neuron]) }
    var sum = 0.0
    for neuron in 0..<classes {
      powers[neuron] = exponential(Double(values[neuron] - largest))
      sum += powers[neuron]
    }
    var loss = naturalLogarithm(sum) - Double(values[label] - largest)
    let everyone = Double(smoothing) / Double(classes)
    if smoothing > 0 {
      // −Σ q z with q = ε/K + (1 − ε)·[k is the class]
      for neuron in 0..<classes { loss -= everyone * Double(values[neuron] - values[label]) }
    }
    for neuron in 0..<classes {
      let wanted = everyone + (neuron == label ? 1 - Double(smoothing) : 0)
      values[neuron] = Float(powers[neuron] / sum - wanted)
    }
    return loss
  }
}
