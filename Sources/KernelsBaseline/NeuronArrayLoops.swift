extension Kernels {
  /// ``NeuronArray/forward(_:currents:before:output:after:)`` for the neurons from `start` up to `end`.
  static func forward(
    _ array: NeuronArray, from start: Int, to end: Int, currents: UnsafePointer<Float>,
    before: NeuronArray.Given, output: FloatPointer, after: NeuronArray.Written
  ) {
    let step = array.step
    guard array.dynamics.isRenewed else {
      array.forEachBlock(from: start, to: end) { first, lanes in
        var state = DynamicStep<Lanes>.State()
        if let v = before.membrane { state.v = v.lanes(at: first, count: lanes) }
        if let b = before.adaptation { state.b = b.lanes(at: first, count: lanes) }
        array.run(step, currents, before, output, after, first, lanes, &state) {
          step.advance(&$0, by: $1).fired
        }
        after.membrane?.store(state.v, at: first, count: lanes)
        after.adaptation?.store(state.b, at: first, count: lanes)
      }
      return
    }
    let renewed = NeuronStep(step)
    let pairs = (end &- start) / (2 &* Lanes.scalarCount)
    for pair in 0..<pairs {
      array.runPair(
        renewed, currents, before, output, after, start &+ pair &* 2 &* Lanes.scalarCount)
    }
    let rest = start &+ pairs &* 2 &* Lanes.scalarCount
    array.forEachBlock(from: rest, to: end) { first, lanes in
      var v = Lanes()
      if let membrane = before.membrane { v = membrane.lanes(at: first, count: lanes) }
      array.run(step, currents, before, output, after, first, lanes, &v) {
        renewed.advance(&$0, by: $1).fired
      }
      after.membrane?.store(v, at: first, count: lanes)
      after.adaptation?.store(Lanes(), at: first, count: lanes)
    }
  }

  /// ``NeuronArray/backwardStep(_:rule:currents:before:gradient:after:deltas:result:)`` for the neurons from
  /// `start` up to `end`.
  static func backwardStep(
    _ array: NeuronArray, rule: VectorRule, from start: Int, to end: Int,
    currents: UnsafePointer<Float>, before: NeuronArray.Given, gradient: UnsafePointer<Float>,
    after: NeuronArray.Given, deltas: FloatPointer, result: NeuronArray.Written
  ) {
    let step = array.step
    let one = Lanes(repeating: 1)
    array.forEachBlock(from: start, to: end) { first, lanes in
      func given(_ pointer: UnsafePointer<Float>?) -> Lanes {
        guard let pointer else { return Lanes() }
        return pointer.lanes(at: first, count: lanes)
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
      case .external(let call):
        own = ofSpike * call.value(membrane: u, threshold: theta)
        delta = own + carried
      // Needs all time steps at once.
      case .own: (own, delta) = (Lanes(), Lanes())
      }
      deltas.store(delta, at: first, count: lanes)
      result.membrane?.store(step.membraneDecay * (own + carried), at: first, count: lanes)
      result.psc?.store(step.synapticDecay * ofA, at: first, count: lanes)
      result.adaptation?.store(
        step.adaptationDecay * ofB - step.strength * own, at: first, count: lanes)
    }
  }
}

extension NeuronArray {
  fileprivate var step: DynamicStep<Lanes> {
    DynamicStep(
      membraneDecay: Lanes(repeating: Float(membraneDecay)),
      synapticDecay: Lanes(repeating: Float(synapticDecay)),
      threshold: Lanes(repeating: threshold), dynamics)
  }

  /// Calls `body` for blocks of neurons: where a block begins, and how many there are in it.
  @inline(__always)
  fileprivate func forEachBlock(
    from start: Int, to end: Int, _ body: (_ first: Int, _ lanes: Int) -> Void
  ) {
    let block = Lanes.scalarCount
    var first = start
    while first &+ block <= end {
      body(first, block)
      first &+= block
    }
    if first < end { body(first, end &- first) }
  }

  /// Advances two blocks from `first` on: each step waits for the one before, and two chains wait side by
  /// side.
  @inline(__always)
  fileprivate func runPair(
    _ step: NeuronStep<Lanes>, _ currents: UnsafePointer<Float>, _ before: Given,
    _ output: FloatPointer, _ after: Written, _ first: Int
  ) {
    let block = Lanes.scalarCount
    let second = first &+ block
    var (v, w, a, b) = (Lanes(), Lanes(), Lanes(), Lanes())
    if let membrane = before.membrane {
      v = membrane.lanes(at: first, count: block)
      w = membrane.lanes(at: second, count: block)
    }
    if let psc = before.psc {
      a = psc.lanes(at: first, count: block)
      b = psc.lanes(at: second, count: block)
    }
    for t in 0..<timeSteps {
      let row = currents + t &* currentStride
      let fired = step.advance(&v, by: row.lanes(at: first, count: block)).fired
      let otherFired = step.advance(&w, by: row.lanes(at: second, count: block)).fired
      a = step.psc(a, fired)
      b = step.psc(b, otherFired)
      output.store(a, at: t &* outputStride &+ first, count: block)
      output.store(b, at: t &* outputStride &+ second, count: block)
    }
    after.membrane?.store(v, at: first, count: block)
    after.membrane?.store(w, at: second, count: block)
    after.psc?.store(a, at: first, count: block)
    after.psc?.store(b, at: second, count: block)
    after.adaptation?.store(Lanes(), at: first, count: block)
    after.adaptation?.store(Lanes(), at: second, count: block)
  }

  @inline(__always)
  fileprivate func run<State>(
    _ step: DynamicStep<Lanes>, _ currents: UnsafePointer<Float>, _ before: Given,
    _ output: FloatPointer, _ after: Written, _ first: Int, _ lanes: Int, _ state: inout State,
    advance: (inout State, Lanes) -> LaneMask
  ) {
    var a = Lanes()
    if let psc = before.psc { a = psc.lanes(at: first, count: lanes) }
    for t in 0..<timeSteps {
      let c = currents.lanes(at: t &* currentStride &+ first, count: lanes)
      a = step.psc(a, advance(&state, c))
      output.store(a, at: t &* outputStride &+ first, count: lanes)
    }
    after.psc?.store(a, at: first, count: lanes)
  }
}

extension UnsafePointer where Pointee == Float {
  /// The floats from a place, and zeros in the lanes behind the last one.
  @inline(__always)
  fileprivate func lanes(at place: Int, count: Int) -> Lanes {
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
  fileprivate func store(_ lanes: Lanes, at place: Int, count: Int) {
    guard count < Lanes.scalarCount else {
      UnsafeMutableRawPointer(self + place).storeBytes(of: lanes, as: Lanes.self)
      return
    }
    for lane in 0..<count { self[place &+ lane] = lanes[lane] }
  }
}

extension NeighborhoodRule.Weight {
  /// w(r), see ``DistanceWeight``.
  @inline(__always)
  fileprivate func value(_ r: Lanes, fired: LaneMask) -> Lanes {
    switch self {
    case .inverse(let bound): InverseWeight(bound: bound).value(r, fired: fired)
    case .inverseCube(let bound): InverseCubeWeight(bound: bound).value(r, fired: fired)
    case .lorentzian(let width): LorentzianWeight(width: width).value(r, fired: fired)
    case .gaussian(let deviation): GaussianWeight(deviation: deviation).value(r, fired: fired)
    case .none: UnitWeight().value(r, fired: fired)
    }
  }
}
