/// TSSL-BP: the derivative of a spike's psc by its firing time, with a surrogate for neurons that
/// are nearly silent.
///
/// With v[t−1] = u[t−1]·(1 − s[t−1]), Δu[t] = u[t] − v[t−1] and
/// p[t] = clamp(−1/Δu[t], −8, 0)·s[t], from the last step down, A starting at 0:
///
///     q = −p·E[t] − A·u[t]·p/τ_m + A·m·(1 − s[t])      (at the last step only −p·E[t])
///     A ← q·s[t] + A·m·(1 − s[t])
///     δ[t] = q, but E[t]·f(u[t] − θ) where a[t] < 1/(4τ_s)
///
/// f is the sigmoid's derivative of width 0.2, its argument clamped to ±8.
///
/// - Note: Zhang, Li, "Temporal spike sequence learning via backpropagation for deep spiking neural
///   networks" (NeurIPS 2020), as in the authors' program.
struct TSSLBPBlock: BlockRule {
  let step: NeuronStep<Lanes>
  /// 1/τ_m
  let leak: Lanes
  /// 1/(4τ_s)
  let quiet: Lanes

  init(step: NeuronStep<Lanes>) {
    self.step = step
    leak = Lanes(repeating: 1) - step.membraneDecay
    quiet = step.gain / Lanes(repeating: 4)
  }

  func run(_ block: BlockRows) {
    writeTrain(block)
    var carried = Lanes()
    var t = block.timeSteps
    while t > 0 {
      t &-= 1
      settle(block, t, &carried)
    }
  }

  /// Writes u into the first free row, a into the second and Δu into the third.
  func writeTrain(_ block: BlockRows) {
    var v = Lanes()
    var a = Lanes()
    for t in 0..<block.timeSteps {
      let before = v
      let (u, fired) = step.advance(&v, by: block.currents[t])
      block.first[t] = u
      block.third[t] = u - before
      a = step.psc(a, fired)
      block.second[t] = a
    }
  }

  /// Writes δ[t].
  ///
  /// - Parameter carried: A, which comes from step t + 1 and goes on to t − 1.
  @inline(__always)
  func settle(_ block: BlockRows, _ t: Int, _ carried: inout Lanes) {
    let u = block.first[t]
    (block.deltas[t], carried) = step(
      error: step.gain * block.errors[t], carried: carried, membrane: u, rise: block.third[t],
      psc: block.second[t], fired: u .> step.threshold)
  }

  /// One step of the way back.
  ///
  /// - Parameters:
  ///   - error: E[t].
  ///   - carried: A of the step behind.
  /// - Returns: δ[t], and A of this step.
  @inline(__always)
  func step(
    error: Lanes, carried: Lanes, membrane u: Lanes, rise: Lanes, psc: Lanes, fired: LaneMask
  ) -> (delta: Lanes, carried: Lanes) {
    var p = Lanes(repeating: -1) / rise
    p = p.select(Lanes(repeating: -8), where: p .< Lanes(repeating: -8))
    p = p.select(Lanes(), where: p .> Lanes())
    p = Lanes().select(p, where: fired)
    let through = (carried * step.membraneDecay).select(Lanes(), where: fired)
    let q = -p * error - carried * u * p * leak + through
    let surrogate = error * sigmoidDerivative(u - step.threshold)
    return (q.select(surrogate, where: psc .< quiet), through.select(q, where: fired))
  }

  @inline(always)
  private func sigmoidDerivative(_ x: Lanes) -> Lanes {
    var z = x.magnitudes * Lanes(repeating: 5)
    z = z.select(Lanes(repeating: 8), where: z .> Lanes(repeating: 8))
    let q = (-z).exponentialOfNonPositive
    let half = q + Lanes(repeating: 1)
    return q / (half * half) * Lanes(repeating: 5)
  }
}
