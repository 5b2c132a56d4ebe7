public import Counterspike

/// What a training will take in memory, worked out from shapes: nothing is reserved and no weight drawn.
public struct MemoryEstimate: Sendable {
  public struct Part: Sendable, Equatable {
    public let purpose: String
    public let bytes: Int
  }

  public let parts: [Part]
  /// The most threads that have work in a training step: as many as a batch has micro-batches.
  public let usableWorkers: Int

  /// All parts together.
  public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }

  /// The program itself with its libraries, and what oneDNN reserves by itself: the largest resident
  /// memory of small trainings with two threads without the other parts.
  static let programBytes = 56_000_000

  /// - Parameters:
  ///   - inputShape: `[C, H, W]`.
  ///   - isStill: whether samples are static inputs, not spike trains.
  ///   - workers: threads, at least 1.
  ///   - dataBytes: of all samples as they are kept, see `DataSet/residentBytes`.
  /// - Throws: `invalidRecipe`, also where there are more numbers than can be counted;
  ///   `libraryFailure`.
  public init(
    _ recipe: Recipe, inputShape: [Int], isStill: Bool = true, workers: Int, dataBytes: Int
  ) throws(CounterspikeError) {
    try recipe.validate()
    let plan = try NetworkPlan(recipe.network, inputShape: inputShape)
    let engine = try EnginePlan(
      plan, isStill: isStill, optimizer: recipe.optimizer.kind,
      batchSize: recipe.training.batchSize, microBatch: recipe.training.microBatchSize,
      workers: workers, averages: plan.averagesMicroBatches(recipe.gradient, recipe.loss),
      rounding: recipe.training.rounding)
    usableWorkers = engine.batches
    var parts = [Part(purpose: "samples", bytes: dataBytes)]
    parts += engine.memory.map { Part(purpose: $0.purpose, bytes: $0.bytes) }
    let rule = recipe.gradient.memory(plan, workers: workers)
    if rule > 0 { parts.append(Part(purpose: "neighbors", bytes: rule)) }
    // Initial weights are drawn, and checkpoints written, one layer's tensor after the other.
    let tensor = plan.parameters.map(\.count).max() ?? 0
    parts.append(
      Part(purpose: "copy for checkpoints", bytes: tensor * MemoryLayout<Float>.stride))
    parts.append(Part(purpose: "program", bytes: Self.programBytes))
    self.parts = parts
  }
}
