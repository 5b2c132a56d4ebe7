/// Small sums over channels, for normalizations.
package enum NormalizationArithmetic {
  /// The factors of c and the constant in a normalization's way back,
  /// b = −factor·inverse·weighted·share, c = −factor·plain·share − b·mean.
  package static func wayBack(
    factor: FloatSlice, inverse: FloatSlice, mean: FloatSlice, plain: FloatSlice,
    weighted: FloatSlice, share: Float, b: FloatSlice, c: FloatSlice
  ) {
    let count = factor.count
    precondition(
      [inverse, mean, plain, weighted, b, c].allSatisfy { $0.count == count }, "other channels")
    for i in 0..<count {
      let slope = -factor.pointer[i] * inverse.pointer[i] * weighted.pointer[i] * share
      b.pointer[i] = slope
      c.pointer[i] = -factor.pointer[i] * plain.pointer[i] * share - slope * mean.pointer[i]
    }
  }
}

extension FloatSlice {
  /// self = factor·other
  package func copy(from other: FloatSlice, times factor: Float) {
    precondition(other.count == count, "\(other.count) floats for \(count)")
    for i in 0..<count { pointer[i] = factor * other.pointer[i] }
  }

  /// self = factor·other, or self += where `adding`
  package func set(_ other: FloatSlice, times factor: Float, adding: Bool) {
    precondition(other.count == count, "\(other.count) floats for \(count)")
    for i in 0..<count {
      pointer[i] = (adding ? pointer[i] : 0) + factor * other.pointer[i]
    }
  }

  /// self = 1/√(values + epsilon)
  package func setInverseRoots(of values: FloatSlice, plus epsilon: Float) {
    precondition(values.count == count, "\(values.count) floats for \(count)")
    for i in 0..<count { pointer[i] = 1 / (values.pointer[i] + epsilon).squareRoot() }
  }

  /// self = first·second·factor
  package func set(_ first: FloatSlice, times second: FloatSlice, by factor: Float) {
    precondition(first.count == count && second.count == count, "other counts than \(count)")
    for i in 0..<count { pointer[i] = first.pointer[i] * second.pointer[i] * factor }
  }

  /// self = first − second·third
  package func set(_ first: FloatSlice, minus second: FloatSlice, times third: FloatSlice) {
    precondition(
      first.count == count && second.count == count && third.count == count,
      "other counts than \(count)")
    for i in 0..<count {
      pointer[i] = first.pointer[i] - second.pointer[i] * third.pointer[i]
    }
  }
}
