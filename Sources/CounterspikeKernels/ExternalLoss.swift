/// A loss that is computed by code outside of this package.
package struct ExternalLoss: Sendable, Equatable {
  /// Computes the loss of one sample.
  ///
  /// - Parameters:
  ///   - outputs: a, `[T, classes]`.
  ///   - spikes: s, 0 or 1, `[T, classes]`; zeros of neurons that do not fire.
  ///   - label: the sample's class.
  ///   - targets: the sample's numbers, or none.
  ///   - ofOutputs, ofSpikes: ∂L/∂a and ∂L/∂s, `[T, classes]`, zeros before; written.
  /// - Returns: the loss.
  package typealias Evaluate =
    @Sendable (
      _ outputs: Span<Float>, _ spikes: Span<Float>, _ label: Int, _ targets: Span<Float>,
      _ ofOutputs: inout MutableSpan<Float>, _ ofSpikes: inout MutableSpan<Float>
    ) -> Double

  /// Says which loss this is, with all its settings.
  package let identity: String
  /// What classes are ranked by.
  package let score: OutputLoss.Reduction
  package let evaluate: Evaluate

  package init(
    identity: String, score: OutputLoss.Reduction, evaluate: @escaping Evaluate
  ) {
    self.identity = identity
    self.score = score
    self.evaluate = evaluate
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.identity == b.identity && a.score == b.score
  }
}

extension OutputLoss {
  func externalLoss(
    _ external: ExternalLoss, _ row: LossRow, _ label: Int,
    _ target: UnsafeMutablePointer<Float>?, _ sum: inout LossSum, _ scratch: LossScratch
  ) -> Double {
    let count = timeSteps * classes
    for t in 0..<timeSteps {
      for neuron in 0..<classes {
        let place = t * classes + neuron
        scratch.outputs[place] = row[t, neuron]
        scratch.spikes[place] = isSpiking && row.fired(t, neuron) ? 1 : 0
      }
    }
    scratch.ofOutputs.update(repeating: 0, count: count)
    scratch.ofSpikes.update(repeating: 0, count: count)
    var ofOutputs = MutableSpan(_unsafeStart: scratch.ofOutputs, count: count)
    var ofSpikes = MutableSpan(_unsafeStart: scratch.ofSpikes, count: count)
    let loss = external.evaluate(
      Span(_unsafeStart: scratch.outputs, count: count),
      Span(_unsafeStart: scratch.spikes, count: count), label,
      Span(_unsafeStart: target ?? scratch.outputs, count: target == nil ? 0 : targetCount),
      &ofOutputs, &ofSpikes)
    // As every rule takes the derivative with respect to a, that with respect to s goes through the
    // synaptic filter's inverse: (1−d)·e[t] is then ∂L/∂s[t].
    let d = isSpiking ? synapticDecay : 0
    let share: Float = isSpiking ? 1 / (1 - d) : 0
    for neuron in 0..<classes {
      var later: Float = 0
      var t = timeSteps
      while t > 0 {
        t -= 1
        let place = t * classes + neuron
        let here = scratch.ofSpikes[place]
        sum.add(scratch.ofOutputs[place] + share * (here - d * later), t, neuron)
        later = here
      }
    }
    return loss
  }
}
