/// Yes or no for each of the ``Lanes``.
typealias LaneMask = SIMDMask<SIMD16<Int32>>

extension SIMDMask where Storage == SIMD16<Int32> {
  /// −1 where true, 0 where false.
  @inline(__always)
  var integers: SIMD16<Int32> { unsafeBitCast(self, to: SIMD16<Int32>.self) }

  /// Whether any lane is true.
  @inline(__always)
  var isAnyTrue: Bool {
    let words = unsafeBitCast(self, to: SIMD8<UInt64>.self)
    let halves = words.lowHalf | words.highHalf
    let quarters = halves.lowHalf | halves.highHalf
    return quarters[0] | quarters[1] != 0
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  /// The octets at two places.
  @inline(__always)
  func lanes(_ first: Int, _ second: Int) -> Lanes {
    Lanes(
      lowHalf: UnsafeRawPointer(self + first).loadUnaligned(as: SIMD8<Float>.self),
      highHalf: UnsafeRawPointer(self + second).loadUnaligned(as: SIMD8<Float>.self))
  }

  @inline(__always)
  func store(_ lanes: Lanes, _ first: Int, _ second: Int) {
    let (low, high) = lanes.octets
    UnsafeMutableRawPointer(self + first).storeBytes(of: low, as: SIMD8<Float>.self)
    UnsafeMutableRawPointer(self + second).storeBytes(of: high, as: SIMD8<Float>.self)
  }
}

extension SIMD16<Float> {
  /// The lanes' two octets. `lowHalf` and `highHalf` may stay functions, which modules of different levels
  /// would share.
  @inline(__always)
  var octets: (low: SIMD8<Float>, high: SIMD8<Float>) {
    unsafeBitCast(self, to: (SIMD8<Float>, SIMD8<Float>).self)
  }

  /// These lanes, but `other` where `mask` is true.
  ///
  /// `clamped` and the stdlib's minimum and maximum are slow generic calls here; a select is not.
  @inline(__always)
  func select(_ other: Self, where mask: LaneMask) -> Self {
    replacing(with: other, where: mask)
  }

  @inline(__always)
  func limited(to bound: Float) -> Self {
    let upper = Self(repeating: bound)
    let cut = select(upper, where: self .> upper)
    return cut.select(-upper, where: cut .< -upper)
  }

  /// |x|
  @inline(__always)
  var magnitudes: Self {
    Self(bitPattern: bitPatterns & SIMD16<UInt32>(repeating: 0x7FFF_FFFF))
  }

  @inline(__always)
  init(bitPattern: SIMD16<UInt32>) { self = unsafeBitCast(bitPattern, to: Self.self) }

  @inline(__always)
  var bitPatterns: SIMD16<UInt32> { unsafeBitCast(self, to: SIMD16<UInt32>.self) }

  /// eˣ for x ≤ 0, relative error below 3e-7; 0 below −87.
  ///
  /// 2ⁿ·eʳ with n = round(x/ln 2) and r = x − n·ln 2 in two parts; eʳ is its Taylor polynomial of
  /// degree 7, whose error for |r| ≤ ln 2/2 is below a float's rounding.
  @inline(always)
  var exponentialOfNonPositive: Self {
    let tiny = self .< Self(repeating: -87)
    let x = select(Self(repeating: -87), where: tiny)
    let magic = Self(repeating: 0x1.8p23)
    let shifted = x * Self(repeating: 1.442_695_04) + magic
    let n = shifted - magic
    let r = (x - n * Self(repeating: 0.693_359_375)) + n * Self(repeating: 2.121_944_4e-4)
    var p = Self(repeating: 1.0 / 5040)
    p = p * r + Self(repeating: 1.0 / 720)
    p = p * r + Self(repeating: 1.0 / 120)
    p = p * r + Self(repeating: 1.0 / 24)
    p = p * r + Self(repeating: 1.0 / 6)
    p = p * r + Self(repeating: 0.5)
    p = p * r + Self(repeating: 1)
    p = p * r + Self(repeating: 1)
    // The low bits of n + 1.5·2²³ are n: they go to the exponent.
    let exponent = (shifted.bitPatterns &+ SIMD16<UInt32>(repeating: 127)) &<< 23
    return (p * Self(bitPattern: exponent)).select(Self(), where: tiny)
  }
}

extension Kernels {
  /// x ← eˣ for x ≤ 0
  static func exponentialOfNonPositive(_ x: UnsafeMutablePointer<SIMD16<Float>>) {
    x.pointee = x.pointee.exponentialOfNonPositive
  }
}
