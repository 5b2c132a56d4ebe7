/// What the loss of a block of neurons would change by, had they (not) fired: the renewal recursion.
///
/// O(T) replays, each to its first spike, instead of O(T) replays of length T. Neighbor k inverts the
/// spike at k and replays the neuron from there, from membrane 0 if a spike was made, from θ if one
/// was removed. The replay needs to be followed only to its first spike n: a neuron has no memory
/// beyond a reset, so what follows is known, R(n). With e the filtered error, R(k) the sum of e over
/// the spikes after a reset at k and O(k) the same over the real spikes,
///
///     S(k) = e[n] + R(n), or 0 where the replay never fires
///     R(k) = O(k) if the neuron really fired at k, else S(k)
///     ΔL_k = (1−d)·(±e[k] + S(k) − O(k))      + for a spike made, − for one removed
///
/// For k with a real spike the recursion needs no second replay: after it the neuron *is* freshly
/// reset, so R(k) = O(k). Exact, not an approximation; `NeuronReference` replays in full.
///
/// Short time series are replayed step by step. On longer ones each replay's first spike is searched
/// without replaying, see ``search(_:)``; both find the same spikes, to the last bit, and so does
/// ``repeatPeriod(_:)`` where the current is the same at every step.
struct LossDifferences {
  let membraneDecay: Float
  let synapticDecay: Float
  let threshold: Float
  let step: NeuronStep<Lanes>
  /// Filters the error once more, as the authors' program does.
  let filtersTwice: Bool
  /// The current is the same at every step, and there are so many that its period is faster than the replays.
  let isStill: Bool

  init(layer: NeuronLayer, filtersTwice: Bool) {
    membraneDecay = layer.membraneDecay
    synapticDecay = layer.synapticDecay
    threshold = layer.threshold
    step = layer.step()
    self.filtersTwice = filtersTwice
    isStill = layer.stillInputDecay == 0 && layer.timeSteps >= Self.searchedFrom
  }

  /// From how many time steps on the search is faster than the replays.
  static let searchedFrom = 12
  /// Steps of a window that the search passes over at once where no replay fires: a power of 2.
  static let window = 8

  func prepare(_ rows: BlockRows) {
    if isStill {
      // What spikes behind the last step bring; it reaches into the fourth row.
      for t in rows.timeSteps..<2 * rows.timeSteps { rows.third[t] = Lanes() }
      return
    }
    // m^n; where it underflows nearly it is 0, which spares the slow arithmetic of subnormal numbers.
    var power = 1.0
    for n in 0..<(rows.timeSteps + NeuronRows.padding) {
      rows.powers[n] = power < 1e-30 ? 0 : Float(power)
      power *= Double(membraneDecay)
    }
    for t in rows.timeSteps..<(rows.timeSteps + NeuronRows.padding) {
      rows.second[t] = Lanes(repeating: -.infinity)
    }
  }

  /// Filters the error once more, if it is to be.
  func prepareErrors(_ block: BlockRows) {
    guard filtersTwice else { return }
    block.filterErrors(decay: Lanes(repeating: synapticDecay))
  }

  /// Writes ΔL into the row of δ and the membrane u, before its reset, into the first free row.
  func run(_ block: BlockRows) {
    if isStill {
      repeatPeriod(block)
    } else if block.timeSteps < Self.searchedFrom {
      replay(block)
    } else {
      search(block)
    }
  }

  private func replay(_ block: BlockRows) {
    let theta = Lanes(repeating: threshold)
    block.writeMembrane(block.first, step)
    var real = Lanes()  // O(k)
    var k = block.timeSteps
    while k > 0 {
      k &-= 1
      let fired = block.first[k] .> theta
      let sum = replay(block, after: k, from: Lanes().select(theta, where: fired))
      real = settle(block, k, fired, sum, real)
    }
  }

  /// Finds each replay's first spike without replaying.
  ///
  /// Let V(t) = m·V(t−1) + c[t] be the membrane that is never reset. A replay that is at x after
  /// step k stands at V(j) − m^(j−k)·(V(k) − x) later, until it fires. So the first spike is at the
  /// first j whose V(j) − θ exceeds m^(j−k)·(V(k) − x): one product and one comparison a step, none
  /// of which waits for the step before. Within a window that starts at w, the largest of
  /// (V(j) − θ)·m^(w−j) tells the same of all its steps. Where the difference is within the rounding
  /// of V the replay itself decides, so that the result does not depend on how it was found.
  private func search(_ block: BlockRows) {
    let steps = block.timeSteps
    let theta = Lanes(repeating: threshold)
    let zero = Lanes()
    let infinity = Lanes(repeating: .infinity)
    let membrane = block.first
    let free = block.second  // V(t); behind k, where it has been used, V(t) − θ + slack
    let windows = block.fourth

    var v = zero
    var unbounded = zero
    var largest = theta
    for t in 0..<steps {
      let c = block.currents[t]
      membrane[t] = step.advance(&v, by: c).membrane
      unbounded = step.integrate(unbounded, c)
      free[t] = unbounded
      let magnitude = unbounded.magnitudes
      largest = largest.select(magnitude, where: magnitude .> largest)
    }

    // Rounding puts V, the replay and what is derived from them wrong by up to about
    // 9·2⁻²⁴·τ_m·(max |V| + θ). A slack that is too large costs only time.
    let slack = Lanes(repeating: 0x1p-19 / (1 - membraneDecay)) * largest
    let unsure = slack + slack
    let offset = slack - theta
    let perStep = Lanes(repeating: 1 / membraneDecay)
    let reserve = Lanes(repeating: 1e-3) * theta  // for the rounding of `reach`
    // max over j > k of (V(j) − θ)·m^(k−j): a replay from x fires iff this exceeds V(k) − x.
    var reach = -infinity
    var largestOfWindow = -infinity
    var real = zero  // O(k)
    var k = steps
    while k > 0 {
      k &-= 1
      let fired = membrane[k] .> theta
      // The replay starts from 0 where a spike is made and from θ where one is removed.
      let start = zero.select(theta, where: fired)
      var lag = free[k] - start  // V(k) − x; infinite once the replay is to be followed no further
      lag = lag.select(infinity, where: reach .<= lag)
      var sum = zero
      var margin = infinity  // by how much, with the slack, the first spike exceeds the threshold
      var j = k &+ 1
      while j < steps && (lag .< infinity).isAnyTrue {
        let powers = block.powers + (j &- k)
        // Both of the window and of its first step: computed in two places, the compiler takes it
        // apart and puts it together again.
        let bound = Lanes(repeating: powers[0]) * lag
        if j & (Self.window &- 1) == 0, !(windows[j / Self.window] .> bound).isAnyTrue {
          j &+= Self.window
          continue
        }
        let excess = free + j
        let brought = block.third + j
        let first = excess[0] - bound
        let second = excess[1] - Lanes(repeating: powers[1]) * lag
        let third = excess[2] - Lanes(repeating: powers[2]) * lag
        // From the last of four steps to the first, so that an earlier spike replaces a later one.
        var ahead = excess[3] - Lanes(repeating: powers[3]) * lag
        var brings = brought[3]
        brings = brings.select(brought[2], where: third .> zero)
        ahead = ahead.select(third, where: third .> zero)
        brings = brings.select(brought[1], where: second .> zero)
        ahead = ahead.select(second, where: second .> zero)
        brings = brings.select(brought[0], where: first .> zero)
        ahead = ahead.select(first, where: first .> zero)
        let fires = ahead .> zero
        sum = sum.select(brings, where: fires)
        margin = margin.select(ahead, where: fires)
        lag = lag.select(infinity, where: fires)
        // To the next multiple of four: a step that is looked at twice says the same twice.
        j = j & ~3 &+ 4
      }
      if (margin .<= unsure).isAnyTrue { sum = replay(block, after: k, from: start) }
      real = settle(block, k, fired, sum, real)
      let here = free[k] + offset
      free[k] = here
      let next = here + reserve
      reach = perStep * next.select(reach, where: reach .> next)
      let later = perStep * largestOfWindow
      let isLast = k & (Self.window &- 1) == Self.window &- 1
      largestOfWindow = isLast ? here : here.select(later, where: later .> here)
      if k & (Self.window &- 1) == 0 { windows[k / Self.window] = largestOfWindow }
    }
  }

  /// S(k): replays from `start` after step k, and returns what the first spike brings.
  @inline(always)
  private func replay(_ block: BlockRows, after k: Int, from start: Lanes) -> Lanes {
    let theta = step.threshold
    let never = Lanes(repeating: -.infinity)
    var x = start
    var sum = Lanes()
    var j = k &+ 1
    while j < block.timeSteps {
      x = step.integrate(x, block.currents[j])
      let first = x .> theta
      sum = sum.select(block.third[j], where: first)
      x = x.select(never, where: first)  // followed no further
      j &+= 1
    }
    return sum
  }

  /// Writes ΔL_k, and into the third row e[k] + R(k), all that a first spike at k brings.
  ///
  /// - Returns: O(k − 1)
  @inline(always)
  private func settle(
    _ block: BlockRows, _ k: Int, _ fired: LaneMask, _ sum: Lanes, _ real: Lanes
  ) -> Lanes {
    let e = block.errors[k]
    let own = e.select(-e, where: fired)
    block.deltas[k] = Lanes(repeating: 1 - synapticDecay) * (own + sum - real)
    block.third[k] = e + sum.select(real, where: fired)
    return real + Lanes().select(e, where: fired)
  }
}
