import Counterspike
import CounterspikeKernels
import Foundation
import Testing

@testable import struct CounterspikeEngine.EnginePlan

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
    // A machine under load takes its time.
    #expect(clock.now - start < .seconds(60))
    // Weights, two moments and the gradients of two micro-batches, 4 bytes each.
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

  @Test(
    "feeds half as many workers as a batch has samples, unless weights or means want more of them")
  func microBatches() throws {
    let usual = "15C5-P2-40C5-P2-300-10"
    #expect(try plan(usual, batchSize: 64).batches == 32)
    #expect(try plan(usual, batchSize: 256).batches == 128)
    #expect(try plan(usual, batchSize: 50).batches == 25)
    // A weight of it is used 5 times a sample.
    #expect(try plan("800-800-10", batchSize: 64).batches == 8)
    var settings = try NetworkSettings(usual)
    settings.normalization = true
    let normalized = try NetworkPlan(settings, inputShape: [1, 28, 28])
    #expect(
      try EnginePlan(
        normalized, isStill: true, optimizer: .sgd, batchSize: 64, workers: 1
      ).batches == 4)
    let network = try NetworkPlan(NetworkSettings(usual), inputShape: [1, 28, 28])
    #expect(
      try EnginePlan(
        network, isStill: true, optimizer: .sgd, batchSize: 64, workers: 1, averages: true
      ).batches == 8)
  }

  @Test("knows what takes means over a micro-batch")
  func averages() throws {
    let network = try NetworkPlan(NetworkSettings("20-10"), inputShape: [1, 4, 4])
    var gradient = GradientSettings.neighborhood()
    #expect(!network.averagesMicroBatches(gradient, LossSettings()))
    #expect(
      network.averagesMicroBatches(
        gradient, LossSettings([LossSettings.Term(.count())], rates: RatePenalty(weight: 1))))
    gradient.deltaScaling = .byLayer
    #expect(network.averagesMicroBatches(gradient, LossSettings()))
  }

  @Test("takes memory by worker, and by level of the tree")
  func sums() throws {
    let one = try plan("15C5-P2-40C5-P2-300-10", workers: 1, batchSize: 256)
    #expect(one.batches == 128 && one.memory[2].purpose == "gradients, 8 sums")
    let four = try plan("15C5-P2-40C5-P2-300-10", workers: 4, batchSize: 256)
    #expect(four.memory[2].purpose == "gradients, 11 sums")
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
