internal import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Threads that stay from one short piece of work to the next, for whoever calls in from another
/// program's threads: those of ``HostThreads`` where that program lends its own.
package enum SharedWorkers {
  private struct Pools {
    /// A pool of each size that was asked for, while nobody works with it.
    var idle: [Int: WorkerPool] = [:]
    var process = getpid()
  }

  private static let pools = Mutex(Pools())

  /// Calls `body` for every item in `0 ..< items` on up to `threads` threads, the calling one among them,
  /// and waits for all of them. The items call no oneDNN.
  ///
  /// Who calls while others do gets threads of its own. A process that was forked has none of its
  /// parent's threads, and starts new ones.
  package static func perform(
    _ items: Int, threads: Int, _ body: @escaping @Sendable (_ item: Int, _ worker: Int) -> Void
  ) {
    let count = min(threads, WorkerPool.largest)
    guard items > 1, count > 1 else { return alone(items, body) }
    guard !HostThreads.perform(items, threads: count, body) else { return }
    guard let pool = take(count) else { return alone(items, body) }
    // The items throw nothing.
    try? pool.run(Job(body), items: items, usesOneDNN: false)
    giveBack(pool, count)
  }

  private static func alone(_ items: Int, _ body: (_ item: Int, _ worker: Int) -> Void) {
    for item in 0..<items { body(item, 0) }
  }

  private static func take(_ count: Int) -> WorkerPool? {
    let idle = pools.withLock { pools in
      let process = getpid()
      if pools.process != process { pools = Pools() }
      return pools.idle.removeValue(forKey: count)
    }
    return idle ?? (try? WorkerPool(count: count))
  }

  private static func giveBack(_ pool: WorkerPool, _ count: Int) {
    let spare = pools.withLock { pools in
      let spare = pools.idle.updateValue(pool, forKey: count)
      return spare
    }
    spare?.close()
  }

  private final class Job: WorkerJob {
    private let body: @Sendable (Int, Int) -> Void

    init(_ body: @escaping @Sendable (Int, Int) -> Void) { self.body = body }

    func perform(item: Int, worker: Int) { body(item, worker) }
  }
}
