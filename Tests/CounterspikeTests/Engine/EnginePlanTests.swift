import Counterspike
import CounterspikeKernels
import Foundation
import Testing

@testable import struct Counterspike.EnginePlan

@Suite("What an engine reserves")
struct EnginePlanTests {
  private func plan(
    _ notation: String, input: [Int] = [1, 28, 28], workers: Int = 2, batchSize: Int = 16
  ) throws -> EnginePlan {
    try EnginePlan(
      NetworkPlan(NetworkSettings(notation), inputShape: input), isStill: true, optimizer: .adamW,
      batchSize: batchSize, workers: workers)
  }

  @Test("is counted from shapes alone, in no time, whatever the size")
  func instantly() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let large = try plan("64C3p1-30000-10")
    #expect(clock.now - start < .seconds(5))
    // Weights, two moments and two lanes of gradients, 4 bytes each.
    let weights = large.network.weightCount
    #expect(weights == 64 * 9 + 64 * 28 * 28 * 30000 + 300_000)
    #expect(large.bytes > 20 * weights && large.bytes < 22 * weights)
  }

  @Test("is by what it is for, and of two workers twice that of one")
  func parts() throws {
    let one = try plan("4C5-P4-20-10", workers: 1).memory
    let two = try plan("4C5-P4-20-10", workers: 2).memory
    #expect(one.count == 4 && one.allSatisfy { $0.bytes > 0 })
    #expect(two[3].bytes == 2 * one[3].bytes)
    #expect(two[1].bytes == one[1].bytes)
  }

  @Test("is refused above the limit, with both sizes")
  func refused() throws {
    let plan = try plan("1000-10")
    try plan.requireMemory(MemoryLimit(bytes: plan.bytes, source: "a test"))
    let error = #expect(throws: CounterspikeError.self) {
      try plan.requireMemory(MemoryLimit(bytes: plan.bytes - 1, source: "a test"))
    }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message.contains("(a test)") == true)
  }

  @Test("refuses numbers that cannot be counted, and no batch or worker at all")
  func nonsense() throws {
    for (workers, batchSize) in [(0, 16), (-2, 16), (2, 0)] {
      #expect(throws: CounterspikeError.self) {
        try plan("4-3", workers: workers, batchSize: batchSize)
      }
    }
    var settings = try NetworkSettings("10")
    settings.timeSteps = 1_000_000
    let wide = try NetworkPlan(settings, inputShape: [1, 1000, 1000])
    #expect(throws: CounterspikeError.self) {
      try EnginePlan(
        wide, isStill: false, optimizer: .sgd, batchSize: 1_000_000, microBatch: 1_000_000,
        workers: 1)
    }
    // So large that not even one sample can be counted.
    settings.layers = try LayerNotation.parse("1C1-1C9s999-10")
    #expect(throws: CounterspikeError.self) {
      try NetworkPlan(settings, inputShape: [1, 40_000, 40_000])
    }
  }

  @Test("a buffer that the system has no memory for is an error")
  func noMemory() {
    for count in [Int.max, Int.max / 4, 1 << 58, -1] {
      let error = #expect(throws: LibraryFailure.self) { try FloatBuffer(reserving: count) }
      #expect(error?.kind == .outOfMemory)
    }
  }
}
