public import Counterspike

/// What tells whether two sets of samples are the same: SHA-256 of number, shape, labels and content.
///
/// The content of images in memory is their raw pixels, of time series their values, of recordings the
/// binned spikes. Of recordings that take more than 64 MB packed, and are perhaps not in memory, it is the
/// packed length of each. Of other sources it is 64 samples, evenly spread. Random transforms
/// and the numbers that normalize images have no part in it.
///
/// - Complexity: O(bytes); MNIST takes a few hundredths of a second.
public enum DataFingerprint {
  /// The most bytes of recordings that are looked at.
  static let recordingLimit = 64 << 20
  /// The number of samples that speak for sources of an unknown kind.
  private static let sampleCount = 64

  /// 64 hexadecimal digits.
  public static func text(of source: any SampleSource) -> String {
    var sum = RunningChecksum()
    sum.add(source)
    return sum.text
  }

  /// Some samples' values, for sources that say nothing else.
  fileprivate static func addSamples(
    of source: any SampleSource, to sum: inout RunningChecksum
  ) {
    let count = source.count
    var values = [Float](repeating: 0, count: source.shape.reduce(1, *))
    for place in 0..<min(count, sampleCount) {
      var span = values.mutableSpan
      source.load(place * count / min(count, sampleCount), epoch: 0, into: &span)
      sum.add(LittleEndian.bytes(values))
    }
  }
}

/// A source that can say quickly what its samples are.
protocol FingerprintedSource: SampleSource {
  /// Adds the content of all samples, labels left out.
  func addContent(to sum: inout RunningChecksum)
}

extension RunningChecksum {
  /// Adds number, shape, labels and content.
  fileprivate mutating func add(_ source: any SampleSource) {
    add(LittleEndian.bytes([source.count, source.classCount] + source.shape))
    add(LittleEndian.bytes((0..<source.count).map { Int32(source.label(at: $0)) }))
    switch source {
    case let source as any FingerprintedSource: source.addContent(to: &self)
    case let source as TensorSource: add(LittleEndian.bytes(source.samples.scalars))
    case let source as EncodedSet: add(source.source)
    case let source as TargetedSource:
      add(LittleEndian.bytes(source.targets.scalars))
      add(source.source)
    case let source as SampleSubset:
      add(LittleEndian.bytes(source.indices))
      add(source.source)
    default: DataFingerprint.addSamples(of: source, to: &self)
    }
  }
}

extension ImageSet: FingerprintedSource {
  func addContent(to sum: inout RunningChecksum) { sum.add(rawPixels) }
}

extension EventSet: FingerprintedSource {
  func addContent(to sum: inout RunningChecksum) {
    if byteCount <= DataFingerprint.recordingLimit {
      sum.add(packed)
    } else {
      sum.add(LittleEndian.bytes(packedLengths))
    }
  }
}
