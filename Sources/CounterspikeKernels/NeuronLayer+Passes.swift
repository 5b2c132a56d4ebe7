extension NeuronLayer {
  /// Advances the neurons through all time steps and pools their psc.
  ///
  ///     u[t] = m·v[t−1] + c[t],   s[t] = u[t] > θ,   v[t] = u[t]·(1 − s[t])
  ///     a[t] = d·a[t−1] + (1 − d)·f·Σ s[t]            (the sum over a pooling window)
  ///
  /// Pooling and the synaptic filter are both linear, so the window's spikes are summed first and
  /// filtered once.
  ///
  /// - Parameters:
  ///   - currents: c, `[T, B, height, width, channels]`, or one plane for a static input.
  ///   - output: a, `[T, B, pooledHeight, pooledWidth, channels]`.
  ///   - constants: of each channel, in place of the layer's.
  /// - Returns: the number of spikes; neurons that no window covers are not run.
  /// - Complexity: O(T·B·N), no allocation.
  /// - Note: Yang, Zhang, Li (ICML 2021), Eq. 1–3.
  package func forward(
    currents: FloatSlice, output: FloatSlice, scratch: NeuronScratch,
    constants: NeuronConstants? = nil
  ) -> Int {
    precondition(
      currents.count == currentCount && output.count == outputCount,
      "\(currents.count) currents and \(output.count) outputs for a layer with \(currentCount) "
        + "and \(outputCount)")
    precondition(scratch.timeSteps == timeSteps, "scratch of another number of time steps")
    requireChannels(constants)
    return VectorLevel.kernels.forward(
      self, currents: currents.pointer, output: output.pointer, rows: scratch.rows,
      constants: constants?.places)
  }

  /// Turns the gradient with respect to the output into the one with respect to the membrane.
  ///
  /// - Parameters:
  ///   - currents: c as in the forward pass; overwritten by δ. For a static input's plane by
  ///     Σ_t (1 − sᵗ⁺¹)·δ[t], the gradient with respect to z.
  ///   - gradient: ∂L/∂output, `[T, B, pooledHeight, pooledWidth, channels]`.
  ///   - constants: of each channel, in place of the layer's.
  ///   - constantGradients: to which ∂L/∂m, ∂L/∂d and ∂L/∂θ of each channel are added.
  /// - Precondition: the rule ``SpikeRule/covers(_:)`` the dynamics.
  package func backward(
    rule: SpikeRule, currents: FloatSlice, gradient: FloatSlice, scratch: NeuronScratch,
    constants: NeuronConstants? = nil, constantGradients: NeuronConstants? = nil
  ) {
    precondition(
      currents.count == currentCount && gradient.count == outputCount,
      "\(currents.count) currents and \(gradient.count) gradients for a layer with "
        + "\(currentCount) and \(outputCount)")
    precondition(scratch.timeSteps == timeSteps, "scratch of another number of time steps")
    precondition(rule.covers(dynamics), "a rule that is not defined for these neurons")
    requireChannels(constants)
    requireChannels(constantGradients)
    defer { withExtendedLifetime(rule) {} }
    guard let vectorRule = rule.vectorRule else {
      guard case .neuronwise(let rule) = rule else { return }
      VectorLevel.kernels.neuronwiseBackward(
        self, rule: rule.call, currents: currents.pointer, gradient: gradient.pointer,
        rows: scratch.rows, constants: constants?.places,
        constantGradients: constantGradients?.places)
      return
    }
    VectorLevel.kernels.backward(
      self, rule: vectorRule, currents: currents.pointer, gradient: gradient.pointer,
      rows: scratch.rows, constants: constants?.places,
      constantGradients: constantGradients?.places)
  }
}
