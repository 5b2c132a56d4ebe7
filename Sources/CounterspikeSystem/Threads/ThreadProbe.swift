internal import Dispatch

/// Finds out whether the system starts more threads before a library needs some that would wait for ever
/// where it gets none.
package enum ThreadProbe {
  /// Starts `count` threads at the same time, and ends them.
  ///
  /// - Parameter purpose: what needs them, for the message.
  /// - Throws: `libraryFailure` where the system starts fewer.
  package static func require(
    _ count: Int, for purpose: String
  ) throws(CounterspikeError) {
    let gate = DispatchSemaphore(value: 0)
    let ended = DispatchSemaphore(value: 0)
    var started = 0
    var shortage: CounterspikeError?
    do throws(CounterspikeError) {
      for _ in 0..<count {
        try WorkerThread.start(stackBytes: stackBytes) {
          gate.wait()
          ended.signal()
        }
        started += 1
      }
    } catch {
      shortage = error
    }
    for _ in 0..<started { gate.signal() }
    for _ in 0..<started { ended.wait() }
    guard let shortage else { return }
    throw CounterspikeError(
      .libraryFailure, "\(purpose) needs \(count) threads, and \(shortage.message)",
      cause: shortage)
  }

  /// What threads of libraries usually have.
  private static let stackBytes = 8 << 20
}
