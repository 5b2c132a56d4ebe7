#if !_endian(little)
  #error("Counterspike copies scalars to and from files as they are, which takes little-endian")
#endif

/// Scalars as the bytes of a file, least significant first: whole arrays in one copy.
package enum LittleEndian {
  /// The scalars that `bytes` hold; of bytes that make up no whole scalar, nothing.
  ///
  /// `Scalar` is an integer or a floating-point type, for which any bytes are a value.
  static func scalars<Scalar: BitwiseCopyable & Numeric>(
    _ type: Scalar.Type, from bytes: ArraySlice<UInt8>
  ) -> [Scalar] {
    let count = bytes.count / MemoryLayout<Scalar>.size
    let whole = bytes.prefix(count * MemoryLayout<Scalar>.size)
    return unsafe [Scalar](unsafeUninitializedCapacity: count) { buffer, filled in
      unsafe whole.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
      }
      filled = count
    }
  }

  /// The bytes of `scalars`.
  package static func bytes<Scalar: BitwiseCopyable & Numeric>(_ scalars: [Scalar]) -> [UInt8] {
    unsafe scalars.withUnsafeBytes { unsafe [UInt8]($0) }
  }
}
