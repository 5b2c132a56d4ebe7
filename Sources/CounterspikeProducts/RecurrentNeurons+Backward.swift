package import CounterspikeKernels

extension RecurrentNeurons {
  /// Floats of the room that the way back needs.
  package var roomCount: Int { RecurrentBackward.roomCount(layer) }

  /// Turns the gradient with respect to the output into the one with respect to the membrane.
  ///
  /// - Parameters:
  ///   - currents: c as the forward pass left it; overwritten by δ.
  ///   - gradient: g = ∂L/∂a, `[T, B, N]`, without what comes back through V; it is added here.
  ///   - weights: V.
  ///   - room: ``roomCount`` floats.
  ///   - constants: of each channel, in place of the layer's.
  ///   - constantGradients: to which ∂L/∂m, ∂L/∂d and ∂L/∂θ of each channel are added.
  /// - Precondition: the rule covers the dynamics, and it ``SpikeRule/isStepwise``.
  package func backward(
    rule: SpikeRule, currents: FloatSlice, gradient: FloatSlice, weights: FloatSlice,
    room: FloatSlice, constants: NeuronConstants? = nil, constantGradients: NeuronConstants? = nil
  ) throws(LibraryFailure) {
    precondition(
      rule.covers(layer.dynamics) && rule.isStepwise,
      "a rule that is not defined for these neurons")
    precondition(
      currents.count == layer.currentCount && gradient.count == layer.outputCount
        && room.count >= roomCount,
      "\(currents.count) currents, \(gradient.count) gradients and room for \(room.count) for a "
        + "layer with \(layer.currentCount), \(layer.outputCount) and \(roomCount)")
    layer.requireChannels(constants)
    layer.requireChannels(constantGradients)
    let plane = layer.plane
    // The rule's owner keeps what the plain values point at.
    defer { withExtendedLifetime(rule) {} }
    guard let rule = rule.vectorRule else { return }
    let kernels = VectorLevel.kernels
    let lateral = room.slice(0, plane)
    let pass = RecurrentBackward(
      layer, constants: constants, deltas: currents, gradient: gradient, room: room,
      filtersTwice: rule.filtersTwice)
    kernels.recurrentBegin(pass, rule)
    var t = layer.timeSteps
    while t > 0 {
      t &-= 1
      if t + 1 < layer.timeSteps {
        try MatrixProduct.backwardData(
          outputGradient: currents.slice((t + 1) * plane, plane), weights: weights,
          inputGradient: lateral, rows: layer.batch, inputs: layer.channels,
          outputs: layer.channels)
      }
      kernels.recurrentSettle(pass, rule, t)
    }
    if let sums = constantGradients { kernels.recurrentConstantGradients(pass, sums.places) }
  }

  /// ∂L/∂V = Σ_t δ[t] ⊗ a[t−1].
  ///
  /// - Parameters:
  ///   - deltas: δ, `[T, B, N]`.
  ///   - output: a, `[T, B, N]`.
  ///   - result: `[N, N]`, written, or added to if `adding`.
  package func weightGradient(
    deltas: FloatSlice, output: FloatSlice, into result: FloatSlice, adding: Bool
  ) throws(LibraryFailure) {
    let plane = layer.plane
    let steps = layer.timeSteps - 1
    guard steps > 0 else {
      if !adding { result.fill(0) }
      return
    }
    try MatrixProduct.backwardWeights(
      input: output.slice(0, steps * plane), outputGradient: deltas.slice(plane, steps * plane),
      gradient: result, rows: steps * layer.batch, inputs: layer.channels,
      outputs: layer.channels, adding: adding)
  }
}
