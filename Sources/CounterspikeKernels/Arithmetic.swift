/// Plain loops over floats, which the compiler turns into vector code.
extension FloatSlice {
  /// self += other
  package func add(_ other: FloatSlice) {
    precondition(other.count == count, "\(other.count) floats onto \(count)")
    let to = pointer
    let from = other.pointer
    for i in 0..<count { to[i] += from[i] }
  }

  /// self = (1 − share)·self + share·other
  package func mix(_ other: FloatSlice, share: Float) {
    precondition(other.count == count, "\(other.count) floats into \(count)")
    let to = pointer
    let from = other.pointer
    for i in 0..<count { to[i] = (1 - share) * to[i] + share * from[i] }
  }

  /// self *= factors
  package func multiply(by factors: FloatSlice) {
    precondition(factors.count == count, "\(factors.count) factors for \(count) floats")
    let to = pointer
    let from = factors.pointer
    for i in 0..<count { to[i] *= from[i] }
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
    let x = pointer
    var largest: UInt32 = 0
    for i in 0..<count { largest = max(largest, x[i].bitPattern & 0x7FFF_FFFF) }
    return largest < 0x7F80_0000
  }

  /// a[t] = d·a[t−1] + (1 − d)·x[t] in place, over `timeSteps` equal planes.
  package func filterSynaptically(decay: Float, timeSteps: Int) {
    precondition(
      timeSteps > 0 && count % timeSteps == 0, "\(count) floats are not \(timeSteps) planes")
    let plane = count / timeSteps
    let gain = 1 - decay
    let x = pointer
    for i in 0..<plane { x[i] *= gain }
    for t in 1..<max(timeSteps, 1) {
      let now = x + t * plane
      let before = now - plane
      for i in 0..<plane { now[i] = decay * before[i] + gain * now[i] }
    }
  }
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
