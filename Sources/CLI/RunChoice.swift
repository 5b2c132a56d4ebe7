internal import Counterspike
internal import CounterspikeTraining

extension Checkpoint {
  /// Of which epoch a run's chosen checkpoint is, and by what it was chosen.
  var choice: String {
    let epoch = "after epoch \(completedEpochs)"
    guard let best, recipe.training.modelSelection != .last else { return "\(epoch), the last one" }
    if recipe.training.modelSelection == .test {
      return "\(epoch), chosen by test accuracy and therefore somewhat too good"
    }
    return "\(epoch), chosen by validation accuracy (\(best.accuracy.percent))"
  }
}
