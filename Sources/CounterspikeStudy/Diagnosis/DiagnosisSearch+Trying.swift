internal import Counterspike
internal import CounterspikeTraining

/// Whether settings help.
extension DiagnosisSearch {
  /// Tries settings until some help.
  func attempt(
    _ candidates: [DiagnosisCandidates.Candidate], against cause: TrainingWarning.Cause? = nil,
    comparesAccuracy: Bool = false, isFar: Bool = false
  ) throws -> (remedy: Attempt?, tried: [Attempt]) {
    var tried: [Attempt] = []
    for candidate in candidates {
      guard let result = try? trial.run(candidate.recipe) else { continue }
      let attempt = Attempt(settings: candidate.settings, outcome: result.outcome)
      // The values of two kinds of loss cannot be compared.
      let isOtherLoss = candidate.recipe.loss != recipe.loss
      let helps =
        isFar
        ? isFarBetter(result)
        : comparesAccuracy || isOtherLoss ? isMoreOftenRight(result) : isBetter(result)
      if helps, cause.map({ !result.has($0) }) ?? true { return (attempt, tried) }
      tried.append(attempt)
    }
    return (nil, tried)
  }

  /// Whether a trial ends with a lower loss than it began with, and than the recipe as it is.
  func isBetter(_ result: DiagnosisTrial.Result) -> Bool {
    guard result.isLossLower else { return false }
    guard !baseline.outcome.hasDiverged else { return true }
    return result.outcome.lossAfter < 0.98 * baseline.outcome.lossAfter
  }

  /// Whether a trial is more often right than the recipe as it is, where that is what counts.
  func isMoreOftenRight(_ result: DiagnosisTrial.Result) -> Bool {
    // Numbers are neither right nor wrong; their losses mean the same.
    if recipe.loss.isRegression { return isBetter(result) }
    return trial.beatsChance(result.outcome)
      && result.outcome.accuracyAfter > baseline.outcome.accuracyAfter + 0.05
  }

  /// Whether a trial leaves no doubt that it went better, where the recipe as it is learns, too.
  func isFarBetter(_ result: DiagnosisTrial.Result) -> Bool {
    isBetter(result) && isMoreOftenRight(result)
      && (baseline.outcome.hasDiverged
        || result.outcome.lossAfter < 0.8 * baseline.outcome.lossAfter)
  }
}
