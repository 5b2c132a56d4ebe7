internal import Counterspike
package import CounterspikeFormats

/// Time series of any length as samples of equally many steps, made when they are loaded: they take as
/// much memory as the series do, whatever the number of steps.
///
/// Step t of T has the mean of the values from ⌊t·L/T⌋ up to ⌊(t + 1)·L/T⌋, of a series of L values, at
/// least of one; of value x of channel c then (x − offset[c])·scale[c].
package struct SeriesSource: SampleSource {
  package let series: TimeSeries
  package let timeSteps: Int
  /// Shape `[C]`.
  package let offset: [Float]
  package let scale: [Float]
  /// Whether values are kept in 0 … 1.
  let isClamped: Bool
  package let classCount: Int

  package init(
    series: TimeSeries, timeSteps: Int, offset: [Float], scale: [Float], isClamped: Bool,
    classCount: Int
  ) {
    self.series = series
    self.timeSteps = timeSteps
    self.offset = offset
    self.scale = scale
    self.isClamped = isClamped
    self.classCount = classCount
  }

  package var count: Int { series.samples.count }
  /// `[T, C, 1, 1]`
  package var shape: [Int] { [timeSteps, series.channels, 1, 1] }
  package func label(at index: Int) -> Int { series.labels[index] }

  package func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    let stored = series.samples[index]
    let sample = stored.span
    let channels = series.channels
    let length = sample.count / channels
    var element = 0
    for step in 0..<timeSteps {
      let first = Self.start(of: step, length, timeSteps)
      let last = max(first + 1, Self.start(of: step + 1, length, timeSteps))
      for channel in 0..<channels {
        var sum: Float = 0
        for place in first..<last { sum += sample[place * channels + channel] }
        let value = (sum / Float(last - first) - offset[channel]) * scale[channel]
        values[element] = isClamped ? min(max(value, 0), 1) : value
        element += 1
      }
    }
  }

  /// All samples, shape `[samples, T, C]`.
  package var scalars: [Float] {
    var scalars: [Float] = []
    var sample = [Float](repeating: 0, count: timeSteps * series.channels)
    scalars.reserveCapacity(count * sample.count)
    for index in 0..<count {
      var values = sample.mutableSpan
      load(index, epoch: 0, into: &values)
      scalars += sample
    }
    return scalars
  }

  /// ⌊step·length/timeSteps⌋; the product may have more than 64 bits.
  private static func start(of step: Int, _ length: Int, _ timeSteps: Int) -> Int {
    let (product, isLarger) = step.multipliedReportingOverflow(by: length)
    return isLarger
      ? timeSteps.dividingFullWidth(step.multipliedFullWidth(by: length)).quotient
      : product / timeSteps
  }
}

extension SeriesSource: FingerprintedSource {
  func addContent(to sum: inout RunningChecksum) {
    for sample in series.samples {
      sum.add(LittleEndian.bytes([sample.count]))
      sum.add(LittleEndian.bytes(sample))
    }
  }
}
