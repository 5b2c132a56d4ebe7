/// How many of some values lie in each of equally wide ranges, and their sums.
struct Histogram: Sendable, Equatable {
  /// The smallest and the largest finite value; 0 where there is none.
  private(set) var minimum = 0.0
  private(set) var maximum = 0.0
  private(set) var count = 0
  private(set) var sum = 0.0
  private(set) var squares = 0.0
  /// The upper ends of the ranges, rising; the first range begins at the minimum.
  private(set) var limits: [Double] = []
  private(set) var counts: [Int] = []

  /// - Parameters:
  ///   - values: those that are no finite number are left out.
  ///   - ranges: how many ranges there are; one if all values are equal.
  init(_ values: [Float], ranges: Int = 64) {
    var low = Float.infinity
    var high = -Float.infinity
    for value in values where value.isFinite {
      low = min(low, value)
      high = max(high, value)
      count += 1
      sum += Double(value)
      squares += Double(value) * Double(value)
    }
    guard count > 0 else { return }
    (minimum, maximum) = (Double(low), Double(high))
    let width = (maximum - minimum) / Double(ranges)
    guard width > 0 else {
      (limits, counts) = ([maximum], [count])
      return
    }
    limits = (1...ranges).map { $0 == ranges ? maximum : minimum + width * Double($0) }
    counts = Array(repeating: 0, count: ranges)
    for value in values where value.isFinite {
      counts[min(Int((Double(value) - minimum) / width), ranges - 1)] += 1
    }
  }
}
