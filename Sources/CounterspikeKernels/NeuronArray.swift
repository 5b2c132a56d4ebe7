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

  package init(
    membraneDecay: Double, synapticDecay: Double, threshold: Float,
    dynamics: NeuronDynamics = NeuronDynamics(), timeSteps: Int, count: Int
  ) {
    self.membraneDecay = membraneDecay
    self.synapticDecay = synapticDecay
    self.threshold = threshold
    self.dynamics = dynamics
    self.timeSteps = timeSteps
    self.count = count
  }

  /// Neurons that are advanced together.
  package static let block = Lanes.scalarCount

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

  var step: DynamicStep<Lanes> {
    DynamicStep(
      membraneDecay: Lanes(repeating: Float(membraneDecay)),
      synapticDecay: Lanes(repeating: Float(synapticDecay)),
      threshold: Lanes(repeating: threshold), dynamics)
  }

  /// Calls `body` for blocks of neurons: where a block begins, and how many there are in it.
  @inline(__always)
  func forEachBlock(_ range: Range<Int>, _ body: (_ first: Int, _ lanes: Int) -> Void) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "neurons \(range) of \(count)")
    var first = range.lowerBound
    while first &+ Self.block <= range.upperBound {
      body(first, Self.block)
      first &+= Self.block
    }
    if first < range.upperBound { body(first, range.upperBound &- first) }
  }
}

extension UnsafePointer where Pointee == Float {
  /// The floats from a place, and zeros in the lanes behind the last one.
  @inline(__always)
  func lanes(at place: Int, count: Int) -> Lanes {
    guard count < Lanes.scalarCount else {
      return UnsafeRawPointer(self + place).loadUnaligned(as: Lanes.self)
    }
    var lanes = Lanes()
    for lane in 0..<count { lanes[lane] = self[place &+ lane] }
    return lanes
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  /// Writes the first lanes.
  @inline(__always)
  func store(_ lanes: Lanes, at place: Int, count: Int) {
    guard count < Lanes.scalarCount else {
      UnsafeMutableRawPointer(self + place).storeBytes(of: lanes, as: Lanes.self)
      return
    }
    for lane in 0..<count { self[place &+ lane] = lanes[lane] }
  }
}
