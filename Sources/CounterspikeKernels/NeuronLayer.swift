/// A layer of neurons as the kernels see it: constants, shape and what follows it.
///
/// Currents lie as `[T, B, height, width, channels]` in memory, time outermost and channels last;
/// `channels` is a multiple of ``FloatBuffer/octet``, unused ones hold zeros and stay silent.
package struct NeuronLayer: Sendable, Equatable {
  /// d = 1 − 1/τ_s
  package var synapticDecay: Float
  /// θ
  package var threshold: Float

  /// m = 1 − 1/τ_m before it is rounded to a float.
  package var exactMembraneDecay: Double

  /// What a spike does to its own neuron.
  package var dynamics = NeuronDynamics()

  package var timeSteps: Int
  package var batch: Int
  package var height: Int
  package var width: Int
  package var channels: Int

  /// Width of the pooling windows that follow; 1: none follow.
  package var pooling = 1
  /// What a window's sum is multiplied by.
  package var poolingFactor: Float = 1

  /// A layer that sees a static input: one plane z of currents stands for all time steps,
  /// c[t] = (1 − sᵗ⁺¹)·z with s the input synapse's decay.
  package var stillInputDecay: Float?

  /// Floats from one time step's currents to the next one's; `nil`: the steps follow each other. For a part
  /// of a longer array's neurons.
  package var timeStride: Int?
  /// Floats from one time step's output to the next one's; `nil`: the steps follow each other.
  package var outputTimeStride: Int?

  package init(
    membraneDecay: Double, synapticDecay: Double, threshold: Float, timeSteps: Int, batch: Int,
    height: Int = 1, width: Int = 1, channels: Int
  ) {
    precondition(
      channels % FloatBuffer.octet == 0,
      "\(channels) channels are no multiple of \(FloatBuffer.octet)")
    exactMembraneDecay = membraneDecay
    self.synapticDecay = Float(synapticDecay)
    self.threshold = threshold
    self.timeSteps = timeSteps
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Floats of all currents.
  package var currentCount: Int { stillInputDecay == nil ? span(plane, timeStride) : plane }
  /// Floats of the output, `[T, B, pooledHeight, pooledWidth, channels]`.
  package var outputCount: Int { span(pooledPlane, outputTimeStride) }

  /// Floats from the first one of a plane at the first step to the last one at the last step.
  private func span(_ plane: Int, _ stride: Int?) -> Int {
    stride.map { (timeSteps - 1) * $0 + plane } ?? timeSteps * plane
  }

  /// The factor of z at each time step, 1 − sᵗ⁺¹; one a step when the input is not static.
  package static func stillScales(decay: Float, timeSteps: Int) -> [Float] {
    var power: Float = 1
    return (0..<timeSteps).map { _ in
      power *= decay
      return 1 - power
    }
  }
}
