internal import CounterspikeKernels
internal import CounterspikeNetwork
package import CounterspikeSystem

extension Engine {
  /// The gradient of the last training step, summed over its batch and before any clipping: one tensor
  /// a parameter; zeros where no step was made yet.
  ///
  /// For reports between two steps: the sums still lie where the step left them, so a step does nothing
  /// for it.
  package func lastGradients() -> [Tensor] {
    parameters.layouts.enumerated().map { index, layout in
      let sum = unpacked[index]?.all ?? sums[index]
      return Tensor(shape: layout.parameter.shape, scalars: sum.gather(layout.order))
    }
  }
}
