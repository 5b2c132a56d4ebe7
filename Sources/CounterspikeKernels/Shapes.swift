// What vector code reads of this module's types within its loops, and others read, too. The modules of the
// levels compile this file as their own, by a link: a module cannot inline what another one computes.

/// Neurons that a kernel advances together: two *octets* of neighboring channels, which need not
/// lie side by side, so that a layer's channels may be any multiple of eight.
///
/// Sixteen floats are one AVX-512 register or four SSE ones; either way their chains of dependent
/// operations overlap, which eight left half of the time unused.
typealias Lanes = SIMD16<Float>

extension FloatBuffer {
  /// Channels that kernels take at a time; every channel stride is a multiple of it.
  @inline(__always)
  package static var octet: Int { 8 }
}

extension NeuronLayer {
  /// m = 1 − 1/τ_m
  @inline(__always)
  package var membraneDecay: Float { Float(exactMembraneDecay) }

  @inline(__always)
  package var pooledHeight: Int { height / pooling }
  @inline(__always)
  package var pooledWidth: Int { width / pooling }

  /// Floats of the currents of one time step.
  @inline(__always)
  package var plane: Int { batch * height * width * channels }
  /// Floats of the output of one time step.
  @inline(__always)
  package var pooledPlane: Int { batch * pooledHeight * pooledWidth * channels }
}

extension NeuronDynamics {
  /// After a spike such a neuron has no memory: the fused kernels and the renewal recursion apply.
  @inline(__always)
  package var isRenewed: Bool {
    if case .zero = reset { adaptation == nil } else { false }
  }

  /// How much of u a spike leaves: v = kept·u − dropped·θ.
  @inline(__always)
  package var kept: Float { if case .zero = reset { 0 } else { 1 } }
  /// How many thresholds a spike takes away.
  @inline(__always)
  package var dropped: Float { if case .subtraction = reset { 1 } else { 0 } }
}

extension VectorRule {
  /// Whether it takes e filtered once more.
  @inline(__always)
  package var filtersTwice: Bool {
    if case .neighborhood(let rule) = self { rule.filtersTwice } else { false }
  }
}

extension NeuronRows {
  /// Rows of lanes.
  @inline(__always)
  static var count: Int { 9 }
  /// Lanes behind the last time step of a row, so that four steps can be read at once.
  @inline(__always)
  static var padding: Int { 4 }

  /// Lanes of all rows.
  @inline(__always)
  static func lanes(timeSteps: Int) -> Int { count * (timeSteps + padding) }
}

extension ChannelPlanes {
  /// Floats of one image.
  @inline(__always)
  package var image: Int { pixels * channels }
  /// Floats of one time step.
  @inline(__always)
  package var plane: Int { batch * image }
}

extension PoolingWindows {
  package var inputCount: Int { images * height * width * channels }
}
