package import CounterspikeKernels
internal import CounterspikeRecipe
internal import CounterspikeSettings
package import CounterspikeSystem

extension LossSettings {
  /// The loss of a micro-batch as the kernels take it.
  ///
  /// - Parameter targetShape: of the samples, see ``SampleSource/targetShape``.
  /// - Throws: `invalidRecipe` for settings that no recipe of this network could have, and for class
  ///   weights that are to be balanced by training samples; `mismatch` where the samples have other
  ///   targets than the loss takes.
  package func kernel(
    plan: NetworkPlan, batch: Int, targetShape: [Int] = []
  ) throws(CounterspikeError) -> OutputLoss {
    try validate(timeSteps: plan.timeSteps, classCount: plan.classCount)
    guard !isBalanced else {
      throw CounterspikeError(
        .invalidRecipe,
        "loss.classWeights is balanced, and the training samples are not known here; give a list with "
          + "one number a class")
    }
    try check(targetShape: targetShape, plan: plan)
    let output = plan.stages.last
    let isReadout = output?.neuronKind == .readout
    if isReadout, let term = terms.first(where: \.loss.needsSpikes) {
      throw CounterspikeError(
        .invalidRecipe,
        "the loss \(term.loss.kind.rawValue) is one of spikes, and network.layers ends in a readout, which "
          + "has none; set loss.kind to softmax, or squaredError for numbers, with a loss.reduction "
          + "other than rate",
        remedy: .changeSetting)
    }
    let decay = Float(output?.neuron.synapticDecay ?? 0)
    var kernel = OutputLoss(
      terms: terms.map { term in
        OutputLoss.Term(
          term.loss.kernel(
            timeSteps: plan.timeSteps, classCount: plan.classCount, synapticDecay: decay),
          weight: term.weight, classWeights: term.classWeights.factors)
      },
      timeSteps: plan.timeSteps, batch: batch, classes: plan.classCount,
      channels: paddedChannels(plan.classCount), synapticDecay: decay,
      targetCount: targetShape.isEmpty ? 0 : targetShape.reduce(1, *))
    kernel.isSpiking = !isReadout
    return kernel
  }

  private func check(targetShape: [Int], plan: NetworkPlan) throws(CounterspikeError) {
    let problem: String?
    if isRegression == targetShape.isEmpty {
      problem =
        isRegression
        ? "loss.kind is \(kind.rawValue), and the samples have classes, not numbers, as targets; set loss.kind "
          + "to rate, or give the samples targets"
        : "loss.kind is \(kind.rawValue), and the samples have numbers, not classes, as targets; set "
          + "loss.kind to squaredError"
    } else if targetShape.isEmpty || targetShape == [plan.classCount] {
      problem = nil
    } else if targetShape != [plan.timeSteps, plan.classCount] {
      problem =
        "the samples' targets have the shape \(targetShape), and \(plan.classCount) output neurons with "
        + "\(plan.timeSteps) time steps take [\(plan.classCount)] or [\(plan.timeSteps), "
        + "\(plan.classCount)]; let the last layer of network.layers be \(targetShape.last ?? 0)"
    } else if terms.contains(where: { $0.loss != .squaredError(.everyStep) }) {
      problem =
        "the samples' targets are numbers at every time step, which only loss.reduction everyStep takes; "
        + "set loss.reduction to everyStep"
    } else {
      problem = nil
    }
    if let problem { throw CounterspikeError(.mismatch, problem) }
  }
}

extension LossSettings.ClassWeights {
  /// One factor a class, where they are not all 1.
  fileprivate var factors: [Float]? {
    switch self {
    case .equal, .balanced: nil
    case .list(let weights): weights.map { Float($0) }
    }
  }
}

extension Loss {
  fileprivate func kernel(
    timeSteps: Int, classCount: Int, synapticDecay: Float
  ) -> OutputLoss.Kind {
    switch self {
    case .kernel(let filter):
      .kernel(
        target: OutputLoss.target(
          timeSteps: timeSteps, synapticDecay: synapticDecay,
          twice: filter == .twice && timeSteps > 1))
    case .count(let desired, let undesired):
      .count(desired: Float(desired ?? timeSteps), undesired: Float(undesired))
    case .softmax(let reduction, let smoothing):
      .softmax(reduction.kernel, labelSmoothing: smoothing)
    case .rate(let desired, let undesired): .rate(desired: desired, undesired: undesired)
    case .latency(let timeScale): .latency(timeScale: timeScale)
    case .squaredError(let reduction): .squaredError(reduction.kernel)
    case .registered(let piece):
      .external(
        piece.lossKernel(
          timeSteps: timeSteps, classCount: classCount, synapticDecay: synapticDecay))
    }
  }
}
