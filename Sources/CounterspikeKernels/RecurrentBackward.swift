/// The way back through ``RecurrentNeurons``, step by step from the last to the first:
///
///     e[t] = g[t] + Vᵀ·δ[t+1] + d·e[t+1]
///
/// and δ[t] by a rule from e[t], e[t+1], …. What a spike does to other neurons, and by way of V to its own
/// neuron, is in e, to first order; what it does to its own membrane the rule replays on the same currents.
package struct RecurrentBackward {
  package let layer: NeuronLayer
  package let constants: NeuronConstantPlaces?
  /// δ of each step, `[T, B, N]`.
  package let deltas: FloatPointer
  /// g, `[T, B, N]`.
  package let gradient: FloatPointer
  /// Vᵀ·δ[t+1], `[B, N]`.
  package let lateral: FloatPointer
  /// ``NeuronRows/count`` rows of each pair of octets, one pair's behind the other's.
  package let rows: UnsafeMutablePointer<SIMD16<Float>>
  package let powers: FloatPointer
  package let filtersTwice: Bool
}

extension RecurrentNeurons {
  /// Whether a rule can be computed step by step, as neurons that see each other need it.
  package static func covers(_ rule: SpikeRule) -> Bool {
    switch rule {
    case .neuronwise, .own: false
    case .neighborhood, .surrogate, .tsslbp, .slayer, .external: true
    }
  }

  /// Floats of the room that the way back needs.
  package var roomCount: Int {
    let blocks = (layer.plane / FloatBuffer.octet + 1) / 2
    return layer.plane + layer.timeSteps + NeuronRows.padding + Lanes.scalarCount
      + blocks * NeuronRows.lanes(timeSteps: layer.timeSteps) * Lanes.scalarCount
  }

  /// Turns the gradient with respect to the output into the one with respect to the membrane.
  ///
  /// - Parameters:
  ///   - currents: c as the forward pass left it; overwritten by δ.
  ///   - gradient: g = ∂L/∂a, `[T, B, N]`, without what comes back through V; it is added here.
  ///   - weights: V.
  ///   - room: ``roomCount`` floats.
  ///   - constants: of each channel, in place of the layer's.
  ///   - constantGradients: to which ∂L/∂m, ∂L/∂d and ∂L/∂θ of each channel are added.
  /// - Precondition: the rule covers the dynamics, and ``covers(_:)`` it.
  package func backward(
    rule: SpikeRule, currents: FloatSlice, gradient: FloatSlice, weights: FloatSlice,
    room: FloatSlice, constants: NeuronConstants? = nil, constantGradients: NeuronConstants? = nil
  ) throws(LibraryFailure) {
    precondition(
      rule.covers(layer.dynamics) && Self.covers(rule),
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
    let powers = room.pointer + plane
    let rows = UnsafeMutableRawPointer(powers + layer.timeSteps + NeuronRows.padding)
      .alignedUp(for: Lanes.self).assumingMemoryBound(to: Lanes.self)
    let pass = RecurrentBackward(
      layer: layer, constants: constants?.places, deltas: currents.pointer,
      gradient: gradient.pointer,
      lateral: lateral.pointer, rows: rows, powers: powers, filtersTwice: rule.filtersTwice)
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
