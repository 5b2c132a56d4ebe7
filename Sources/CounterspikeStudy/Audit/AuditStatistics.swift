internal import CounterspikeKernels

/// Agreement of predictions with the truth, and how sure it is.
struct AuditStatistics {
  let resamples: Int
  let seed: UInt64

  /// Sums over some changes, from which every number follows.
  private struct Moments {
    var count = 0.0
    var p = 0.0
    var t = 0.0
    var pp = 0.0
    var tt = 0.0
    var pt = 0.0
    var effective = 0.0
    var right = 0.0

    mutating func add(_ predicted: Double, _ truth: Double) {
      count += 1
      p += predicted
      t += truth
      pp += predicted * predicted
      tt += truth * truth
      pt += predicted * truth
      guard truth != 0, !truth.isNaN else { return }
      effective += 1
      // A product could be too small for a number.
      if truth > 0 ? predicted > 0 : predicted < 0 { right += 1 }
    }

    var correlation: Double? {
      let a = count * pp - p * p
      let b = count * tt - t * t
      // What rounding leaves of a difference that is zero does not count.
      guard a > 1e-12 * count * pp, b > 1e-12 * count * tt else { return nil }
      let correlation = (count * pt - p * t) / (a.squareRoot() * b.squareRoot())
      return correlation.isFinite ? min(max(correlation, -1), 1) : nil
    }

    var signAgreement: Double? { effective > 0 ? right / effective : nil }
    /// Sums beyond the numbers leave nothing that could be said.
    var scale: Double? { tt > 0 && (pt / tt).isFinite ? pt / tt : nil }
  }

  /// - Parameters:
  ///   - members: which changes.
  ///   - group: keeps the random numbers of different groups apart.
  func agreements(
    predictions: [[Double]], truths: [Double], members: [Int], group: Int
  ) -> [AuditReport.Agreement] {
    var stream = RandomStream(seed: seed, purpose: .audit, 1 << 20, group)
    func moments(_ predictions: [Double], _ indices: [Int]) -> Moments {
      var moments = Moments()
      for index in indices { moments.add(predictions[index], truths[index]) }
      return moments
    }
    // The same resamples for all rules: their differences then are surer than the intervals say. One
    // at a time: all of a million changes would take gigabytes.
    var resampled = predictions.map { _ in [Moments]() }
    var draw = members
    for _ in 0..<resamples {
      for place in draw.indices { draw[place] = members[stream.integer(below: members.count)] }
      for rule in predictions.indices { resampled[rule].append(moments(predictions[rule], draw)) }
    }
    return zip(predictions, resampled).map { predictions, others in
      let all = moments(predictions, members)
      return AuditReport.Agreement(
        count: members.count,
        correlation: interval(all.correlation, others.compactMap(\.correlation)),
        signAgreement: interval(all.signAgreement, others.compactMap(\.signAgreement)),
        scale: interval(all.scale, others.compactMap(\.scale)))
    }
  }

  private func interval(_ value: Double?, _ others: [Double]) -> AuditReport.Interval? {
    guard let value else { return nil }
    let sorted = others.sorted()
    guard let last = sorted.indices.last else {
      return AuditReport.Interval(value: value, low: value, high: value)
    }
    return AuditReport.Interval(
      value: value, low: sorted[Int((0.025 * Double(last)).rounded())],
      high: sorted[Int((0.975 * Double(last)).rounded())])
  }
}
