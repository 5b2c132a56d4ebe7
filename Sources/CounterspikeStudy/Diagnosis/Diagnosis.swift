public import Counterspike
public import CounterspikeData
public import CounterspikeTraining

/// Finds out why a network does not learn.
///
/// Layers are looked at with the weights of a checkpoint, or with new ones. Then the recipe is trained for
/// a few steps, and so is each setting before it is suggested. The same arguments give the same report.
///
/// ```swift
/// let report = try Diagnosis(recipe, data).run()
/// for finding in report.findings { print(finding.observation) }
/// ```
public struct Diagnosis {
  public let recipe: Recipe
  /// Optimizer steps of a trial, ≥ 1.
  public var steps = 60
  /// Loads the data by another recipe; `nil`: settings of the data are not tried.
  public var reload: ((Recipe) throws -> any SampleSource)?
  let source: any SampleSource
  private let network: Network?
  private let epochs: Int?
  let workers: Int

  /// - Parameters:
  ///   - checkpoint: whose weights are looked at; `nil`: new ones are.
  ///   - workers: threads; they change nothing but the speed.
  public init(
    _ recipe: Recipe, _ data: DataSet, checkpoint: Checkpoint? = nil, workers: Int = 1
  ) throws(CounterspikeError) {
    var recipe = recipe
    recipe.data = data.recipeSettings(recipe.data)
    self.recipe = recipe
    source = data.training
    network = try checkpoint?.network()
    epochs = checkpoint?.completedEpochs
    self.workers = workers
  }

  /// - Parameter training: samples to train with.
  public init(_ recipe: Recipe, training: any SampleSource, workers: Int = 1) {
    self.recipe = recipe
    source = training
    network = nil
    epochs = nil
    self.workers = workers
  }

  /// - Parameter progress: told what comes next, in a few words.
  /// - Throws: as `Trainer`; `mismatch` when samples and network do not fit.
  public func run(progress: (String) -> Void = { _ in }) throws -> DiagnosisReport {
    precondition(steps > 0, "\(steps) steps")
    progress("training for \(steps) steps")
    let trial = DiagnosisTrial(source, recipe: recipe, steps: steps, workers: workers)
    var baseline = try trial.run(recipe)
    // What is slow at first is not yet wrong.
    if !trial.learns(baseline), !baseline.outcome.hasDiverged {
      let longer = try trial.run(recipe, steps: 4 * steps)
      if trial.learns(longer) { baseline = longer }
    }
    progress("looking at the layers")
    let network =
      try network
      ?? Network(recipe.network, inputShape: Array(source.shape.suffix(3)), seed: recipe.seed)
    let layers = try DiagnosisLayers(
      network, recipe: recipe, source: trial.judged, workers: workers)
    var search = DiagnosisSearch(
      diagnosis: self, trial: trial, baseline: baseline, layers: layers, network: network,
      isTrained: epochs != nil)
    try search.run(progress)
    return DiagnosisReport(
      name: recipe.name,
      network: LayerNotation.format(recipe.network.layers)
        ?? network.plan.stages.map(\.name).joined(separator: "-"),
      epochs: epochs, chance: trial.chance, layers: layers.layers, baseline: baseline.outcome,
      findings: search.findings)
  }
}
