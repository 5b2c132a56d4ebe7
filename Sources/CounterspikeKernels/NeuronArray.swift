/// Neurons over arrays of a caller, `[T, N]` with time outermost, of any address and any N: what other
/// programs' networks are made of.
///
/// Every function takes a part of the neurons, so that threads can share them; the result is the same
/// however they are divided at multiples of ``block``.
package struct NeuronArray: Sendable, Equatable {
  /// m and d before they are rounded to floats.
  package var membraneDecay: Double
  package var synapticDecay: Double
  /// θ
  package var threshold: Float
  package var dynamics: NeuronDynamics
  package var timeSteps: Int
  /// N
  package var count: Int
  /// The currents are one step's, `[N]`, and the same at every step; δ is then the sum over the steps.
  package var repeatsCurrents: Bool
  /// Floats from one step's output to the next one's in the forward pass.
  package var outputStride: Int

  package init(
    membraneDecay: Double, synapticDecay: Double, threshold: Float,
    dynamics: NeuronDynamics = NeuronDynamics(), timeSteps: Int, count: Int,
    repeatsCurrents: Bool = false
  ) {
    self.membraneDecay = membraneDecay
    self.synapticDecay = synapticDecay
    self.threshold = threshold
    self.dynamics = dynamics
    self.timeSteps = timeSteps
    self.count = count
    self.repeatsCurrents = repeatsCurrents
    outputStride = count
  }

  /// Neurons that are advanced together.
  package static let block = 2 * FloatBuffer.octet

  /// State of the neurons, `[N]` each; `nil`: zeros, or not wanted.
  @safe
  package struct State<Pointer> {
    /// v
    package var membrane: Pointer?
    /// a
    package var psc: Pointer?
    /// b
    package var adaptation: Pointer?

    package init(membrane: Pointer? = nil, psc: Pointer? = nil, adaptation: Pointer? = nil) {
      self.membrane = membrane
      self.psc = psc
      self.adaptation = adaptation
    }
  }

  package typealias Given = State<UnsafePointer<Float>>
  package typealias Written = State<UnsafeMutablePointer<Float>>

  /// Floats from one step's currents to the next one's.
  package var currentStride: Int { repeatsCurrents ? 0 : count }

  func requireNeurons(_ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "neurons \(range) of \(count)")
  }
}
