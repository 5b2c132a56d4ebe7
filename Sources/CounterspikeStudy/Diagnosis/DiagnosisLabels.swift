internal import Counterspike

/// Whether labels have to do with their samples, found without a network.
enum DiagnosisLabels {
  /// The share of samples whose nearest other sample has the same label; by squared distance of the
  /// values, neighbouring ones averaged where there are many.
  ///
  /// - Complexity: O(count²) distances.
  static func nearestNeighborAccuracy(_ source: any SampleSource, count: Int = 400) -> Double {
    let count = min(count, source.count)
    let features = (0..<count).map { Self.features(of: source, $0) }
    var right = 0
    for index in 0..<count {
      var best = (distance: Float.infinity, sample: index)
      for other in 0..<count where other != index {
        let distance = squaredDistance(features[index], features[other], below: best.distance)
        if distance < best.distance { best = (distance, other) }
      }
      if best.sample != index, source.label(at: best.sample) == source.label(at: index) {
        right += 1
      }
    }
    return Double(right) / Double(max(count, 1))
  }

  /// The most values that two samples are compared by.
  private static let largest = 784

  private static func features(of source: any SampleSource, _ index: Int) -> [Float] {
    let size = source.shape.reduce(1, *)
    var values = [Float](repeating: 0, count: size)
    var span = values.mutableSpan
    source.load(index, epoch: 0, into: &span)
    guard size > largest else { return values }
    let group = (size + largest - 1) / largest
    return stride(from: 0, to: size, by: group).map { begin in
      values[begin..<min(begin + group, size)].reduce(0, +)
    }
  }

  private static func squaredDistance(_ a: [Float], _ b: [Float], below limit: Float) -> Float {
    var sum: Float = 0
    for place in a.indices {
      let difference = a[place] - b[place]
      sum += difference * difference
      if sum >= limit { return sum }
    }
    return sum
  }
}

/// How the samples' values lie, channel by channel.
struct DiagnosisInputs {
  /// One a channel.
  let mean: [Double]
  let standardDeviation: [Double]
  /// Root of the mean square of all values.
  let size: Double
  /// All values are 0 or 1.
  let isSpikes: Bool

  /// - Parameter count: the most samples that are looked at.
  init(_ source: any SampleSource, count: Int = 256) {
    let shape = source.shape
    let size = shape.reduce(1, *)
    let channels = shape[shape.count - 3]
    let pixels = shape[shape.count - 2] * shape[shape.count - 1]
    var sums = [Double](repeating: 0, count: channels)
    var squares = sums
    var isSpikes = true
    var values = [Float](repeating: 0, count: size)
    let count = min(count, source.count)
    for index in 0..<count {
      var span = values.mutableSpan
      source.load(index, epoch: 0, into: &span)
      for (place, value) in values.enumerated() {
        let channel = place / pixels % channels
        sums[channel] += Double(value)
        squares[channel] += Double(value) * Double(value)
        if value != 0, value != 1 { isSpikes = false }
      }
    }
    let each = Double(max(count * size / channels, 1))
    let mean = sums.map { $0 / each }
    self.mean = mean
    standardDeviation = zip(squares, mean).map { ($0 / each - $1 * $1).squareRoot() }
    self.size = (squares.reduce(0, +) / (each * Double(channels))).squareRoot()
    self.isSpikes = isSpikes
  }

  /// Whether values are ten times as large or as small as those of normalized data.
  var isFarFromNormal: Bool { !isSpikes && size.isFinite && !(0.1...10).contains(size) }

  /// The settings that these samples would be normalized by, which were by others already.
  func normalizing(
    _ settings: DataSettings
  ) -> (mean: [Double], standardDeviation: [Double])? {
    guard standardDeviation.allSatisfy({ $0 > 0 && $0.isFinite }),
      let before = settings.mean, let deviation = settings.standardDeviation
    else { return nil }
    func at(_ list: [Double], _ channel: Int) -> Double { list[list.count == 1 ? 0 : channel] }
    guard [1, mean.count].contains(before.count), [1, mean.count].contains(deviation.count) else {
      return nil
    }
    return (
      mean.indices.map { (at(before, $0) + at(deviation, $0) * mean[$0]).rounded(to: 4) },
      mean.indices.map { (at(deviation, $0) * standardDeviation[$0]).rounded(to: 4) }
    )
  }
}

extension Double {
  /// With so many significant digits.
  func rounded(to digits: Int) -> Double {
    guard isFinite, self != 0 else { return self }
    var power = 1.0
    var size = magnitude
    while size >= 10 { (size, power) = (size / 10, power / 10) }
    while size < 1 { (size, power) = (size * 10, power * 10) }
    for _ in 1..<digits { power *= 10 }
    return (self * power).rounded() / power
  }

  /// With so many significant digits, as one writes it: `3.1`, `24000`, `2.4e12`.
  func text(digits: Int) -> String {
    guard isFinite else { return isNaN ? "no number of" : "infinitely many" }
    let value = rounded(to: digits)
    if value.rounded().magnitude >= 1e6 {
      var (mantissa, exponent) = (value, 0)
      while mantissa.magnitude > 9.999_999 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
      return "\(mantissa.text(digits: digits))e\(exponent)"
    }
    // Of so many digits none is behind the point.
    let isWhole = value == value.rounded() || value.magnitude >= 1000
    return isWhole ? "\(Int(value.rounded()))" : "\(value)"
  }
}
