internal import CounterspikeKernels
internal import CounterspikeNetwork
package import CounterspikeSettings

/// What a pass has to do in one training step, counted from the network's shapes.
package struct PassWork: Sendable {
  /// Multiplications and additions of convolutions and matrix products, without padding.
  package var operations = 0.0
  /// Of what is multiplied.
  package var precision = NetworkSettings.Precision.float32
  /// Bytes that the pass reads and writes at least, padding included.
  package var bytes = 0.0
}

extension Engine {
  /// The times of all passes since the last call; all zero in an engine that does not profile.
  package func takePassTimes() -> PassTimes {
    var sum = PassTimes(stages: plan.stages.count)
    for clock in runners.compactMap(\.clock) {
      sum.add(clock.times)
      clock.times = PassTimes(stages: plan.stages.count)
    }
    return sum
  }

  /// The work of a pass of stage `stage` in a training step of a full batch.
  package func work(_ pass: Pass, stage index: Int) -> PassWork {
    guard let runner = runners.first else { return PassWork() }
    let stage = runner.stages[index]
    let currents = stage.neurons.currentCount
    let output = stage.neurons.outputCount
    switch pass {
    case .load:
      return floats(index == 0 ? 2 * runner.input.count : 0)
    case .forward, .weightGradient:
      return products(index)
    case .dataGradient:
      return index == 0 ? PassWork() : products(index)
    case .neuronsForward:
      return floats(currents + output)
    case .loss:
      return floats(index == plan.stages.count - 1 ? 2 * output : 0)
    case .neuronsBackward:
      return floats(2 * currents + output)
    case .update:
      // Each sum of two gradients reads both and writes one; the optimizer reads gradient, weights and
      // moments and writes the latter.
      let own = stage.layout.stage.parameters
      let gradient = own.reduce(0) { $0 + sums[$1].count }
      let moments = optimizer.kind == .adamW ? 2 : 1
      let weights = own.reduce(0) { $0 + parameters.layouts[$1].count }
      let count = 3 * (results.count - 1) * gradient + (3 + 2 * moments) * weights
      return PassWork(bytes: Double(count * MemoryLayout<Float>.stride))
    }
  }

  /// `count` floats a micro-batch.
  private func floats(_ count: Int) -> PassWork {
    PassWork(bytes: Double(results.count * count * MemoryLayout<Float>.stride))
  }

  /// One pass over all multiply-adds; a static input has those of one time step.
  private func products(_ index: Int) -> PassWork {
    let products = plan.stages[index].parameters.compactMap { parameters.layouts[$0].product }
    let operations = products.reduce(0.0) { sum, product in
      let pixels = product.node.shape[1] * product.node.shape[2]
      let weights = product.order.count * pixels
      return sum + 2 * Double(weights * (product.isStill ? 1 : plan.timeSteps) * batchSize)
    }
    return PassWork(
      operations: operations,
      precision: products.first?.precision(plan.precision) ?? .float32)
  }
}
