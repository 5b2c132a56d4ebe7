/// What the loss of a block of neurons would change by, had they (not) fired, by replaying them: for
/// neurons of which a spike leaves something behind.
///
/// Neighbor k stands at the threshold θ[k] at step k with its spike there inverted, and is replayed from
/// there on the same currents; its thresholds are those of its own train. With e the filtered error and
/// Δs_k the change of the train,
///
///     ΔL_k = (1−d)·Σ_j Δs_k[j]·e[j]
///
/// A replay ends where what is left of the flip can move no spike any more. With the differences Δv and
/// Δb that a step leaves, u − θ differs n steps later by at most rⁿ⁻¹·(m·|Δv| + β·|Δb|), r = max(m, ρ), as
/// long as the spikes are the real ones; so the replay has ended once this is below the least
/// |u[j] − θ[j]|/rⁿ⁻¹ of all later steps, less what rounding may have moved. Nothing is approximated.
///
/// - Complexity: O(T²) at worst, O(T·L) where the differences are gone after L steps.
struct ReplayDifferences {
  /// Writes the membrane u, before its reset, into the first free row and b[t−1] into the second.
  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    writeTrain(block, step)
    writeMargins(block, step)
  }

  /// ΔL_k
  @inline(__always)
  func difference(_ block: BlockRows, _ k: Int, _ step: DynamicStep<Lanes>) -> Lanes {
    let (membrane, adaptation) = (block.first, block.second)
    let (margins, rest) = (block.third, block.fourth)
    let theta = step.threshold(adaptation[k])
    let fired = membrane[k] .> theta
    var state = DynamicStep<Lanes>.State()
    state.v = step.reset(theta).select(theta, where: fired)
    state.b = step.adapted(adaptation[k], .!fired)
    let e = block.errors[k]
    var sum = e.select(-e, where: fired)
    var j = k
    while isAlive(state, j, block, step, margins, rest) {
      j &+= 1
      let replayed = step.advance(&state, by: block.currents[j]).fired
      let real = membrane[j] .> step.threshold(adaptation[j])
      let e = block.errors[j]
      sum += e.kept(where: replayed) - e.kept(where: real)
    }
    return step.gain * sum
  }

  /// The real train: u[t], b[t−1] and v[t].
  @inline(always)
  private func writeTrain(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    var state = DynamicStep<Lanes>.State()
    for t in 0..<block.timeSteps {
      block.second[t] = state.b
      block.first[t] = step.advance(&state, by: block.currents[t]).membrane
      block.fourth[t] = state.v
    }
    block.second[block.timeSteps] = state.b
  }

  /// What a replay's difference must stay below behind each step to move no later spike.
  @inline(always)
  private func writeMargins(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    let steps = block.timeSteps
    let one = Lanes(repeating: 1)
    let rate = step.membraneDecay.select(
      step.adaptationDecay, where: step.adaptationDecay .> step.membraneDecay)
    var largest = step.threshold + step.strength
    for t in 0..<steps {
      let magnitude = block.first[t].magnitudes
      largest = largest.select(magnitude, where: magnitude .> largest)
    }
    // Rounding puts a membrane wrong by up to about 2⁻²²·τ·(max |u| + θ[t]), and twice that a
    // difference; a slack that is too large costs only time.
    let slack = Lanes(repeating: 0x1p-19) / (one - rate) * largest
    let shrunk = Lanes(repeating: 0.999)
    var margin = Lanes(repeating: .infinity)
    var t = steps
    while t > 0 {
      t &-= 1
      block.third[t] = shrunk * margin - slack
      let distance = (block.first[t] - step.threshold(block.second[t])).magnitudes
      let later = margin / rate
      margin = later.select(distance, where: distance .< later)
    }
  }

  /// Whether any replay that stands at `state` behind step j could fire otherwise than the real train.
  @inline(always)
  private func isAlive(
    _ state: DynamicStep<Lanes>.State, _ j: Int, _ block: BlockRows, _ step: DynamicStep<Lanes>,
    _ margins: UnsafeMutablePointer<Lanes>, _ rest: UnsafeMutablePointer<Lanes>
  ) -> Bool {
    guard j &+ 1 < block.timeSteps else { return false }
    let lag =
      step.membraneDecay * (state.v - rest[j]).magnitudes
      + step.strength * (state.b - block.second[j &+ 1]).magnitudes
    // Where the membrane is no number any more, the replay goes on to the end.
    return (.!(lag .< margins[j])).isAnyTrue
  }
}

/// δ[k] = ΔL_k·w(θ[k] − u[k]) by ``ReplayDifferences``.
struct ReplayBlock<Weight: DistanceWeight>: StepwiseRule {
  let differences = ReplayDifferences()
  let weight: Weight
  /// m before it is rounded to a float; `nil` where each channel has its own.
  let exactMembraneDecay: Double?

  func begin(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    differences.begin(block, step)
    if weight.isSteep { measureDistances(block, step) }
  }

  @inline(__always)
  func settle(_ block: BlockRows, _ t: Int, _ step: DynamicStep<Lanes>) {
    let u = block.first[t]
    let theta = step.threshold(block.second[t])
    let r = weight.isSteep ? block.fifth[t] : theta - u
    block.deltas[t] = differences.difference(block, t, step) * weight.value(r, fired: u .> theta)
  }

  /// r[t] = θ[t] − u[t] from a membrane in double precision, with the spikes of the one in single.
  private func measureDistances(_ block: BlockRows, _ step: DynamicStep<Lanes>) {
    for lane in 0..<Lanes.scalarCount {
      let m = exactMembraneDecay ?? Double(step.membraneDecay[lane])
      let (kept, dropped) = (Double(step.kept[lane]), Double(step.dropped[lane]))
      let base = Double(step.threshold[lane])
      let (beta, rho) = (Double(step.strength[lane]), Double(step.adaptationDecay[lane]))
      var (v, b) = (0.0, 0.0)
      for t in 0..<block.timeSteps {
        let u = m * v + Double(block.currents[t][lane])
        let theta = base + beta * b
        let fired =
          block.first[t][lane] > step.threshold[lane] + step.strength[lane] * block.second[t][lane]
        let r = abs(Float(theta - u))
        block.fifth[t][lane] = fired ? -r : r
        v = fired ? kept * u - dropped : u
        b = rho * b + (fired ? 1 - rho : 0)
      }
    }
  }
}
