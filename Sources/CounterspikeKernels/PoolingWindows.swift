/// Pooling that no neurons do in passing: over windows of `[images, height, width, channels]` that do not
/// overlap; what does not fill a window is left out.
package struct PoolingWindows: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// Sums, times a factor.
    case sum(factor: Float)
    case maximum
  }

  package var kind: Kind
  package var images: Int
  package var height: Int
  package var width: Int
  package var channels: Int
  package var windowHeight: Int
  package var windowWidth: Int

  package init(
    _ kind: Kind, images: Int, height: Int, width: Int, channels: Int, windowHeight: Int,
    windowWidth: Int
  ) {
    precondition(
      windowHeight > 0 && windowWidth > 0 && windowHeight <= height && windowWidth <= width,
      "windows of \(windowHeight)×\(windowWidth) of \(height)×\(width)")
    self.kind = kind
    self.images = images
    self.height = height
    self.width = width
    self.channels = channels
    self.windowHeight = windowHeight
    self.windowWidth = windowWidth
  }

  package var inputCount: Int { images * height * width * channels }
  package var outputCount: Int {
    images * (height / windowHeight) * (width / windowWidth) * channels
  }

  private func check(_ input: FloatSlice, _ output: FloatSlice) {
    precondition(
      input.count == inputCount && output.count == outputCount,
      "\(input.count) and \(output.count) floats for pooling \(inputCount) to \(outputCount)")
  }

  /// Calls `body` with every window's first place in the input and its place in the output.
  @inline(__always)
  private func windows(_ body: (_ input: Int, _ output: Int) -> Void) {
    let (rows, columns) = (height / windowHeight, width / windowWidth)
    for image in 0..<images {
      for y in 0..<rows {
        for x in 0..<columns {
          body(
            ((image &* height &+ y &* windowHeight) &* width &+ x &* windowWidth) &* channels,
            ((image &* rows &+ y) &* columns &+ x) &* channels)
        }
      }
    }
  }

  package func forward(_ input: FloatSlice, into output: FloatSlice) {
    check(input, output)
    let (from, to) = (input.pointer, output.pointer)
    let line = width * channels
    windows { begin, place in
      for c in 0..<channels { to[place &+ c] = from[begin &+ c] }
      for y in 0..<windowHeight {
        for x in 0..<windowWidth where y + x > 0 {
          let next = begin &+ y &* line &+ x &* channels
          switch kind {
          case .sum: for c in 0..<channels { to[place &+ c] += from[next &+ c] }
          case .maximum:
            for c in 0..<channels { to[place &+ c] = max(to[place &+ c], from[next &+ c]) }
          }
        }
      }
      if case .sum(let factor) = kind {
        for c in 0..<channels { to[place &+ c] *= factor }
      }
    }
  }

  /// The gradient with respect to the input, added to what is there if `adding`. Of several largest values
  /// the first takes it.
  ///
  /// - Parameter input: what was pooled; may be where the result goes.
  package func backward(
    gradient: FloatSlice, input: FloatSlice, into result: FloatSlice, adding: Bool
  ) {
    check(input, gradient)
    check(result, gradient)
    let isExact = height % windowHeight == 0 && width % windowWidth == 0
    switch kind {
    case .sum(let factor):
      if !adding, !isExact { result.fill(0) }
      spread(gradient, factor, into: result, adding: adding)
    case .maximum:
      // What no window holds gets nothing; the values of windows are still needed.
      if !adding, !isExact { clearRemainder(result) }
      route(gradient, input, into: result, adding: adding)
    }
  }

  private func spread(
    _ gradient: FloatSlice, _ factor: Float, into result: FloatSlice, adding: Bool
  ) {
    let (from, to) = (gradient.pointer, result.pointer)
    let line = width * channels
    windows { begin, place in
      for y in 0..<windowHeight {
        for x in 0..<windowWidth {
          let next = begin &+ y &* line &+ x &* channels
          for c in 0..<channels {
            let value = factor * from[place &+ c]
            to[next &+ c] = adding ? to[next &+ c] + value : value
          }
        }
      }
    }
  }

  private func route(
    _ gradient: FloatSlice, _ input: FloatSlice, into result: FloatSlice, adding: Bool
  ) {
    let (error, from, to) = (gradient.pointer, input.pointer, result.pointer)
    let line = width * channels
    windows { begin, place in
      for c in 0..<channels {
        var winner = begin &+ c
        for y in 0..<windowHeight {
          for x in 0..<windowWidth {
            let next = begin &+ y &* line &+ x &* channels &+ c
            if from[next] > from[winner] { winner = next }
          }
        }
        if !adding {
          for y in 0..<windowHeight {
            for x in 0..<windowWidth { to[begin &+ y &* line &+ x &* channels &+ c] = 0 }
          }
        }
        to[winner] += error[place &+ c]
      }
    }
  }

  private func clearRemainder(_ result: FloatSlice) {
    let to = result.pointer
    let (rows, columns) = (height / windowHeight * windowHeight, width / windowWidth * windowWidth)
    for image in 0..<images {
      for y in 0..<height {
        for x in 0..<width where y >= rows || x >= columns {
          let place = ((image &* height &+ y) &* width &+ x) &* channels
          for c in 0..<channels { to[place &+ c] = 0 }
        }
      }
    }
  }
}
