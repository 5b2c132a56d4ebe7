import Counterspike
import CounterspikeKernels
import CounterspikeProducts
import Foundation
import Testing

/// The recipes that come with Counterspike train to the same bytes as ever: whoever makes the engine
/// faster, or cuts it anew, changes no result.
///
/// oneDNN is held to SSE4.1, so that its sums have one order on all x86-64 processors. The sums were
/// recorded with version 2.6.
@Suite("The recipes' weights")
struct RecipeBytesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let recipe: String
    /// `[C, H, W]`
    let shape: [Int]
    let isStill: Bool
    let batch: Int
    /// Of all weights after two steps.
    let sum: String

    var testDescription: String { recipe }
  }

  static let cases = [
    Case(
      recipe: "fashion-mnist", shape: [1, 28, 28], isStill: true, batch: 8,
      sum: "8e4cb3101c22aeceb9199763b73e148112eeb18df75ea6354c2b77252e42ebe4"),
    Case(
      recipe: "mnist", shape: [1, 28, 28], isStill: true, batch: 8,
      sum: "3655f348da8186483017464389ae477f844fbecdc114a6deaacd31dd7afe01b5"),
    Case(
      recipe: "kmnist", shape: [1, 28, 28], isStill: true, batch: 8,
      sum: "8e4cb3101c22aeceb9199763b73e148112eeb18df75ea6354c2b77252e42ebe4"),
    Case(
      recipe: "cifar-10", shape: [3, 32, 32], isStill: true, batch: 2,
      sum: "a84134cd558198232a0c9383b5fc5ab147e4884bd003154ab405d3c8312ccc19"),
    Case(
      recipe: "cifar-10-residual", shape: [3, 32, 32], isStill: true, batch: 4,
      sum: "997f458bb470dc3f60fcb0aacfc275cfc144376511387d0ada02cbbe8f8a3a5a"),
    Case(
      recipe: "braille-recurrent", shape: [12, 1, 1], isStill: false, batch: 8,
      sum: "e6aebd173011633f4c00d90236b25c9b19c026fb050754888d4cff265b587279"),
    Case(
      recipe: "nmnist", shape: [2, 34, 34], isStill: false, batch: 4,
      sum: "b5a9d4c2d3a4f5e2877a15d668c96b999fb17b16a47d68bd8625fac16ed5e724"),
    Case(
      recipe: "shd", shape: [140, 1, 1], isStill: false, batch: 8,
      sum: "208eb893cfea7de052dc2ad8fe7f2d294ea7f77ce6abda65b7ad8bdc172381e7"),
    Case(
      recipe: "braille", shape: [12, 1, 1], isStill: false, batch: 8,
      sum: "1a84c8c176e607856033122e2c848666df86dfe9b20630d0b533b495dc95264a"),
    Case(
      recipe: "yin-yang", shape: [4, 1, 1], isStill: true, batch: 20,
      sum: "16f3e6c7be3e65696dc8d8868037e2c7cb47945bbc210ed1d38cca6379c8efcc"),
  ]

  #if arch(x86_64) && os(Linux)
    private static let isComparable = OneDNN.version.hasPrefix("2.6.")
  #else
    private static let isComparable = false
  #endif

  @Test(
    "are those that were recorded",
    .enabled(if: isComparable, "recorded with oneDNN 2.6 on x86-64"),
    arguments: cases.indices)
  func bytes(_ index: Int) async {
    await #expect(processExitsWith: .success) { [index] in
      setenv("ONEDNN_MAX_CPU_ISA", "SSE41", 1)
      setenv("DNNL_MAX_CPU_ISA", "SSE41", 1)
      let subject = RecipeBytesTests.cases[index]
      let sum = try RecipeBytesTests.train(subject)
      try #require(sum == subject.sum, "\(subject.recipe): \(sum)")
    }
  }

  private static func train(_ subject: Case) throws -> String {
    let file = URL(fileURLWithPath: #filePath).appending(
      path: "../../../../Recipes/\(subject.recipe).yaml")
    let recipe = try Recipe(contentsOf: file.standardized.path)
    let network = try Network(recipe.network, inputShape: subject.shape, seed: recipe.seed)
    let shape = [2 * subject.batch] + (subject.isStill ? [] : [network.plan.timeSteps])
    let samples = TensorSource(
      samples: subject.isStill
        ? .random(shape + subject.shape) : .randomSpikes(shape + subject.shape, rate: 0.2),
      labels: randomLabels(shape[0], classes: network.plan.classCount),
      classCount: network.plan.classCount)
    let engine = try Engine(
      network: network, isStill: subject.isStill, gradient: recipe.gradient, loss: recipe.loss,
      optimizer: recipe.optimizer, batchSize: subject.batch, microBatch: subject.batch / 2,
      seed: recipe.seed, workers: 2)
    var totals = BatchTotals(stages: network.plan.stages.count)
    for step in 1...2 {
      try engine.step(
        source: samples, order: Array(0..<shape[0]),
        range: (step - 1) * subject.batch..<step * subject.batch, epoch: 0, step: step,
        learningRate: recipe.optimizer.learningRate, totals: &totals)
    }
    var bytes: [UInt8] = []
    for tensor in engine.weights() {
      for value in tensor.scalars {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
      }
    }
    return Checksum.sha256(bytes)
  }
}
