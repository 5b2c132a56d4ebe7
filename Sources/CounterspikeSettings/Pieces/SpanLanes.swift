// Sixteen neurons at a time, for pieces whose loops the compiler does not make vectors of: those with a choice in
// them, or with steps that wait for each other.

extension Span where Element == Float {
  /// The sixteen values from `place` on.
  ///
  /// - Precondition: there are as many.
  @inlinable
  @inline(__always)
  public func lanes(at place: Int) -> SIMD16<Float> {
    precondition(place >= 0 && place <= count - 16, "no sixteen values from \(place) on")
    return unsafe bytes.unsafeLoadUnaligned(
      fromByteOffset: place * MemoryLayout<Float>.stride, as: SIMD16<Float>.self)
  }
}

extension MutableSpan where Element == Float {
  /// Writes the sixteen values from `place` on.
  ///
  /// - Precondition: there are as many.
  @inlinable
  @inline(__always)
  public mutating func setLanes(_ lanes: SIMD16<Float>, at place: Int) {
    precondition(place >= 0 && place <= count - 16, "no sixteen values from \(place) on")
    var bytes = unsafe mutableBytes
    bytes.storeBytes(
      of: lanes, toByteOffset: place * MemoryLayout<Float>.stride, as: SIMD16<Float>.self)
  }
}
