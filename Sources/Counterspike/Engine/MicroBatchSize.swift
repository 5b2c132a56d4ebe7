internal import CounterspikeKernels

extension Engine {
  /// Samples a worker takes at a time when a recipe leaves it open: a function of network and batch
  /// alone, as the order of sums depends on it.
  ///
  /// Eight, but fewer where all time steps of the largest stage overflow a core's cache and the
  /// weights, which every micro-batch reads anew, do not weigh more than they: T = 200 of the
  /// MNIST network takes an eighth less time by one sample than by eight. Then the next smaller number
  /// that divides the batch, so that no rows are computed for nothing, in an even number of parts if
  /// there is one.
  static func microBatchSize(plan: NetworkPlan, isStill: Bool, batchSize: Int) -> Int {
    let layouts = StageLayout.layouts(plan, isStill: isStill)
    let weights = plan.nodes.reduce(0.0) { sum, node in
      guard node.isProduct else { return sum }
      return sum + Double(ProductLayout(node, plan, isStill: isStill).weightCount)
    }
    let sample = layouts.reduce(0.0) { largest, layout in
      let neurons = layout.neurons(timeSteps: plan.timeSteps, batch: 1)
      return max(largest, Double(neurons.currentCount) + Double(neurons.outputCount))
    }
    // Fewer samples would make a normalization's means too uncertain.
    var size = min(plan.isNormalized ? 16 : 8, batchSize)
    while size > 1, !plan.isNormalized, Double(size) * sample > Double(1 << 20),
      Double(size) * sample > weights
    {
      size /= 2
    }
    let divisors = ((size / 2 + 1)...size).filter { batchSize.isMultiple(of: $0) }
    return divisors.last { (batchSize / $0).isMultiple(of: 2) } ?? divisors.last ?? size
  }
}
