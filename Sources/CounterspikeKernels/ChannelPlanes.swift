/// Values `[T, B, pixels, channels]` of which each channel is treated alike; `channels` is a multiple of
/// ``FloatBuffer/octet``.
///
/// Rows of a micro-batch from ``rows`` on only pad it: they count for no statistics.
package struct ChannelPlanes: Sendable, Equatable {
  package var timeSteps: Int
  package var batch: Int
  package var pixels: Int
  package var channels: Int
  package var rows: Int

  package init(timeSteps: Int, batch: Int, pixels: Int, channels: Int) {
    precondition(
      channels % FloatBuffer.octet == 0,
      "\(channels) channels are no multiple of \(FloatBuffer.octet)")
    self.timeSteps = timeSteps
    self.batch = batch
    self.pixels = pixels
    self.channels = channels
    rows = batch
  }

  /// Floats of one image.
  var image: Int { pixels * channels }
  /// Floats of one time step.
  package var plane: Int { batch * image }
  package var count: Int { timeSteps * plane }
  /// The values of a channel that count.
  package var valuesOfChannel: Int { timeSteps * rows * pixels }

  fileprivate func check(_ slices: FloatSlice...) {
    precondition(
      slices.allSatisfy { $0.count == count } && (0...batch).contains(rows),
      "slices of \(slices.map(\.count)) floats for \(timeSteps)×\(batch)×\(pixels)×\(channels)")
  }

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

// MARK: Bias

extension ChannelPlanes {
  /// values += bias, of every row
  package func add(bias: FloatSlice, to values: FloatSlice) {
    check(values)
    precondition(bias.count == channels, "\(bias.count) biases for \(channels) channels")
    let (to, from) = (values.pointer, bias.pointer)
    for pixel in 0..<timeSteps * batch * pixels {
      let place = pixel &* channels
      for c in stride(from: 0, to: channels, by: 8) {
        to.store(to.octet(place &+ c) + from.octet(c), at: place &+ c)
      }
    }
  }

  /// sums = Σ values over all but the channels, added to what is there if `adding`.
  ///
  /// Summed image by image first, so that rounding errors grow with the square root of what they would.
  ///
  /// - Parameter scratch: room for one number a channel.
  package func sum(
    _ values: FloatSlice, into sums: FloatSlice, adding: Bool = false, scratch: FloatSlice
  ) {
    check(values)
    precondition(sums.count == channels && scratch.count >= channels, "sums of other channels")
    if !adding { sums.fill(0) }
    let (from, total, part) = (values.pointer, sums.pointer, scratch.pointer)
    images { image in
      for c in 0..<channels { part[c] = 0 }
      for pixel in 0..<pixels {
        let place = image &+ pixel &* channels
        for c in stride(from: 0, to: channels, by: 8) {
          part.store(part.octet(c) + from.octet(place &+ c), at: c)
        }
      }
      for c in 0..<channels { total[c] += part[c] }
    }
  }
}

// MARK: Normalization

extension ChannelPlanes {
  /// The mean of each channel and the mean squared distance from it.
  ///
  /// - Parameter scratch: room for one number a channel.
  package func statistics(
    of values: FloatSlice, mean: FloatSlice, variance: FloatSlice, scratch: FloatSlice
  ) {
    precondition(
      mean.count == channels && variance.count == channels, "statistics of other channels")
    let share = 1 / Float(max(valuesOfChannel, 1))
    sum(values, into: mean, scratch: scratch)
    let (from, part) = (values.pointer, scratch.pointer)
    let (means, variances) = (mean.pointer, variance.pointer)
    for c in 0..<channels {
      means[c] *= share
      variances[c] = 0
    }
    images { image in
      for c in 0..<channels { part[c] = 0 }
      for pixel in 0..<pixels {
        let place = image &+ pixel &* channels
        for c in stride(from: 0, to: channels, by: 8) {
          let distance = from.octet(place &+ c) - means.octet(c)
          part.store(part.octet(c) + distance * distance, at: c)
        }
      }
      for c in 0..<channels { variances[c] += part[c] }
    }
    for c in 0..<channels { variances[c] *= share }
  }

  /// result = factor·values + offset, of every row, with one factor and offset a channel.
  package func scale(
    _ values: FloatSlice, factor: FloatSlice, offset: FloatSlice, into result: FloatSlice
  ) {
    check(values, result)
    precondition(
      factor.count == channels && offset.count == channels, "factors of other channels")
    let (from, to) = (values.pointer, result.pointer)
    let (factors, offsets) = (factor.pointer, offset.pointer)
    for pixel in 0..<timeSteps * batch * pixels {
      let place = pixel &* channels
      for c in stride(from: 0, to: channels, by: 8) {
        to.store(
          factors.octet(c) * from.octet(place &+ c) + offsets.octet(c), at: place &+ c)
      }
    }
  }

  /// Σ g and Σ g·(z − mean)·inverse, each over all but the channels: the gradients of a normalization's
  /// offset and factor.
  ///
  /// - Parameters:
  ///   - inverse: 1/√(variance + ε)
  ///   - scratch: room for two numbers a channel.
  package func sums(
    gradient: FloatSlice, values: FloatSlice, mean: FloatSlice, inverse: FloatSlice,
    plain: FloatSlice, weighted: FloatSlice, scratch: FloatSlice
  ) {
    check(gradient, values)
    precondition(
      [mean, inverse, plain, weighted].allSatisfy { $0.count == channels }
        && scratch.count >= 2 * channels, "sums of other channels")
    plain.fill(0)
    weighted.fill(0)
    let (g, z, part) = (gradient.pointer, values.pointer, scratch.pointer)
    let (means, inverses) = (mean.pointer, inverse.pointer)
    let (first, second) = (plain.pointer, weighted.pointer)
    images { image in
      for c in 0..<2 * channels { part[c] = 0 }
      for pixel in 0..<pixels {
        let place = image &+ pixel &* channels
        for c in stride(from: 0, to: channels, by: 8) {
          let error = g.octet(place &+ c)
          let distance = (z.octet(place &+ c) - means.octet(c)) * inverses.octet(c)
          part.store(part.octet(c) + error, at: c)
          part.store(part.octet(channels &+ c) + error * distance, at: channels &+ c)
        }
      }
      for c in 0..<channels {
        first[c] += part[c]
        second[c] += part[channels &+ c]
      }
    }
  }

  /// result (+)= a·g + b·z + c with one a, b and c a channel: a normalization's way back. Rows that pad
  /// the batch get zeros.
  package func combine(
    gradient: FloatSlice, a: FloatSlice, values: FloatSlice, b: FloatSlice, c: FloatSlice,
    into result: FloatSlice, adding: Bool
  ) {
    check(gradient, values, result)
    precondition([a, b, c].allSatisfy { $0.count == channels }, "factors of other channels")
    let (g, z, to) = (gradient.pointer, values.pointer, result.pointer)
    let (first, second, third) = (a.pointer, b.pointer, c.pointer)
    images { image in
      for pixel in 0..<pixels {
        let place = image &+ pixel &* channels
        for c in stride(from: 0, to: channels, by: 8) {
          let sum =
            first.octet(c) * g.octet(place &+ c) + second.octet(c) * z.octet(place &+ c)
            + third.octet(c)
          to.store(adding ? to.octet(place &+ c) + sum : sum, at: place &+ c)
        }
      }
    }
    guard !adding, rows < batch else { return }
    for t in 0..<timeSteps {
      let padding = (batch - rows) * image
      result.slice(t * plane + rows * image, padding).fill(0)
    }
  }
}

// MARK: Static inputs

extension ChannelPlanes {
  /// One plane into all time steps, each times its factor.
  package func expand(_ plane: FloatSlice, factors: [Float], into values: FloatSlice) {
    check(values)
    precondition(plane.count == self.plane && factors.count == timeSteps, "other planes")
    let (from, to) = (plane.pointer, values.pointer)
    for t in 0..<timeSteps {
      let (factor, begin) = (factors[t], t * self.plane)
      for i in 0..<self.plane { to[begin &+ i] = factor * from[i] }
    }
  }

  /// The way back: Σ_t factor·gradient[t].
  package func contract(_ gradient: FloatSlice, factors: [Float], into plane: FloatSlice) {
    check(gradient)
    precondition(plane.count == self.plane && factors.count == timeSteps, "other planes")
    let (from, to) = (gradient.pointer, plane.pointer)
    plane.fill(0)
    for t in 0..<timeSteps {
      let (factor, begin) = (factors[t], t * self.plane)
      for i in 0..<self.plane { to[i] += factor * from[begin &+ i] }
    }
  }
}
