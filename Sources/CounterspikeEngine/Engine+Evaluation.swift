package import CounterspikeKernels
package import CounterspikeNetwork
internal import CounterspikeSystem

extension Engine {
  /// A forward pass over many samples.
  struct Evaluation {
    let source: any SampleSource
    let indices: [Int]
    let results: [MicroBatchResult]
  }

  /// Loss and predictions without dropout and without gradients.
  ///
  /// - Parameters:
  ///   - indices: which samples.
  ///   - shouldStop: asked every few thousand samples; `true` ends the evaluation.
  ///   - observe: told what the output neurons did for each sample, in the order of `indices`.
  /// - Returns: the sums, and the predicted class of each sample; `nil` if it was stopped.
  package func evaluate(
    source: any SampleSource, indices: [Int], shouldStop: () -> Bool = { false },
    observe: (OutputLoss.Output) throws -> Void = { _ in }
  ) throws -> (totals: BatchTotals, predictions: [Int])? {
    var totals = BatchTotals(stages: plan.stages.count)
    var predictions: [Int] = []
    predictions.reserveCapacity(indices.count)
    let portion = 256 * microBatch
    for begin in stride(from: 0, to: indices.count, by: portion) {
      if shouldStop() { return nil }
      let part = Array(indices[begin..<min(begin + portion, indices.count)])
      let items = (part.count + microBatch - 1) / microBatch
      let results = (0..<items).map { _ in
        MicroBatchResult(
          microBatch: microBatch, stages: plan.stages.count, targetCount: loss.targetCount)
      }
      phase = .evaluate(Evaluation(source: source, indices: part, results: results))
      defer { phase = .idle }
      try pool.run(self, items: items)
      for result in results {
        totals.add(result)
        predictions += result.predictions.filter { $0 >= 0 }.map { Int($0) }
        for (row, label) in result.labels.enumerated() where label >= 0 {
          try observe(result.outputs[row])
        }
      }
    }
    return (totals, predictions)
  }

  func evaluate(_ evaluation: Evaluation, item: Int, worker: Int) throws {
    let runner = runners[worker]
    let result = evaluation.results[item]
    for row in 0..<microBatch {
      let place = item * microBatch + row
      let sample = place < evaluation.indices.count ? evaluation.indices[place] : nil
      runner.load(evaluation.source, index: sample, epoch: 0, row: row)
      try result.loadTarget(
        evaluation.source, index: sample, row: row, classCount: plan.classCount)
    }
    try result.run(runner, parameters, loss: loss, training: false)
    adjustments[worker]?.begin(result)
  }
}
