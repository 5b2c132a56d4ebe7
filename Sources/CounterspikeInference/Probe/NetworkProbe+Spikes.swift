internal import CounterspikeEngine
internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeProducts

extension NetworkProbe {
  /// Another spike train of one neuron, for one sample.
  package struct Change: Sendable {
    package var neuron: Neuron
    /// 0 or 1, T values.
    package var spikes: [Float]
    /// The step whose spike is inverted, where the neuron is replayed after it on the same currents.
    package var inverted: Int?

    package init(neuron: Neuron, spikes: [Float], inverted: Int? = nil) {
      self.neuron = neuron
      self.spikes = spikes
      self.inverted = inverted
    }
  }

  /// By how much each change, made alone, changes the loss of its sample: the layers behind the
  /// neuron are run again, all of them, and its own where its neurons see each other.
  ///
  /// - Parameter stage: the stage of all the neurons; recurrent ones need ``Change/inverted``.
  /// - Throws: `libraryFailure`.
  package func lossDifferences(stage: Int, changes: [Change]) throws -> [Double] {
    precondition(
      changes.allSatisfy { $0.neuron.stage == stage }, "changes of other stages than \(stage)")
    let batches = (changes.count + rows - 1) / rows
    let parts = try answer(batches) { [self] batch, worker in
      let part = changes[batch * rows..<min(changes.count, (batch + 1) * rows)]
      return try lossDifferences(Array(part), stage: stage, worker)
    }
    return parts.flatMap { $0 }
  }

  private func lossDifferences(
    _ changes: [Change], stage: Int, _ worker: Worker
  ) throws -> [Double] {
    let output = worker.runner.stages[stage].output
    let plane = output.count / plan.timeSteps / rows
    let isRecurrent = plan.stages[stage].neuronKind == .recurrent
    let first = isRecurrent ? stage : stage + 1
    var flips: [RecurrentNeurons.Flip] = []
    for row in 0..<rows {
      guard row < changes.count else {
        loadTarget(sample: nil, row: row, worker)
        continue
      }
      let change = changes[row]
      let sample = change.neuron.sample
      loadTarget(sample: sample, row: row, worker)
      restore(sample, to: row, from: first, worker)
      if isRecurrent {
        guard let step = change.inverted else {
          preconditionFailure("a whole train of a recurrent neuron")
        }
        flips.append(
          RecurrentNeurons.Flip(row: row, neuron: change.neuron.channel, step: step))
        continue
      }
      let (place, psc) = pooled(change)
      for t in 0..<plan.timeSteps { output.all[(t * rows + row) * plane + place] = psc[t] }
    }
    var spikes = [Int](repeating: 0, count: plan.stages.count)
    try worker.runner.forward(
      worker.parameters, from: first, inputIsFiltered: true, samples: changes.count,
      training: false,
      flips: [stage: flips], spikes: &spikes)
    guard let last = worker.runner.stages.last?.output.all else { return [] }
    loss.run(
      psc: last, labels: worker.result.labels, targets: worker.result.targets?.all,
      losses: &worker.result.losses,
      predictions: &worker.result.predictions, gradient: false,
      scratch: worker.runner.lossScratch)
    return changes.indices.map {
      worker.result.losses[$0] - losses[changes[$0].neuron.sample]
    }
  }

  /// What the next stage sees of the changed neuron, and where; added up in the forward kernel's
  /// order, so that no rounding is mistaken for an effect.
  private func pooled(_ change: Change) -> (place: Int, psc: [Float]) {
    let stage = workers[0].runner.stages[change.neuron.stage]
    let neurons = layer(of: change.neuron)
    let window = neurons.pooling
    let (y, x) = (change.neuron.y / window, change.neuron.x / window)
    let place = (y * neurons.pooledWidth + x) * stage.layout.channels + change.neuron.channel
    var sums = [Float](repeating: 0, count: plan.timeSteps)
    for windowY in 0..<window {
      for windowX in 0..<window {
        var neuron = change.neuron
        neuron.y = y * window + windowY
        neuron.x = x * window + windowX
        let spikes =
          neuron == change.neuron
          ? change.spikes : run(currents(of: neuron), of: neuron).spikes
        for t in sums.indices { sums[t] += spikes[t] }
      }
    }
    let d = neurons.synapticDecay
    let gain = window == 1 ? 1 - d : (1 - d) * neurons.poolingFactor
    var a: Float = 0
    let psc = sums.map { sum in
      a = d * a + gain * sum
      return a
    }
    return (place, psc)
  }
}
