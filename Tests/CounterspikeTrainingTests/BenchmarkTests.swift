import Counterspike
import CounterspikeStudy
import CounterspikeTraining
import Testing

@Suite("Benchmarks")
struct BenchmarkTests {
  static func recipe(_ layers: String = "4C3-P2-20-5", timeSteps: Int = 6) throws -> Recipe {
    var recipe = Recipe()
    recipe.network = try NetworkSettings(layers, timeSteps: timeSteps)
    recipe.training.batchSize = 8
    return recipe
  }

  /// Of h(0), h(1), … with MurmurHash3's finalizer, as other programs compute them.
  @Test("have synthetic samples that other programs can make")
  func madeUp() {
    let samples = SyntheticSamples(count: 2, shape: [1, 1, 3], classCount: 2)
    var values = [Float](repeating: 0, count: 3)
    var span = values.mutableSpan
    samples.load(0, epoch: 0, into: &span)
    let hashes: [Double] = [0, 0x514E_28B7, 0x30F4_C306]
    for (value, hash) in zip(values, hashes) {
      #expect(value == Float((hash / 0x1p32 - 0.5) * 12.0.squareRoot()))
    }
    #expect(samples.label(at: 0) == 0 && samples.label(at: 1) == 1)
  }

  @Test("leave the weights as they are, so that every step does the same work")
  func steps() throws {
    let benchmark = try StepBenchmark(
      Self.recipe(), sampleShape: [1, 10, 10], batches: 1, workers: 1)
    try benchmark.step()
    let first = benchmark.firingRates
    for _ in 0..<3 { try benchmark.step() }
    #expect(benchmark.firingRates == first)
    try benchmark.evaluate()
    #expect(benchmark.sampleCount == 8)
  }

  @Test("scale the weights until the neurons fire as they should", arguments: [0.1, 0.4])
  func firingRate(rate: Double) throws {
    let benchmark = try StepBenchmark(
      Self.recipe("16C3-P2-100-5", timeSteps: 20), sampleShape: [1, 10, 10], batches: 2,
      firingRate: rate, workers: 1)
    try benchmark.step()
    for layer in benchmark.firingRates.prefix(2) {
      #expect(abs(layer.rate - rate) < 0.03, "\(layer.layer) \(layer.rate)")
    }
  }

  @Test("scale what neurons fire by, and leave other parameters and readouts")
  func firingRateOfGraph() throws {
    var recipe = try Self.recipe(timeSteps: 20)
    recipe.network.layers = [.recurrent(60), .dense(50), .readout(5)]
    recipe.network.layers[1].bias = true
    recipe.gradient = .surrogate()
    recipe.loss = LossSettings(.softmax(.mean))
    let benchmark = try StepBenchmark(
      recipe, sampleShape: [1, 10, 10], batches: 2, firingRate: 0.2, workers: 1)
    try benchmark.step()
    #expect(benchmark.firingRates.map(\.layer) == ["recurrent_1", "dense_1"])
    for layer in benchmark.firingRates {
      #expect(abs(layer.rate - 0.2) < 0.05, "\(layer.layer) \(layer.rate)")
    }
  }

  @Test("of other samples go through all of them, and count their loading")
  func ownSamples() throws {
    final class Counter: SampleSource, @unchecked Sendable {
      let base = SyntheticSamples(count: 20, shape: [1, 10, 10], classCount: 5)
      var seen: Set<Int> = []
      var count: Int { base.count }
      var shape: [Int] { base.shape }
      var classCount: Int { base.classCount }
      func label(at index: Int) -> Int { base.label(at: index) }
      func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
        seen.insert(index)
        base.load(index, epoch: epoch, into: &values)
      }
    }
    let samples = Counter()
    let benchmark = try StepBenchmark(
      Self.recipe(), samples: samples, batches: 1, workers: 1, profiled: true)
    for _ in 0..<4 { try benchmark.step() }
    #expect(samples.seen.count == 16)
    let profile = try #require(benchmark.takeProfile(seconds: 1))
    let load = try #require(profile.rows.first)
    #expect(load.pass == "load" && load.seconds > 0)
    #expect(abs(profile.rows.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    // Nothing new since.
    #expect(benchmark.takeProfile(seconds: 1) == nil)
  }

  @Test("refuse samples that do not fit")
  func unfit() throws {
    #expect(throws: CounterspikeError.self) {
      try StepBenchmark(Self.recipe(), sampleShape: [3, 1, 10, 10], workers: 1)
    }
    #expect(throws: CounterspikeError.self) {
      let few = SyntheticSamples(count: 7, shape: [1, 10, 10], classCount: 5)
      _ = try StepBenchmark(Self.recipe(), samples: few, workers: 1)
    }
    #expect(throws: CounterspikeError.self) {
      let others = SyntheticSamples(count: 8, shape: [1, 10, 10], classCount: 4)
      _ = try StepBenchmark(Self.recipe(), samples: others, workers: 1)
    }
  }
}
