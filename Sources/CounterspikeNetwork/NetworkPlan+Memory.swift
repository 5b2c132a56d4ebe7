internal import CounterspikeKernels
package import CounterspikeSystem

extension NetworkPlan {
  /// Refuses a network of more numbers than can be counted, so that no sum of sizes overflows.
  ///
  /// - Parameter samples: that each of the workers takes at a time.
  /// - Throws: `invalidRecipe`.
  package func requireCountable(samples: Int, workers: Int) throws(CounterspikeError) {
    // Of real numbers, because the counts of a mistyped layer may be larger than any `Int`.
    let planes = Double(timeSteps) * Double(samples) * Double(workers)
    var floats = planes * inputShape.reduce(1) { $0 * Double($1) }
    for parameter in parameters {
      // A sum of gradients a worker; other sums, moments and packed copies are fewer than 32 numbers.
      let count = parameter.shape.reduce(1) { $0 * Double($1 + FloatBuffer.octet) }
      floats += Double(32 + workers) * count
    }
    for node in nodes.dropFirst() {
      let values =
        Double(paddedChannels(node.shape[0])) * Double(node.shape[1]) * Double(node.shape[2])
      // Beside currents and outputs, oneDNN's working memory holds copies of both.
      floats += 16 * planes * values
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
