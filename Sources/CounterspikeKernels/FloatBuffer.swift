/// Where floats lie that a kernel reads or writes.
package typealias FloatPointer = UnsafeMutablePointer<Float>

/// Floats at a fixed place, 64-byte aligned unless they are a caller's: what kernels and oneDNN work on.
///
/// Allocated once, before a run starts, and zero at first. Pointers are for the kernels and CounterspikeProducts;
/// whoever shares a buffer between threads gives each of them its own slice to write.
@safe
package final class FloatBuffer: @unchecked Sendable {
  /// What is freed with the buffer; `nil`: its floats are someone else's.
  private let block: UnsafeMutableRawPointer?
  let base: FloatPointer
  package let count: Int

  /// For buffers whose size only the code decides; what a recipe or file decides is reserved by
  /// ``init(reserving:)``.
  package init(count: Int) {
    guard let block = Self.block(count) else {
      preconditionFailure("there is no memory for \(count) floats")
    }
    self.count = count
    self.block = block
    base = block.alignedUp(toMultipleOf: 64).bindMemory(to: Float.self, capacity: count + 16)
  }

  /// - Throws: where the system has no memory for `count` floats.
  package init(reserving count: Int) throws(LibraryFailure) {
    guard let block = Self.block(count) else { throw LibraryFailure(noMemoryFor: count) }
    self.count = count
    self.block = block
    base = block.alignedUp(toMultipleOf: 64).bindMemory(to: Float.self, capacity: count + 16)
  }

  private static func block(_ count: Int) -> UnsafeMutableRawPointer? {
    let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard count >= 0, !isTooLarge, bytes < Int.max - 128 else { return nil }
    // calloc's pages are zero without being touched: what a run never writes to costs no memory.
    return zeroedMemory(bytes: bytes + 128)
  }

  /// A buffer over floats of a caller, at any address; it frees nothing.
  ///
  /// - Parameter floats: must stay while the buffer or a slice of it is used.
  package init(borrowing floats: UnsafeMutablePointer<Float>, count: Int) {
    self.count = count
    block = nil
    base = floats
  }

  deinit {
    if let block { freeMemory(block) }
  }

  package convenience init(_ values: [Float]) {
    self.init(count: values.count)
    all.copy(from: values)
  }

  package var all: FloatSlice { FloatSlice(self, 0, count) }

  /// The slice of `count` floats from `offset`.
  package func slice(_ offset: Int, _ count: Int) -> FloatSlice {
    FloatSlice(self, offset, count)
  }
}

/// A part of a buffer, checked against its bounds when it is made.
@safe
package struct FloatSlice: Sendable {
  let buffer: FloatBuffer
  package let offset: Int
  package let count: Int

  init(_ buffer: FloatBuffer, _ offset: Int, _ count: Int) {
    precondition(
      offset >= 0 && count >= 0 && offset + count <= buffer.count,
      "floats \(offset) ..< \(offset + count) are not all in a buffer of \(buffer.count)")
    self.buffer = buffer
    self.offset = offset
    self.count = count
  }

  package var pointer: FloatPointer { buffer.base + offset }

  package func slice(_ offset: Int, _ count: Int) -> FloatSlice {
    precondition(
      offset >= 0 && count >= 0 && offset + count <= self.count,
      "floats \(offset) ..< \(offset + count) are not all in a slice of \(self.count)")
    return FloatSlice(buffer, self.offset + offset, count)
  }

  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "\(index) is not in a slice of \(count)")
      return pointer[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "\(index) is not in a slice of \(count)")
      pointer[index] = newValue
    }
  }

  package func fill(_ value: Float) {
    pointer.update(repeating: value, count: count)
  }

  package func copy(from values: [Float]) {
    precondition(values.count == count, "\(values.count) values for a slice of \(count)")
    values.withUnsafeBufferPointer { source in
      guard let address = source.baseAddress else { return }
      pointer.update(from: address, count: count)
    }
  }

  package func copy(from other: FloatSlice) {
    precondition(other.count == count, "a slice of \(other.count) into one of \(count)")
    pointer.update(from: other.pointer, count: count)
  }

  package var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// Calls `body` with the slice as a span.
  package func withSpan<Result>(_ body: (Span<Float>) -> Result) -> Result {
    body(Span(_unsafeStart: pointer, count: count))
  }

  /// Calls `body` with the slice as a span that can be written.
  package func withMutableSpan<Result>(
    _ body: (inout MutableSpan<Float>) -> Result
  ) -> Result {
    var span = MutableSpan(_unsafeStart: pointer, count: count)
    return body(&span)
  }
}
