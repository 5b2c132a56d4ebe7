internal import CounterspikeEngine
internal import CounterspikeKernels
package import CounterspikeNetwork
internal import CounterspikeProducts
package import CounterspikeSettings
internal import CounterspikeSystem
internal import Synchronization

/// A network and some samples, both frozen: single spikes and weights can be changed, to see what
/// the loss then really does.
///
/// What is asked in one call is answered by several threads; they change nothing but the speed.
package final class NetworkProbe: WorkerJob, @unchecked Sendable {
  package let plan: NetworkPlan
  package let sampleCount: Int
  /// L of every sample.
  package private(set) var losses: [Double] = []
  /// The predicted class of every sample.
  package private(set) var predictions: [Int] = []

  let labels: [Int32]
  let lossSettings: LossSettings
  let loss: OutputLoss
  package let network: Network
  let source: any SampleSource
  let indices: [Int]
  /// Rows of a micro-batch: samples, or variants of samples.
  let rows: Int
  let workers: [Worker]
  /// What every layer did with the unchanged network, one a micro-batch of samples.
  private(set) var records: [Record] = []
  /// The buffers that the stages from each one on read of the earlier ones; behind the last, the loss.
  private let reads: [[Int]]
  private let pool: WorkerPool
  /// What the running round does; written only between rounds.
  private var body: ((_ item: Int, _ worker: Worker) throws -> Void)?

  /// One thread's network, whose weights it may change for a while.
  struct Worker {
    let parameters: Parameters
    let runner: MicroBatchRunner
    let result: MicroBatchResult
  }

  /// Copies of a micro-batch's buffers.
  struct Record {
    /// c, one a stage.
    let currents: [FloatBuffer]
    /// The buffers that a later stage reads from an earlier one, by their places in the program.
    let values: [Int: FloatBuffer]
  }

  /// A neuron of a layer, for one sample.
  package struct Neuron: Sendable, Hashable {
    package var stage: Int
    package var sample: Int
    package var channel: Int
    package var y: Int
    package var x: Int

    package init(stage: Int, sample: Int, channel: Int, y: Int, x: Int) {
      self.stage = stage
      self.sample = sample
      self.channel = channel
      self.y = y
      self.x = x
    }
  }

  /// - Parameters:
  ///   - source: where samples come from.
  ///   - indices: which of them.
  ///   - workers: threads.
  /// - Throws: `mismatch` where there are no samples, or a label is no class of the network;
  ///   `invalidRecipe` where it takes more memory than this process may have; `libraryFailure`.
  package init(
    network: Network, source: any SampleSource, indices: [Int], loss: LossSettings, workers: Int
  ) throws {
    guard !indices.isEmpty else {
      throw CounterspikeError(.mismatch, "there is no sample to look at; name at least one")
    }
    OneDNN.useOneThread()
    self.network = network
    self.source = source
    self.indices = indices
    plan = network.plan
    sampleCount = indices.count
    let rows = min(indices.count, 32)
    self.rows = rows
    let loss = try loss.balanced(by: source)
    lossSettings = loss
    self.loss = try loss.kernel(plan: plan, batch: rows, targetShape: source.targetShape)
    let targetCount = self.loss.targetCount
    labels =
      targetCount == 0
      ? try source.checkedLabels(of: indices, classCount: plan.classCount) : indices.map { _ in 0 }
    let pool = try WorkerPool(count: workers)
    self.pool = pool
    try plan.requireCountable(samples: rows, workers: workers)
    let isStill = source.shape.count == 3
    let parameters = try ParameterPlan(
      network.plan, isStill: isStill, microBatch: rows, backward: true)
    let runner = RunnerPlan(parameters, training: false)
    let stages = network.plan.stages.indices
    reads = (stages.lowerBound...stages.upperBound).map { runner.program.buffersRead(from: $0) }
    let records = (indices.count + rows - 1) / rows
    try MemoryLimit.current().require(
      pool.count * (parameters.bytes + runner.bytes) + records * runner.bytes,
      for: "looking at \(indices.count) samples with \(pool.count) threads",
      remedy: "name fewer samples or fewer threads")
    self.workers = try (0..<pool.count).map { _ in
      // Convolutions hold weights, which each worker changes for itself.
      let own = try ParameterPlan(
        network.plan, isStill: isStill, microBatch: rows, backward: true)
      return Worker(
        parameters: try Parameters(own, statistics: network.statistics) { network.weights[$0] },
        runner: try MicroBatchRunner(RunnerPlan(own, training: false)),
        result: MicroBatchResult(
          microBatch: rows, stages: network.plan.stages.count, targetCount: targetCount))
    }
    for chunk in 0..<chunkCount { try record(chunk) }
  }

  deinit { pool.close() }

  package func perform(item: Int, worker: Int) throws {
    try body?(item, workers[worker])
  }

  /// Answers items `0 ..< count` on all threads; the answers are in order.
  func answer<Answer: Sendable>(
    _ count: Int, _ body: @escaping (_ item: Int, _ worker: Worker) throws -> Answer
  ) throws -> [Answer] {
    let answers = Mutex([Int: Answer]())
    self.body = { item, worker in
      let answer = try body(item, worker)
      answers.withLock { $0[item] = answer }
    }
    defer { self.body = nil }
    try pool.run(self, items: count)
    return answers.withLock { answers in (0..<count).compactMap { answers[$0] } }
  }

  // MARK: The unchanged network

  var chunkCount: Int { (sampleCount + rows - 1) / rows }

  /// The samples of a micro-batch.
  func samples(of chunk: Int) -> Range<Int> {
    chunk * rows..<min(sampleCount, (chunk + 1) * rows)
  }

  /// Puts a micro-batch of samples into a worker's input.
  func load(_ chunk: Int, _ worker: Worker) {
    let samples = samples(of: chunk)
    for row in 0..<rows {
      let sample = samples.lowerBound + row
      let isSample = sample < samples.upperBound
      worker.runner.load(source, index: isSample ? indices[sample] : nil, epoch: 0, row: row)
      loadTarget(sample: isSample ? sample : nil, row: row, worker)
    }
  }

  /// Puts what a sample's output is compared with into row `row`.
  func loadTarget(sample: Int?, row: Int, _ worker: Worker) {
    worker.result.labels[row] = sample.map { labels[$0] } ?? -1
    guard let sample, let targets = worker.result.targets else { return }
    let count = loss.targetCount
    targets.slice(row * count, count).withMutableSpan {
      source.loadTarget(indices[sample], into: &$0)
    }
  }

  private func record(_ chunk: Int) throws {
    let worker = workers[0]
    load(chunk, worker)
    try worker.result.run(worker.runner, worker.parameters, loss: loss, training: false)
    let count = samples(of: chunk).count
    losses += worker.result.losses.prefix(count)
    predictions += worker.result.predictions.prefix(count).map { Int($0) }
    records.append(
      Record(
        currents: worker.runner.stages.map { Self.copy($0.currents) },
        values: Set(reads.joined()).reduce(into: [:]) {
          $0[$1] = Self.copy(worker.runner.buffers[$1])
        }))
  }

  /// Puts what stages from `stage` on read of the earlier ones into a row of a worker's buffers.
  ///
  /// - Parameter sample: whose values.
  func restore(_ sample: Int, to row: Int, from stage: Int, _ worker: Worker) {
    for buffer in reads[stage] {
      guard let base = records[sample / rows].values[buffer] else { continue }
      let target = worker.runner.buffers[buffer]
      let planes = worker.runner.program.buffers[buffer].planes
      let plane = target.count / planes / rows
      for t in 0..<planes {
        target.slice((t * rows + row) * plane, plane).copy(
          from: base.slice((t * rows + sample % rows) * plane, plane))
      }
    }
  }

  /// Puts what stages from `stage` on read of the earlier ones into a worker's buffers, for all samples of
  /// a micro-batch.
  func restore(chunk: Int, from stage: Int, _ worker: Worker) {
    for buffer in reads[stage] {
      guard let base = records[chunk].values[buffer] else { continue }
      worker.runner.buffers[buffer].all.copy(from: base.all)
    }
  }

  private static func copy(_ buffer: FloatBuffer) -> FloatBuffer {
    let copy = FloatBuffer(count: buffer.count)
    copy.all.copy(from: buffer.all)
    return copy
  }

  /// The class of a sample.
  package func label(of sample: Int) -> Int { Int(labels[sample]) }

  /// c[t] of a neuron.
  package func currents(of neuron: Neuron) -> [Float] {
    let stage = workers[0].runner.stages[neuron.stage]
    let shape = stage.layout.stage.neuronShape
    let buffer = records[neuron.sample / rows].currents[neuron.stage].all
    let place =
      ((neuron.sample % rows * shape[1] + neuron.y) * shape[2] + neuron.x)
      * stage.layout.channels + neuron.channel
    if let decay = stage.layout.stillInputDecay {
      return NeuronLayer.stillScales(decay: decay, timeSteps: plan.timeSteps).map {
        buffer[place] * $0
      }
    }
    return (0..<plan.timeSteps).map { buffer[$0 * stage.neurons.plane + place] }
  }

  /// What a neuron does with currents, exactly as in the forward pass.
  package func run(
    _ currents: [Float], of neuron: Neuron
  ) -> (membrane: [Float], spikes: [Float]) {
    let record = external(neuron.stage)?.record(currents) ?? layer(of: neuron).record(currents)
    return (record.membrane, record.spikes)
  }

  /// What a neuron does with its spike at step k inverted: s, and the ε on c[k] that this takes.
  package func inverting(
    _ k: Int, _ currents: [Float], of neuron: Neuron
  ) -> (spikes: [Float], perturbation: Double) {
    external(neuron.stage)?.inverting(k, currents: currents)
      ?? layer(of: neuron).inverting(k, currents: currents)
  }

  /// A layer's neurons, if they are a program's own.
  func external(_ stage: Int) -> ExternalNeurons? {
    workers[0].runner.stages[stage].step.external
  }

  /// A neuron's layer with the neuron's constants as they have been trained.
  func layer(of neuron: Neuron) -> NeuronLayer {
    workers[0].runner.stages[neuron.stage].neurons(
      workers[0].parameters, channel: neuron.channel)
  }

  /// What every neuron of a stage did over all samples, in the order C, H, W.
  package func activity(of stage: Int) -> [Activity] {
    let shape = plan.stages[stage].neuronShape
    var result: [Activity] = []
    result.reserveCapacity(shape.reduce(1, *))
    for channel in 0..<shape[0] {
      let threshold = network.neuron(ofStage: stage, channel: channel).threshold
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          var activity = Activity()
          for sample in 0..<sampleCount {
            let neuron = Neuron(stage: stage, sample: sample, channel: channel, y: y, x: x)
            let currents = currents(of: neuron)
            let (membrane, spikes) = run(currents, of: neuron)
            activity.hasCurrent = activity.hasCurrent || currents.contains { $0 != 0 }
            activity.largestMembrane = max(
              activity.largestMembrane, (membrane.max() ?? -.infinity) / threshold)
            activity.spikes += spikes.count { $0 > 0 }
          }
          result.append(activity)
        }
      }
    }
    return result
  }

  package struct Activity: Sendable {
    package var spikes = 0
    /// In units of the threshold.
    package var largestMembrane = -Float.infinity
    package var hasCurrent = false
  }
}
