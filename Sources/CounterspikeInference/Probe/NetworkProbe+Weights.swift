internal import CounterspikeEngine
internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeSystem

extension NetworkProbe {
  /// What is added to some parameters, in the public order.
  package typealias WeightChange = [(parameter: Int, values: [Float])]

  /// The mean loss of all samples with each of `count` changes of the weights, made alone.
  ///
  /// - Parameter change: makes change `item`; called on any thread.
  /// - Throws: `libraryFailure`.
  package func meanLosses(
    _ count: Int, _ change: @escaping @Sendable (_ item: Int) -> WeightChange
  ) throws -> [Double] {
    return try answer(count) { [self] item, worker in
      let changes = change(item)
      defer { restore(changes.map(\.parameter), worker) }
      for (parameter, values) in changes {
        worker.parameters.weights(parameter).add(
          values, worker.parameters.layouts[parameter].order)
        try worker.parameters.pack(parameter)
      }
      let first = changes.map { worker.parameters.layouts[$0.parameter].stage }.min() ?? 0
      return try meanLoss(from: first, worker)
    }
  }

  private func restore(_ changed: [Int], _ worker: Worker) {
    for parameter in changed {
      worker.parameters.weights(parameter).scatter(
        network.weights[parameter].scalars, worker.parameters.layouts[parameter].order)
      // Packing the weights that were there before cannot fail for another reason than before.
      try? worker.parameters.pack(parameter)
    }
  }

  private func meanLoss(from first: Int, _ worker: Worker) throws -> Double {
    var sum = 0.0
    for chunk in 0..<chunkCount {
      load(chunk, worker)
      restore(chunk: chunk, from: first, worker)
      var spikes = [Int](repeating: 0, count: plan.stages.count)
      try worker.runner.forward(
        worker.parameters, from: first, inputIsFiltered: true, samples: samples(of: chunk).count,
        training: false, spikes: &spikes)
      guard let output = worker.runner.stages.last?.output.all else { continue }
      loss.run(
        psc: output, labels: worker.result.labels, targets: worker.result.targets?.all,
        losses: &worker.result.losses,
        predictions: &worker.result.predictions, gradient: false,
        scratch: worker.runner.lossScratch)
      sum += worker.result.losses.reduce(0, +)
    }
    return sum / Double(sampleCount)
  }
}
