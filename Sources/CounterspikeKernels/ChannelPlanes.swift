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

  package var count: Int { timeSteps * plane }
  /// The values of a channel that count.
  package var valuesOfChannel: Int { timeSteps * rows * pixels }

  fileprivate func check(_ slices: FloatSlice...) {
    precondition(
      slices.allSatisfy { $0.count == count } && (0...batch).contains(rows),
      "slices of \(slices.map(\.count)) floats for \(timeSteps)×\(batch)×\(pixels)×\(channels)")
  }
}

// MARK: Bias

extension ChannelPlanes {
  /// values += bias, of every row
  package func add(bias: FloatSlice, to values: FloatSlice) {
    check(values)
    precondition(bias.count == channels, "\(bias.count) biases for \(channels) channels")
    VectorLevel.kernels.add(self, bias: bias.pointer, to: values.pointer)
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
    VectorLevel.kernels.sum(
      self, values.pointer, into: sums.pointer, adding: adding, scratch: scratch.pointer)
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
    VectorLevel.kernels.statistics(
      self, values.pointer, mean: mean.pointer, variance: variance.pointer,
      share: 1 / Float(max(valuesOfChannel, 1)), scratch: scratch.pointer)
  }

  /// result = factor·values + offset, of every row, with one factor and offset a channel.
  package func scale(
    _ values: FloatSlice, factor: FloatSlice, offset: FloatSlice, into result: FloatSlice
  ) {
    check(values, result)
    precondition(
      factor.count == channels && offset.count == channels, "factors of other channels")
    VectorLevel.kernels.scale(
      self, values.pointer, factor: factor.pointer, offset: offset.pointer, into: result.pointer)
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
    VectorLevel.kernels.sums(
      self, gradient: gradient.pointer, values: values.pointer, mean: mean.pointer,
      inverse: inverse.pointer, plain: plain.pointer, weighted: weighted.pointer,
      scratch: scratch.pointer)
  }

  /// result (+)= a·g + b·z + c with one a, b and c a channel: a normalization's way back. Rows that pad
  /// the batch get zeros.
  package func combine(
    gradient: FloatSlice, a: FloatSlice, values: FloatSlice, b: FloatSlice, c: FloatSlice,
    into result: FloatSlice, adding: Bool
  ) {
    check(gradient, values, result)
    precondition([a, b, c].allSatisfy { $0.count == channels }, "factors of other channels")
    VectorLevel.kernels.combine(
      self, gradient: gradient.pointer, a: a.pointer, values: values.pointer, b: b.pointer,
      c: c.pointer, into: result.pointer, adding: adding)
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
    let kernels = VectorLevel.kernels
    for t in 0..<timeSteps {
      kernels.multiply(
        plane.pointer, by: factors[t], into: values.pointer + t * self.plane, count: self.plane)
    }
  }

  /// The way back: Σ_t factor·gradient[t].
  package func contract(_ gradient: FloatSlice, factors: [Float], into plane: FloatSlice) {
    check(gradient)
    precondition(plane.count == self.plane && factors.count == timeSteps, "other planes")
    let kernels = VectorLevel.kernels
    plane.fill(0)
    for t in 0..<timeSteps {
      kernels.add(
        gradient.pointer + t * self.plane, times: factors[t], to: plane.pointer, count: self.plane)
    }
  }
}
