/// One time step of leaky integrate-and-fire neurons that are reset to zero: the forward pass, records
/// of it, the rules and their replays all advance by this. ``DynamicStep`` is that of other neurons.
///
///     u[t] = m·v[t−1] + c[t],   s[t] = u[t] > θ,   v[t] = u[t]·(1 − s[t])
///     a[t] = d·a[t−1] + (1 − d)·s[t]
///
/// v is the membrane potential behind the reset. A single neuron and all lanes of a vector take the
/// same operations in the same order, so that their spikes are the very same.
///
/// - Note: Yang, Zhang, Li (ICML 2021), Eq. 1–3. The independent judge is ``NeuronReference``.
struct NeuronStep<Value: NeuronValue> {
  /// m
  let membraneDecay: Value
  /// d
  let synapticDecay: Value
  /// 1 − d
  let gain: Value
  /// θ
  let threshold: Value

  @inline(__always)
  init(membraneDecay: Float, synapticDecay: Float, threshold: Float) {
    self.membraneDecay = Value(repeating: membraneDecay)
    self.synapticDecay = Value(repeating: synapticDecay)
    gain = Value(repeating: 1 - synapticDecay)
    self.threshold = Value(repeating: threshold)
  }

  /// The step of neurons that are reset to zero, with constants of their own.
  @inline(__always)
  init(_ step: DynamicStep<Value>) {
    membraneDecay = step.membraneDecay
    synapticDecay = step.synapticDecay
    gain = step.gain
    threshold = step.threshold
  }

  /// Brings v from one step to the next.
  ///
  /// - Returns: u before the reset, and whether it fired.
  @inline(__always)
  func advance(_ v: inout Value, by c: Value) -> (membrane: Value, fired: Value.Truth) {
    let u = membraneDecay * v + c
    let fired = u.isAbove(threshold)
    v = u.cleared(where: fired)
    return (u, fired)
  }

  /// The membrane of a replay until its first spike, where nothing is reset any more.
  @inline(__always)
  func integrate(_ v: Value, _ c: Value) -> Value { membraneDecay * v + c }

  /// a of the next step.
  @inline(__always)
  func psc(_ a: Value, _ fired: Value.Truth) -> Value {
    synapticDecay * a + gain.kept(where: fired)
  }
}

extension NeuronLayer {
  /// The step of these neurons.
  @inline(__always)
  func step<Value: NeuronValue>(of _: Value.Type = Value.self) -> NeuronStep<Value> {
    NeuronStep(
      membraneDecay: membraneDecay, synapticDecay: synapticDecay, threshold: threshold)
  }
}

/// A neuron's number, or those of a vector of neurons.
protocol NeuronValue {
  /// Yes or no, for each neuron.
  associatedtype Truth

  init(repeating value: Float)
  static func * (left: Self, right: Self) -> Self
  static func + (left: Self, right: Self) -> Self
  static func - (left: Self, right: Self) -> Self
  /// self > other
  func isAbove(_ other: Self) -> Truth
  /// self, but 0 where `truth` holds.
  func cleared(where truth: Truth) -> Self
  /// self where `truth` holds, else 0.
  func kept(where truth: Truth) -> Self
  /// self, but `other` where `truth` holds.
  func replaced(by other: Self, where truth: Truth) -> Self
}

extension Float: NeuronValue {
  @inline(__always)
  init(repeating value: Float) { self = value }
  @inline(__always)
  func isAbove(_ other: Float) -> Bool { self > other }
  @inline(__always)
  func cleared(where truth: Bool) -> Float { truth ? 0 : self }
  @inline(__always)
  func kept(where truth: Bool) -> Float { truth ? self : 0 }
  @inline(__always)
  func replaced(by other: Float, where truth: Bool) -> Float { truth ? other : self }
}

extension SIMD16<Float>: NeuronValue {
  typealias Truth = LaneMask

  @inline(__always)
  func isAbove(_ other: Self) -> LaneMask { self .> other }
  @inline(__always)
  func cleared(where truth: LaneMask) -> Self { select(Self(), where: truth) }
  @inline(__always)
  func kept(where truth: LaneMask) -> Self { Self().select(self, where: truth) }
  @inline(__always)
  func replaced(by other: Self, where truth: LaneMask) -> Self { select(other, where: truth) }
}
