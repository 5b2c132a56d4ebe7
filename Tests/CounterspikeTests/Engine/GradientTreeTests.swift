import Counterspike
import CounterspikeKernels
import Foundation
import Synchronization
import Testing

@testable import CounterspikeEngine

@Suite("The tree of gradients")
struct GradientTreeTests {
  /// What a leaf's gradient is: numbers whose sum depends on the order.
  private static func value(_ leaf: Int) -> Float {
    1 / Float(3 * leaf + 1) * (leaf % 3 == 0 ? 1e4 : 1)
  }

  /// The sum of leaves as the tree is defined: halves at the largest power of two below their number.
  private static func wanted(_ range: Range<Int>) -> Float {
    guard range.count > 1 else { return value(range.lowerBound) }
    var half = 1
    while 2 * half < range.count { half *= 2 }
    let middle = range.lowerBound + half
    return wanted(range.lowerBound..<middle) + wanted(middle..<range.upperBound)
  }

  /// Computes leaves in the order that they are taken; each is late by what `delay` says.
  private final class Job: WorkerJob {
    let tree: GradientTree
    let delay: @Sendable (Int) -> UInt32
    let taken = Mutex<[Int]>([])

    init(_ tree: GradientTree, delay: @escaping @Sendable (Int) -> UInt32) {
      (self.tree, self.delay) = (tree, delay)
    }

    func perform(item: Int, worker: Int) throws {
      while let leaf = tree.take() {
        taken.withLock { $0.append(leaf.index) }
        usleep(delay(leaf.index))
        for gradient in tree.buffers[leaf.buffer].gradients {
          gradient.fill(GradientTreeTests.value(leaf.index))
        }
        tree.finish(leaf)
      }
    }
  }

  /// The sum over a step's leaves.
  private func sum(
    _ tree: GradientTree, _ pool: WorkerPool, leaves: Int,
    delay: @escaping @Sendable (Int) -> UInt32 = { _ in 0 }
  ) throws -> Float {
    tree.begin(leaves: leaves)
    let job = Job(tree, delay: delay)
    try pool.run(job, items: pool.count)
    #expect(job.taken.withLock { $0.sorted() } == Array(0..<leaves))
    tree.end()
    for merge in tree.merges { tree.buffers[merge.into].add(tree.buffers[merge.from]) }
    let sums = tree.buffers[tree.root].gradients
    for gradient in sums { #expect(gradient.array.allSatisfy { $0 == sums[0][0] }) }
    return sums[0][0]
  }

  @Test("sums as it is defined, whatever the number of workers", arguments: [1, 2, 3, 8, 32, 64])
  func sums(workers: Int) throws {
    let pool = try WorkerPool(count: workers, atOnce: workers)
    defer { pool.close() }
    let tree = try GradientTree(leaves: 41, workers: workers, counts: [3, 40])
    #expect(tree.buffers.count <= min(41, workers + 6))
    for leaves in [1, 2, 3, 4, 5, 7, 8, 13, 16, 32, 33, 41] {
      #expect(try sum(tree, pool, leaves: leaves) == Self.wanted(0..<leaves), "\(leaves) leaves")
    }
  }

  @Test("goes on around leaves that take long, with few buffers", arguments: [0, 1, 6, 13, 30])
  func late(leaf: Int) throws {
    let pool = try WorkerPool(count: 3, atOnce: 3)
    defer { pool.close() }
    let tree = try GradientTree(leaves: 32, workers: 3, counts: [1])
    let sum = try sum(tree, pool, leaves: 32) { $0 == leaf ? 30_000 : 100 }
    #expect(sum == Self.wanted(0..<32))
  }

  @Test("waits for nobody once a leaf failed")
  func failure() throws {
    final class Failing: WorkerJob {
      let tree: GradientTree
      init(_ tree: GradientTree) { self.tree = tree }
      func perform(item: Int, worker: Int) throws {
        while let leaf = tree.take() {
          guard leaf.index < 5 else {
            tree.stop()
            throw CancellationError()
          }
          tree.finish(leaf)
        }
      }
    }
    let pool = try WorkerPool(count: 3, atOnce: 3)
    defer { pool.close() }
    let tree = try GradientTree(leaves: 32, workers: 3, counts: [1])
    tree.begin(leaves: 32)
    #expect(throws: CancellationError.self) { try pool.run(Failing(tree), items: 3) }
    // The next step is none the worse for it.
    #expect(try sum(tree, pool, leaves: 32) == Self.wanted(0..<32))
  }

  @Test("nobody waits for a buffer once the last leaf is taken")
  func lastLeaf() throws {
    // Six buffers for leaves that could be sixteen; seven are taken.
    let tree = try GradientTree(leaves: 16, workers: 2, counts: [1])
    #expect(tree.buffers.count == 6)
    tree.begin(leaves: 7)
    let held = (0..<6).compactMap { _ in tree.take() }
    #expect(held.map(\.index) == Array(0..<6))
    let answers = Mutex<[Int?]>([])
    for _ in 0..<3 {
      Thread.detachNewThread {
        let leaf = tree.take()
        answers.withLock { $0.append(leaf?.index) }
      }
    }
    // Time to begin to wait; less would not make the test wrong, only weaker.
    usleep(200_000)
    // The sum of the first two leaves frees one buffer, for the last leaf.
    tree.finish(held[0])
    tree.finish(held[1])
    for _ in 0..<100 where answers.withLock({ $0.count }) < 3 { usleep(50_000) }
    #expect(answers.withLock { $0.compactMap { $0 } } == [6])
    #expect(answers.withLock { $0.count } == 3)
  }
}
