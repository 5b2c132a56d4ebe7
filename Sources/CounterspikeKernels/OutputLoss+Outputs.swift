extension OutputLoss {
  /// What the output neurons did for one sample.
  package struct Output: Sendable, Equatable {
    /// Σ_t a[t] of each class.
    package var scores: [Float]
    /// Spikes of each class's neuron.
    package var spikes: [Int]

    /// Whether no class is ahead of another, as in a silent network: the prediction is then the first
    /// class, and says nothing.
    package var isTie: Bool { scores.count > 1 && scores.allSatisfy { $0 == scores[0] } }
  }

  /// What the output neurons did for sample `sample` of a micro-batch.
  ///
  /// - Parameter psc: a, `[T, batch, channels]`.
  package func output(psc: FloatSlice, sample: Int) -> Output {
    let plane = batch * channels
    let a = psc.pointer + sample * channels
    var output = Output(scores: [], spikes: [])
    for neuron in 0..<classes {
      output.scores.append(total(a, plane, neuron))
      output.spikes.append(Int(count(a, plane, neuron)))
    }
    return output
  }
}
