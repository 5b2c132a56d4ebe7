public import Counterspike
internal import CounterspikeKernels

/// The samples of another source as spike trains.
///
/// The source's values are in 0 … 1: images, shape `[C, H, W]`, or series, shape `[T, C, H, W]`.
public struct EncodedSet: SampleSource {
  public let source: any SampleSource
  public let settings: EncodingSettings
  /// The seed of random spikes.
  public let seed: UInt64
  /// The shape of a sample, `[T, C, H, W]`, with twice the channels where there are ON and OFF.
  public let shape: [Int]

  private let isStill: Bool

  /// - Parameters:
  ///   - source: of values in 0 … 1.
  ///   - settings: any kind but `direct`.
  ///   - timeSteps: T, at least 1; that of the series, if they are such.
  ///   - seed: the seed of random spikes.
  /// - Precondition: the settings fit the source: latency and saccades are for images.
  public init(
    _ source: any SampleSource, _ settings: EncodingSettings, timeSteps: Int, seed: UInt64
  ) {
    isStill = source.shape.count == 3
    precondition(timeSteps > 0, "\(timeSteps) time steps")
    precondition(
      isStill || source.shape[0] == timeSteps,
      "series of \(source.shape[0]) steps for \(timeSteps) time steps")
    precondition(
      isStill || [.rate, .delta].contains(settings.kind), "\(settings.kind) is for images")
    self.source = source
    self.settings = settings
    self.seed = seed
    shape = Self.shape(settings.kind, of: source.shape, timeSteps: timeSteps)
  }

  /// The shape that samples of shape `source` have when they are encoded.
  package static func shape(_ kind: EncodingSettings.Kind, of source: [Int], timeSteps: Int)
    -> [Int]
  {
    let frame = Array(source.suffix(3))
    switch kind {
    case .direct: return source
    case .rate, .latency: return [timeSteps] + frame
    case .delta: return [timeSteps, source.count == 3 ? frame[0] : 2 * frame[0]] + frame[1...]
    case .saccades: return [timeSteps, 2] + frame[1...]
    }
  }

  public var count: Int { source.count }
  public var classCount: Int { source.classCount }
  public var targetShape: [Int] { source.targetShape }
  public func label(at index: Int) -> Int { source.label(at: index) }

  public func loadTarget(_ index: Int, into values: inout MutableSpan<Float>) {
    source.loadTarget(index, into: &values)
  }

  public func willLoad(_ indices: ArraySlice<Int>) { source.willLoad(indices) }

  /// Writes the spikes of sample `index`, 0 or 1; random ones depend on seed, epoch and index alone.
  public func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    var sample = [Float](repeating: 0, count: source.shape.reduce(1, *))
    var span = sample.mutableSpan
    source.load(index, epoch: epoch, into: &span)
    var random = RandomStream(seed: seed, purpose: .encoding, epoch, index)
    let steps = shape[0]
    switch settings.kind {
    case .direct: preconditionFailure("direct values need no encoding")
    case .rate:
      RateEncoder(gain: settings.gain).encode(
        sample, isStill: isStill, random: &random, into: &values)
    case .latency:
      LatencyEncoder(threshold: settings.threshold, timeSteps: steps).encode(sample, into: &values)
    case .delta:
      let encoder = DeltaEncoder(threshold: settings.threshold, timeSteps: steps)
      if isStill {
        encoder.encode(image: sample, into: &values)
      } else {
        encoder.encode(series: sample, into: &values)
      }
    case .saccades:
      EventCamera(settings, timeSteps: steps, height: shape[2], width: shape[3]).record(
        sample, channels: source.shape[0], random: &random, into: &values)
    }
  }
}

/// Random spikes: at each step, with probability gain·value, independent of all others.
struct RateEncoder {
  let gain: Float

  /// - Parameters:
  ///   - sample: shape `[C, H, W]`, the same at every step, or `[T, C, H, W]`.
  ///   - values: shape `[T, C, H, W]`.
  func encode(
    _ sample: [Float], isStill: Bool, random: inout RandomStream,
    into values: inout MutableSpan<Float>
  ) {
    let size = sample.count
    var element = 0
    for place in 0..<values.count {
      values[place] = random.uniform() < gain * sample[element] ? 1 : 0
      element += 1
      if element == size { element = 0 }
    }
  }
}

/// One spike for each value v above the threshold, at step round((1 − v)·(T − 1)).
struct LatencyEncoder {
  let threshold: Float
  let timeSteps: Int

  /// - Parameters:
  ///   - sample: shape `[C, H, W]`.
  ///   - values: shape `[T, C, H, W]`.
  func encode(_ sample: [Float], into values: inout MutableSpan<Float>) {
    values.update(repeating: 0)
    for (place, value) in sample.enumerated() where value > threshold {
      let step = Int(((1 - min(value, 1)) * Float(timeSteps - 1)).rounded())
      values[step * sample.count + place] = 1
    }
  }
}

/// A spike at each step at which the value is a threshold or more away from a reference, which then
/// follows by as many whole thresholds as there are.
struct DeltaEncoder {
  let threshold: Float
  let timeSteps: Int

  /// What is short of a threshold by rounding counts as one; in thresholds.
  private static let tolerance: Float = 1e-4

  /// The image fades in: at step t, counted from 0, a pixel's brightness is v·(t + 1)/T.
  ///
  /// - Parameters:
  ///   - image: shape `[C, H, W]`.
  ///   - values: shape `[T, C, H, W]`.
  func encode(image: [Float], into values: inout MutableSpan<Float>) {
    for (place, value) in image.enumerated() {
      // Counted in floating point: of a tiny threshold there are more than integers hold.
      var passed: Float = 0
      for step in 0..<timeSteps {
        let brightness = value * Float(step + 1) / Float(timeSteps)
        let thresholds = (brightness / threshold + Self.tolerance).rounded(.down)
        values[step * image.count + place] = thresholds > passed ? 1 : 0
        passed = max(passed, thresholds)
      }
    }
  }

  /// The reference is the first value of each channel.
  ///
  /// - Parameters:
  ///   - series: shape `[T, C, H, W]`.
  ///   - values: shape `[T, 2·C, H, W]`: first the OFF spikes of all channels, then the ON spikes.
  func encode(series: [Float], into values: inout MutableSpan<Float>) {
    values.update(repeating: 0)
    let size = series.count / timeSteps
    for place in 0..<size {
      var reference = series[place]
      for step in 1..<max(timeSteps, 1) {
        let change = (series[step * size + place] - reference) / threshold
        let thresholds = (abs(change) + Self.tolerance).rounded(.down)
        guard thresholds >= 1 else { continue }
        reference += change > 0 ? threshold * thresholds : -threshold * thresholds
        values[step * 2 * size + (change > 0 ? size : 0) + place] = 1
      }
    }
  }
}
