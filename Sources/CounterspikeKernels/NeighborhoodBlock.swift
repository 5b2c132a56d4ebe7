/// The renewal recursion: O(T) replays instead of O(T) replays of length T.
///
/// Neighbor k inverts the spike at k and replays the neuron from there, from membrane 0 if a spike
/// was made, from θ if one was removed. The replay needs to be followed only to its first spike n:
/// a neuron has no memory beyond a reset, so what follows is known, R(n). With e the filtered error,
/// R(k) the sum of e over the spikes after a reset at k and O(k) the same over the real spikes,
///
///     S(k) = e[n] + R(n), or 0 where the replay never fires
///     R(k) = O(k) if the neuron really fired at k, else S(k)
///     ΔL_k = (1−d)·(±e[k] + S(k) − O(k))      + for a spike made, − for one removed
///     δ[k] = ΔL_k·w(θ − u[k])
///
/// For k with a real spike the recursion needs no second replay: after it the neuron *is* freshly
/// reset, so R(k) = O(k). Exact, not an approximation; `NeighborhoodReference` replays in full.
struct NeighborhoodBlock<Weight: DistanceWeight>: BlockRule {
  let membraneDecay: Float
  let exactMembraneDecay: Double
  let gain: Float
  let synapticDecay: Float
  let threshold: Float
  let filtersTwice: Bool
  let weight: Weight

  init(layer: NeuronLayer, filtersTwice: Bool, weight: Weight) {
    membraneDecay = layer.membraneDecay
    exactMembraneDecay = layer.exactMembraneDecay
    synapticDecay = layer.synapticDecay
    gain = 1 - layer.synapticDecay
    threshold = layer.threshold
    self.filtersTwice = filtersTwice
    self.weight = weight
  }

  /// Longer time series first ask whether a replay fires at all; on shorter ones that costs more
  /// than it saves.
  static var boundedFrom: Int { 12 }

  func run(_ block: BlockRows) {
    if block.timeSteps < Self.boundedFrom {
      replay(block, bounded: false)
    } else {
      replay(block, bounded: true)
    }
  }

  @inline(__always)
  private func replay(_ block: BlockRows, bounded: Bool) {
    let steps = block.timeSteps
    let m = Lanes(repeating: membraneDecay)
    let d = Lanes(repeating: synapticDecay)
    let theta = Lanes(repeating: threshold)
    let c = block.currents
    let e = block.errors
    let membrane = block.first
    let afterSpike = block.second  // e[j] + R(j): all that a first spike at j brings
    let free = block.third  // V(t) = m·V(t−1) + c[t], never reset

    var v = Lanes()
    var unbounded = Lanes()
    var largest = Lanes()  // max |V|
    for t in 0..<steps {
      let u = m * v + c[t]
      membrane[t] = u
      v = u.select(Lanes(), where: u .> theta)
      if bounded {
        unbounded = m * unbounded + c[t]
        free[t] = unbounded
        let magnitude = unbounded.magnitudes
        largest = largest.select(magnitude, where: magnitude .> largest)
      }
    }
    let isSteep = weight.isSteep
    if isSteep { measureDistances(block) }
    if filtersTwice {
      var twice = Lanes()
      var t = steps
      while t > 0 {
        t &-= 1
        twice = e[t] + d * twice
        e[t] = twice
      }
    }

    let never = Lanes(repeating: -.infinity)
    // Rounding puts V, and what is derived from it, wrong by up to about 9·2⁻²⁴·τ_m·max |V|: more
    // than any fixed slack after a deep inhibition. A slack that is too large costs only time.
    let rounding = Lanes(repeating: 0x1p-20 / (1 - membraneDecay))
    let slack = Lanes(repeating: 1e-3) * theta + rounding * largest
    let perStep = Lanes(repeating: 1 / membraneDecay)
    var reach = never  // max over j > k of (V(j) − θ)·m^(k−j): how far the best step is from firing
    var real = Lanes()  // O(k)
    var k = steps
    while k > 0 {
      k &-= 1
      let u = membrane[k]
      let fired = u .> theta
      // The replay starts from 0 where a spike is made and from θ where one is removed.
      var x = Lanes().select(theta, where: fired)
      var sum = Lanes()
      if bounded {
        if k + 1 < steps {
          let next = free[k &+ 1] - theta + slack
          reach = perStep * next.select(reach, where: reach .> next)
        }
        // A replay from x differs from V by m^(j−k)·(x − V(k)): it fires iff reach > V(k) − x.
        x = x.select(never, where: reach .<= free[k] - x)
      }
      var j = k &+ 1
      while j < steps {
        if bounded && !(x .> never).isAnyTrue { break }
        x = m * x + c[j]
        let first = x .> theta
        sum = sum.select(afterSpike[j], where: first)
        x = x.select(never, where: first)  // followed no further
        j &+= 1
      }
      let rest = sum.select(real, where: fired)
      let own = e[k].select(-e[k], where: fired)
      let difference = Lanes(repeating: gain) * (own + sum - real)
      block.deltas[k] =
        difference * weight.value(isSteep ? block.fourth[k] : theta - u, fired: fired)
      afterSpike[k] = e[k] + rest
      real += Lanes().select(e[k], where: fired)
    }
  }

  /// r[t] = θ − u[t] from a membrane in double precision, with the spikes of the one in single.
  private func measureDistances(_ block: BlockRows) {
    let theta = Lanes(repeating: threshold)
    for lane in 0..<FloatBuffer.laneCount {
      var v = 0.0
      for t in 0..<block.timeSteps {
        let u = exactMembraneDecay * v + Double(block.currents[t][lane])
        let fired = block.first[t][lane] > theta[lane]
        let r = abs(Float(Double(threshold) - u))
        block.fourth[t][lane] = fired ? -r : r
        v = fired ? 0 : u
      }
    }
  }
}
