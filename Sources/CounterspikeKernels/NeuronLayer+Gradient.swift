extension NeuronLayer {
  /// Adds what makes (1−d)·e[t], the derivative with respect to a spike, larger by `slope` at every step
  /// and neuron that a pooling window sees.
  ///
  /// - Parameters:
  ///   - samples: only the first of the batch.
  ///   - channels: only the first; the others are padding.
  ///   - constants: of each channel, in place of the layer's; only d counts.
  ///   - gradient: ∂L/∂output, `[T, B, pooledHeight, pooledWidth, channels]`.
  package func addSpikeGradient(
    _ slope: Float, samples: Int, channels used: Int, constants: NeuronConstants? = nil,
    to gradient: FloatSlice
  ) {
    precondition(
      gradient.count == outputCount && samples <= batch && used <= channels,
      "\(samples) samples of \(used) channels in a gradient of \(gradient.count) floats for "
        + "\(outputCount)")
    requireChannels(constants)
    let own = constants?.synapticDecay.pointer
    let share = pooling == 1 ? slope : slope / poolingFactor
    let pixels = samples * pooledHeight * pooledWidth
    for t in 0..<timeSteps {
      let isLast = t == timeSteps - 1
      let plane = gradient.pointer + t * pooledPlane
      for pixel in 0..<pixels {
        let row = plane + pixel * channels
        for channel in 0..<used {
          row[channel] += isLast ? share / (1 - (own?[channel] ?? synapticDecay)) : share
        }
      }
    }
  }
}

extension FloatSlice {
  /// Σ |x|, in double precision, in order.
  package var sumOfMagnitudes: Double {
    let x = pointer
    var sum = 0.0
    for i in 0..<count { sum += Double(x[i].magnitude) }
    return sum
  }

  /// self *= factor
  package func multiply(by factor: Float) {
    VectorLevel.kernels.multiply(pointer, by: factor, count: count)
  }
}
