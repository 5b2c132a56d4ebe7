internal import CCounterspike
internal import Counterspike

/// What goes wrong, on its way to a caller in C.
enum Status {
  /// Calls `body`, and tells the caller how it ended.
  static func report(
    to status: UnsafeMutablePointer<counterspike_status>?, _ body: () throws -> Void
  ) -> Int32 {
    do {
      try body()
      unsafe write(Int32(COUNTERSPIKE_OK), "", to: status)
      return Int32(COUNTERSPIKE_OK)
    } catch {
      let code = Self.code(of: error)
      unsafe write(code, Self.message(of: error), to: status)
      return code
    }
  }

  static func code(of error: any Error) -> Int32 {
    if error is Argument { return Int32(COUNTERSPIKE_INVALID_ARGUMENT) }
    let code: Int
    switch (error as? CounterspikeError)?.code {
    case .invalidRecipe: code = COUNTERSPIKE_INVALID_RECIPE
    case .unreadableFile, .damagedFile, .missingData, .failedDownload:
      code = COUNTERSPIKE_UNREADABLE_FILE
    case .unwritableFile: code = COUNTERSPIKE_UNWRITABLE_FILE
    case .mismatch: code = COUNTERSPIKE_MISMATCH
    case .diverged: code = COUNTERSPIKE_DIVERGED
    default: code = COUNTERSPIKE_LIBRARY_FAILURE
    }
    return Int32(code)
  }

  static func message(of error: any Error) -> String {
    switch error {
    case let error as Argument: error.message
    case let error as CounterspikeError: error.message
    default: "\(error)".excerpt
    }
  }

  /// Writes code and message, the latter cut between two characters where it is too long.
  private static func write(
    _ code: Int32, _ message: String, to status: UnsafeMutablePointer<counterspike_status>?
  ) {
    guard let status = unsafe status else { return }
    unsafe status.pointee.code = code
    unsafe withUnsafeMutableBytes(of: &status.pointee.message) { bytes in
      var length = 0
      for character in message {
        let utf8 = character.utf8
        guard length + utf8.count < bytes.count else { break }
        for byte in utf8 {
          unsafe bytes[length] = byte
          length += 1
        }
      }
      unsafe bytes[length] = 0
    }
  }
}

/// A caller's mistake that C's types do not prevent.
struct Argument: Error {
  let message: String

  init(_ message: String) { self.message = message }

  /// - Throws: where `value` is NULL.
  static func require<Value>(_ value: Value?, _ name: String) throws -> Value {
    guard let value else { throw Argument("\(name) is NULL; it must be given") }
    return value
  }
}
