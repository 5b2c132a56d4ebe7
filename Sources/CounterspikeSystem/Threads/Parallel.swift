internal import Synchronization

/// Independent items on all processors; on fewer threads where the system starts no more, down to the
/// caller's own.
package enum Parallel {
  /// Calls `body` for every item in `0 ..< count` and waits for all of them.
  package static func perform(_ count: Int, _ body: @escaping @Sendable (_ item: Int) -> Void) {
    let workers = min(WorkerPool.defaultCount, count)
    guard workers > 1, let pool = try? WorkerPool(count: workers) else {
      for item in 0..<count { body(item) }
      return
    }
    defer { pool.close() }
    // Its items throw nothing.
    try? pool.run(Job(body), items: count)
  }

  private final class Job: WorkerJob {
    private let body: @Sendable (Int) -> Void

    init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }

    func perform(item: Int, worker: Int) { body(item) }
  }
}
