internal import CounterspikeKernels
internal import CounterspikeProducts
internal import Foundation
internal import Synchronization

/// What a pool's workers do: one call an item.
package protocol WorkerJob: AnyObject, Sendable {
  /// Does item `item` on worker `worker`. Items of one round are independent.
  func perform(item: Int, worker: Int) throws
}

/// A fixed set of threads that share the items of one round at a time.
///
/// Items go to whichever thread is free, so an item's result must not depend on the worker. The
/// calling thread is worker 0. Nothing is allocated in a round.
///
/// Of more workers than the machine has processors only as many work at the same time: each has memory of its
/// own, and where they take turns on a processor none finds its memory in the caches.
package final class WorkerPool: Sendable {
  /// Workers that there are, the caller's thread included.
  package let count: Int
  /// Workers that were asked for.
  package let wanted: Int
  /// Why there are fewer than were asked for; `nil`: there are all.
  package let shortage: CounterspikeError?

  /// Workers besides the caller's thread that take part in a round.
  private let helpers: Int
  private let shared: Shared

  /// Starts as many threads as the system gives, see ``shortage``.
  ///
  /// - Parameters:
  ///   - count: workers, the caller's thread included.
  ///   - atOnce: the most of them that work at the same time.
  /// - Throws: `invalidRecipe` where `count` is none.
  package init(count: Int, atOnce: Int = WorkerPool.defaultCount) throws(CounterspikeError) {
    guard (1...Self.largest).contains(count) else {
      throw CounterspikeError(
        .invalidRecipe, "\(count) workers; allowed are 1 to \(Self.largest)",
        remedy: .useFewerWorkers)
    }
    // What the threads share exists before the first of them does.
    let shared = Shared()
    self.shared = shared
    var started = 1
    var shortage: CounterspikeError?
    do throws(CounterspikeError) {
      let limit = MemoryLimit.current()
      for worker in 1..<max(count, 1) {
        // Threads must not take the memory that is needed for their work.
        guard limit.bytes - Self.headroom > worker * Self.bytes(under: limit) else {
          throw CounterspikeError(
            .libraryFailure,
            "there is no memory for the stacks of more threads (\(limit.source)); use fewer threads, or "
              + "raise the limit",
            remedy: .useFewerWorkers)
        }
        try WorkerThread.start(stackBytes: Self.stackBytes) {
          OneDNN.useOneThread()
          var place = Shared.Place()
          while shared.waitAndWork(worker, after: &place) {}
        }
        started += 1
      }
    } catch {
      shortage = error
    }
    self.count = started
    helpers = min(started, max(atOnce, 1)) - 1
    wanted = count
    self.shortage = shortage
  }

  /// More threads than any machine has processors for would take memory for nothing.
  static let largest = 1024

  /// Workers where nobody says how many: one a processor.
  package static var defaultCount: Int {
    min(ProcessInfo.processInfo.activeProcessorCount, largest)
  }

  private static let stackBytes = 8 << 20

  /// What a thread takes: its stack and, of addresses, 64 MB that glibc reserves for what it allocates.
  private static func bytes(under limit: MemoryLimit) -> Int {
    limit.countsReservations ? stackBytes + (64 << 20) : stackBytes
  }

  /// Memory that is left for other things.
  private static let headroom = 128 << 20

  /// Lets the threads end.
  package func close() { shared.close() }

  /// Performs items `0 ..< items` of `job` and waits for all of them.
  ///
  /// - Parameter usesOneDNN: the items call oneDNN, whose OpenMP team is then one thread on the calling
  ///   thread, too; otherwise that thread's OpenMP settings stay as they are.
  /// - Throws: the first error that an item threw; the others of the round are done all the same.
  package func run(_ job: any WorkerJob, items: Int, usesOneDNN: Bool = true) throws {
    if usesOneDNN { OneDNN.useOneThread() }
    try shared.run(job, items: items, helpers: helpers)
  }
}

/// What the threads of a pool have in common.
private final class Shared: Sendable {
  private struct Round {
    var number = 0
    var items = 0
    var job: (any WorkerJob)?
    var running = 0
    var failure: (any Error)?
    var isClosed = false
  }

  private let round = Mutex(Round())
  private let next = Atomic<Int>(0)
  private let started = Atomic<Int>(0)
  /// Places in the current round that are left for workers besides the caller's thread.
  private let places = Atomic<Int>(0)
  private let unfinished = Atomic<Int>(0)
  private let wake = NSCondition()
  private let done = NSCondition()

  /// Lets the threads end.
  func close() {
    round.withLock { $0.isClosed = true }
    started.add(1, ordering: .releasing)
    wake.lock()
    wake.broadcast()
    wake.unlock()
  }

  /// Performs items `0 ..< items` of `job` and waits for all of them.
  ///
  /// - Throws: the first error that an item threw; the others of the round are done all the same.
  func run(_ job: any WorkerJob, items: Int, helpers: Int) throws {
    round.withLock {
      $0.items = items
      $0.job = job
      $0.failure = nil
    }
    next.store(0, ordering: .relaxed)
    unfinished.store(helpers, ordering: .relaxed)
    if helpers > 0 {
      wake.lock()
      // Who takes a place without having seen `started` sees what was stored above all the same.
      places.store(helpers, ordering: .releasing)
      started.add(1, ordering: .releasing)
      // Who wakes takes a place, or finds that one who was awake has taken it.
      for _ in 0..<helpers { wake.signal() }
      wake.unlock()
    }
    work(job, items, worker: 0)
    waitForOthers()
    let failure = round.withLock { round in
      round.job = nil
      return round.failure
    }
    if let failure { throw failure }
  }

  private func work(_ job: any WorkerJob, _ items: Int, worker: Int) {
    while true {
      let item = next.add(1, ordering: .relaxed).oldValue
      guard item < items else { return }
      do {
        try job.perform(item: item, worker: worker)
      } catch {
        round.withLock { if $0.failure == nil { $0.failure = error } }
      }
    }
  }

  /// Rounds follow each other within microseconds: look a while before sleeping.
  private static let spins = 4000

  /// Where a worker stands between rounds.
  struct Place {
    /// The last round that it saw.
    fileprivate var round = 0
    /// It worked in that round, so its memory is in the caches, and the next round is better its own.
    fileprivate var worked = false
  }

  /// Waits for a round and works in it, unless others have taken all its places.
  ///
  /// - Returns: whether there will be more rounds.
  func waitAndWork(_ worker: Int, after place: inout Place) -> Bool {
    var spins = place.worked ? 0 : Self.spins
    while started.load(ordering: .acquiring) == place.round && spins < Self.spins { spins += 1 }
    wake.lock()
    while started.load(ordering: .acquiring) == place.round { wake.wait() }
    wake.unlock()
    place.round = started.load(ordering: .acquiring)
    place.worked = takePlace()
    guard place.worked else { return !round.withLock { $0.isClosed } }
    // The round cannot end before this worker has said that it is done.
    let (job, items) = round.withLock { ($0.job, $0.items) }
    if let job { work(job, items, worker: worker) }
    if unfinished.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
      done.lock()
      done.signal()
      done.unlock()
    }
    return true
  }

  private func takePlace() -> Bool {
    var left = places.load(ordering: .acquiring)
    while left > 0 {
      let (taken, now) = places.weakCompareExchange(
        expected: left, desired: left - 1, ordering: .acquiring)
      if taken { return true }
      left = now
    }
    return false
  }

  private func waitForOthers() {
    var spins = 0
    while unfinished.load(ordering: .acquiring) > 0 && spins < Self.spins { spins += 1 }
    done.lock()
    while unfinished.load(ordering: .acquiring) > 0 { done.wait() }
    done.unlock()
  }
}
