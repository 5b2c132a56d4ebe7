/// SLAYER: the error through an exponential around the threshold, and through all earlier steps as
/// if there were no reset.
///
///     f(x) = α·exp(−β·|x|)
///     δ[t] = E[t]·f(u[t] − θ) + m·δ[t+1],   E[t] = (1−d)·e[t]
///
/// - Note: Shrestha, Orchard, "SLAYER: spike layer error reassignment in time" (NeurIPS 2018). There
///   the reset is a refractory response whose derivative is left out; here it is the reset of u.
package struct SLAYERRule: Sendable, Equatable {
  package var alpha: Float
  package var beta: Float

  package init(alpha: Float, beta: Float) {
    self.alpha = alpha
    self.beta = beta
  }
}
