/// Weights of few bits: whole multiples of a scale, which several weights share.
///
///     n = round(f·w / q) in −N … N,   q = max |f·w| / N,   N = 2ᵇ⁻¹ − 1
///     w̃ = n·q / f
///
/// round(x) is to nearest, of halves to the one farther from zero. f is the factor that a normalization behind
/// the weights multiplies them by, 1 without one: f·w is the weight of the integer network, w̃ the one to take
/// in its place before the normalization.
package struct WeightRounding: Sendable, Equatable {
  /// N
  package let limit: Float

  /// - Parameter bits: b, in 2 … 8.
  package init(bits: Int) {
    precondition((2...8).contains(bits), "weights of \(bits) bits")
    limit = Float(1 << (bits - 1) - 1)
  }

  /// f·w
  @inline(__always)
  package static func folded(_ weight: Float, factor: Double) -> Float {
    Float(Double(weight) * factor)
  }

  /// q of weights whose largest magnitude is given; weights of zero have any scale.
  @inline(__always)
  package func scale(largest: Float) -> Float {
    let scale = largest / limit
    return scale > 0 ? scale : 1
  }

  /// n of a folded weight.
  @inline(__always)
  package func integer(_ folded: Float, scale: Float) -> Float {
    let ratio = folded / scale
    // A number next to 1.5·2²³ has no fraction: what is added to it is rounded, of halves to the even one.
    let even = (ratio + 12_582_912) - 12_582_912
    let rest = ratio - even
    let away: Float =
      ratio > 0 && rest == 0.5 ? even + 1 : ratio < 0 && rest == -0.5 ? even - 1 : even
    return max(-limit, min(limit, away))
  }

  /// w̃ of n; `weight` where f is 0, as nothing of it counts.
  @inline(__always)
  package static func value(
    _ integer: Float, scale: Float, factor: Double, weight: Float
  ) -> Float {
    factor == 0 ? weight : Float(Double(integer) * (Double(scale) / factor))
  }
}

extension FloatSlice {
  /// max |f·w|
  package func largestMagnitude(factor: Double) -> Float {
    let source = pointer
    var largest: Float = 0
    for index in 0..<count {
      let magnitude = WeightRounding.folded(source[index], factor: factor).magnitude
      largest = magnitude > largest ? magnitude : largest
    }
    return largest
  }

  /// Writes w̃ of weights that share the scale `scale`.
  package func round(
    _ rounding: WeightRounding, scale: Float, factor: Double, into target: FloatSlice
  ) {
    precondition(target.count == count, "\(count) weights into a slice of \(target.count)")
    let (source, target) = (pointer, target.pointer)
    for index in 0..<count {
      let weight = source[index]
      let integer = rounding.integer(
        WeightRounding.folded(weight, factor: factor), scale: scale)
      target[index] = WeightRounding.value(
        integer, scale: scale, factor: factor, weight: weight)
    }
  }
}
