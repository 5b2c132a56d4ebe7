package import CounterspikeKernels

extension LossSettings {
  /// The loss of a micro-batch as the kernels take it.
  package func kernel(plan: NetworkPlan, batch: Int) -> OutputLoss {
    let decay = Float(plan.stages.last?.neuron.synapticDecay ?? 0)
    let kernelKind: OutputLoss.Kind =
      switch kind {
      case .kernel:
        .kernel(
          target: OutputLoss.target(
            timeSteps: plan.timeSteps, synapticDecay: decay,
            twice: targetFilter == .twice && plan.timeSteps > 1))
      case .count:
        .count(desired: Float(desiredCount ?? plan.timeSteps), undesired: Float(undesiredCount))
      case .softmax: .softmax
      }
    return OutputLoss(
      kind: kernelKind, timeSteps: plan.timeSteps, batch: batch, classes: plan.classCount,
      channels: paddedChannels(plan.classCount), synapticDecay: decay)
  }
}
