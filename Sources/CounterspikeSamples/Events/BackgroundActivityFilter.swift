internal import Counterspike

/// Tells events that nothing near them preceded: the sensor's noise, mostly.
///
/// - Note: Delbruck, "Frame-free dynamic digital vision", 2008, the background activity filter.
///   A pixel does not support itself: some fire without end.
struct BackgroundActivityFilter {
  /// Sensors of more pixels have few that see an event, which alone take memory then.
  private static let largestTable = 1 << 22
  /// Longer ago than any time window, and still a difference to any time is a number.
  private static let never: Int64 = -(1 << 61)

  private let time: Int64
  private let width: Int
  /// When each pixel had its last event, with a margin of one pixel; empty for a large sensor.
  private var table: [Int64] = []
  /// The same of the pixels of a large sensor that had one.
  private var seen: [Int: Int64] = [:]

  init(sensor: SensorSize, time: Int) {
    self.time = Int64(time)
    width = sensor.width + 2
    let count = width * (sensor.height + 2)
    if count <= Self.largestTable { table = [Int64](repeating: Self.never, count: count) }
  }

  mutating func isIsolated(time now: Int64, x: Int, y: Int) -> Bool {
    let centre = (y + 1) * width + x + 1
    var isIsolated = true
    for row in [centre - width, centre, centre + width] {
      for place in (row - 1)...(row + 1) where place != centre && now - last(place) <= time {
        isIsolated = false
      }
    }
    if table.isEmpty { seen[centre] = now } else { table[centre] = now }
    return isIsolated
  }

  private func last(_ place: Int) -> Int64 {
    table.isEmpty ? seen[place] ?? Self.never : table[place]
  }
}
