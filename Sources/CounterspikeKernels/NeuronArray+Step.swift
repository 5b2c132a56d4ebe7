extension NeuronArray {
  /// The gradients of one time step, where the caller goes back through the steps itself.
  ///
  ///     S = (1−d)·∂L/∂a + (1−ρ)·∂L/∂b                        what a spike adds to the loss behind it
  ///     ∂L/∂c = D + κ·∂L/∂v    (neighborhood: D alone)       ∂L/∂v⁻ = m·(D + κ·∂L/∂v)
  ///     ∂L/∂a⁻ = d·∂L/∂a                                     ∂L/∂b⁻ = ρ·∂L/∂b − β·D
  ///
  /// a, v and b are those behind the step, a⁻, v⁻ and b⁻ those before it, and κ = ∂v/∂u is 1, and 0 after a
  /// spike with a reset to zero. D is the rule's own:
  ///
  /// - surrogate: S·f(u − θ), and with `resetGradient` S has what the reset takes away times ∂L/∂v besides;
  ///   step after step this is ``SurrogateRule`` over the whole series, as are SLAYER and TSSL-BP.
  /// - neighborhood: ΔL·w(θ − u), where ΔL is ±S + Δv·∂L/∂v: the spike is inverted, and what its membrane
  ///   does afterwards goes on to first order. Over a whole series the neuron is replayed instead.
  ///
  /// - Parameters:
  ///   - before: v⁻, a⁻ and b⁻, `[N]` each; a⁻ is needed by TSSL-BP alone.
  ///   - gradient: ∂L/∂a, `[N]`.
  ///   - after: ∂L/∂v and ∂L/∂b; its psc is not looked at.
  ///   - deltas: ∂L/∂c, `[N]`.
  ///   - result: ∂L/∂v⁻, ∂L/∂a⁻ and ∂L/∂b⁻.
  /// - Precondition: ``SpikeRule/hasStep(hasSynapse:)``, and one time step.
  package func backwardStep(
    _ range: Range<Int>, rule: SpikeRule, currents: UnsafePointer<Float>, before: Given,
    gradient: UnsafePointer<Float>, after: Given, deltas: UnsafeMutablePointer<Float>,
    result: Written
  ) {
    precondition(timeSteps == 1, "\(timeSteps) steps in place of one")
    let step = self.step
    let one = Lanes(repeating: 1)
    forEachBlock(range) { first, lanes in
      func given(_ pointer: UnsafePointer<Float>?) -> Lanes {
        pointer?.lanes(at: first, count: lanes) ?? Lanes()
      }
      let v = given(before.membrane)
      let b = given(before.adaptation)
      let ofV = given(after.membrane)
      let ofB = given(after.adaptation)
      let ofA = gradient.lanes(at: first, count: lanes)
      let c = currents.lanes(at: first, count: lanes)
      var state = DynamicStep<Lanes>.State()
      state.v = v
      state.b = b
      let (u, theta, fired) = step.advance(&state, by: c)
      let ofSpike = step.gain * ofA + step.adaptationGain * ofB
      var carried = ofV.select(step.kept * ofV, where: fired)
      var own: Lanes
      var delta: Lanes
      switch rule {
      case .neighborhood(let rule):
        // Inverted, it stands at θ behind the step without its spike, or is reset from there by one.
        let made = ofSpike + (step.reset(theta) - u) * ofV
        let removed = (theta - step.reset(u)) * ofV - ofSpike
        own = made.select(removed, where: fired) * rule.weight.value(theta - u, fired: fired)
        delta = own
      case .surrogate(let rule):
        let path = Lanes(repeating: rule.resetGradient ? 1 : 0)
        let taken = (one - step.kept) * u + step.dropped
        own = (ofSpike - path * taken * ofV) * rule.derivative(u - theta)
        delta = own + carried
      case .slayer(let rule):
        own = ofSpike * rule.derivative(u - theta, scale: Lanes(repeating: rule.alpha))
        carried = ofV
        delta = own + carried
      case .tsslbp:
        let a = step.psc(given(before.psc), fired)
        (delta, own) = TSSLBPBlock(step: NeuronStep(step)).step(
          error: ofSpike, carried: ofV / step.membraneDecay, membrane: u, rise: u - v, psc: a,
          fired: fired)
        carried = Lanes()
      case .general: preconditionFailure("a neighborhood that needs the whole series")
      }
      deltas.store(delta, at: first, count: lanes)
      result.membrane?.store(step.membraneDecay * (own + carried), at: first, count: lanes)
      result.psc?.store(step.synapticDecay * ofA, at: first, count: lanes)
      result.adaptation?.store(
        step.adaptationDecay * ofB - step.strength * own, at: first, count: lanes)
    }
  }
}

extension SpikeRule {
  /// Whether the rule's gradient of one step follows from that step and the gradients of the state behind
  /// it, see ``NeuronArray/backwardStep(_:rule:currents:before:gradient:after:deltas:result:)``.
  ///
  /// - Parameter hasSynapse: the psc lasts longer than a spike.
  package func hasStep(hasSynapse: Bool) -> Bool {
    switch self {
    case .neighborhood(let rule): !rule.filtersTwice || !hasSynapse
    case .surrogate, .tsslbp, .slayer: true
    case .general: false
    }
  }
}

extension NeighborhoodRule.Weight {
  /// w(r), see ``DistanceWeight``.
  @inline(__always)
  func value(_ r: Lanes, fired: LaneMask) -> Lanes {
    switch self {
    case .inverse(let bound): InverseWeight(bound: bound).value(r, fired: fired)
    case .inverseCube(let bound): InverseCubeWeight(bound: bound).value(r, fired: fired)
    case .lorentzian(let width): LorentzianWeight(width: width).value(r, fired: fired)
    case .gaussian(let deviation): GaussianWeight(deviation: deviation).value(r, fired: fired)
    case .none: UnitWeight().value(r, fired: fired)
    }
  }
}
