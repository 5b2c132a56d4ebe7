internal import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The threads of the program that calls in, in place of threads of our own.
///
/// OpenMP's threads wait for more work in a loop for a while. Threads of our own would share the processors
/// with them.
package enum HostThreads {
  /// Calls `body(data)` on up to `threads` threads at the same time, the calling one among them, and waits for
  /// all of them; as OpenMP's `GOMP_parallel` does, whose flags are 0.
  package typealias Parallel =
    @convention(c) (
      _ body: @convention(c) (UnsafeMutableRawPointer?) -> Void, _ data: UnsafeMutableRawPointer?,
      _ threads: UInt32, _ flags: UInt32
    ) -> Void

  @unsafe private struct Choice {
    var parallel: Parallel?
    var process: pid_t = 0
  }

  private static let choice = unsafe Mutex(Choice())

  /// What starts the work from now on in this process; `nil`: threads of our own.
  package static func use(_ parallel: Parallel?) {
    unsafe choice.withLock { unsafe $0 = Choice(parallel: parallel, process: getpid()) }
  }

  /// Calls `body` for every item in `0 ..< items` on up to `threads` of the program's threads.
  ///
  /// A process that was forked has none of its parent's threads, and OpenMP waits for them for ever.
  ///
  /// - Returns: whether there are such threads; nothing was called where not.
  static func perform(
    _ items: Int, threads: Int, _ body: @escaping @Sendable (_ item: Int, _ worker: Int) -> Void
  ) -> Bool {
    let choice = unsafe choice.withLock { unsafe $0 }
    guard let parallel = unsafe choice.parallel, unsafe choice.process == getpid() else {
      return false
    }
    let team = Team(items: items, threads: threads, body)
    unsafe parallel(
      { data in
        guard let data = unsafe data else { return }
        unsafe Unmanaged<Team>.fromOpaque(data).takeUnretainedValue().join()
      }, Unmanaged.passUnretained(team).toOpaque(), UInt32(threads), 0)
    // Also where no thread came.
    team.join()
    return true
  }

  /// The threads of one call; items go to whichever is free.
  private final class Team: Sendable {
    private let items: Int
    private let threads: Int
    private let body: @Sendable (Int, Int) -> Void
    private let next = Atomic<Int>(0)
    private let joined = Atomic<Int>(0)

    init(items: Int, threads: Int, _ body: @escaping @Sendable (Int, Int) -> Void) {
      self.items = items
      self.threads = threads
      self.body = body
    }

    func join() {
      guard next.load(ordering: .relaxed) < items else { return }
      let worker = joined.add(1, ordering: .relaxed).oldValue
      guard worker < threads else { return }
      while true {
        let item = next.add(1, ordering: .relaxed).oldValue
        guard item < items else { return }
        body(item, worker)
      }
    }
  }
}
