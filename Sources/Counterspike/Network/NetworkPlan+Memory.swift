internal import CounterspikeKernels
internal import Foundation

extension NetworkPlan {
  /// Refuses a network that this machine cannot hold, before anything is reserved for it.
  ///
  /// Counted are only the weights with two moments, and the currents and outputs of all time
  /// steps: less than what training takes.
  ///
  /// - Parameter samples: that are worked on at the same time.
  /// - Throws: `invalidRecipe`.
  func requireMemory(samples: Int) throws(CounterspikeError) {
    // Of real numbers, because the counts of a mistyped layer may be larger than any `Int`.
    var floats = 0.0
    for stage in stages {
      floats += 3 * stage.weightShape.reduce(1) { $0 * Double($1) }
      let neurons =
        Double(paddedChannels(stage.neuronShape[0])) * Double(stage.neuronShape[1])
        * Double(stage.neuronShape[2])
      floats += 2 * Double(timeSteps) * Double(samples) * neurons
    }
    let bytes = floats * Double(MemoryLayout<Float>.stride)
    let limit = Double(ProcessInfo.processInfo.physicalMemory)
    guard bytes > limit else { return }
    func gigabytes(_ bytes: Double) -> String {
      bytes < 1e15 ? "\((bytes / 1e8).rounded() / 10) GB" : "over a million GB"
    }
    throw CounterspikeError(
      .invalidRecipe,
      "network.layers with network.timeSteps \(timeSteps) takes at least \(gigabytes(bytes)) of "
        + "memory, this machine has \(gigabytes(limit)); use smaller layers, fewer time steps, a "
        + "smaller training.microBatchSize or fewer threads")
  }
}
