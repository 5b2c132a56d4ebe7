internal import CounterspikeKernels

extension Engine {
  /// The gradient of the last training step, summed over its batch and before any clipping: one tensor
  /// a stage, of the stage's `weightShape`; zeros where no step was made yet.
  ///
  /// For reports between two steps: the sums still lie where the step left them, so a step does nothing
  /// for it.
  package func lastGradients() -> [Tensor] {
    parameters.layouts.enumerated().map { stage, layout in
      let sums = unpacked[stage]?.all ?? lanes[0].gradients[stage]
      return Tensor(shape: layout.stage.weightShape, scalars: sums.gather(layout.order))
    }
  }
}
