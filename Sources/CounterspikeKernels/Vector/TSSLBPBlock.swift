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
    let steps = block.timeSteps
    let one = Lanes(repeating: 1)
    let m = step.membraneDecay
    let theta = step.threshold
    let membrane = block.first
    let psc = block.second
    let rise = block.third  // Δu
    var v = Lanes()
    var a = Lanes()
    for t in 0..<steps {
      let before = v
      let (u, fired) = step.advance(&v, by: block.currents[t])
      membrane[t] = u
      rise[t] = u - before
      a = step.psc(a, fired)
      psc[t] = a
    }
    var carried = Lanes()
    var t = steps
    while t > 0 {
      t &-= 1
      let u = membrane[t]
      let fired = u .> theta
      let error = step.gain * block.errors[t]
      var p = -one / rise[t]
      p = p.select(Lanes(repeating: -8), where: p .< Lanes(repeating: -8))
      p = p.select(Lanes(), where: p .> Lanes())
      p = Lanes().select(p, where: fired)
      let through = (carried * m).select(Lanes(), where: fired)
      let q = -p * error - carried * u * p * leak + through
      carried = through.select(q, where: fired)
      let surrogate = error * sigmoidDerivative(u - theta)
      block.deltas[t] = q.select(surrogate, where: psc[t] .< quiet)
    }
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
