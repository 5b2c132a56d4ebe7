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

  /// - Parameters:
  ///   - deltas: the currents, over which δ is written.
  ///   - room: ``roomCount(_:)`` floats.
  package init(
    _ layer: NeuronLayer, constants: NeuronConstants?, deltas: FloatSlice, gradient: FloatSlice,
    room: FloatSlice, filtersTwice: Bool
  ) {
    self.layer = layer
    self.constants = constants?.places
    self.deltas = deltas.pointer
    self.gradient = gradient.pointer
    lateral = room.slice(0, layer.plane).pointer
    powers = lateral + layer.plane
    rows = UnsafeMutableRawPointer(powers + layer.timeSteps + NeuronRows.padding)
      .alignedUp(for: Lanes.self).assumingMemoryBound(to: Lanes.self)
    self.filtersTwice = filtersTwice
  }

  package static func roomCount(_ layer: NeuronLayer) -> Int {
    let blocks = (layer.plane / FloatBuffer.octet + 1) / 2
    return layer.plane + layer.timeSteps + NeuronRows.padding + Lanes.scalarCount
      + blocks * NeuronRows.lanes(timeSteps: layer.timeSteps) * Lanes.scalarCount
  }
}
