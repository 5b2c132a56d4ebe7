internal import CounterspikeKernels
package import CounterspikeNetwork
package import CounterspikeSettings

/// What layers do with a micro-batch's gradient besides what their rules say: the penalty on firing rates
/// and the scaling of δ. One a worker; nothing in it outlives a micro-batch.
package final class LayerAdjustment: @unchecked Sendable {
  private let plan: NetworkPlan
  private let penalty: RatePenalty?
  /// Which stages scale their δ.
  private let scales: [Bool]
  /// Samples of the micro-batch, those that pad it left out.
  private var samples = 0
  /// The mean spikes a neuron and time step, one a stage.
  private var rates: [Double]
  /// The mean |δ| of the output neurons.
  private var outputMean = 0.0

  /// - Parameter respectsLayers: whether layers keep the gradient settings of their own.
  /// - Returns: `nil` where nothing is to be done.
  package init?(
    _ plan: NetworkPlan, gradient: GradientSettings, respectsLayers: Bool = true,
    penalty: RatePenalty?
  ) {
    let scales = plan.scalesDeltas(gradient, respectsLayers: respectsLayers)
    guard penalty != nil || scales.contains(true) else { return nil }
    self.plan = plan
    self.penalty = penalty
    self.scales = scales
    rates = plan.stages.map { _ in 0 }
  }

  /// Takes up what the layers did with a micro-batch, and adds the penalty to its samples' losses.
  package func begin(_ result: MicroBatchResult) {
    samples = result.labels.count { $0 >= 0 }
    guard let penalty, samples > 0 else { return }
    var loss = 0.0
    for (index, stage) in plan.stages.enumerated() where stage.neuronKind != .readout {
      let count = samples * stage.activeNeuronCount * plan.timeSteps
      rates[index] = Double(result.spikes[index]) / Double(count)
      loss += penalty.loss(rate: rates[index])
    }
    for row in result.labels.indices where result.labels[row] >= 0 { result.losses[row] += loss }
  }

  /// Adds the penalty's derivative to the gradient with respect to a stage's output.
  func addPenalty(
    _ neurons: NeuronLayer, _ stage: Int, constants: NeuronConstants?, to gradient: FloatSlice
  ) {
    guard let penalty, plan.stages[stage].neuronKind != .readout else { return }
    // Of the sum over the samples: each spike raises the rate by 1/(samples·neurons·steps).
    let slope =
      penalty.slope(rate: rates[stage])
      / Double(plan.stages[stage].activeNeuronCount * plan.timeSteps)
    guard slope != 0 else { return }
    neurons.addSpikeGradient(
      Float(slope), samples: samples, channels: plan.stages[stage].neuronShape[0],
      constants: constants, to: gradient)
  }

  /// Scales a stage's δ, if it is to be, by
  ///
  ///     1.2·ln(mean_L/(mean_l + 10⁻⁵) + 1.02)
  ///
  /// with mean_l the mean |δ| of the stage over the micro-batch's samples, neurons and time steps, and
  /// mean_L that of the output neurons, which keep their δ. Of a static input's first stage, where the
  /// time steps are added up already, it is the magnitude of the sum over T.
  ///
  /// - Note: the authors' program; the paper does not mention it.
  func scale(_ stage: Int, deltas: FloatSlice) {
    guard samples > 0, scales.contains(true) else { return }
    let count = samples * plan.stages[stage].activeNeuronCount * plan.timeSteps
    let isOutput = stage == plan.stages.count - 1
    guard isOutput || scales[stage] else { return }
    let mean = deltas.sumOfMagnitudes / Double(count)
    if isOutput {
      outputMean = mean
    } else {
      deltas.multiply(by: Float(Self.factor(mean: mean, outputMean: outputMean)))
    }
  }

  /// 1.2·ln(mean_L/(mean_l + 10⁻⁵) + 1.02)
  static func factor(mean: Double, outputMean: Double) -> Double {
    1.2 * naturalLogarithm(outputMean / (mean + 1e-5) + 1.02)
  }
}

extension RatePenalty {
  /// What a layer of this rate adds to each sample's loss.
  func loss(rate: Double) -> Double {
    let distance = distance(rate)
    return Double(weight) * distance * distance
  }

  /// The derivative of ``loss(rate:)``.
  func slope(rate: Double) -> Double { 2 * Double(weight) * distance(rate) }

  /// How far the rate is outside of the interval; negative below it.
  private func distance(_ rate: Double) -> Double {
    rate < Double(lowest)
      ? rate - Double(lowest) : rate > Double(highest) ? rate - Double(highest) : 0
  }
}

extension NetworkPlan {
  /// Whether a penalty or a scaling takes means over a micro-batch, whose size then changes results.
  package func averagesMicroBatches(_ gradient: GradientSettings, _ loss: LossSettings) -> Bool {
    loss.rates != nil || scalesDeltas(gradient, respectsLayers: true).contains(true)
  }

  /// Which stages scale their δ.
  fileprivate func scalesDeltas(_ gradient: GradientSettings, respectsLayers: Bool) -> [Bool] {
    stages.map { stage in
      ((respectsLayers ? stage.gradient : nil) ?? gradient).deltaScaling == .byLayer
    }
  }
}
