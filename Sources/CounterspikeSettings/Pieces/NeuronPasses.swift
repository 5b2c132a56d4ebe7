internal import CounterspikeKernels

/// The loops over neurons and time steps of a ``VectorNeuronModel``, made for it where it is compiled.
public struct NeuronPasses: Sendable {
  @usableFromInline typealias Pass = @Sendable (NeuronTrains) -> Void

  let forward: Pass
  let record: Pass
  let replay: Pass
  let propagate: Pass?

  @usableFromInline
  init(
    forward: @escaping Pass, record: @escaping Pass, replay: @escaping Pass, propagate: Pass?
  ) {
    self.forward = forward
    self.record = record
    self.replay = replay
    self.propagate = propagate
  }

  /// As the kernels call them.
  var series: ExternalNeuron.Series {
    { operation, series in
      let trains = NeuronTrains(series)
      switch operation {
      case .forward: forward(trains)
      case .record: record(trains)
      case .replay: replay(trains)
      case .propagate: propagate?(trains)
      }
    }
  }
}

extension VectorNeuronModel {
  @inlinable
  public var passes: NeuronPasses {
    NeuronPasses(
      forward: { run($0, isRecorded: false) }, record: { run($0, isRecorded: true) },
      replay: { replay($0) }, propagate: nil)
  }

  /// Advances neurons through all time steps.
  @inlinable
  @inline(__always)
  func run(_ trains: NeuronTrains, isRecorded: Bool) {
    trains.forEachBlock { run($0, isRecorded: isRecorded) }
  }

  @inlinable
  @inline(__always)
  func run(_ block: NeuronTrains.Block, isRecorded: Bool) {
    let start = Lanes(repeating: block.trains.threshold)
    let mask = block.mask
    var states = States()
    for t in 0..<block.trains.timeSteps {
      if isRecorded { block.store(states, t) }
      var threshold = start
      let membrane = integrate(block.current(t), states: &states, threshold: &threshold)
      let spikes = Lanes().replacing(with: mask, where: membrane .> threshold)
      settle(spikes, membrane: membrane, states: &states)
      block.store(spikes: spikes, t)
      if isRecorded { block.store(membrane: membrane, threshold: threshold, t) }
    }
  }

  /// Inverts the spike of each step, replays the neurons behind it on the same currents, and adds up Δs·e.
  @inlinable
  @inline(__always)
  func replay(_ trains: NeuronTrains) {
    let start = Lanes(repeating: trains.threshold)
    let scale = Lanes(repeating: 1 / currentGain)
    trains.forEachBlock { block in
      run(block, isRecorded: true)
      let mask = block.mask
      for k in 0..<trains.timeSteps {
        let (membrane, theta, fired) = (block.membrane(k), block.threshold(k), block.spikes(k))
        var states = block.states(k, as: States.self)
        var threshold = start
        _ = integrate(
          block.current(k) + (theta - membrane) * scale, states: &states, threshold: &threshold)
        let inverted = mask - fired
        var sum = (inverted - fired) * block.error(k)
        settle(inverted, membrane: theta, states: &states)
        var t = k + 1
        while t < trains.timeSteps {
          // From where the states are those of the real run nothing differs. To look costs as much as a step.
          if (t - k) % 4 == 0, states.equal(block.states(t, as: States.self)) { break }
          threshold = start
          let u = integrate(block.current(t), states: &states, threshold: &threshold)
          let spikes = Lanes().replacing(with: mask, where: u .> threshold)
          sum += (spikes - block.spikes(t)) * block.error(t)
          settle(spikes, membrane: u, states: &states)
          t += 1
        }
        // No later k needs c[k].
        block.store(current: sum, k)
      }
    }
  }
}

extension DifferentiableVectorNeuronModel {
  @inlinable
  public var passes: NeuronPasses {
    NeuronPasses(
      forward: { run($0, isRecorded: false) }, record: { run($0, isRecorded: true) },
      replay: { replay($0) }, propagate: { propagate($0) })
  }

  /// The way back through all time steps, with f[t] in place of θ[t].
  @inlinable
  @inline(__always)
  func propagate(_ trains: NeuronTrains) {
    let gain = Lanes(repeating: trains.gain)
    trains.forEachBlock { block in
      let mask = block.mask
      var ofStates = States()
      for t in (0..<trains.timeSteps).reversed() {
        var ofSpikes = Lanes()
        var ofMembrane = settleBackward(
          block.spikes(t), membrane: block.membrane(t), ofStates: &ofStates, ofSpikes: &ofSpikes)
        let through = ((gain * block.error(t) + ofSpikes) * block.threshold(t)) * mask
        ofMembrane += through
        let ofCurrents = integrateBackward(
          block.current(t), states: block.states(t, as: States.self), ofMembrane: ofMembrane,
          ofThreshold: -through, ofStates: &ofStates)
        block.store(current: Lanes().replacing(with: ofCurrents, where: mask .> Lanes()), t)
      }
    }
  }
}

extension NeuronStates {
  @inlinable
  @inline(__always)
  func equal(_ other: Self) -> Bool {
    var differing = SIMDMask<SIMD16<Int32>>(repeating: false)
    for i in 0..<Self.count { differing .|= self[i] .!= other[i] }
    let words = unsafe unsafeBitCast(differing, to: SIMD8<UInt64>.self)
    let halves = words.lowHalf | words.highHalf
    let quarters = halves.lowHalf | halves.highHalf
    return quarters[0] | quarters[1] == 0
  }
}
