import CounterspikeKernels
import CounterspikeReference
import Testing

/// Random currents and gradients for a case, without a neuron that comes so near to its threshold
/// that the order of operations in single precision could decide whether it fires.
struct NeuronSample {
  let neuron: NeuronCase
  let layer: NeuronLayer
  /// `[T, B, H, W, C]`, or one plane for a still image.
  var currents: [Float]
  /// `[T, B, pooled H, pooled W, C]`
  var gradient: [Float]

  init(_ neuron: NeuronCase, seed: UInt64 = 1) {
    self.neuron = neuron
    layer = neuron.layer
    var random = RandomStream(seed: seed, purpose: .audit)
    currents = [Float](repeating: 0, count: layer.currentCount)
    gradient = random.normals(layer.outputCount)
    let steps = neuron.isStill ? 1 : neuron.timeSteps
    for place in 0..<layer.plane {
      var attempts = 0
      repeat {
        attempts += 1
        precondition(attempts < 2000, "\(neuron.testDescription): too many near-ties")
        let drawn = neuron.drive.currents(
          steps, timeConstant: neuron.membraneTimeConstant, &random)
        for t in 0..<steps {
          currents[t * layer.plane + place] = Float(drawn[t] * Double(neuron.threshold))
        }
      } while !neuron.reference.keepsClearOfThreshold(series(place))
    }
  }

  /// c[t] of the neuron at `place` of a time step's plane.
  func series(_ place: Int) -> [Double] {
    neuron.scales.enumerated().map { t, scale in
      scale * Double(currents[neuron.isStill ? place : t * layer.plane + place])
    }
  }

  /// Where the output of the neuron at `place` goes in a time step's output; none uncovered.
  func window(_ place: Int) -> Int? {
    let (_, height, width, channels) = neuron.shape
    let x = place / channels % width / neuron.pooling
    let y = place / channels / width % height / neuron.pooling
    let image = place / channels / width / height
    guard x < layer.pooledWidth, y < layer.pooledHeight else { return nil }
    return ((image * layer.pooledHeight + y) * layer.pooledWidth + x) * channels + place % channels
  }

  /// ∂L/∂a[t] of the neuron at `place`; none uncovered.
  func gradient(_ place: Int) -> [Double]? {
    guard let window = window(place) else { return nil }
    return (0..<neuron.timeSteps).map {
      Double(neuron.poolingFactor) * Double(gradient[$0 * layer.pooledPlane + window])
    }
  }

  func forward() -> (output: [Float], spikes: Int) {
    // What was there before must not matter.
    let output = FloatBuffer([Float](repeating: .nan, count: layer.outputCount))
    let spikes = layer.forward(
      currents: FloatBuffer(currents).all, output: output.all,
      scratch: NeuronScratch(timeSteps: neuron.timeSteps))
    return (output.all.array, spikes)
  }

  func backward(_ rule: SpikeRule, scratch: NeuronScratch? = nil) -> [Float] {
    let buffer = FloatBuffer(currents)
    layer.backward(
      rule: rule, currents: buffer.all, gradient: FloatBuffer(gradient).all,
      scratch: scratch ?? NeuronScratch(timeSteps: neuron.timeSteps))
    return buffer.all.array
  }

  /// Constants of each channel, all of them the layer's.
  var constants: NeuronConstants {
    func all(_ value: Float) -> FloatSlice {
      FloatBuffer([Float](repeating: value, count: layer.channels)).all
    }
    return NeuronConstants(
      membraneDecay: all(layer.membraneDecay), synapticDecay: all(layer.synapticDecay),
      threshold: all(layer.threshold))
  }

  /// δ, and the gradients with respect to the constants of each channel, m, d and θ.
  func backwardWithConstants(
    _ rule: SpikeRule
  ) -> (deltas: [Float], constants: [[Float]]) {
    let buffer = FloatBuffer(currents)
    let sums = (0..<3).map { _ in FloatBuffer(count: layer.channels) }
    layer.backward(
      rule: rule, currents: buffer.all, gradient: FloatBuffer(gradient).all,
      scratch: NeuronScratch(timeSteps: neuron.timeSteps), constants: constants,
      constantGradients: NeuronConstants(
        membraneDecay: sums[0].all, synapticDecay: sums[1].all, threshold: sums[2].all))
    return (buffer.all.array, sums.map { $0.all.array })
  }

  /// The largest difference between the kernel's δ and the reference's, each relative to the
  /// largest δ of its neuron: a δ is a difference of sums over all later steps, so that a small one
  /// beside large ones has their rounding.
  ///
  /// - Parameters:
  ///   - floor: what counts as the largest δ at least, as a share of the largest gradient.
  ///   - reference: δ of one neuron from its currents and gradient.
  func worstError(
    _ rule: SpikeRule, floor: Double = 0,
    against reference: (_ currents: [Double], _ gradient: [Double]) -> [Double]
  ) -> Double {
    let ours = backward(rule)
    let scales = neuron.scales
    let least = floor * Double(gradient.reduce(0) { max($0, abs($1)) })
    var worst = 0.0
    for place in 0..<layer.plane {
      let currents = series(place)
      let expected =
        gradient(place).map { reference(currents, $0) }
        ?? Array(repeating: 0, count: neuron.timeSteps)
      if neuron.isStill {
        let terms = zip(scales, expected).map { $0 * $1 }
        let sum = terms.reduce(0, +)
        let largest = terms.reduce(least) { max($0, abs($1)) }
        worst = worse(worst, abs(Double(ours[place]) - sum), largest)
      } else {
        let largest = expected.reduce(least) { max($0, abs($1)) }
        for (t, value) in expected.enumerated() {
          worst = worse(worst, abs(Double(ours[t * layer.plane + place]) - value), largest)
        }
      }
    }
    return worst
  }

  private func worse(_ worst: Double, _ difference: Double, _ largest: Double) -> Double {
    if difference == 0 { return worst }
    let error = largest > 0 ? difference / largest : .infinity
    return error <= worst ? worst : (error.isNaN ? .infinity : error)
  }
}

extension NeuronReference {
  /// Whether no membrane, of the neuron or of any of its replays, comes nearer to θ than 1e-4·θ or
  /// than what single precision may have lost on the way there.
  ///
  /// Every replay is, up to its first spike, one that starts at 0 or at θ after some step, and
  /// after a spike it is one that starts at 0: following these to their first spikes covers all.
  func keepsClearOfThreshold(_ currents: [Double]) -> Bool {
    guard dynamics.isRenewed else { return replaysKeepClear(currents) }
    let spikes = run(currents).spikes
    guard isClear(currents[...], from: 0) else { return false }
    for k in currents.indices {
      let rest = currents[(k + 1)...]
      guard isClear(rest, from: 0), spikes[k] == 0 || isClear(rest, from: threshold) else {
        return false
      }
    }
    return true
  }

  /// The same of neurons that a spike leaves with a memory: every replay to its end.
  private func replaysKeepClear(_ currents: [Double]) -> Bool {
    let base = unperturbed(currents)
    func isClear(_ neighbor: Neighbor, from first: Int) -> Bool {
      var lost = 0.0
      for t in currents.indices {
        let (u, theta) = (neighbor.membrane[t], neighbor.thresholds[t])
        lost = membraneDecay * lost + 0x1p-22 * (abs(u) + abs(currents[t]) + theta)
        if t >= first && abs(u - theta) < max(1e-4 * threshold, 2 * lost) { return false }
      }
      return true
    }
    return isClear(base, from: 0)
      && currents.indices.allSatisfy {
        isClear(inverting($0, of: base, currents: currents), from: $0 + 1)
      }
  }

  private func isClear(_ currents: ArraySlice<Double>, from start: Double) -> Bool {
    var v = start
    var lost = 0.0
    for c in currents {
      lost = membraneDecay * lost + 0x1p-22 * (abs(v) + abs(c))
      v = membraneDecay * v + c
      if abs(v - threshold) < max(1e-4 * threshold, lost) { return false }
      if v > threshold { return true }
    }
    return true
  }
}
