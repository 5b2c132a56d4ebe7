extension OutputLoss {
  /// What the output neurons did for one sample.
  package struct Output: Sendable, Equatable {
    /// What the prediction goes by, one a class, see ``Score``.
    package var scores: [Float]
    /// Spikes of each class's neuron; 0 of neurons that do not fire.
    package var spikes: [Int]

    /// Whether no class is ahead of another, as in a silent network: the prediction is then the first
    /// class, and says nothing.
    package var isTie: Bool { scores.count > 1 && scores.allSatisfy { $0 == scores[0] } }
  }

  /// What the output neurons did for sample `sample` of a micro-batch.
  ///
  /// - Parameter psc: a, `[T, batch, channels]`.
  package func output(psc: FloatSlice, sample: Int) -> Output {
    let row = row(psc, sample)
    let rule = score
    var output = Output(scores: [], spikes: [])
    for neuron in 0..<classes {
      output.scores.append(rule.value(row, neuron))
      output.spikes.append(isSpiking ? Int(row.count(neuron)) : 0)
    }
    return output
  }

  /// Whether classes are ranked by what the output did at all steps, so that steps without any count as
  /// nothing; otherwise by its last or largest value.
  package var ranksByAllSteps: Bool {
    ![.reduced(.last), .reduced(.largest)].contains(score)
  }

  /// The number by which classes are ranked: the class with the largest one is predicted.
  enum Score: Equatable {
    /// The reduced output.
    case reduced(Reduction)
    /// The earliest first spike, of equally early ones the one of more spikes: n/(T + 1) − t, where
    /// t is T for a silent neuron.
    case latency

    func value(_ row: LossRow, _ neuron: Int) -> Float {
      switch self {
      case .reduced(let reduction): row.reduced(neuron, by: reduction)
      case .latency:
        row.count(neuron) / Float(row.timeSteps + 1)
          - Float(row.firstSpike(neuron) ?? row.timeSteps)
      }
    }
  }

  /// What the first term ranks classes by: Σ_t a[t], or what its softmax or latency is taken of.
  var score: Score {
    switch terms[0].kind {
    case .softmax(.everyStep, _), .kernel, .count, .rate: .reduced(.sum)
    case .softmax(let reduction, _), .squaredError(let reduction): .reduced(reduction)
    case .latency: .latency
    case .external(let loss): .reduced(loss.score)
    }
  }

  /// The class with the highest score; of equals the first.
  func prediction(_ row: LossRow) -> Int {
    let rule = score
    var best = 0
    var highest = -Float.infinity
    for neuron in 0..<classes {
      let score = rule.value(row, neuron)
      if score > highest {
        best = neuron
        highest = score
      }
    }
    return best
  }
}
