internal import CLIDrawing
internal import Counterspike
package import CounterspikeTraining

extension Checkpoint {
  /// Of which epoch a run's chosen checkpoint is, and by what it was chosen.
  package var choice: String {
    let epoch = "after epoch \(completedEpochs)"
    guard let best, recipe.training.modelSelection != .last else { return "\(epoch), the last one" }
    let isRegression = recipe.loss.isRegression
    if recipe.training.modelSelection == .test {
      let what = isRegression ? "RMSE" : "accuracy"
      return "\(epoch), chosen by test \(what) and therefore somewhat too good"
    }
    if isRegression { return "\(epoch), chosen by validation RMSE (\((-best.accuracy).fixed(4)))" }
    return "\(epoch), chosen by validation accuracy (\(best.accuracy.percent))"
  }
}
