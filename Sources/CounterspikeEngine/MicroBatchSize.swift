internal import CounterspikeKernels
internal import CounterspikeNetwork

extension Engine {
  /// Samples a worker takes at a time when a recipe leaves it open: a function of network, loss and batch
  /// alone, as the order of sums depends on it.
  ///
  /// Two, so that a batch has work for half as many workers as it has samples. More, up to eight, where a
  /// micro-batch of two would not multiply each weight ``usesOfWeight`` times: reading the weights and summing
  /// their gradients, which every micro-batch does anew, then takes longer than computing. Where a result is a
  /// mean over a micro-batch its size is part of what is computed, and as large as a mean wants it: 16 for
  /// normalizations, 8 for others. But for normalizations, fewer where all time steps of the largest stage
  /// overflow a core's cache: T = 200 of the MNIST network takes an eighth less time by one sample than by
  /// eight. Then the next smaller number that divides the batch, so that no rows are computed for nothing, in
  /// an even number of parts if there is one.
  ///
  /// - Parameter averages: whether a penalty or a scaling takes means over a micro-batch.
  static func microBatchSize(
    plan: NetworkPlan, isStill: Bool, batchSize: Int, averages: Bool = false
  ) -> Int {
    let size =
      if plan.isNormalized {
        16
      } else if averages {
        cachedSize(plan: plan, isStill: isStill)
      } else {
        min(
          sharedSize(plan: plan, isStill: isStill), cachedSize(plan: plan, isStill: isStill))
      }
    return divisor(of: batchSize, upTo: min(size, batchSize))
  }

  /// How often a micro-batch multiplies a weight, at least, on its way forward.
  private static let usesOfWeight = 48.0

  private static func sharedSize(plan: NetworkPlan, isStill: Bool) -> Int {
    var (products, weights) = (0.0, 0.0)
    for node in plan.nodes where node.isBuiltInProduct {
      let layout = ProductLayout(node, plan, isStill: isStill)
      let pixels = Double(node.shape[1]) * Double(node.shape[2])
      weights += Double(layout.weightCount)
      products +=
        Double(layout.weightCount) * pixels * Double(layout.isStill ? 1 : plan.timeSteps)
    }
    // A product with lateral weights, of which there is one a time step, has 16 rows at least.
    var size = plan.stages.contains { $0.neuronKind == .recurrent } ? 8 : 2
    while size < 8 && Double(size) * products < usesOfWeight * weights { size *= 2 }
    return size
  }

  /// Eight, or fewer where they overflow a core's cache and the weights do not weigh more than they.
  private static func cachedSize(plan: NetworkPlan, isStill: Bool) -> Int {
    let weights = plan.nodes.reduce(0.0) { sum, node in
      guard node.isBuiltInProduct else { return sum }
      return sum + Double(ProductLayout(node, plan, isStill: isStill).weightCount)
    }
    let sample = StageLayout.layouts(plan, isStill: isStill).reduce(0.0) { largest, layout in
      let neurons = layout.neurons(timeSteps: plan.timeSteps, batch: 1)
      return max(largest, Double(neurons.currentCount) + Double(neurons.outputCount))
    }
    var size = 8
    while size > 1, Double(size) * sample > Double(1 << 20), Double(size) * sample > weights {
      size /= 2
    }
    return size
  }

  private static func divisor(of batchSize: Int, upTo size: Int) -> Int {
    let divisors = ((size / 2 + 1)...size).filter { batchSize.isMultiple(of: $0) }
    return divisors.last { (batchSize / $0).isMultiple(of: 2) } ?? divisors.last ?? size
  }
}
