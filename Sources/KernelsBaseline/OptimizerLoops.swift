extension Kernels {
  /// ``OptimizerStep/adamW(_:weights:gradient:first:second:gradientScale:bound:)``
  static func adamW(
    _ step: OptimizerStep.AdamW, weights w: FloatPointer,
    gradient g: FloatPointer, first m: FloatPointer,
    second v: FloatPointer, gradientScale: Float, bound: Float, count: Int
  ) {
    let keep = 1 - step.rate * step.weightDecay
    let size = step.rate / step.correction1
    let root = 1 / step.correction2.squareRoot()
    for i in 0..<count {
      let gradient = g[i] * gradientScale
      let mean = step.beta1 * m[i] + (1 - step.beta1) * gradient
      let square = step.beta2 * v[i] + (1 - step.beta2) * gradient * gradient
      m[i] = mean
      v[i] = square
      let next = w[i] * keep - size * mean / (square.squareRoot() * root + step.epsilon)
      w[i] = next > bound ? bound : (next < -bound ? -bound : next)
    }
  }

  /// ``OptimizerStep/sgd(_:weights:gradient:velocity:gradientScale:bound:)``
  static func sgd(
    _ step: OptimizerStep.SGD, weights w: FloatPointer,
    gradient g: FloatPointer, velocity v: FloatPointer,
    gradientScale: Float, bound: Float, count: Int
  ) {
    for i in 0..<count {
      let speed = step.momentum * v[i] + g[i] * gradientScale + step.weightDecay * w[i]
      v[i] = speed
      let next = w[i] - step.rate * speed
      w[i] = next > bound ? bound : (next < -bound ? -bound : next)
    }
  }
}
