internal import Counterspike

extension TrainingSettings {
  /// Refuses settings that a network or the samples do not allow.
  ///
  /// - Parameter canRank: whether there are samples that epochs are judged by.
  /// - Throws: `invalidRecipe`.
  func check(_ plan: NetworkPlan, canRank: Bool) throws(CounterspikeError) {
    let wish =
      patience != nil
      ? "patience is \(patience ?? 0)" : keep > 0 ? "keep is \(keep)" : nil
    if let wish, !canRank {
      throw CounterspikeError(
        .invalidRecipe,
        "training.\(wish), and there are no validation samples to judge epochs by; set data.validation, "
          + "to 0.1 for example")
    }
    if let weightBits {
      do throws(CounterspikeError) {
        try plan.requireQuantizable()
      } catch {
        throw CounterspikeError(
          error.code, "training.weightBits is \(weightBits), and \(error.message); set it to null",
          remedy: .changeSetting, cause: error)
      }
    }
    let names = plan.stages.map(\.name)
    for layer in frozen ?? [] where !names.contains(layer) {
      let near = layer.nearest(in: names).map { "did you mean \($0)? " } ?? ""
      throw CounterspikeError(
        .invalidRecipe,
        "training.frozen names “\(layer.excerpt)”, which is no layer with weights; \(near)known are "
          + names.joined(separator: ", "))
    }
    if let frozen, Set(frozen).count == names.count {
      throw CounterspikeError(
        .invalidRecipe,
        "training.frozen names all layers, so that nothing is trained; leave one out")
    }
  }
}
