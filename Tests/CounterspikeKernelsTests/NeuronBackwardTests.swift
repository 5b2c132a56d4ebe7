import CounterspikeKernels
import Testing

@Suite("Neurons, backward")
struct NeuronBackwardTests {
  static let rules: [SpikeRule] = [
    .neighborhood(NeighborhoodRule(filtersTwice: true, weight: .inverseCube(bound: 5))),
    .neighborhood(NeighborhoodRule(filtersTwice: false, weight: .inverse(bound: .infinity))),
    .surrogate(SurrogateRule(shape: .sigmoid, width: 0.2, resetGradient: false)),
    .tsslbp,
  ]

  @Test("a window's gradient reaches all its neurons, times the pooling factor", arguments: rules)
  func broadcast(rule: SpikeRule) {
    let pooled = NeuronSample(
      NeuronCase(shape: (2, 4, 6, 8), pooling: 2, poolingFactor: 1.25), seed: 11)
    var plain = NeuronSample(NeuronCase(shape: (2, 4, 6, 8)), seed: 11)
    plain.currents = pooled.currents
    for place in 0..<plain.layer.plane {
      let spread = pooled.gradient(place) ?? []
      for t in spread.indices {
        plain.gradient[t * plain.layer.plane + place] = Float(spread[t])
      }
    }
    #expect(pooled.backward(rule) == plain.backward(rule))
  }

  @Test(
    "rows and columns that no window covers get exactly 0 and leave the others alone",
    arguments: rules, [false, true])
  func uncovered(rule: SpikeRule, isStill: Bool) {
    let sample = NeuronSample(
      NeuronCase(shape: (2, 5, 7, 8), pooling: 3, isStill: isStill), seed: 12)
    let deltas = sample.backward(rule)
    var covered = 0
    for place in deltas.indices {
      if sample.window(place % sample.layer.plane) == nil {
        #expect(deltas[place] == 0)
      } else if deltas[place] != 0 {
        covered += 1
      }
    }
    #expect(covered > deltas.count / 4)
  }

  @Test("a window larger than the image covers nothing", arguments: rules)
  func nothing(rule: SpikeRule) {
    let sample = NeuronSample(NeuronCase(shape: (1, 2, 7, 8), pooling: 3), seed: 13)
    #expect(sample.gradient.isEmpty)
    #expect(sample.backward(rule).allSatisfy { $0 == 0 })
    #expect(sample.forward().spikes == 0)
  }

  @Test(
    "a still image's gradient is the scaled sum of that of the currents it stands for",
    arguments: rules)
  func still(rule: SpikeRule) {
    let still = NeuronSample(NeuronCase(timeSteps: 13, shape: (2, 1, 1, 8), isStill: true))
    var moving = NeuronSample(NeuronCase(timeSteps: 13, shape: (2, 1, 1, 8)))
    let scales = NeuronLayer.stillScales(decay: NeuronCase.stillDecay, timeSteps: 13)
    moving.gradient = still.gradient
    for t in 0..<13 {
      for place in 0..<16 { moving.currents[t * 16 + place] = scales[t] * still.currents[place] }
    }
    let deltas = moving.backward(rule)
    let expected = (0..<16).map { place in
      (0..<13).reduce(Float(0)) { $0 + scales[$1] * deltas[$1 * 16 + place] }
    }
    #expect(still.backward(rule) == expected)
  }

  @Test(
    "δ takes the place of the currents, the gradient stays, scratch remembers nothing",
    arguments: rules)
  func inPlace(rule: SpikeRule) {
    let sample = NeuronSample(NeuronCase(timeSteps: 20, shape: (1, 1, 1, 16)), seed: 14)
    // Guards on both sides of the slices show a write outside.
    let count = sample.currents.count
    let guardWord: Float = 12345
    let framed = [Float](repeating: guardWord, count: 16)
    let currents = FloatBuffer(framed + sample.currents + framed)
    let gradient = FloatBuffer(framed + sample.gradient + framed)
    let scratch = NeuronScratch(timeSteps: 20)
    let expected = sample.backward(rule)
    _ = NeuronSample(sample.neuron, seed: 15).backward(rule, scratch: scratch)
    sample.layer.backward(
      rule: rule, currents: currents.slice(16, count), gradient: gradient.slice(16, count),
      scratch: scratch)
    #expect(currents.all.array == framed + expected + framed)
    #expect(gradient.all.array == framed + sample.gradient + framed)
    #expect(expected != sample.currents)
  }

  @Test("a gradient of another shape is refused")
  func wrongGradient() async {
    await #expect(processExitsWith: .failure) {
      NeuronCase().layer.backward(
        rule: .tsslbp, currents: FloatBuffer(count: 40).all, gradient: FloatBuffer(count: 48).all,
        scratch: NeuronScratch(timeSteps: 5))
    }
  }
}
