package import Counterspike

/// What reports ask a trainer between two steps; nothing here costs a step anything.
extension Trainer {
  /// The gradient of the last step, summed over its batch and before any clipping, one tensor a stage of
  /// ``plan``; zeros where this process has made no step yet.
  package func lastGradients() -> [Tensor] { engine.lastGradients() }

  /// No step of the current epoch was made yet.
  package var isAtEpochBegin: Bool { progress.stepInEpoch == 0 }

  /// Firing rates in the current epoch's steps so far.
  package var firingRates: [FiringRate] { progress.totals.firingRates(plan) }

  /// The weights now, one tensor a stage of ``plan``.
  package func weights() -> [Tensor] { engine.weights() }

  /// `confusion[label][prediction]` of the last evaluation; `nil` where there was none yet, and in
  /// regression.
  package var confusion: [[Int]]? {
    guard let evaluation, !recipe.loss.isRegression,
      lastPredictions.count == evaluation.count
    else { return nil }
    var confusion = Array(
      repeating: [Int](repeating: 0, count: plan.classCount), count: plan.classCount)
    for (index, prediction) in lastPredictions.enumerated() {
      confusion[evaluation.label(at: index)][prediction] += 1
    }
    return confusion
  }
}
