extension FloatSlice {
  /// self += other
  package func add(_ other: FloatSlice) {
    precondition(other.count == count, "\(other.count) floats onto \(count)")
    VectorLevel.kernels.add(other.pointer, to: pointer, count: count)
  }

  /// self = (1 − share)·self + share·other
  package func mix(_ other: FloatSlice, share: Float) {
    precondition(other.count == count, "\(other.count) floats into \(count)")
    VectorLevel.kernels.mix(other.pointer, share: share, into: pointer, count: count)
  }

  /// self *= factors
  package func multiply(by factors: FloatSlice) {
    precondition(factors.count == count, "\(factors.count) factors for \(count) floats")
    VectorLevel.kernels.multiply(pointer, by: factors.pointer, count: count)
  }

  /// Σ x², in double precision, in order.
  package var squaredNorm: Double {
    let x = pointer
    var sum = 0.0
    for i in 0..<count { sum += Double(x[i]) * Double(x[i]) }
    return sum
  }

  /// No value is infinite or no number.
  package var isFinite: Bool {
    VectorLevel.kernels.isFinite(pointer, count: count)
  }

  /// a[t] = d·a[t−1] + (1 − d)·x[t] in place, over `timeSteps` equal planes.
  package func filterSynaptically(decay: Float, timeSteps: Int) {
    precondition(
      timeSteps > 0 && count % timeSteps == 0, "\(count) floats are not \(timeSteps) planes")
    VectorLevel.kernels.filterSynaptically(
      pointer, decay: decay, timeSteps: timeSteps, plane: count / timeSteps)
  }
}

/// eˣ for x ≤ 0 as the kernels compute it, for the tests.
package func exponentialOfNonPositive(_ x: SIMD16<Float>) -> SIMD16<Float> {
  var x = x
  VectorLevel.kernels.exponentialOfNonPositive(&x)
  return x
}

/// A dropout mask: 0 with probability p, 1/(1−p) otherwise, the n-th value that of neuron n in the
/// order C, H, W, whatever the layout.
package func writeDropoutMask(
  _ mask: FloatSlice, probability: Float, channels: Int, height: Int, width: Int,
  channelStride: Int, stream: RandomStream
) {
  precondition(
    mask.count == height * width * channelStride,
    "a mask of \(mask.count) floats for \(height)×\(width)×\(channelStride)")
  var stream = stream
  let keep = 1 / (1 - probability)
  for c in 0..<channels {
    for pixel in 0..<height * width {
      mask.pointer[pixel * channelStride + c] = stream.uniform() < probability ? 0 : keep
    }
  }
}
