internal import CounterspikeKernels

extension NetworkPlan {
  /// Refuses a network of more numbers than can be counted, so that no sum of sizes overflows.
  ///
  /// - Parameter samples: that each of the workers takes at a time.
  /// - Throws: `invalidRecipe`.
  func requireCountable(samples: Int, workers: Int) throws(CounterspikeError) {
    // Of real numbers, because the counts of a mistyped layer may be larger than any `Int`.
    let planes = Double(timeSteps) * Double(samples) * Double(workers)
    var floats = planes * inputShape.reduce(1) { $0 * Double($1) }
    for stage in stages {
      // Lanes, moments and packed copies are fewer than 32 numbers a weight.
      floats +=
        32 * stage.weightShape.reduce(1) { $0 * Double($1 + FloatBuffer.octet) }
      let neurons =
        Double(paddedChannels(stage.neuronShape[0])) * Double(stage.neuronShape[1])
        * Double(stage.neuronShape[2])
      // Beside currents and outputs, oneDNN's working memory holds copies of both.
      floats += 16 * planes * neurons
    }
    guard floats > 0x1p56 else { return }
    throw CounterspikeError(
      .invalidRecipe,
      "network.layers with network.timeSteps \(timeSteps) and \(samples) samples at a time takes over "
        + "a hundred million GB of memory; use smaller layers, fewer time steps or a smaller "
        + "training.microBatchSize",
      remedy: .changeSetting)
  }
}
