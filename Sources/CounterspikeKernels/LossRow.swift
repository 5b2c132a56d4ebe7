/// The output of one sample, and what losses read of it.
struct LossRow {
  /// a of the first time step's first neuron.
  let a: UnsafeMutablePointer<Float>
  /// Floats from one time step to the next.
  let plane: Int
  let timeSteps: Int
  /// d
  let synapticDecay: Float

  @inline(__always)
  subscript(t: Int, neuron: Int) -> Float { a[t * plane + neuron] }

  /// Σ_t a[t] of a neuron.
  func total(_ neuron: Int) -> Float {
    var sum: Float = 0
    for t in 0..<timeSteps { sum += self[t, neuron] }
    return sum
  }

  /// Whether the neuron fired at step t: what a gained there.
  @inline(__always)
  func fired(_ t: Int, _ neuron: Int) -> Bool {
    let d = synapticDecay
    let before = t == 0 ? 0 : self[t - 1, neuron]
    return self[t, neuron] - d * before > 0.5 * (1 - d)
  }

  /// The spikes of a neuron.
  func count(_ neuron: Int) -> Float {
    var count: Float = 0
    for t in 0..<timeSteps where fired(t, neuron) { count += 1 }
    return count
  }

  /// The step of a neuron's first spike; `nil`: it is silent.
  func firstSpike(_ neuron: Int) -> Int? {
    var t = 0
    while t < timeSteps {
      if fired(t, neuron) { return t }
      t += 1
    }
    return nil
  }

  /// The step of a neuron's largest output, of equals the first.
  private func largestStep(_ neuron: Int) -> Int {
    var best = 0
    for t in 0..<timeSteps where self[t, neuron] > self[best, neuron] { best = t }
    return best
  }

  /// The output of a neuron as one number.
  func reduced(_ neuron: Int, by reduction: OutputLoss.Reduction) -> Float {
    switch reduction {
    case .sum: return total(neuron)
    case .mean, .everyStep: return total(neuron) / Float(timeSteps)
    case .last: return self[timeSteps - 1, neuron]
    case .largest: return self[largestStep(neuron), neuron]
    case .rate:
      // n = Σ_t (a[t] − d·a[t−1])/(1−d) = Σ_{t<T−1} a[t] + a[T−1]/(1−d)
      let last = self[timeSteps - 1, neuron]
      return (total(neuron) - last + last / (1 - synapticDecay)) / Float(timeSteps)
    }
  }

  /// Adds the gradient of a neuron's reduced output: `slope` is the derivative with respect to it.
  func spread(
    _ slope: Float, _ neuron: Int, by reduction: OutputLoss.Reduction, to sum: inout LossSum
  ) {
    switch reduction {
    case .sum:
      for t in 0..<timeSteps { sum.add(slope, t, neuron) }
    case .mean, .everyStep:
      for t in 0..<timeSteps { sum.add(slope / Float(timeSteps), t, neuron) }
    case .last: put(slope, at: timeSteps - 1, neuron, to: &sum)
    case .largest: put(slope, at: largestStep(neuron), neuron, to: &sum)
    case .rate: spreadOverSpikes(slope / Float(timeSteps), neuron, to: &sum)
    }
  }

  /// Adds `slope`, the derivative with respect to the number of spikes.
  ///
  /// As every rule takes the derivative with respect to a, it goes through the synaptic filter's
  /// inverse: (1−d)·e[t] is then `slope` at all steps.
  func spreadOverSpikes(_ slope: Float, _ neuron: Int, to sum: inout LossSum) {
    let d = synapticDecay
    let constant = slope / (1 - d)
    for t in 0..<timeSteps {
      sum.add(t == timeSteps - 1 ? constant : constant * (1 - d), t, neuron)
    }
  }

  /// Adds `slope` at one step and nothing at the others.
  func put(_ slope: Float, at step: Int, _ neuron: Int, to sum: inout LossSum) {
    for t in 0..<timeSteps { sum.add(t == step ? slope : 0, t, neuron) }
  }
}

/// Adds up the gradients of several terms.
///
/// Every term adds to every step and neuron exactly once.
struct LossSum {
  /// What this term is multiplied by.
  let factor: Float
  /// The first term writes.
  let isFirst: Bool
  /// `[T, classes]`; `nil`: no gradient is wanted.
  let gradient: UnsafeMutablePointer<Float>?
  let classes: Int

  @inline(__always)
  func add(_ value: Float, _ t: Int, _ neuron: Int) {
    guard let gradient else { return }
    let place = t * classes + neuron
    gradient[place] = isFirst ? factor * value : gradient[place] + factor * value
  }
}

/// The memory that one worker's losses need.
@safe
package final class LossScratch: @unchecked Sendable {
  /// `[T, classes]`
  let gradient: UnsafeMutablePointer<Float>
  /// `[classes]`: what the softmax is taken of, later its slope.
  let values: UnsafeMutablePointer<Float>
  /// What the first term alone is, without its factors, of each sample.
  package let firstTerms: FloatBuffer
  /// `[classes]`
  let powers: UnsafeMutablePointer<Double>
  /// a and s of a sample and ∂L/∂a and ∂L/∂s, each `[T, classes]`, of an ``ExternalLoss``.
  let outputs: UnsafeMutablePointer<Float>
  let spikes: UnsafeMutablePointer<Float>
  let ofOutputs: UnsafeMutablePointer<Float>
  let ofSpikes: UnsafeMutablePointer<Float>
  private let timeSteps: Int
  private let classes: Int
  /// Of `[T, classes]` floats.
  private static let rows = 5

  package init(timeSteps: Int, batch: Int, classes: Int) {
    firstTerms = FloatBuffer(count: batch)
    self.timeSteps = timeSteps
    self.classes = classes
    let count = timeSteps * classes
    gradient = .allocate(capacity: Self.rows * count)
    gradient.initialize(repeating: 0, count: Self.rows * count)
    outputs = gradient + count
    spikes = outputs + count
    ofOutputs = spikes + count
    ofSpikes = ofOutputs + count
    values = .allocate(capacity: classes)
    values.initialize(repeating: 0, count: classes)
    powers = .allocate(capacity: classes)
    powers.initialize(repeating: 0, count: classes)
  }

  deinit {
    gradient.deallocate()
    values.deallocate()
    powers.deallocate()
  }

  func fits(timeSteps: Int, batch: Int, classes: Int) -> Bool {
    timeSteps <= self.timeSteps && batch <= firstTerms.count && classes <= self.classes
  }

  package static func bytes(timeSteps: Int, batch: Int, classes: Int) -> Int {
    ((rows * timeSteps + 1) * classes + batch) * MemoryLayout<Float>.stride
      + classes * MemoryLayout<Double>.stride
  }
}
