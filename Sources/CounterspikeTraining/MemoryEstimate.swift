public import Counterspike

/// What a training will take in memory, worked out by reserving it: pages that nothing writes to
/// cost nothing.
public struct MemoryEstimate: Sendable {
  public struct Part: Sendable {
    public let purpose: String
    public let bytes: Int
  }

  public let parts: [Part]

  /// The program itself with its libraries and oneDNN's generated code: the largest resident memory
  /// of `counterspike train mnist --threads 2` without the other parts, rounded up.
  static let programBytes = 70_000_000

  /// - Parameters:
  ///   - inputShape: `[C, H, W]`.
  ///   - isStill: whether samples are still images, not spike trains.
  ///   - dataBytes: of all samples as they are kept.
  /// - Throws: `invalidRecipe`, `libraryFailure`.
  public init(
    _ recipe: Recipe, inputShape: [Int], isStill: Bool = true, workers: Int, dataBytes: Int
  ) throws(CounterspikeError) {
    let network = try Network(recipe.network, inputShape: inputShape, seed: recipe.seed)
    let engine = try Engine(
      network: network, isStill: isStill, gradient: recipe.gradient, loss: recipe.loss,
      optimizer: recipe.optimizer, batchSize: recipe.training.batchSize,
      microBatch: recipe.training.microBatchSize, seed: recipe.seed, workers: workers)
    parts =
      [Part(purpose: "samples", bytes: dataBytes)]
      + engine.memory.map { Part(purpose: $0.purpose, bytes: $0.bytes) }
      + [Part(purpose: "program", bytes: Self.programBytes)]
  }
}
