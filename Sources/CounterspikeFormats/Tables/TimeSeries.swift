internal import Counterspike

/// Time series in memory before they are scaled: samples of any length, all of the same channels.
package struct TimeSeries: Sendable {
  /// One for each sample, shape `[steps, C]`.
  package var samples: [[Float]]
  /// The classes.
  package var labels: [Int]
  package let channels: Int

  package init(samples: [[Float]], labels: [Int], channels: Int) {
    self.samples = samples
    self.labels = labels
    self.channels = channels
  }

  /// Mean and standard deviation of each channel; 1 in place of a standard deviation of 0, so that a
  /// channel that never changes becomes 0.
  package func standardization() -> (offset: [Double], unit: [Double]) {
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
  package func range() -> (offset: [Double], unit: [Double]) {
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
