internal import CounterspikeKernels

extension NetworkProbe {
  /// What is added to the weights of some stages, in the public order.
  package typealias WeightChange = [(stage: Int, values: [Float])]

  /// The mean loss of all samples with each of `count` changes of the weights, made alone.
  ///
  /// - Parameter change: makes change `item`; called on any thread.
  /// - Throws: `libraryFailure`.
  package func meanLosses(
    _ count: Int, _ change: @escaping @Sendable (_ item: Int) -> WeightChange
  ) throws -> [Double] {
    return try answer(count) { [self] item, worker in
      let changes = change(item)
      defer { restore(changes.map(\.stage), worker) }
      for (stage, values) in changes {
        worker.parameters.weights(stage).add(values, worker.parameters.layouts[stage].order)
        try worker.parameters.pack(stage)
      }
      return try meanLoss(from: changes.map(\.stage).min() ?? 0, worker)
    }
  }

  private func restore(_ stages: [Int], _ worker: Worker) {
    for stage in stages {
      worker.parameters.weights(stage).scatter(
        network.weights[stage].scalars, worker.parameters.layouts[stage].order)
      // Packing the weights that were there before cannot fail for another reason than before.
      try? worker.parameters.pack(stage)
    }
  }

  private func meanLoss(from first: Int, _ worker: Worker) throws -> Double {
    var sum = 0.0
    for chunk in 0..<chunkCount {
      load(chunk, worker)
      if first > 0 {
        worker.runner.stages[first - 1].output.all.copy(
          from: records[chunk].outputs[first - 1].all)
      }
      var spikes = [Int](repeating: 0, count: plan.stages.count)
      try worker.runner.forward(
        worker.parameters, from: first, training: false, spikes: &spikes)
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
