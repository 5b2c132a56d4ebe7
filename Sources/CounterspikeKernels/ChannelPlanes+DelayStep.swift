extension ChannelPlanes {
  /// One time step of ``delay(_:by:into:)``, where the steps before are kept in a ring.
  ///
  /// - Parameters:
  ///   - values: a of step t.
  ///   - ring: planes of the last steps, at least two more than the longest delay has whole steps; step t
  ///     becomes plane t modulo their number.
  ///   - t: the time step, from 0.
  ///   - delays: D of each channel, in time steps.
  package func delayStep(
    _ values: FloatSlice, ring: FloatSlice, at t: Int, by delays: FloatSlice,
    into result: FloatSlice
  ) {
    let length = ring.count / max(plane, 1)
    precondition(
      values.count == plane && result.count == plane && delays.count <= channels && length >= 2,
      "\(values.count) and \(result.count) values for planes of \(plane), a ring of \(length)")
    ring.slice(t % length * plane, plane).copy(from: values)
    result.fill(0)
    let (from, to) = (ring.pointer, result.pointer)
    for channel in 0..<delays.count {
      // One that is no number delays by nothing.
      let delay = delays.pointer[channel] > 0 ? min(delays.pointer[channel], Float(length - 1)) : 0
      let steps = min(Int(delay), length - 2)
      guard t >= steps else { continue }
      let rest = delay - Float(steps)
      let now = (t - steps) % length * plane
      let before = (t - steps + length - 1) % length * plane
      for pixel in 0..<batch * pixels {
        let place = channel &+ pixel &* channels
        let earlier = t > steps ? from[before &+ place] : 0
        to[place] = (1 - rest) * from[now &+ place] + rest * earlier
      }
    }
  }
}
