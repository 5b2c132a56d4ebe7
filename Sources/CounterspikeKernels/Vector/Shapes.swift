// What vector code reads of the types of CounterspikeKernels within its loops, and others read, too. It is
// here because a module cannot inline what another one computes.

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

extension NeuronRows {
  /// Lanes behind the last time step of a row, so that four steps can be read at once.
  @inline(__always)
  static var padding: Int { 4 }

  @inline(__always)
  func row(_ index: Int) -> UnsafeMutablePointer<Lanes> { lanes + index &* length }
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
