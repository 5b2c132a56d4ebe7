package import CounterspikeSystem

extension NetworkPlan {
  /// Finds out whether there is an output neuron for each class.
  ///
  /// - Throws: `invalidRecipe`.
  package func check(classCount: Int) throws(CounterspikeError) {
    guard self.classCount != classCount else { return }
    throw CounterspikeError(
      .invalidRecipe,
      "network.layers ends in \(self.classCount) neurons, the data has \(classCount) classes; let the "
        + "last layer be \(classCount)")
  }
}
