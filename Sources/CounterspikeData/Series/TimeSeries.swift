internal import Counterspike

/// Time series in memory before they are scaled: samples of any length, all of the same channels.
struct TimeSeries: Sendable {
  /// One for each sample, shape `[steps, C]`.
  var samples: [[Float]]
  /// The classes.
  var labels: [Int]
  let channels: Int

  /// Every series in `timeSteps` steps: step t has the mean of the values from ⌊t·L/T⌋ up to
  /// ⌊(t + 1)·L/T⌋, of a series of L, at least of one; shape `[samples, T, C, 1, 1]`.
  ///
  /// - Parameters:
  ///   - offset, scale: value x of channel c becomes (x − offset[c])·scale[c], kept in 0 … 1 where
  ///     `isClamped`.
  func tensor(timeSteps: Int, offset: [Float], scale: [Float], isClamped: Bool) -> Tensor {
    var scalars: [Float] = []
    scalars.reserveCapacity(samples.count * timeSteps * channels)
    for sample in samples {
      let length = sample.count / channels
      for step in 0..<timeSteps {
        let first = step * length / timeSteps
        let last = max(first + 1, (step + 1) * length / timeSteps)
        for channel in 0..<channels {
          var sum: Float = 0
          for place in first..<last { sum += sample[place * channels + channel] }
          let value = (sum / Float(last - first) - offset[channel]) * scale[channel]
          scalars.append(isClamped ? min(max(value, 0), 1) : value)
        }
      }
    }
    return Tensor(shape: [samples.count, timeSteps, channels, 1, 1], scalars: scalars)
  }

  /// Mean and standard deviation of each channel; 1 in place of a standard deviation of 0, so that a
  /// channel that never changes becomes 0.
  func standardization() -> (offset: [Double], unit: [Double]) {
    var offset: [Double] = []
    var unit: [Double] = []
    for channel in 0..<channels {
      var (count, mean, squares) = (0.0, 0.0, 0.0)
      for sample in samples {
        for place in stride(from: channel, to: sample.count, by: channels) {
          count += 1
          let change = Double(sample[place]) - mean
          mean += change / count
          squares += change * (Double(sample[place]) - mean)
        }
      }
      let deviation = (squares / max(count, 1)).squareRoot()
      offset.append(mean)
      unit.append(deviation > 0 ? deviation : 1)
    }
    return (offset, unit)
  }

  /// Smallest value of each channel and the difference of the largest from it, likewise.
  func range() -> (offset: [Double], unit: [Double]) {
    var offset: [Double] = []
    var unit: [Double] = []
    for channel in 0..<channels {
      var (low, high) = (Float.infinity, -Float.infinity)
      for sample in samples {
        for place in stride(from: channel, to: sample.count, by: channels) {
          low = min(low, sample[place])
          high = max(high, sample[place])
        }
      }
      offset.append(Double(low))
      unit.append(high > low ? Double(high - low) : 1)
    }
    return (offset, unit)
  }
}
