/// A rule that gives δ[t] = ∂L/∂u[t] for a block of neurons of any dynamics, see ``BlockRule``.
protocol DynamicBlockRule {
  /// Whether it takes e filtered once more, as the authors' program does.
  var filtersTwice: Bool { get }

  /// Computes δ.
  ///
  /// - Parameter block: c and e are given and stay; δ is to be written.
  func run(_ block: BlockRows, _ step: DynamicStep<Lanes>)
}

/// One whose δ[t] depends on no earlier e, so that e may come in step by step, from the last to the first.
protocol StepwiseRule {
  /// Prepares for a block.
  ///
  /// - Parameter block: c is given and stays.
  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>)

  /// Computes δ[t]. e[t], e[t+1], … and δ[t+1], … are there; behind the last step δ is 0.
  func settle(_ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>)
}

extension DynamicBlockRule {
  var filtersTwice: Bool { false }
}

extension NeuronLayer {
  func backward(
    _ rule: some DynamicBlockRule, _ currents: FloatPointer, _ gradient: FloatPointer,
    _ rows: NeuronRows, _ constants: NeuronConstantPlaces?, _ sums: NeuronConstantPlaces?
  ) {
    let scales = prepareScales(rows)
    let rows = BlockRows(rows)
    clearUncovered(currents, stride: scales.stride)
    let rowStride = width &* channels
    forEachWindow { window in
      let step = dynamicStep(window, constants)
      filterErrors(gradient, window, rows, decay: step.synapticDecay)
      if sums != nil { rows.plainErrors.update(from: rows.errors, count: timeSteps) }
      if rule.filtersTwice { rows.filterErrors(decay: step.synapticDecay) }
      for y in 0..<pooling {
        for x in 0..<pooling {
          let place = y &* rowStride &+ x &* channels
          let (first, second) = (window.first.neuron &+ place, window.second.neuron &+ place)
          for t in 0..<timeSteps {
            let row = t &* scales.stride
            rows.currents[t] =
              currents.lanes(row &+ first, row &+ second) * Lanes(repeating: scales.factors[t])
          }
          rule.run(rows, step)
          if let sums { addConstantGradients(rows, step, to: sums, window) }
          store(rows, currents, first, second, scales)
        }
      }
    }
  }

  /// Adds the gradients with respect to the constants of a block of neurons.
  ///
  /// A changed constant is a change ε of the currents, or of the synapse:
  ///
  ///     ∂L/∂m = Σ_t δ[t]·v[t−1],   ∂L/∂d = Σ_t e[t]·(a[t−1] − s[t])
  ///     ∂L/∂θ = −Σ_t δ[t]·(1 − m·r[t−1])
  ///
  /// With a threshold higher by Δ the neuron is the old one with its membrane lower by Δ at every step,
  /// which is ε[t] = −Δ·(1 − m·r[t−1]): what leaks from the step before is lower already, unless a spike
  /// has taken it away. So r is 0 before the first step, 1 − s with a reset, and 1 without one.
  @inline(always)
  func addConstantGradients(
    _ rows: BlockRows, _ step: DynamicStep<Lanes>, to sums: NeuronConstantPlaces,
    _ window: OctetPair
  ) {
    let one = Lanes(repeating: 1)
    let afterSpike: Lanes
    if case .none = dynamics.reset { afterSpike = one } else { afterSpike = Lanes() }
    var state = DynamicStep<Lanes>.State()
    var a = Lanes()
    var r = Lanes()
    var (ofMembrane, ofSynapse, ofThreshold) = (Lanes(), Lanes(), Lanes())
    for t in 0..<timeSteps {
      let delta = rows.deltas[t]
      ofMembrane += delta * state.v
      ofThreshold -= delta * (one - step.membraneDecay * r)
      let fired = step.advance(&state, by: rows.currents[t]).fired
      ofSynapse += rows.plainErrors[t] * (a - one.kept(where: fired))
      a = step.psc(a, fired)
      r = one.select(afterSpike, where: fired)
    }
    sums.membraneDecay.add(ofMembrane, window, channels: channels)
    sums.synapticDecay.add(ofSynapse, window, channels: channels)
    sums.threshold.add(ofThreshold, window, channels: channels)
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  /// Adds what a pair of octets has to the sums of its channels; an octet that stands twice counts once.
  @inline(__always)
  func add(_ lanes: Lanes, _ pair: OctetPair, channels: Int) {
    let (low, high) = lanes.octets
    add(low, at: pair.first.neuron % channels)
    if !pair.isSingle { add(high, at: pair.second.neuron % channels) }
  }

  @inline(__always)
  private func add(_ octet: SIMD8<Float>, at place: Int) {
    let here = UnsafeMutableRawPointer(self + place)
    here.storeBytes(of: here.loadUnaligned(as: SIMD8<Float>.self) + octet, as: SIMD8<Float>.self)
  }
}
