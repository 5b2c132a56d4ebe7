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
}
