internal import CounterspikeKernels

extension ScheduleSettings {
  /// The learning rate of a step.
  ///
  /// - Parameters:
  ///   - step: counted from 0 over the whole run.
  ///   - peak: the optimizer's learning rate.
  ///   - stepsPerEpoch: optimizer steps of an epoch, at least 1.
  ///   - epochs: epochs of the whole run.
  /// - Note: the cosine is that of Loshchilov, Hutter, "SGDR" (ICLR 2017), Eq. 5, without restarts,
  ///   taken anew at every step.
  public func learningRate(
    step: Int, peak: Float, stepsPerEpoch: Int, epochs: Int
  ) -> Float {
    let stepsPerEpoch = max(stepsPerEpoch, 1)
    let warmUp = Double(warmUpEpochs) * Double(stepsPerEpoch)
    if Double(step) < warmUp {
      return Float(Double(peak) * (Double(step) + 1) / (warmUp + 1))
    }
    let done = Double(step) - warmUp
    switch kind {
    case .constant:
      return peak
    case .exponential:
      guard decay > 0 else { return done < Double(stepsPerEpoch) ? peak : 0 }
      let power = done / Double(stepsPerEpoch) * naturalLogarithm(Double(decay))
      return Float(Double(peak) * exponential(power))
    case .cosine:
      let length = max(Double(stepsPerEpoch) * Double(epochs) - warmUp, 1)
      let fraction = Double(finalFraction)
      let wave = (1 + cosine(.pi * min(done / length, 1))) / 2
      return Float(Double(peak) * (fraction + (1 - fraction) * wave))
    }
  }
}
