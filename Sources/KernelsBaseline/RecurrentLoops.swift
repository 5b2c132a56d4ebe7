extension RecurrentBackward {
  /// m before it is rounded to a float; `nil` where each channel has its own.
  fileprivate var exactMembraneDecay: Double? { constants == nil ? layer.exactMembraneDecay : nil }

  /// Calls `body` for all blocks.
  @inline(__always)
  func forEachBlock(_ body: (BlockRows, OctetPair) -> Void) {
    let length = NeuronRows.lanes(timeSteps: layer.timeSteps)
    var base = rows
    layer.forEachWindow { pair in
      body(BlockRows(base, timeSteps: layer.timeSteps, powers: powers), pair)
      base += length
    }
  }

  /// e[t] of a block.
  @inline(__always)
  func takeErrors(_ block: BlockRows, _ pair: OctetPair, _ t: Int, decay d: Lanes) {
    let (first, second) = (pair.first.neuron, pair.second.neuron)
    let row = gradient + t &* layer.plane
    var e = row.lanes(first, second)
    guard t &+ 1 < layer.timeSteps else {
      block.plainErrors[t] = e
      block.errors[t] = e
      return
    }
    e += lateral.lanes(first, second)
    row.store(e, first, second)
    e += d * block.plainErrors[t &+ 1]
    block.plainErrors[t] = e
    block.errors[t] = filtersTwice ? e + d * block.errors[t &+ 1] : e
  }
}

extension Kernels {
  /// One time step of ``RecurrentNeurons/forward(currents:output:weights:states:constants:flips:)``.
  ///
  /// - Parameters:
  ///   - last: a of the step before; `nil` at the first.
  ///   - v, b: the neurons' states.
  /// - Returns: the number of spikes.
  static func recurrentForward(
    _ layer: NeuronLayer, currents c: FloatPointer, output a: FloatPointer, last: FloatPointer?,
    v: FloatPointer, b: FloatPointer, constants: NeuronConstantPlaces?
  ) -> Int {
    var spikes = SIMD16<Int32>()
    layer.forEachWindow { pair in
      let step = layer.dynamicStep(pair, constants)
      let (first, second) = (pair.first.neuron, pair.second.neuron)
      var state = DynamicStep<Lanes>.State()
      state.v = v.lanes(first, second)
      state.b = b.lanes(first, second)
      let fired = step.advance(&state, by: c.lanes(first, second)).fired
      v.store(state.v, first, second)
      b.store(state.b, first, second)
      let before = last.map { $0.lanes(first, second) } ?? Lanes()
      a.store(step.psc(before, fired), first, second)
      spikes &-= fired.integers.counted(pair)
    }
    return spikes.total
  }

  /// Inverts what a neuron did in ``recurrentForward(_:currents:output:last:v:b:constants:)``: its membrane stands
  /// at the threshold there.
  ///
  /// - Parameters:
  ///   - place: the neuron.
  ///   - membrane, adaptation: its v and b before the step.
  static func recurrentInvert(
    _ layer: NeuronLayer, _ place: Int, membrane: Float, adaptation: Float,
    currents c: FloatPointer, output a: FloatPointer, last: FloatPointer?, v: FloatPointer,
    b: FloatPointer
  ) {
    let step = layer.dynamicStep()
    var state = DynamicStep<Float>.State()
    state.v = membrane
    state.b = adaptation
    let (_, theta, fired) = step.advance(&state, by: c[place])
    v[place] = fired ? theta : step.reset(theta)
    b[place] = step.adapted(adaptation, !fired)
    a[place] = step.psc(last?[place] ?? 0, !fired)
  }

  private struct Begin: StepwiseWork {
    let block: BlockRows
    let step: DynamicStep<Lanes>

    func run(_ rule: some StepwiseRule) { rule.begin(block, step) }
  }

  /// Brings the currents into the blocks' rows, and begins with the rule.
  static func recurrentBegin(_ pass: RecurrentBackward, _ rule: VectorRule) {
    let layer = pass.layer
    pass.forEachBlock { block, pair in
      for t in 0..<layer.timeSteps {
        block.currents[t] = pass.deltas.lanes(
          t &* layer.plane &+ pair.first.neuron, t &* layer.plane &+ pair.second.neuron)
      }
      block.deltas[layer.timeSteps] = Lanes()
      let step = layer.dynamicStep(pair, pass.constants)
      rule.apply(
        Begin(block: block, step: step), exactMembraneDecay: pass.exactMembraneDecay, layer: layer)
    }
  }

  private struct Settle: StepwiseWork {
    let pass: RecurrentBackward
    let t: Int

    func run(_ rule: some StepwiseRule) {
      let plane = pass.layer.plane
      pass.forEachBlock { block, pair in
        let step = pass.layer.dynamicStep(pair, pass.constants)
        pass.takeErrors(block, pair, t, decay: step.synapticDecay)
        rule.settle(block, t, step)
        pass.deltas.store(
          block.deltas[t], t &* plane &+ pair.first.neuron, t &* plane &+ pair.second.neuron)
      }
    }
  }

  /// Computes δ[t] of all neurons, over the currents.
  static func recurrentSettle(_ pass: RecurrentBackward, _ rule: VectorRule, _ t: Int) {
    rule.apply(
      Settle(pass: pass, t: t), exactMembraneDecay: pass.exactMembraneDecay, layer: pass.layer)
  }

  /// Adds ∂L/∂m, ∂L/∂d and ∂L/∂θ of each channel, once δ is known at all steps.
  static func recurrentConstantGradients(
    _ pass: RecurrentBackward, _ sums: NeuronConstantPlaces
  ) {
    pass.forEachBlock { block, pair in
      let step = pass.layer.dynamicStep(pair, pass.constants)
      pass.layer.addConstantGradients(block, step, to: sums, pair)
    }
  }
}
