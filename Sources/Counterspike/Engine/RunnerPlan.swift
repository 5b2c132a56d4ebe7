internal import CounterspikeKernels

/// The buffers of one ``MicroBatchRunner``, worked out from shapes.
struct RunnerPlan: Sendable {
  struct Stage: Sendable {
    let layout: StageLayout
    let neurons: NeuronLayer
    let convolution: Convolution?
    /// Whether values are dropped.
    let hasMask: Bool

    /// Floats of all buffers.
    var count: Int {
      neurons.currentCount + neurons.outputCount + (hasMask ? neurons.pooledPlane : 0)
    }
  }

  let network: NetworkPlan
  let microBatch: Int
  let isStill: Bool
  /// Floats of one sample.
  let sampleCount: Int
  /// Floats of a micro-batch of samples.
  let inputCount: Int
  let stages: [Stage]
  /// Floats of oneDNN's working memory.
  let scratchCount: Int

  /// - Parameter training: whether values are dropped out.
  init(_ parameters: ParameterPlan, training: Bool) {
    let network = parameters.network
    self.network = network
    microBatch = parameters.microBatch
    isStill = parameters.isStill
    let pixels = network.inputShape.reduce(1, *)
    sampleCount = (isStill ? 1 : network.timeSteps) * pixels
    inputCount = microBatch * sampleCount
    stages = zip(parameters.layouts, parameters.convolutions).map { layout, convolution in
      Stage(
        layout: layout,
        neurons: layout.neurons(timeSteps: network.timeSteps, batch: parameters.microBatch),
        convolution: convolution, hasMask: training && layout.stage.dropout > 0)
    }
    scratchCount = stages.map { $0.convolution?.scratchCount ?? 0 }.max() ?? 0
  }

  /// Bytes of all buffers.
  var bytes: Int {
    let floats = sampleCount + inputCount + scratchCount + stages.reduce(0) { $0 + $1.count }
    return floats * MemoryLayout<Float>.stride + NeuronScratch.bytes(timeSteps: network.timeSteps)
  }
}
