internal import CounterspikeKernels
internal import CounterspikeSystem
internal import Foundation

/// Adds up the gradients of a step's micro-batches in a fixed binary tree.
///
/// Leaf i is micro-batch i; node j of level l sums leaves j·2ˡ ..< (j + 1)·2ˡ, its left child plus its right
/// one. A node that has no right child is its left one. The tree depends on nothing but the number of leaves,
/// so neither do the sums: it does not matter who computes what, or when.
///
/// Workers take leaves in order, with a buffer for each, and add two children as soon as both are there. What
/// is complete is then, but for the leaves at work, a prefix of the leaves, and such a prefix is a sum for
/// each of its binary digits: there are as many buffers as workers and levels, not as many as leaves. Once all
/// leaves are taken the sums that remain are left to ``merges``, which the update makes part by part on all
/// workers, so that no worker adds up the whole network's gradients while the others wait.
final class GradientTree: @unchecked Sendable {
  /// A micro-batch whose gradient is to be computed.
  struct Leaf {
    let index: Int
    /// Where its gradient is written.
    let buffer: Int
  }

  /// A sum that is left to be made, `into += from`, by their buffers.
  struct Merge {
    let into: Int
    let from: Int
  }

  private enum Slot {
    static let empty = -1
  }

  let buffers: [GradientBuffer]
  /// What is left to be added once all leaves are computed, children before their parents.
  private(set) var merges: [Merge] = []
  /// The buffer that holds the sum over all leaves after ``merges``.
  private(set) var root = 0

  /// Guards what follows.
  private let state = NSCondition()
  private var leaves = 0
  private var next = 0
  private var isStopped = false
  private var free: [Int] = []
  /// The buffer of each node that is complete and not yet added to another.
  private var slots: [Int]
  /// Where each level begins in ``slots``.
  private let offsets: [Int]
  private var waiting = 0

  /// - Parameters:
  ///   - leaves: the most that a step has.
  ///   - counts: floats of each parameter's gradient.
  /// - Throws: `libraryFailure` where there is no memory.
  init(leaves: Int, workers: Int, counts: [Int]) throws(CounterspikeError) {
    var buffers: [GradientBuffer] = []
    for _ in 0..<Self.bufferCount(leaves: leaves, workers: workers) {
      buffers.append(try GradientBuffer(counts: counts))
    }
    self.buffers = buffers
    var (offsets, sum, width) = ([0], leaves, leaves)
    while width > 1 {
      width = (width + 1) / 2
      offsets.append(sum)
      sum += width
    }
    self.offsets = offsets
    slots = Array(repeating: Slot.empty, count: sum)
    free.reserveCapacity(buffers.count)
    merges.reserveCapacity(buffers.count)
  }

  /// Buffers with which no worker waits where leaves end in about the order in which they began: one each,
  /// and one a binary digit of the leaves that are complete; otherwise ``take()`` waits.
  static func bufferCount(leaves: Int, workers: Int) -> Int {
    let digits = Int.bitWidth - max(leaves - 1, 0).leadingZeroBitCount
    return min(leaves, workers + digits)
  }

  /// Before the leaves of a step are taken.
  func begin(leaves: Int) {
    state.lock()
    defer { state.unlock() }
    self.leaves = leaves
    next = 0
    isStopped = false
    free.removeAll(keepingCapacity: true)
    for buffer in buffers.indices.reversed() { free.append(buffer) }
    for slot in slots.indices { slots[slot] = Slot.empty }
  }

  /// The next leaf and a buffer for it; `nil`: there are no more. Waits where all buffers are at work: their
  /// workers never wait, so that one becomes free.
  func take() -> Leaf? {
    state.lock()
    defer { state.unlock() }
    while free.isEmpty && next < leaves && !isStopped {
      waiting += 1
      state.wait()
      waiting -= 1
    }
    guard next < leaves, !isStopped, let buffer = free.popLast() else { return nil }
    defer {
      next += 1
      // No buffer becomes free any more, see finish: nobody must go on waiting for one.
      if next == leaves && waiting > 0 { state.broadcast() }
    }
    return Leaf(index: next, buffer: buffer)
  }

  /// Takes up a leaf's gradient, and adds it to whatever is complete beside it.
  func finish(_ leaf: Leaf) {
    state.lock()
    defer { state.unlock() }
    var (level, index, buffer) = (0, leaf.index, leaf.buffer)
    while true {
      (level, index) = withoutOnlyChildren(level, index)
      let isRight = index % 2 == 1
      let sibling = place(level, isRight ? index - 1 : index + 1)
      guard next < leaves, width(level) > 1, slots[sibling] != Slot.empty else {
        slots[place(level, index)] = buffer
        return
      }
      let other = slots[sibling]
      slots[sibling] = Slot.empty
      let merge =
        isRight ? Merge(into: other, from: buffer) : Merge(into: buffer, from: other)
      state.unlock()
      buffers[merge.into].add(buffers[merge.from])
      state.lock()
      free.append(merge.from)
      if waiting > 0 { state.signal() }
      (level, index, buffer) = (level + 1, index / 2, merge.into)
    }
  }

  /// A leaf failed: nobody waits for it.
  func stop() {
    state.lock()
    defer { state.unlock() }
    isStopped = true
    state.broadcast()
  }

  /// After all leaves are finished: says what is left to be added.
  func end() {
    state.lock()
    defer { state.unlock() }
    merges.removeAll(keepingCapacity: true)
    var level = 0
    while width(level) > 1 {
      for index in stride(from: 0, to: width(level) - 1, by: 2) {
        let (left, right) = (slots[place(level, index)], slots[place(level, index + 1)])
        // Otherwise they are added already.
        guard left != Slot.empty, right != Slot.empty else { continue }
        merges.append(Merge(into: left, from: right))
        let parent = withoutOnlyChildren(level + 1, index / 2)
        slots[place(parent.level, parent.index)] = left
      }
      level += 1
    }
    root = slots[place(level, 0)]
    precondition(root != Slot.empty, "a step of \(leaves) micro-batches has no sum")
  }

  /// The nodes of a level.
  private func width(_ level: Int) -> Int { (leaves + (1 << level) - 1) >> level }

  private func place(_ level: Int, _ index: Int) -> Int { offsets[level] + index }

  /// A node that is an only child stands for its parent.
  private func withoutOnlyChildren(_ level: Int, _ index: Int) -> (level: Int, index: Int) {
    var (level, index) = (level, index)
    while width(level) > 1 && index % 2 == 0 && index == width(level) - 1 {
      (level, index) = (level + 1, index / 2)
    }
    return (level, index)
  }
}

/// Room for the gradients of all parameters, one after the other.
struct GradientBuffer: Sendable {
  private let buffer: FloatBuffer
  /// One a parameter.
  let gradients: [FloatSlice]

  /// - Throws: `libraryFailure` where there is no memory.
  init(counts: [Int]) throws(CounterspikeError) {
    buffer = try FloatBuffer(Self.floats(counts), for: "gradients")
    var gradients: [FloatSlice] = []
    var offset = 0
    for count in counts {
      gradients.append(buffer.slice(offset, count))
      offset += Self.padded(count)
    }
    self.gradients = gradients
  }

  /// Floats of the whole buffer.
  static func floats(_ counts: [Int]) -> Int { counts.reduce(0) { $0 + padded($1) } }

  /// Each parameter's gradient begins on a cache line of its own.
  private static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  func add(_ other: GradientBuffer) { buffer.all.add(other.buffer.all) }
}
