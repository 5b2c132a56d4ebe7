/// One time step of a neuron of any ``NeuronDynamics``, see there for the equations.
///
/// With a reset to zero and no adaptation it is ``NeuronStep``, in more operations; that one stays for
/// the kernels that rely on the renewal.
struct DynamicStep<Value: NeuronValue> {
  /// v and b behind a time step.
  struct State {
    var v: Value
    var b: Value

    @inline(__always)
    init() {
      v = Value(repeating: 0)
      b = Value(repeating: 0)
    }
  }

  /// m, d and 1 − d, θ
  let membraneDecay: Value
  let synapticDecay: Value
  let gain: Value
  let threshold: Value
  /// v = kept·u − dropped after a spike.
  let kept: Value
  let dropped: Value
  /// β, ρ and 1 − ρ
  let strength: Value
  let adaptationDecay: Value
  let adaptationGain: Value

  @inline(__always)
  init(membraneDecay: Value, synapticDecay: Value, threshold: Value, _ dynamics: NeuronDynamics) {
    self.membraneDecay = membraneDecay
    self.synapticDecay = synapticDecay
    gain = Value(repeating: 1) - synapticDecay
    self.threshold = threshold
    kept = Value(repeating: dynamics.kept)
    dropped = Value(repeating: dynamics.dropped) * threshold
    strength = Value(repeating: dynamics.adaptation?.strength ?? 0)
    let decay = dynamics.adaptation?.decay ?? 0
    adaptationDecay = Value(repeating: decay)
    adaptationGain = Value(repeating: 1 - decay)
  }

  /// θ[t] where b[t−1] = b.
  @inline(__always)
  func threshold(_ b: Value) -> Value { threshold + strength * b }

  /// v of a neuron that fired at u.
  @inline(__always)
  func reset(_ u: Value) -> Value { kept * u - dropped }

  /// b behind a step.
  @inline(__always)
  func adapted(_ b: Value, _ fired: Value.Truth) -> Value {
    adaptationDecay * b + adaptationGain.kept(where: fired)
  }

  /// Brings v and b from one step to the next.
  ///
  /// - Returns: u before the reset, θ[t], and whether it fired.
  @inline(__always)
  func advance(
    _ state: inout State, by c: Value
  ) -> (membrane: Value, threshold: Value, fired: Value.Truth) {
    let u = membraneDecay * state.v + c
    let theta = threshold(state.b)
    let fired = u.isAbove(theta)
    state.v = u.replaced(by: reset(u), where: fired)
    state.b = adapted(state.b, fired)
    return (u, theta, fired)
  }

  /// a of the next step.
  @inline(__always)
  func psc(_ a: Value, _ fired: Value.Truth) -> Value {
    synapticDecay * a + gain.kept(where: fired)
  }
}

extension NeuronLayer {
  /// The step of the neurons of a pair of octets.
  @inline(__always)
  func dynamicStep(_ pair: OctetPair, _ constants: NeuronConstantPlaces?) -> DynamicStep<Lanes> {
    guard let constants else {
      return DynamicStep(
        membraneDecay: Lanes(repeating: membraneDecay),
        synapticDecay: Lanes(repeating: synapticDecay), threshold: Lanes(repeating: threshold),
        dynamics)
    }
    let (first, second) = (pair.first.neuron % channels, pair.second.neuron % channels)
    return DynamicStep(
      membraneDecay: constants.membraneDecay.lanes(first, second),
      synapticDecay: constants.synapticDecay.lanes(first, second),
      threshold: constants.threshold.lanes(first, second), dynamics)
  }

  /// The step of one neuron.
  func dynamicStep() -> DynamicStep<Float> {
    DynamicStep(
      membraneDecay: membraneDecay, synapticDecay: synapticDecay, threshold: threshold, dynamics)
  }
}
