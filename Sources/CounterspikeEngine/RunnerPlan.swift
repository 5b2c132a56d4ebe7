internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeProducts

/// The program and the buffers of one ``MicroBatchRunner``, worked out from shapes.
package struct RunnerPlan: Sendable {
  let network: NetworkPlan
  let microBatch: Int
  let isStill: Bool
  package let program: Program
  /// One a parameter.
  let parameters: [ParameterLayout]
  /// Floats of one sample.
  let sampleCount: Int
  /// Floats of oneDNN's working memory.
  let scratchCount: Int

  /// - Parameter training: whether values are dropped out, and normalizations take the statistics of the
  ///   micro-batch.
  /// - Parameter frozen: the names of layers that training leaves as they are.
  package init(_ parameters: ParameterPlan, training: Bool, frozen: [String] = []) {
    let network = parameters.network
    self.network = network
    microBatch = parameters.microBatch
    isStill = parameters.isStill
    self.parameters = parameters.layouts
    program = Program(
      network, parameters: parameters.layouts, microBatch: parameters.microBatch,
      isStill: parameters.isStill, isTraining: training, frozen: frozen)
    sampleCount = (isStill ? 1 : network.timeSteps) * network.inputShape.reduce(1, *)
    scratchCount = parameters.layouts.map { $0.convolution?.scratchCount ?? 0 }.max() ?? 0
  }

  /// Bytes of all buffers.
  package var bytes: Int {
    let floats = sampleCount + scratchCount + program.buffers.reduce(0) { $0 + $1.count }
    return floats * MemoryLayout<Float>.stride + NeuronScratch.bytes(timeSteps: network.timeSteps)
      + LossScratch.bytes(
        timeSteps: network.timeSteps, batch: microBatch, classes: network.classCount)
  }
}
