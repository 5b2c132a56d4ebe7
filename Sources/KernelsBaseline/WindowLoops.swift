extension Kernels {
  /// Adds rows first and columns then, so that the order of channels changes no bit. The neurons' memory is
  /// overwritten.
  static func sum(
    _ sums: WindowSums, _ neurons: FloatPointer, into result: FloatPointer
  ) {
    if sums.isQuad {
      for t in 0..<sums.steps {
        sums.addQuads(neurons + t &* sums.stride, into: result + t &* sums.sumStride)
      }
      return
    }
    for t in 0..<sums.steps {
      let tile = neurons + t &* sums.stride
      sums.addRows(tile)
      sums.addColumns(tile, into: result + t &* sums.sumStride)
    }
  }

  /// Gives every neuron its window's gradient.
  static func spread(
    _ sums: WindowSums, gradient: UnsafePointer<Float>, into neurons: FloatPointer
  ) {
    if sums.isQuad {
      for t in 0..<sums.steps {
        sums.spreadQuads(gradient + t &* sums.sumStride, into: neurons + t &* sums.stride)
      }
      return
    }
    for t in 0..<sums.steps {
      let tile = neurons + t &* sums.stride
      // One row a strip at the tile's end, from where rows go to their places without meeting.
      let rows = tile + (sums.height &- 1) &* sums.strips &* sums.row
      sums.spreadColumns(gradient + t &* sums.sumStride, into: rows)
      sums.spreadRows(rows, into: tile)
    }
  }
}

extension Kernels {
  /// Copies the first channels of pixels that have `stride` and `toStride` floats.
  static func copy(
    _ from: FloatPointer, _ stride: Int, to: FloatPointer, _ toStride: Int, channels: Int,
    pixels: Int
  ) {
    guard channels >= 8 else {
      for pixel in 0..<pixels {
        for channel in 0..<channels {
          to[pixel &* toStride &+ channel] = from[pixel &* stride &+ channel]
        }
      }
      return
    }
    for pixel in 0..<pixels {
      let (one, other) = (from + pixel &* stride, to + pixel &* toStride)
      var channel = 0
      while channel < channels &- 8 {
        other.store(one.octet(channel), channel)
        channel &+= 8
      }
      // May begin within the octet before.
      other.store(one.octet(channels &- 8), channels &- 8)
    }
  }
}

extension WindowSums {
  /// Neurons of a row.
  @inline(__always)
  fileprivate var row: Int { columns &* channels }
  /// Windows of a step.
  @inline(__always)
  fileprivate var windows: Int { strips &* (columns / width) }

  /// Windows of 2×2 over whole octets, which most networks have; the same sums in one go.
  @inline(__always)
  fileprivate var isQuad: Bool { height == 2 && width == 2 && channels % 8 == 0 }

  @inline(__always)
  fileprivate func addQuads(_ tile: FloatPointer, into result: FloatPointer) {
    let factors = SIMD8<Float>(repeating: factor)
    forEachQuad { from, below, to in
      let left = tile.octet(from) + tile.octet(below)
      let right = tile.octet(from &+ channels) + tile.octet(below &+ channels)
      result.store((left + right) * factors, to)
    }
  }

  @inline(__always)
  fileprivate func spreadQuads(_ gradient: UnsafePointer<Float>, into tile: FloatPointer) {
    let factors = SIMD8<Float>(repeating: factor)
    forEachQuad { first, below, from in
      let octet =
        UnsafeRawPointer(gradient + from).loadUnaligned(as: SIMD8<Float>.self) * factors
      tile.store(octet, first)
      tile.store(octet, first &+ channels)
      tile.store(octet, below)
      tile.store(octet, below &+ channels)
    }
  }

  /// Calls `body` with the place of every window's first octets, in its two rows and of its sum.
  @inline(__always)
  private func forEachQuad(_ body: (_ above: Int, _ below: Int, _ sum: Int) -> Void) {
    var sum = 0
    for strip in 0..<strips {
      var above = strip &* 2 &* row
      for _ in 0..<columns / 2 {
        var channel = 0
        while channel < channels {
          body(above &+ channel, above &+ row &+ channel, sum &+ channel)
          channel &+= 8
        }
        above &+= 2 &* channels
        sum &+= channels
      }
    }
  }

  /// The sum of a strip's rows takes the place of row `strip`, which has been added by then.
  @inline(__always)
  fileprivate func addRows(_ tile: FloatPointer) {
    guard height > 1 else { return }
    let octets = row / 8 &* 8
    for strip in 0..<strips {
      let to = tile + strip &* row
      let from = tile + strip &* height &* row
      var place = 0
      while place < octets {
        var sum = from.octet(place)
        for y in 1..<height { sum += from.octet(y &* row &+ place) }
        to.store(sum, place)
        place &+= 8
      }
      while place < row {
        var sum = from[place]
        for y in 1..<height { sum += from[y &* row &+ place] }
        to[place] = sum
        place &+= 1
      }
    }
  }

  @inline(__always)
  fileprivate func addColumns(_ rows: FloatPointer, into result: FloatPointer) {
    if channels == 1, width == 2 {
      for window in 0..<windows {
        result[window] = (rows[2 &* window] + rows[2 &* window &+ 1]) * factor
      }
      return
    }
    let factors = SIMD8<Float>(repeating: factor)
    for window in 0..<windows {
      let from = rows + window &* width &* channels
      let to = result + window &* channels
      forEachOctet { channel in
        var sum = from.octet(channel)
        for x in 1..<width { sum += from.octet(x &* channels &+ channel) }
        to.store(sum * factors, channel)
      } rest: { channel in
        var sum = from[channel]
        for x in 1..<width { sum += from[x &* channels &+ channel] }
        to[channel] = sum * factor
      }
    }
  }

  @inline(__always)
  fileprivate func spreadColumns(_ gradient: UnsafePointer<Float>, into rows: FloatPointer) {
    if channels == 1, width == 2 {
      for window in 0..<windows {
        let value = gradient[window] * factor
        rows[2 &* window] = value
        rows[2 &* window &+ 1] = value
      }
      return
    }
    let factors = SIMD8<Float>(repeating: factor)
    for window in 0..<windows {
      let to = rows + window &* width &* channels
      let from = gradient + window &* channels
      forEachOctet { channel in
        let octet = UnsafeRawPointer(from + channel).loadUnaligned(as: SIMD8<Float>.self)
        for x in 0..<width { to.store(octet * factors, x &* channels &+ channel) }
      } rest: { channel in
        for x in 0..<width { to[x &* channels &+ channel] = from[channel] * factor }
      }
    }
  }

  /// Calls `body` for octets of channels, of which the last one may begin within the one before, or `rest`
  /// for each channel where there is no octet.
  @inline(__always)
  private func forEachOctet(_ body: (Int) -> Void, rest: (Int) -> Void) {
    guard channels >= 8 else {
      for channel in 0..<channels { rest(channel) }
      return
    }
    var channel = 0
    while channel < channels &- 8 {
      body(channel)
      channel &+= 8
    }
    body(channels &- 8)
  }

  @inline(__always)
  fileprivate func spreadRows(_ rows: FloatPointer, into tile: FloatPointer) {
    guard height > 1 else { return }
    for strip in 0..<strips {
      for y in 0..<height {
        (tile + (strip &* height &+ y) &* row).update(from: rows + strip &* row, count: row)
      }
    }
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  @inline(__always)
  fileprivate func octet(_ place: Int) -> SIMD8<Float> {
    UnsafeRawPointer(self + place).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  fileprivate func store(_ octet: SIMD8<Float>, _ place: Int) {
    UnsafeMutableRawPointer(self + place).storeBytes(of: octet, as: SIMD8<Float>.self)
  }
}
