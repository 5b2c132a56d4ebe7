/// Delays of axons by time steps that need not be whole.
///
///     out[t] = (1 − f)·a[t − n] + f·a[t − n − 1],   D = n + f
///
/// Before the first step a is 0. The derivative by D is that of the straight line between two steps:
/// ∂L/∂D = Σ_t g[t]·(a[t − n − 1] − a[t − n]).
extension ChannelPlanes {
  /// A delay as whole steps and the rest.
  @inline(__always)
  private func parts(_ delay: Float) -> (steps: Int, rest: Float) {
    // One that is no number delays by nothing.
    let bounded = delay > 0 ? min(delay, Float(timeSteps)) : 0
    let steps = Int(bounded)
    return (steps, bounded - Float(steps))
  }

  /// - Parameter delays: D of each channel, in time steps.
  package func delay(_ values: FloatSlice, by delays: FloatSlice, into result: FloatSlice) {
    check(values, result, delays)
    result.fill(0)
    let (from, to) = (values.pointer, result.pointer)
    for channel in 0..<delays.count {
      let (steps, rest) = parts(delays.pointer[channel])
      for t in steps..<max(steps, timeSteps) {
        let here = (t &- steps) &* plane &+ channel
        for pixel in 0..<batch * pixels {
          let place = here &+ pixel &* channels
          let before = t > steps ? from[place &- plane] : 0
          to[t &* plane &+ channel &+ pixel &* channels] =
            (1 - rest) * from[place] + rest * before
        }
      }
    }
  }

  /// The way back of ``delay(_:by:into:)``: result = ∂L/∂a, added to what is there if `adding`.
  package func undelay(
    _ gradient: FloatSlice, by delays: FloatSlice, into result: FloatSlice, adding: Bool
  ) {
    check(gradient, result, delays)
    if !adding { result.fill(0) }
    let (from, to) = (gradient.pointer, result.pointer)
    for channel in 0..<delays.count {
      let (steps, rest) = parts(delays.pointer[channel])
      for t in steps..<max(steps, timeSteps) {
        let here = t &* plane &+ channel
        for pixel in 0..<batch * pixels {
          let place = here &+ pixel &* channels
          let later = t &+ 1 < timeSteps ? from[place &+ plane] : 0
          to[(t &- steps) &* plane &+ channel &+ pixel &* channels] +=
            (1 - rest) * from[place] + rest * later
        }
      }
    }
  }

  /// ∂L/∂D of each channel, over the rows that count.
  ///
  /// - Parameters:
  ///   - values: a.
  ///   - gradient: g, with respect to the delayed values.
  ///   - scale: what it is multiplied by.
  ///   - sums: to which it is added.
  package func addDelayGradient(
    _ values: FloatSlice, _ gradient: FloatSlice, delays: FloatSlice, scale: Float,
    to sums: FloatSlice
  ) {
    check(values, gradient, delays)
    precondition(sums.count >= delays.count, "\(sums.count) sums for \(delays.count) channels")
    let (a, g) = (values.pointer, gradient.pointer)
    for channel in 0..<delays.count {
      let steps = parts(delays.pointer[channel]).steps
      var sum = 0.0
      for t in steps..<max(steps, timeSteps) {
        let here = (t &- steps) &* plane &+ channel
        for row in 0..<rows * pixels {
          let place = here &+ row &* channels
          let before = t > steps ? a[place &- plane] : 0
          sum += Double(g[t &* plane &+ channel &+ row &* channels] * (before - a[place]))
        }
      }
      sums.pointer[channel] += Float(sum * Double(scale))
    }
  }

  private func check(_ values: FloatSlice, _ others: FloatSlice, _ delays: FloatSlice) {
    precondition(
      values.count == count && others.count == count && delays.count <= channels,
      "\(values.count) and \(others.count) values and \(delays.count) delays for "
        + "\(timeSteps)×\(batch)×\(pixels)×\(channels)")
  }
}
