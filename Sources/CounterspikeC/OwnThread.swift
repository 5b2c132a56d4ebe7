internal import Counterspike
internal import Foundation
internal import Synchronization

/// Work that calls oneDNN, away from the caller's threads: its generated code must not be interrupted by a
/// signal handler, and the caller's OpenMP settings stay as they are.
enum OwnThread {
  static let stackBytes = 8 << 20

  /// Does the work on a thread of its own, and waits for it.
  static func run<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) throws -> Result {
    let done = DispatchSemaphore(value: 0)
    let result = Outcome<Result>()
    try WorkerThread.start(stackBytes: stackBytes) {
      result.set(Swift.Result { try body() })
      done.signal()
    }
    done.wait()
    return try result.get()
  }

  private final class Outcome<Result: Sendable>: Sendable {
    private let value = Mutex<Swift.Result<Result, any Error>?>(nil)

    func set(_ result: Swift.Result<Result, any Error>) { value.withLock { $0 = result } }

    func get() throws -> Result {
      guard let result = value.withLock({ $0 }) else { throw CancellationError() }
      return try result.get()
    }
  }
}
