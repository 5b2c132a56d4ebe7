import Counterspike
import Foundation
import Synchronization
import Testing

@testable import CounterspikeSystem

@Suite("Worker threads")
struct WorkerPoolTests {
  private final class Count: WorkerJob {
    let done = Mutex([Int](repeating: 0, count: 100))
    func perform(item: Int, worker: Int) { done.withLock { $0[item] += 1 } }
  }

  @Test("do every item once, whatever their number", arguments: [1, 2, 7])
  func once(workers: Int) throws {
    let pool = try WorkerPool(count: workers, atOnce: workers)
    defer { pool.close() }
    #expect(pool.count == workers && pool.wanted == workers && pool.shortage == nil)
    for _ in 0..<20 {
      let job = Count()
      try pool.run(job, items: 100)
      #expect(job.done.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }

  /// Notes which workers work, and how many at the same time.
  private final class Crowd: WorkerJob {
    struct Seen {
      var working = 0
      var most = 0
      var done = 0
    }
    let seen = Mutex(Seen())

    func perform(item: Int, worker: Int) {
      seen.withLock {
        $0.working += 1
        $0.most = max($0.most, $0.working)
      }
      usleep(200)
      seen.withLock {
        $0.working -= 1
        $0.done += 1
      }
    }
  }

  @Test(
    "no more work at the same time than are allowed, round after round",
    arguments: [1, 2, 5])
  func atOnce(allowed: Int) throws {
    let pool = try WorkerPool(count: 16, atOnce: allowed)
    defer { pool.close() }
    #expect(pool.count == 16)
    for _ in 0..<50 {
      let crowd = Crowd()
      try pool.run(crowd, items: 20)
      let seen = crowd.seen.withLock { $0 }
      #expect(seen.done == 20 && seen.working == 0 && seen.most <= allowed)
    }
  }

  @Test("none, fewer than none and too many are refused", arguments: [0, -2, 100_000])
  func refused(workers: Int) {
    let error = #expect(throws: CounterspikeError.self) { try WorkerPool(count: workers) }
    #expect(error?.code == .invalidRecipe)
  }

  @Test("items without a pool are done, too")
  func parallel() {
    let sum = Mutex(0)
    Parallel.perform(1000) { item in sum.withLock { $0 += item } }
    #expect(sum.withLock { $0 } == 499_500)
    Parallel.perform(0) { _ in }
  }

  #if os(Linux)
    @Test("fewer are started where the system gives no more, and they do all items")
    func shortage() async {
      await #expect(processExitsWith: .success) {
        // No room for stacks of 8 MB: what the process has, and a little for the rest of the test.
        let used = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = Int(used.split(separator: " ")[0]) ?? 0
        var limit = rlimit()
        limit.rlim_cur = rlim_t(pages * 4096 + 20 << 20)
        limit.rlim_max = limit.rlim_cur
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
        let pool = try WorkerPool(count: 64)
        #expect(pool.count < 64 && pool.count >= 1)
        let shortage = try #require(pool.shortage)
        #expect(shortage.code == .libraryFailure)
        let job = Count()
        try pool.run(job, items: 100)
        #expect(job.done.withLock { $0.allSatisfy { $0 == 1 } })
        pool.close()
      }
    }
  #endif
}
