/// Times from a counter of few bits, which begins anew when it is full.
///
/// A counter is taken to have been full where the next event follows within an eighth of the period, at
/// most ten seconds; and an event for a straggler from before where it is as little late. Other steps
/// back are left to ``EventTimeline``: the clock was set back.
struct WrappingClock {
  /// Where the counter begins anew, in microseconds.
  let period: Int64
  /// The longest time between two events that the counter is taken to be full between.
  private let longestGap: Int64
  private var last: Int64 = 0
  private var base: Int64 = 0

  init(period: Int64) {
    self.period = period
    longestGap = min(period / 8, 10_000_000)
  }

  /// The time that the counter's value `raw`, in `0 ..< period`, stands for.
  mutating func time(_ raw: Int64) -> Int64 {
    if base > 0, raw - last >= period - longestGap { return base - period + raw }
    if last - raw >= period - longestGap { base += period }
    last = raw
    return base + raw
  }
}
