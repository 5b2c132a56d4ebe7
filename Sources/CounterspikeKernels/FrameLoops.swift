/// Frames of one time step, in the order `[C, H, W]`, into `[H, W, C]`.
extension FloatSlice {
  /// a ← d·a + (1 − d)·x, x the frame.
  ///
  /// The next time step of ``filterSynaptically(decay:timeSteps:)``, in the same operations.
  package func filterSynaptically(
    next frame: Span<Float>, decay: Float, channels: Int, pixels: Int
  ) {
    check(frame, channels, pixels)
    let gain = 1 - decay
    let a = pointer
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        let place = pixel &* channels &+ channel
        a[place] = decay * a[place] + gain * frame[unchecked: channel &* pixels &+ pixel]
      }
    }
  }

  /// self = x
  package func copy(channelsFirst image: Span<Float>, channels: Int, pixels: Int) {
    check(image, channels, pixels)
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        pointer[pixel &* channels &+ channel] = image[unchecked: channel &* pixels &+ pixel]
      }
    }
  }

  private func check(_ frame: Span<Float>, _ channels: Int, _ pixels: Int) {
    precondition(
      frame.count == channels * pixels && count == frame.count,
      "a frame of \(frame.count) floats for \(channels) channels of \(pixels) pixels")
  }
}
