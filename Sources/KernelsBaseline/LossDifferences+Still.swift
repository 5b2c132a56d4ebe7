extension LossDifferences {
  /// The differences of neurons whose current is the same at every step.
  ///
  /// From a reset on, such a neuron does the same again: it fires every p steps, or never within T. So a
  /// replay from 0 after step k first fires at k + p. One from θ fires at k + 1, since the membrane that fired
  /// at k had come from θ at most.
  @inline(__always)
  func repeatPeriod(_ block: BlockRows) {
    let steps = block.timeSteps
    let theta = Lanes(repeating: threshold)
    let membrane = block.first
    let brings = block.third  // e[k] + R(k), and zeros from T on
    var v = Lanes()
    var silent = SIMD16<Int32>()  // Steps before the first spike.
    var isSilent = SIMD16<Int32>(repeating: 1)
    for t in 0..<steps {
      let (u, fired) = step.advance(&v, by: block.currents[t])
      membrane[t] = u
      isSilent &= ~fired.integers
      silent &+= isSilent
    }
    // Where the lanes' next spikes lie from a row on: p is T where there are none.
    let offsets = UnsafeMutableRawPointer(block.second).assumingMemoryBound(to: Int32.self)
    let limit = SIMD16<Int32>(repeating: Int32(truncatingIfNeeded: steps &- 1))
    let period = silent.replacing(with: limit, where: silent .> limit) &+ SIMD16(repeating: 1)
    for lane in 0..<Lanes.scalarCount {
      offsets[lane] = period[lane] &* 16 &+ Int32(truncatingIfNeeded: lane)
    }
    let gain = Lanes(repeating: 1 - synapticDecay)
    var real = Lanes()  // O(k)
    var k = steps
    while k > 0 {
      k &-= 1
      let e = block.errors[k]
      let fired = membrane[k] .> theta
      let next = brings[k &+ 1]
      let made = Self.gather(
        UnsafeRawPointer(brings + k).assumingMemoryBound(to: Float.self), offsets)
      let own = e.select(-e, where: fired)
      block.deltas[k] = gain * (own + made.select(next, where: fired) - real)
      brings[k] = e + made.select(real, where: fired)
      real = real + Lanes().select(e, where: fired)
    }
  }

  @inline(__always)
  private static func gather(
    _ from: UnsafePointer<Float>, _ offsets: UnsafePointer<Int32>
  ) -> Lanes {
    @inline(__always) func value(_ lane: Int) -> Float { from[Int(offsets[lane])] }
    return Lanes(
      value(0), value(1), value(2), value(3), value(4), value(5), value(6), value(7), value(8),
      value(9), value(10), value(11), value(12), value(13), value(14), value(15))
  }
}
