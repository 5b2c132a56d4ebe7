extension NeuronArray {
  /// Advances the neurons in `range` through all time steps, see ``DynamicStep``.
  ///
  /// - Parameters:
  ///   - currents: c, `[T, N]`; `[N]` where they are the same at every step.
  ///   - before: v, a and b before the first step.
  ///   - output: a, `[T, N]`; without a synapse the spikes.
  ///   - after: v, a and b behind the last step; it may be `before`.
  /// - Complexity: O(T·N), no allocation.
  package func forward(
    _ range: Range<Int>, currents: UnsafePointer<Float>, before: Given,
    output: UnsafeMutablePointer<Float>, after: Written
  ) {
    requireNeurons(range)
    VectorLevel.kernels.forward(
      self, from: range.lowerBound, to: range.upperBound, currents: currents, before: before,
      output: output, after: after)
  }
}
