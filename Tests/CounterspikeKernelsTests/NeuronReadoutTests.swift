import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Readout")
struct NeuronReadoutTests {
  static let cases = [
    NeuronCase(), NeuronCase(membraneTimeConstant: 20, timeSteps: 30, shape: (3, 1, 1, 24)),
    NeuronCase(timeSteps: 1, shape: (2, 1, 1, 16)),
    NeuronCase(timeSteps: 9, shape: (2, 1, 1, 8), isStill: true),
  ]

  /// u of each neuron, in double precision.
  private func membrane(_ c: [Double], _ m: Double) -> [Double] {
    var u = 0.0
    return c.map {
      u = m * u + $0
      return u
    }
  }

  @Test("u is the leaky sum of the currents, and no spike takes it away", arguments: cases)
  func forward(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 41)
    let output = FloatBuffer([Float](repeating: .nan, count: sample.layer.outputCount))
    sample.layer.readout(
      currents: FloatBuffer(sample.currents).all, output: output.all,
      scratch: NeuronScratch(timeSteps: neuron.timeSteps))
    var expected = [Double](repeating: 0, count: sample.layer.outputCount)
    for place in 0..<sample.layer.plane {
      let u = membrane(sample.series(place), neuron.reference.membraneDecay)
      for t in u.indices { expected[t * sample.layer.plane + place] = u[t] }
    }
    #expect(largestDifference(output.all.array, expected) < 1e-5)
  }

  @Test("δ and ∂L/∂m are finite differences, which are exact but for rounding", arguments: cases)
  func backward(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 42)
    let plane = sample.layer.plane
    let buffer = FloatBuffer(sample.currents)
    let sums = FloatBuffer(count: sample.layer.channels)
    let unused = FloatBuffer(count: sample.layer.channels).all
    sample.layer.readoutBackward(
      currents: buffer.all, gradient: FloatBuffer(sample.gradient).all,
      scratch: NeuronScratch(timeSteps: neuron.timeSteps),
      constantGradients: NeuronConstants(
        membraneDecay: sums.all, synapticDecay: unused, threshold: unused))
    let m = neuron.reference.membraneDecay
    func loss(_ place: Int, _ c: [Double], _ m: Double) -> Double {
      let u = membrane(c, m)
      return u.indices.reduce(0) { $0 + u[$1] * Double(sample.gradient[$1 * plane + place]) }
    }
    var expected = sample.currents.map { Double($0) }
    var constants = [Double](repeating: 0, count: sample.layer.channels)
    for place in 0..<plane {
      let c = sample.series(place)
      constants[place % sample.layer.channels] +=
        (loss(place, c, m + 1e-5) - loss(place, c, m - 1e-5)) / 2e-5
      // L is linear in c: its derivative is its value for a current of 1.
      let deltas = c.indices.map { t in
        var unit = c.map { _ in 0.0 }
        unit[t] = 1
        return loss(place, unit, m)
      }
      if neuron.isStill {
        expected[place] = zip(deltas, neuron.scales).reduce(0) { $0 + $1.0 * $1.1 }
      } else {
        for t in c.indices { expected[t * plane + place] = deltas[t] }
      }
    }
    #expect(relativeDifference(buffer.all.array, expected) < 1e-5)
    #expect(relativeDifference(sums.all.array, constants) < 1e-4)
  }
}
