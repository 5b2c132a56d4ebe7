package import CounterspikeKernels
package import CounterspikeProducts
package import CounterspikeSystem

/// One step of a program with one worker's buffers: what it computes, and the way back.
package protocol ProgramPass: Sendable {
  /// The layer that its time is counted for.
  var stage: Int { get }

  /// - Parameter spikes: one number a stage, to which the spikes are added.
  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError)

  /// Turns the gradient with respect to its output, which stands in the output's buffer, into the one
  /// with respect to its input, in the input's buffer, and writes that of its parameters.
  func backward(_ run: BackwardRun) throws(CounterspikeError)
}

/// One that drops values, whose mask is drawn before a training step.
protocol MaskedPass: ProgramPass {
  /// Draws the mask of row `row`.
  func drawMask(seed: UInt64, epoch: Int, sample: Int, row: Int)
}

/// What all passes of a way through the network share.
package struct ForwardRun {
  package let parameters: Parameters
  /// Rows that hold samples; the others pad the micro-batch.
  let samples: Int
  let isTraining: Bool
  /// Where normalizations put the means and variances that they find; lies like those of ``parameters``.
  let statistics: FloatBuffer?
  /// Spikes of recurrent neurons that are inverted, by their layers.
  let flips: [Int: [RecurrentNeurons.Flip]]
  let clock: PassClock?

  package init(
    parameters: Parameters, samples: Int, isTraining: Bool, statistics: FloatBuffer?,
    flips: [Int: [RecurrentNeurons.Flip]] = [:], clock: PassClock?
  ) {
    self.parameters = parameters
    self.samples = samples
    self.isTraining = isTraining
    self.statistics = statistics
    self.flips = flips
    self.clock = clock
  }
}

/// What all passes of the way back share.
package struct BackwardRun {
  let parameters: Parameters
  /// As on the way forward.
  let samples: Int
  let isTraining: Bool
  /// Give the derivative of a spike, one a stage.
  let rules: [SpikeRule]
  /// One slice a parameter, of a convolution in oneDNN's order. Passes write it, whatever is there: micro-batches
  /// are added up elsewhere, in an order that does not depend on who computed them.
  let gradients: [FloatSlice]
  /// Called for every layer of neurons before its rule is applied, when its output holds the gradient
  /// and its currents are still there, and after it, when the currents are δ.
  let inspect: ((_ stage: Int, _ isApplied: Bool) -> Void)?
  /// What layers do besides their rule.
  let adjustment: LayerAdjustment?
  let clock: PassClock?
}
