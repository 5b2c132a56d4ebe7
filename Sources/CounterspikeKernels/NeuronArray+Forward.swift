extension NeuronArray {
  /// Advances the neurons in `range` through all time steps, see ``DynamicStep``.
  ///
  /// - Parameters:
  ///   - currents: c, `[T, N]`.
  ///   - before: v, a and b before the first step.
  ///   - output: a, `[T, N]`; without a synapse the spikes.
  ///   - after: v, a and b behind the last step; it may be `before`.
  /// - Complexity: O(T·N), no allocation.
  package func forward(
    _ range: Range<Int>, currents: UnsafePointer<Float>, before: Given,
    output: UnsafeMutablePointer<Float>, after: Written
  ) {
    let step = self.step
    guard dynamics.isRenewed else {
      forEachBlock(range) { first, lanes in
        var state = DynamicStep<Lanes>.State()
        if let v = before.membrane { state.v = v.lanes(at: first, count: lanes) }
        if let b = before.adaptation { state.b = b.lanes(at: first, count: lanes) }
        run(step, currents, before, output, after, first, lanes, &state) {
          step.advance(&$0, by: $1).fired
        }
        after.membrane?.store(state.v, at: first, count: lanes)
        after.adaptation?.store(state.b, at: first, count: lanes)
      }
      return
    }
    let renewed = NeuronStep(step)
    forEachBlock(range) { first, lanes in
      var v = before.membrane?.lanes(at: first, count: lanes) ?? Lanes()
      run(step, currents, before, output, after, first, lanes, &v) {
        renewed.advance(&$0, by: $1).fired
      }
      after.membrane?.store(v, at: first, count: lanes)
      after.adaptation?.store(Lanes(), at: first, count: lanes)
    }
  }

  @inline(__always)
  private func run<State>(
    _ step: DynamicStep<Lanes>, _ currents: UnsafePointer<Float>, _ before: Given,
    _ output: UnsafeMutablePointer<Float>, _ after: Written, _ first: Int, _ lanes: Int,
    _ state: inout State, advance: (inout State, Lanes) -> LaneMask
  ) {
    var a = before.psc?.lanes(at: first, count: lanes) ?? Lanes()
    for t in 0..<timeSteps {
      let place = t &* count &+ first
      let fired = advance(&state, currents.lanes(at: place, count: lanes))
      a = step.psc(a, fired)
      output.store(a, at: place, count: lanes)
    }
    after.psc?.store(a, at: first, count: lanes)
  }
}
