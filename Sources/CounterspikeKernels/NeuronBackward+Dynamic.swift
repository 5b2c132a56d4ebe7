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
protocol StepwiseRule: DynamicBlockRule {
  /// Prepares for a block.
  ///
  /// - Parameter block: c is given and stays.
  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>)

  /// Computes δ[t]. e[t], e[t+1], … and δ[t+1], … are there; behind the last step δ is 0.
  func settle(_ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>)

  /// Computes δ[t] of all neurons of a layer, see ``RecurrentNeurons``; a requirement, so that the choice of
  /// the rule is made once a step.
  func settle(_ pass: RecurrentBackward, _ t: Int)
}

extension DynamicBlockRule {
  var filtersTwice: Bool { false }
}

extension StepwiseRule {
  func run(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    begin(block, step)
    block.deltas[block.timeSteps] = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      settle(block, t, step)
    }
  }
}

extension SpikeRule {
  /// Whether the rule is defined for such neurons.
  ///
  /// TSSL-BP knows a firing time's effect up to the reset to zero only. SLAYER leaves out on the way back
  /// what a spike does to its own neuron, which would leave an adaptation without effect.
  package func covers(_ dynamics: NeuronDynamics) -> Bool {
    switch self {
    case .neighborhood, .surrogate, .general: true
    case .slayer: dynamics.adaptation == nil
    case .tsslbp: dynamics.isRenewed
    }
  }
}

extension NeuronLayer {
  func backwardDynamic(
    _ rule: SpikeRule, _ currents: FloatSlice, _ gradient: FloatSlice, _ scratch: NeuronScratch,
    _ constants: NeuronConstants?, _ sums: NeuronConstants?
  ) {
    precondition(rule.covers(dynamics), "a rule that is not defined for these neurons")
    requireChannels(constants)
    requireChannels(sums)
    if case .general(let rule) = rule {
      backward(
        DynamicGeneralBlock(rule: rule, dynamics: dynamics), currents.pointer, gradient.pointer,
        scratch, constants, sums)
      return
    }
    let stepwise = rule.stepwise(exactMembraneDecay: constants == nil ? exactMembraneDecay : nil)
    backward(stepwise, currents.pointer, gradient.pointer, scratch, constants, sums)
  }

  private func backward(
    _ rule: any DynamicBlockRule, _ currents: UnsafeMutablePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>, _ scratch: NeuronScratch,
    _ constants: NeuronConstants?, _ sums: NeuronConstants?
  ) {
    let scales = prepareScales(scratch)
    let rows = BlockRows(scratch)
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
    _ rows: BlockRows, _ step: DynamicStep<Lanes>, to sums: NeuronConstants, _ window: OctetPair
  ) {
    let one = Lanes(repeating: 1)
    let afterSpike = Lanes(repeating: dynamics.reset == .none ? 1 : 0)
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
    sums.membraneDecay.pointer.add(ofMembrane, window, channels: channels)
    sums.synapticDecay.pointer.add(ofSynapse, window, channels: channels)
    sums.threshold.pointer.add(ofThreshold, window, channels: channels)
  }
}

extension SpikeRule {
  /// The rule for neurons of any dynamics.
  ///
  /// - Parameter exactMembraneDecay: m before it is rounded to a float; `nil` where each channel has its own.
  /// - Precondition: it is not the general one.
  func stepwise(exactMembraneDecay: Double?) -> any StepwiseRule {
    func replay(_ rule: NeighborhoodRule, _ weight: some DistanceWeight) -> any StepwiseRule {
      ReplayBlock(
        filtersTwice: rule.filtersTwice, weight: weight, exactMembraneDecay: exactMembraneDecay)
    }
    switch self {
    case .neighborhood(let rule):
      switch rule.weight {
      case .inverse(let bound): return replay(rule, InverseWeight(bound: bound))
      case .inverseCube(let bound): return replay(rule, InverseCubeWeight(bound: bound))
      case .lorentzian(let width): return replay(rule, LorentzianWeight(width: width))
      case .gaussian(let deviation): return replay(rule, GaussianWeight(deviation: deviation))
      case .none: return replay(rule, UnitWeight())
      }
    case .surrogate(let rule): return DynamicSurrogateBlock(rule: rule)
    case .tsslbp: return DynamicTSSLBPBlock()
    case .slayer(let rule): return DynamicSLAYERBlock(rule: rule)
    case .general: preconditionFailure("the general rule is not stepwise")
    }
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  /// Adds what a pair of octets has to the sums of its channels; an octet that stands twice counts once.
  @inline(__always)
  func add(_ lanes: Lanes, _ pair: OctetPair, channels: Int) {
    add(lanes.lowHalf, at: pair.first.neuron % channels)
    if !pair.isSingle { add(lanes.highHalf, at: pair.second.neuron % channels) }
  }

  @inline(__always)
  private func add(_ octet: SIMD8<Float>, at place: Int) {
    let here = UnsafeMutableRawPointer(self + place)
    here.storeBytes(of: here.loadUnaligned(as: SIMD8<Float>.self) + octet, as: SIMD8<Float>.self)
  }
}
