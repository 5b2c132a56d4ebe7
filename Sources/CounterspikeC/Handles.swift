internal import Counterspike

/// Objects that C holds by a pointer.
enum Handle {
  static func make(_ object: AnyObject) -> OpaquePointer {
    unsafe OpaquePointer(Unmanaged.passRetained(object).toOpaque())
  }

  /// - Throws: where it is NULL.
  static func read<Object: AnyObject>(
    _ handle: OpaquePointer?, _ name: String, _: Object.Type
  ) throws -> Object {
    let handle = try unsafe Argument.require(handle, name)
    return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
  }

  static func destroy<Object: AnyObject>(_ handle: OpaquePointer?, _: Object.Type) {
    guard let handle = unsafe handle else { return }
    unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release()
  }
}

/// Text that comes from C.
enum Text {
  /// - Throws: where it is NULL or no UTF-8.
  static func read(_ text: UnsafePointer<CChar>?, _ name: String) throws -> String {
    let text = try unsafe Argument.require(text, name)
    guard let string = unsafe String(validatingCString: text) else {
      throw Argument("\(name) is no UTF-8 text")
    }
    return string
  }

  /// Writes a text where it fits; NULL: only says how many bytes it needs.
  static func write(
    _ string: String, to text: UnsafeMutablePointer<CChar>?, capacity: Int64,
    needed: UnsafeMutablePointer<Int64>?
  ) throws {
    let bytes = string.utf8CString
    if let needed = unsafe needed { unsafe needed.pointee = Int64(bytes.count) }
    guard let text = unsafe text else { return }
    guard Int64(bytes.count) <= capacity else {
      throw Argument("the text has \(bytes.count) bytes, and there is room for \(capacity)")
    }
    unsafe bytes.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      unsafe text.update(from: base, count: source.count)
    }
  }
}

/// Numbers that come from C.
enum Numbers {
  /// - Throws: where it is negative.
  static func threads(_ threads: Int32) throws -> Int {
    guard threads >= 0 else {
      throw Argument("threads is \(threads); give 0 for one a processor, or how many")
    }
    return threads == 0 ? Engine.defaultWorkers : Int(threads)
  }

  /// `count` values, each finite.
  static func values(
    _ values: UnsafePointer<Float>?, _ count: Int64, times size: Int, name: String = "values"
  ) throws -> [Float] {
    let values = try unsafe Argument.require(values, name)
    let (total, isTooLarge) = Int(count).multipliedReportingOverflow(by: size)
    guard count >= 0, !isTooLarge else { throw Argument("count is \(count); no array has so many") }
    let copy = unsafe Array(UnsafeBufferPointer(start: values, count: total))
    if let place = copy.firstIndex(where: { !$0.isFinite }) {
      throw Argument(
        "\(name == "values" ? "value" : "target") \(place % max(size, 1)) of sample \(place / max(size, 1)) is \(copy[place]); all values must be "
          + "finite numbers")
    }
    return copy
  }

  /// Copies all of `values` to C.
  static func copy(
    _ values: [Float], to place: UnsafeMutablePointer<Float>?, count: Int64
  ) throws {
    let place = try unsafe Argument.require(place, "values")
    guard Int64(values.count) == count else {
      throw Argument("count is \(count), and there are \(values.count) values")
    }
    unsafe values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      unsafe place.update(from: base, count: source.count)
    }
  }
}
