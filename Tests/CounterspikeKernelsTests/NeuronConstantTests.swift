import CounterspikeKernels
import CounterspikeReference
import Testing

/// A neuron whose spikes are smooth, s = σ((u − θ)/w), so that every derivative exists.
private struct SmoothNeuron {
  var membraneDecay = 0.75
  var synapticDecay = 0.6
  var threshold = 0.9
  var width = 0.4
  let dynamics: NeuronDynamics

  func run(_ currents: [Double]) -> NeuronReference.Trace {
    var trace = NeuronReference.Trace()
    var (v, a, b) = (0.0, 0.0, 0.0)
    let beta = Double(dynamics.adaptation?.strength ?? 0)
    let rho = Double(dynamics.adaptation?.decay ?? 0)
    for c in currents {
      let u = membraneDecay * v + c
      let theta = threshold + beta * b
      let s = 1 / (1 + exponential(-(u - theta) / width))
      switch dynamics.reset {
      case .zero: v = u - u * s
      case .subtraction: v = u - threshold * s
      case .none: v = u
      }
      b = rho * b + (1 - rho) * s
      a = synapticDecay * a + (1 - synapticDecay) * s
      trace.membrane.append(u)
      trace.thresholds.append(theta)
      trace.spikes.append(s)
      trace.psc.append(a)
    }
    return trace
  }

  func loss(_ currents: [Double], _ gradient: [Double]) -> Double {
    zip(run(currents).psc, gradient).reduce(0) { $0 + $1.0 * $1.1 }
  }

  func derivative(_ x: Double) -> Double {
    let s = 1 / (1 + exponential(-x / width))
    return s * (1 - s) / width
  }

  var reference: NeuronReference {
    NeuronReference(
      membraneDecay: membraneDecay, synapticDecay: synapticDecay, threshold: threshold,
      dynamics: dynamics)
  }
}

@Suite("Gradients of a neuron's constants")
struct NeuronConstantTests {
  static let currents = [0.8, 0.5, -0.3, 1.4, 0.6, 0.2, 1.1, 0.9, -0.5, 0.7]
  static let gradient = [0.3, -0.7, 0.9, 0.2, -0.4, 1.2, -0.6, 0.1, 0.5, -0.8]

  @Test(
    "of smooth spikes, δ and the constants' gradients are finite differences",
    arguments: NeuronDynamics.kinds + [NeuronDynamics()])
  func finiteDifferences(dynamics: NeuronDynamics) {
    let neuron = SmoothNeuron(dynamics: dynamics)
    let (currents, gradient) = (Self.currents, Self.gradient)
    let trace = neuron.run(currents)
    let deltas = neuron.reference.deltas(
      trace, gradient: gradient, resetGradient: true, derivative: neuron.derivative)
    let step = 1e-5
    func slope(_ loss: (Double) -> Double) -> Double {
      (loss(step) - loss(-step)) / (2 * step)
    }
    for t in currents.indices {
      let numeric = slope {
        var changed = currents
        changed[t] += $0
        return neuron.loss(changed, gradient)
      }
      #expect(abs(deltas[t] - numeric) < 1e-8, "δ[\(t)]")
    }
    func slope(of path: WritableKeyPath<SmoothNeuron, Double>) -> Double {
      slope {
        var changed = neuron
        changed[keyPath: path] += $0
        return changed.loss(currents, gradient)
      }
    }
    let ours = neuron.reference.constantGradients(trace, gradient: gradient, deltas: deltas)
    #expect(abs(ours.membraneDecay - slope(of: \.membraneDecay)) < 1e-8)
    #expect(abs(ours.synapticDecay - slope(of: \.synapticDecay)) < 1e-8)
    #expect(abs(ours.threshold - slope(of: \.threshold)) < 1e-8)
  }

  static let rules: [SpikeRule] = [
    .neighborhood(NeighborhoodRule(filtersTwice: true, weight: .inverseCube(bound: 5))),
    .surrogate(SurrogateRule(shape: .sigmoid, width: 0.5, resetGradient: false)),
    .slayer(SLAYERRule(alpha: 2.5, beta: 5)), .tsslbp,
  ]

  @Test(
    "the kernels' are the reference's, of each channel, for every rule",
    arguments: NeuronCase.shapes + NeuronCase.dynamicShapes)
  func reference(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 31)
    let layer = sample.layer
    for rule in Self.rules where rule.covers(neuron.dynamics) {
      let (deltas, constants) = sample.backwardWithConstants(rule)
      // A still image's δ are summed over time: they are taken from the reference of moving ones.
      guard !neuron.isStill else { continue }
      var expected = [[Double]](repeating: [Double](repeating: 0, count: layer.channels), count: 3)
      var sizes = [0.0, 0, 0]
      for place in 0..<layer.plane {
        guard let gradient = sample.gradient(place) else { continue }
        let currents = sample.series(place)
        let sums = neuron.reference.constantGradients(
          neuron.reference.run(currents), gradient: gradient,
          deltas: currents.indices.map { Double(deltas[$0 * layer.plane + place]) })
        for (index, sum) in [sums.membraneDecay, sums.synapticDecay, sums.threshold].enumerated() {
          expected[index][place % layer.channels] += sum
          sizes[index] += abs(sum)
        }
      }
      for index in 0..<3 {
        #expect(
          largestDifference(constants[index], expected[index]) <= 2e-5 * max(sizes[index], 1e-3),
          "constant \(index), \(rule)")
      }
    }
  }

  @Test(
    "δ with constants of each channel is δ with the layer's",
    arguments: NeuronCase.shapes)
  func sameDeltas(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 32)
    for rule in Self.rules {
      let plain = sample.backward(rule).map { Double($0) }
      #expect(
        relativeDifference(sample.backwardWithConstants(rule).deltas, plain) < 2e-5, "\(rule)")
    }
  }

  @Test("a still image's constants have the gradients of the moving one that it stands for")
  func still() {
    let still = NeuronCase(timeSteps: 9, shape: (2, 3, 3, 16), pooling: 2, isStill: true)
    let sample = NeuronSample(still, seed: 33)
    var moving = still
    moving.isStill = false
    var expanded = NeuronSample(moving, seed: 33)
    for place in 0..<sample.layer.plane {
      for (t, c) in sample.series(place).enumerated() {
        expanded.currents[t * sample.layer.plane + place] = Float(c)
      }
    }
    expanded.gradient = sample.gradient
    for rule in Self.rules {
      let (ours, expected) = (
        sample.backwardWithConstants(rule).constants,
        expanded.backwardWithConstants(rule).constants
      )
      for index in 0..<3 {
        #expect(relativeDifference(ours[index], expected[index].map { Double($0) }) < 1e-4)
      }
    }
  }

  @Test("constants of another number of channels are refused")
  func wrongChannels() async {
    await #expect(processExitsWith: .failure) {
      let layer = NeuronCase().layer
      let wrong = FloatBuffer(count: 16).all
      _ = layer.forward(
        currents: FloatBuffer(count: 40).all, output: FloatBuffer(count: 40).all,
        scratch: NeuronScratch(timeSteps: 5),
        constants: NeuronConstants(membraneDecay: wrong, synapticDecay: wrong, threshold: wrong))
    }
  }
}
