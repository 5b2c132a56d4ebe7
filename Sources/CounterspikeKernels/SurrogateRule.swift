/// The surrogate rule: backpropagation through time with a surrogate derivative of the spike.
///
///     δ[t] = E[t]·f(u[t] − θ) + m·(1 − s[t])·δ[t+1],   E[t] = (1−d)·e[t]
///
/// and with `resetGradient` also −m·u[t]·f(u[t] − θ)·δ[t+1], the path through the reset.
package struct SurrogateRule: Sendable, Equatable {
  package enum Shape: Sendable, Equatable {
    /// f(x) = σ(x/w)·(1 − σ(x/w))/w
    case sigmoid
    /// f(x) = 1/w where |x| < w/2, else 0
    case rectangle
    /// f(x) = max(0, 1 − |x|/w)/w
    case triangle
    /// f(x) = 1/(2w·(1 + |x|/w)²)
    case fastSigmoid
    /// f(x) = 1/(πw·(1 + (x/w)²))
    case arctangent
  }

  package var shape: Shape
  package var width: Float
  package var resetGradient: Bool

  package init(shape: Shape, width: Float, resetGradient: Bool) {
    self.shape = shape
    self.width = width
    self.resetGradient = resetGradient
  }
}
