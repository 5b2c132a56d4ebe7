extension Kernels {
  /// ``PoolingWindows/forward(_:into:)``
  static func pool(
    _ windows: PoolingWindows, _ input: FloatPointer,
    into output: FloatPointer
  ) {
    windows.pool(input, into: output)
  }

  /// ``PoolingWindows/backward(gradient:input:into:adding:)``
  static func poolBackward(
    _ windows: PoolingWindows, gradient: FloatPointer,
    input: FloatPointer, into result: FloatPointer, adding: Bool
  ) {
    let isExact =
      windows.height % windows.windowHeight == 0 && windows.width % windows.windowWidth == 0
    switch windows.kind {
    case .sum(let factor):
      if !adding, !isExact { result.update(repeating: 0, count: windows.inputCount) }
      windows.spread(gradient, factor, into: result, adding: adding)
    case .maximum:
      // What no window holds gets nothing; the values of windows are still needed.
      if !adding, !isExact { windows.clearRemainder(result) }
      windows.route(gradient, input, into: result, adding: adding)
    }
  }
}

extension PoolingWindows {
  /// Calls `body` with every window's first place in the input and its place in the output.
  @inline(__always)
  fileprivate func windows(_ body: (_ input: Int, _ output: Int) -> Void) {
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

  fileprivate func pool(
    _ from: FloatPointer, into to: FloatPointer
  ) {
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

  fileprivate func spread(
    _ from: FloatPointer, _ factor: Float,
    into to: FloatPointer, adding: Bool
  ) {
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

  fileprivate func route(
    _ error: FloatPointer, _ from: FloatPointer,
    into to: FloatPointer, adding: Bool
  ) {
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

  fileprivate func clearRemainder(_ to: FloatPointer) {
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
