// The time step of a ``VectorNeuronModel`` on spans, for single steps, recurrent layers and single neurons.

extension VectorNeuronModel {
  @inlinable
  public var stateCount: Int { States.count }

  @inlinable
  public func integrate(
    _ currents: Span<Float>, states: inout MutableSpan<Float>,
    membrane: inout MutableSpan<Float>, threshold: inout MutableSpan<Float>
  ) {
    forEachSixteen(currents.count) { place, count in
      var kept = States(states.span, place, count, of: currents.count)
      var theta = threshold.span.lanes(at: place, count: count)
      let u = integrate(
        currents.lanes(at: place, count: count), states: &kept, threshold: &theta)
      membrane.setLanes(u, at: place, count: count)
      threshold.setLanes(theta, at: place, count: count)
      kept.write(&states, place, count, of: currents.count)
    }
  }

  @inlinable
  public func settle(
    _ spikes: Span<Float>, membrane: Span<Float>, states: inout MutableSpan<Float>
  ) {
    forEachSixteen(spikes.count) { place, count in
      var kept = States(states.span, place, count, of: spikes.count)
      settle(
        spikes.lanes(at: place, count: count), membrane: membrane.lanes(at: place, count: count),
        states: &kept)
      kept.write(&states, place, count, of: spikes.count)
    }
  }
}

extension DifferentiableVectorNeuronModel {
  @inlinable
  public func settleBackward(
    _ spikes: Span<Float>, membrane: Span<Float>, ofStates: inout MutableSpan<Float>,
    ofMembrane: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>
  ) {
    forEachSixteen(spikes.count) { place, count in
      var kept = States(ofStates.span, place, count, of: spikes.count)
      var ofFired = Lanes()
      let u = settleBackward(
        spikes.lanes(at: place, count: count), membrane: membrane.lanes(at: place, count: count),
        ofStates: &kept, ofSpikes: &ofFired)
      ofMembrane.setLanes(u, at: place, count: count)
      ofSpikes.setLanes(ofFired, at: place, count: count)
      kept.write(&ofStates, place, count, of: spikes.count)
    }
  }

  @inlinable
  public func integrateBackward(
    _ currents: Span<Float>, states: Span<Float>, ofMembrane: Span<Float>,
    ofThreshold: Span<Float>, ofStates: inout MutableSpan<Float>,
    ofCurrents: inout MutableSpan<Float>
  ) {
    forEachSixteen(currents.count) { place, count in
      var kept = States(ofStates.span, place, count, of: currents.count)
      let c = integrateBackward(
        currents.lanes(at: place, count: count),
        states: States(states, place, count, of: currents.count),
        ofMembrane: ofMembrane.lanes(at: place, count: count),
        ofThreshold: ofThreshold.lanes(at: place, count: count), ofStates: &kept)
      ofCurrents.setLanes(c, at: place, count: count)
      kept.write(&ofStates, place, count, of: currents.count)
    }
  }
}

/// Calls `body` with the place of every sixteen of `count` neurons, and with how many there are.
@inlinable
func forEachSixteen(_ count: Int, _ body: (_ place: Int, _ count: Int) -> Void) {
  var place = 0
  while place < count {
    body(place, min(16, count - place))
    place += 16
  }
}

extension NeuronStates {
  /// Those of up to sixteen neurons of n: the i-th of neuron j at i·n + j.
  @inlinable
  init(_ states: Span<Float>, _ place: Int, _ count: Int, of n: Int) {
    self.init()
    for i in 0..<Self.count { self[i] = states.lanes(at: i * n + place, count: count) }
  }

  @inlinable
  func write(_ states: inout MutableSpan<Float>, _ place: Int, _ count: Int, of n: Int) {
    for i in 0..<Self.count { states.setLanes(self[i], at: i * n + place, count: count) }
  }
}

extension Span where Element == Float {
  /// The values from `place` on, and zeros.
  @inlinable
  func lanes(at place: Int, count: Int) -> SIMD16<Float> {
    guard count < 16 else { return lanes(at: place) }
    var lanes = SIMD16<Float>()
    for i in 0..<count { lanes[i] = self[place + i] }
    return lanes
  }
}

extension MutableSpan where Element == Float {
  @inlinable
  mutating func setLanes(_ lanes: SIMD16<Float>, at place: Int, count: Int) {
    guard count < 16 else { return setLanes(lanes, at: place) }
    for i in 0..<count { self[place + i] = lanes[i] }
  }
}
