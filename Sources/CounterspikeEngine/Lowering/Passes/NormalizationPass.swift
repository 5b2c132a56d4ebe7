internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeSystem

/// y = γ·θ·(c − mean)/√(variance + ε) + β by channel; see ``NetworkPlan/Normalization``.
///
/// With x = (c − mean)/√(variance + ε) over n values that count, the way back is
/// ∂L/∂c = γθ/√(variance + ε)·(g − Σg/n − x·Σ(g·x)/n), without the sums where mean and variance are the
/// running ones (Ioffe and Szegedy, 2015).
struct NormalizationPass: ProgramPass {
  /// Numbers a channel that it keeps.
  static let rows = 10

  let step: Program.Normalization
  let input: FloatBuffer
  let output: FloatBuffer
  let gradient: FloatBuffer
  let target: FloatBuffer
  let scratch: FloatBuffer

  var stage: Int { step.stage }
  private var channels: Int { step.planes.channels }

  /// What ``scratch`` holds, one number a channel each.
  private enum Row: Int {
    case mean, variance, inverse, factor, offset, plainSum, weightedSum
    /// Three more are free for sums.
    case free
  }

  private func row(_ row: Row) -> FloatSlice {
    scratch.slice(row.rawValue * channels, channels)
  }
  private var free: FloatSlice {
    scratch.slice(Row.free.rawValue * channels, (Self.rows - Row.free.rawValue) * channels)
  }

  private func usesBatch(_ isTraining: Bool) -> Bool { step.isTraining && isTraining }

  func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    var planes = step.planes
    planes.rows = run.samples
    let offsets = run.parameters.plan.statisticOffsets
    let (mean, variance) = (row(.mean), row(.variance))
    if usesBatch(run.isTraining) {
      planes.statistics(of: input.all, mean: mean, variance: variance, scratch: free)
      if let found = run.statistics {
        found.slice(offsets[step.mean], channels).copy(from: mean)
        // As the running variance of others is the unbiased one.
        let count = Float(max(planes.valuesOfChannel, 2))
        found.slice(offsets[step.variance], channels).copy(
          from: variance, times: count / (count - 1))
      }
    } else {
      let statistics = run.parameters.statistics
      mean.copy(from: statistics.slice(offsets[step.mean], channels))
      variance.copy(from: statistics.slice(offsets[step.variance], channels))
    }
    let inverse = row(.inverse)
    inverse.setInverseRoots(of: variance, plus: NetworkPlan.Normalization.epsilon)
    let (factor, offset) = (row(.factor), row(.offset))
    factor.set(
      run.parameters.weights(step.scale), times: inverse, by: step.threshold)
    // offset = β − factor·mean
    offset.set(run.parameters.weights(step.shift), minus: factor, times: mean)
    planes.scale(input.all, factor: factor, offset: offset, into: output.all)
    run.clock?.end(.neuronsForward, stage: stage)
  }

  func backward(_ run: BackwardRun) throws(CounterspikeError) {
    var planes = step.planes
    planes.rows = run.samples
    let (plain, weighted) = (row(.plainSum), row(.weightedSum))
    planes.sums(
      gradient: gradient.all, values: input.all, mean: row(.mean), inverse: row(.inverse),
      plain: plain, weighted: weighted, scratch: free)
    run.gradients[step.shift].copy(from: plain)
    run.gradients[step.scale].copy(from: weighted, times: step.threshold)
    // g·factor − x·factor·Σ(g·x)/n − factor·Σg/n, with x = inverse·c − inverse·mean
    let share = usesBatch(run.isTraining) ? 1 / Float(max(planes.valuesOfChannel, 1)) : 0
    let (b, c) = (free.slice(0, channels), free.slice(channels, channels))
    NormalizationArithmetic.wayBack(
      factor: row(.factor), inverse: row(.inverse), mean: row(.mean), plain: plain,
      weighted: weighted, share: share, b: b, c: c)
    planes.combine(
      gradient: gradient.all, a: row(.factor), values: input.all, b: b, c: c, into: target.all,
      adding: step.target.adds)
    run.clock?.end(.neuronsBackward, stage: stage)
  }
}
