extension NeuronLayer {
  /// Advances leaky integrators that do not fire, the output of a readout.
  ///
  ///     u[t] = m·u[t−1] + c[t]
  ///
  /// - Parameters:
  ///   - currents: c, `[T, B, height, width, channels]`, or one plane for a static input.
  ///   - output: u, `[T, B, height, width, channels]`.
  ///   - constants: of each channel, in place of the layer's; only m counts.
  /// - Complexity: O(T·B·N), no allocation.
  package func readout(
    currents: FloatSlice, output: FloatSlice, scratch: NeuronScratch,
    constants: NeuronConstants? = nil
  ) {
    requireReadout(currents, output, scratch, constants)
    VectorLevel.kernels.readout(
      self, currents: currents.pointer, output: output.pointer, rows: scratch.rows,
      constants: constants?.places)
  }

  /// The derivative of ``readout(currents:output:scratch:constants:)``, which is exact.
  ///
  ///     δ[t] = g[t] + m·δ[t+1],   ∂L/∂m = Σ_t δ[t]·u[t−1]
  ///
  /// - Parameters:
  ///   - currents: c as in the forward pass; overwritten by δ. For a static input's plane by
  ///     Σ_t (1 − sᵗ⁺¹)·δ[t].
  ///   - gradient: g = ∂L/∂u, `[T, B, height, width, channels]`.
  ///   - constantGradients: to whose m ∂L/∂m of each channel is added.
  package func readoutBackward(
    currents: FloatSlice, gradient: FloatSlice, scratch: NeuronScratch,
    constants: NeuronConstants? = nil, constantGradients: NeuronConstants? = nil
  ) {
    requireReadout(currents, gradient, scratch, constants)
    requireChannels(constantGradients)
    VectorLevel.kernels.readoutBackward(
      self, currents: currents.pointer, gradient: gradient.pointer, rows: scratch.rows,
      constants: constants?.places, constantGradients: constantGradients?.places)
  }

  private func requireReadout(
    _ currents: FloatSlice, _ output: FloatSlice, _ scratch: NeuronScratch,
    _ constants: NeuronConstants?
  ) {
    precondition(pooling == 1, "a readout with pooling behind it")
    precondition(
      currents.count == currentCount && output.count == outputCount,
      "\(currents.count) currents and \(output.count) outputs for a readout with \(currentCount) "
        + "and \(outputCount)")
    precondition(scratch.timeSteps == timeSteps, "scratch of another number of time steps")
    requireChannels(constants)
  }
}
