extension ChannelPlanes {
  /// Calls `body` with the place of every image that counts, in order.
  @inline(__always)
  fileprivate func images(_ body: (_ place: Int) -> Void) {
    for t in 0..<timeSteps {
      for row in 0..<rows { body(t &* plane &+ row &* image) }
    }
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  @inline(__always)
  fileprivate func octet(_ place: Int) -> SIMD8<Float> {
    UnsafeRawPointer(self + place).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  fileprivate func store(_ octet: SIMD8<Float>, at place: Int) {
    UnsafeMutableRawPointer(self + place).storeBytes(of: octet, as: SIMD8<Float>.self)
  }
}

extension Kernels {
  /// ``ChannelPlanes/add(bias:to:)``
  static func add(
    _ planes: ChannelPlanes, bias from: FloatPointer, to: FloatPointer
  ) {
    for pixel in 0..<planes.timeSteps * planes.batch * planes.pixels {
      let place = pixel &* planes.channels
      for c in stride(from: 0, to: planes.channels, by: 8) {
        to.store(to.octet(place &+ c) + from.octet(c), at: place &+ c)
      }
    }
  }

  /// ``ChannelPlanes/sum(_:into:adding:scratch:)``
  static func sum(
    _ planes: ChannelPlanes, _ from: FloatPointer, into total: FloatPointer, adding: Bool,
    scratch part: FloatPointer
  ) {
    if !adding { total.update(repeating: 0, count: planes.channels) }
    planes.images { image in
      for c in 0..<planes.channels { part[c] = 0 }
      for pixel in 0..<planes.pixels {
        let place = image &+ pixel &* planes.channels
        for c in stride(from: 0, to: planes.channels, by: 8) {
          part.store(part.octet(c) + from.octet(place &+ c), at: c)
        }
      }
      for c in 0..<planes.channels { total[c] += part[c] }
    }
  }

  /// ``ChannelPlanes/statistics(of:mean:variance:scratch:)``
  static func statistics(
    _ planes: ChannelPlanes, _ from: FloatPointer, mean means: FloatPointer,
    variance variances: FloatPointer, share: Float, scratch part: FloatPointer
  ) {
    sum(planes, from, into: means, adding: false, scratch: part)
    for c in 0..<planes.channels {
      means[c] *= share
      variances[c] = 0
    }
    planes.images { image in
      for c in 0..<planes.channels { part[c] = 0 }
      for pixel in 0..<planes.pixels {
        let place = image &+ pixel &* planes.channels
        for c in stride(from: 0, to: planes.channels, by: 8) {
          let distance = from.octet(place &+ c) - means.octet(c)
          part.store(part.octet(c) + distance * distance, at: c)
        }
      }
      for c in 0..<planes.channels { variances[c] += part[c] }
    }
    for c in 0..<planes.channels { variances[c] *= share }
  }

  /// ``ChannelPlanes/scale(_:factor:offset:into:)``
  static func scale(
    _ planes: ChannelPlanes, _ from: FloatPointer, factor factors: FloatPointer,
    offset offsets: FloatPointer, into to: FloatPointer
  ) {
    for pixel in 0..<planes.timeSteps * planes.batch * planes.pixels {
      let place = pixel &* planes.channels
      for c in stride(from: 0, to: planes.channels, by: 8) {
        to.store(
          factors.octet(c) * from.octet(place &+ c) + offsets.octet(c), at: place &+ c)
      }
    }
  }

  /// ``ChannelPlanes/sums(gradient:values:mean:inverse:plain:weighted:scratch:)``
  static func sums(
    _ planes: ChannelPlanes, gradient g: FloatPointer,
    values z: FloatPointer, mean means: FloatPointer,
    inverse inverses: FloatPointer, plain first: FloatPointer,
    weighted second: FloatPointer, scratch part: FloatPointer
  ) {
    first.update(repeating: 0, count: planes.channels)
    second.update(repeating: 0, count: planes.channels)
    planes.images { image in
      for c in 0..<2 * planes.channels { part[c] = 0 }
      for pixel in 0..<planes.pixels {
        let place = image &+ pixel &* planes.channels
        for c in stride(from: 0, to: planes.channels, by: 8) {
          let error = g.octet(place &+ c)
          let distance = (z.octet(place &+ c) - means.octet(c)) * inverses.octet(c)
          part.store(part.octet(c) + error, at: c)
          part.store(part.octet(planes.channels &+ c) + error * distance, at: planes.channels &+ c)
        }
      }
      for c in 0..<planes.channels {
        first[c] += part[c]
        second[c] += part[planes.channels &+ c]
      }
    }
  }

  /// ``ChannelPlanes/combine(gradient:a:values:b:c:into:adding:)``, of rows that count.
  static func combine(
    _ planes: ChannelPlanes, gradient g: FloatPointer, a first: FloatPointer,
    values z: FloatPointer, b second: FloatPointer,
    c third: FloatPointer, into to: FloatPointer, adding: Bool
  ) {
    planes.images { image in
      for pixel in 0..<planes.pixels {
        let place = image &+ pixel &* planes.channels
        for c in stride(from: 0, to: planes.channels, by: 8) {
          let sum =
            first.octet(c) * g.octet(place &+ c) + second.octet(c) * z.octet(place &+ c)
            + third.octet(c)
          to.store(adding ? to.octet(place &+ c) + sum : sum, at: place &+ c)
        }
      }
    }
  }
}
