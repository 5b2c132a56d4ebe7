/// The losses of the output layer, for one micro-batch.
package struct OutputLoss: Sendable {
  package enum Kind: Sendable, Equatable {
    /// ½ Σ_t (a[t] − target[t])², `target` the filtered train of a neuron that always fires.
    case kernel(target: [Float])
    /// ½ Σ ((n − n_target)/T)², zero where a wanted count is exceeded or an unwanted not reached.
    case count(desired: Float, undesired: Float)
    /// Cross-entropy of Σ_t a[t].
    case softmax
  }

  package var kind: Kind
  package var timeSteps: Int
  package var batch: Int
  package var classes: Int
  /// Floats from one sample's neurons to the next one's.
  package var channels: Int
  /// d of the output neurons.
  package var synapticDecay: Float

  package init(
    kind: Kind, timeSteps: Int, batch: Int, classes: Int, channels: Int, synapticDecay: Float
  ) {
    self.kind = kind
    self.timeSteps = timeSteps
    self.batch = batch
    self.classes = classes
    self.channels = channels
    self.synapticDecay = synapticDecay
  }

  /// The filtered target trace of a neuron that should fire at every step.
  package static func target(timeSteps: Int, synapticDecay d: Float, twice: Bool) -> [Float] {
    var once: Float = 0
    var second: Float = 0
    return (0..<timeSteps).map { _ in
      once = d * once + (1 - d)
      second = d * second + (1 - d) * once
      return twice ? second : once
    }
  }

  /// Losses and predictions of a micro-batch; with `gradient`, replaces the psc by ∂L/∂a.
  ///
  /// - Parameters:
  ///   - psc: a, `[T, batch, channels]`.
  ///   - labels: the class of each sample; −1 marks a row that is no sample: it has loss 0,
  ///     prediction −1 and gradient 0.
  ///   - losses, predictions: one a sample, written.
  package func run(
    psc: FloatSlice, labels: borrowing [Int32], losses: inout [Double],
    predictions: inout [Int32], gradient: Bool
  ) {
    precondition(
      psc.count == timeSteps * batch * channels && labels.count == batch
        && losses.count == batch && predictions.count == batch,
      "psc, labels, losses and predictions of other shapes than [\(timeSteps), \(batch), "
        + "\(channels)]")
    let plane = batch * channels
    for sample in 0..<batch {
      let a = psc.pointer + sample * channels
      let label = Int(labels[sample])
      guard label >= 0 else {
        losses[sample] = 0
        predictions[sample] = -1
        if gradient {
          for t in 0..<timeSteps { (a + t * plane).update(repeating: 0, count: channels) }
        }
        continue
      }
      precondition(label < classes, "label \(label) of sample \(sample) is none of \(classes)")
      predictions[sample] = Int32(prediction(a, plane))
      switch kind {
      case .kernel(let target):
        losses[sample] = kernelLoss(a, plane, label, target, gradient)
      case .count(let desired, let undesired):
        losses[sample] = countLoss(a, plane, label, desired, undesired, gradient)
      case .softmax:
        losses[sample] = softmaxLoss(a, plane, label, gradient)
      }
    }
  }

  /// Σ_t a[t] of a neuron.
  func total(_ a: UnsafeMutablePointer<Float>, _ plane: Int, _ neuron: Int) -> Float {
    var sum: Float = 0
    for t in 0..<timeSteps { sum += a[t * plane + neuron] }
    return sum
  }

  /// The class with the largest Σ_t a[t]; of equals the first.
  private func prediction(_ a: UnsafeMutablePointer<Float>, _ plane: Int) -> Int {
    var best = 0
    var largest = -Float.infinity
    for neuron in 0..<classes {
      let sum = total(a, plane, neuron)
      if sum > largest {
        best = neuron
        largest = sum
      }
    }
    return best
  }

  /// The spikes of a neuron: what a gained at a step.
  func count(_ a: UnsafeMutablePointer<Float>, _ plane: Int, _ neuron: Int) -> Float {
    let d = synapticDecay
    var count: Float = 0
    var previous: Float = 0
    for t in 0..<timeSteps {
      let now = a[t * plane + neuron]
      if now - d * previous > 0.5 * (1 - d) { count += 1 }
      previous = now
    }
    return count
  }

  private func kernelLoss(
    _ a: UnsafeMutablePointer<Float>, _ plane: Int, _ label: Int, _ target: [Float],
    _ gradient: Bool
  ) -> Double {
    var loss = 0.0
    for t in 0..<timeSteps {
      for neuron in 0..<classes {
        let difference = a[t * plane + neuron] - (neuron == label ? target[t] : 0)
        loss += Double(difference * difference)
        if gradient { a[t * plane + neuron] = difference }
      }
    }
    return loss / 2
  }

  /// The derivative is with respect to the spikes; as every rule takes the one with respect to a,
  /// it goes through the synaptic filter's inverse: (1−d)·e[t] is then the same at all steps.
  private func countLoss(
    _ a: UnsafeMutablePointer<Float>, _ plane: Int, _ label: Int, _ desired: Float,
    _ undesired: Float, _ gradient: Bool
  ) -> Double {
    let d = synapticDecay
    let steps = Float(timeSteps)
    var loss = 0.0
    for neuron in 0..<classes {
      let count = count(a, plane, neuron)
      let wanted = neuron == label ? desired : undesired
      let isMet = neuron == label ? count >= wanted : count <= wanted
      let difference = isMet ? 0 : (count - wanted) / steps
      loss += Double(difference * difference)
      guard gradient else { continue }
      let constant = difference / steps / (1 - d)
      for t in 0..<timeSteps {
        a[t * plane + neuron] = t == timeSteps - 1 ? constant : constant * (1 - d)
      }
    }
    return loss / 2
  }

  private func softmaxLoss(
    _ a: UnsafeMutablePointer<Float>, _ plane: Int, _ label: Int, _ gradient: Bool
  ) -> Double {
    var largest = -Float.infinity
    for neuron in 0..<classes { largest = max(largest, total(a, plane, neuron)) }
    var sum = 0.0
    for neuron in 0..<classes {
      sum += exponential(Double(total(a, plane, neuron) - largest))
    }
    let loss = naturalLogarithm(sum) - Double(total(a, plane, label) - largest)
    if gradient {
      for neuron in 0..<classes {
        let p = exponential(Double(total(a, plane, neuron) - largest)) / sum
        let g = Float(p - (neuron == label ? 1 : 0))
        for t in 0..<timeSteps { a[t * plane + neuron] = g }
      }
    }
    return loss
  }
}
