/// Plain loops over floats, which the compiler turns into vector code.
extension Kernels {
  /// to += from
  static func add(
    _ from: FloatPointer, to: FloatPointer, count: Int
  ) {
    for i in 0..<count { to[i] += from[i] }
  }

  /// to = (1 − share)·to + share·from
  static func mix(
    _ from: FloatPointer, share: Float, into to: FloatPointer,
    count: Int
  ) {
    for i in 0..<count { to[i] = (1 - share) * to[i] + share * from[i] }
  }

  /// x *= factors
  static func multiply(
    _ x: FloatPointer, by factors: FloatPointer, count: Int
  ) {
    for i in 0..<count { x[i] *= factors[i] }
  }

  /// x *= factor
  static func multiply(_ x: FloatPointer, by factor: Float, count: Int) {
    for i in 0..<count { x[i] *= factor }
  }

  /// to = factor·from
  static func multiply(
    _ from: FloatPointer, by factor: Float, into to: FloatPointer,
    count: Int
  ) {
    for i in 0..<count { to[i] = factor * from[i] }
  }

  /// to += factor·from
  static func add(
    _ from: FloatPointer, times factor: Float, to: FloatPointer,
    count: Int
  ) {
    for i in 0..<count { to[i] += factor * from[i] }
  }

  /// No value is infinite or no number.
  static func isFinite(_ x: FloatPointer, count: Int) -> Bool {
    var largest: UInt32 = 0
    for i in 0..<count {
      let magnitude = x[i].bitPattern & 0x7FFF_FFFF
      largest = magnitude > largest ? magnitude : largest
    }
    return largest < 0x7F80_0000
  }

  /// a[t] = d·a[t−1] + (1 − d)·x[t] in place.
  static func filterSynaptically(
    _ x: FloatPointer, decay: Float, timeSteps: Int, plane: Int
  ) {
    let gain = 1 - decay
    for i in 0..<plane { x[i] *= gain }
    var t = 1
    while t < timeSteps {
      let now = x + t &* plane
      let before = now - plane
      for i in 0..<plane { now[i] = decay * before[i] + gain * now[i] }
      t &+= 1
    }
  }
}
