/// One optimizer step on a range of parameters. Elementwise, so that any cut into ranges gives the
/// same bytes.
package enum OptimizerStep {
  /// AdamW's numbers for one step.
  package struct AdamW: Sendable {
    package var rate: Float
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float
    package var weightDecay: Float
    /// 1 − β₁ⁿ and 1 − β₂ⁿ at step n, counted from 1.
    package var correction1: Float
    package var correction2: Float

    package init(
      rate: Float, beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, step: Int
    ) {
      self.rate = rate
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      correction1 = Float(1 - exponential(Double(step) * naturalLogarithm(Double(beta1))))
      correction2 = Float(1 - exponential(Double(step) * naturalLogarithm(Double(beta2))))
    }
  }

  /// SGD's numbers for one step.
  package struct SGD: Sendable {
    package var rate: Float
    package var momentum: Float
    package var weightDecay: Float

    package init(rate: Float, momentum: Float, weightDecay: Float) {
      self.rate = rate
      self.momentum = momentum
      self.weightDecay = weightDecay
    }
  }

  /// w ← w·(1 − ηλ) − η·m̂/(√v̂ + ε), in ±`bound`.
  ///
  /// - Parameters:
  ///   - gradientScale: what the gradient is multiplied by first (clipping).
  ///   - bound: ∞ where the weights are free.
  /// - Note: Loshchilov, Hutter, "Decoupled weight decay regularization" (ICLR 2019), Algorithm 2.
  package static func adamW(
    _ step: AdamW, weights: FloatSlice, gradient: FloatSlice, first: FloatSlice,
    second: FloatSlice, gradientScale: Float, bound: Float
  ) {
    let count = weights.count
    precondition(
      gradient.count == count && first.count == count && second.count == count,
      "gradient and moments of another size than \(count) weights")
    VectorLevel.kernels.adamW(
      step, weights: weights.pointer, gradient: gradient.pointer, first: first.pointer,
      second: second.pointer, gradientScale: gradientScale, bound: bound, count: count)
  }

  /// v ← μ·v + g + λ·w, w ← w − η·v, in ±`bound`.
  package static func sgd(
    _ step: SGD, weights: FloatSlice, gradient: FloatSlice, velocity: FloatSlice,
    gradientScale: Float, bound: Float
  ) {
    let count = weights.count
    precondition(
      gradient.count == count && velocity.count == count,
      "gradient and velocity of another size than \(count) weights")
    VectorLevel.kernels.sgd(
      step, weights: weights.pointer, gradient: gradient.pointer, velocity: velocity.pointer,
      gradientScale: gradientScale, bound: bound, count: count)
  }
}
