import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Rules with a made-up derivative")
struct SurrogateShapeTests {
  static let shapes: [SurrogateRule.Shape] = [
    .sigmoid, .rectangle, .triangle, .fastSigmoid, .arctangent,
  ]

  static let layer = NeuronLayer(
    membraneDecay: 0.8, synapticDecay: 0.5, threshold: 1, timeSteps: 12, batch: 1, channels: 64)
  static let reference = NeuronReference(membraneDecay: 0.8, synapticDecay: 0.5, threshold: 1)

  /// Currents that let some neurons be silent and some fire at nearly every step.
  static func values(_ index: Int, scale: Float, offset: Float) -> [Float] {
    var stream = RandomStream(seed: 11, purpose: .noise, index)
    return (0..<layer.currentCount).map { _ in offset + scale * Float(stream.normal()) }
  }

  /// The largest difference between the kernel and the scalar rule, relative to the largest δ.
  static func error(
    of rule: SpikeRule, reference: (_ currents: [Double], _ gradient: [Double]) -> [Double]
  ) -> Double {
    let currents = values(1, scale: 0.6, offset: 0.3)
    let gradient = values(2, scale: 1, offset: 0)
    let deltas = FloatBuffer(currents)
    layer.backward(
      rule: rule, currents: deltas.all, gradient: FloatBuffer(gradient).all,
      scratch: NeuronScratch(timeSteps: layer.timeSteps))
    var difference = 0.0
    var largest = 0.0
    for neuron in 0..<layer.channels {
      let places = (0..<layer.timeSteps).map { $0 * layer.channels + neuron }
      let expected = reference(
        places.map { Double(currents[$0]) }, places.map { Double(gradient[$0]) })
      for (place, value) in zip(places, expected) {
        difference = max(difference, abs(Double(deltas.all[place]) - value))
        largest = max(largest, abs(value))
      }
    }
    return difference / largest
  }

  @Test(
    "the surrogate rule is its scalar reference, whatever shape, width and reset path",
    arguments: shapes, [(Float(0.2), false), (0.2, true), (1, false), (1, true)])
  func surrogate(shape: SurrogateRule.Shape, setting: (width: Float, reset: Bool)) {
    let rule = SurrogateRule(
      shape: shape, width: setting.width, resetGradient: setting.reset)
    let error = Self.error(of: .surrogate(rule)) {
      Self.reference.surrogate(currents: $0, gradient: $1, rule: rule)
    }
    #expect(error < 2e-5)
  }

  @Test("SLAYER is its scalar reference", arguments: [(Float(2.5), Float(5)), (1, 1), (0.3, 20)])
  func slayer(setting: (alpha: Float, beta: Float)) {
    let rule = SLAYERRule(alpha: setting.alpha, beta: setting.beta)
    let error = Self.error(of: .slayer(rule)) {
      Self.reference.slayer(currents: $0, gradient: $1, rule: rule)
    }
    #expect(error < 2e-5)
  }

  @Test("every shape has area 1", arguments: shapes, [Float(0.2), 1])
  func area(shape: SurrogateRule.Shape, width: Float) {
    let rule = SurrogateRule(shape: shape, width: width, resetGradient: false)
    // x = tan φ maps the line to an interval, so that slow tails are counted, too.
    let count = 200_000
    var area = 0.0
    for i in 0..<count {
      let angle = Double.pi * ((Double(i) + 0.5) / Double(count) - 0.5)
      let c = cosine(angle)
      let x = cosine(angle - Double.pi / 2) / c
      area += rule.derivative(x) / (c * c) * Double.pi / Double(count)
    }
    #expect(abs(area - 1) < 1e-3)
  }

  @Test("the shapes have the heights of their formulas at the threshold")
  func heights() {
    let heights = Self.shapes.map {
      SurrogateRule(shape: $0, width: 0.5, resetGradient: false).derivative(0)
    }
    let expected = [0.5, 2, 2, 1, 2 / Double.pi]
    for (height, value) in zip(heights, expected) { #expect(abs(height - value) < 1e-12) }
  }

  @Test("SLAYER's error passes through a spike, the surrogates' does not")
  func reset() {
    let currents = [0.9, 2.0, 0.5]
    let gradient = [0.0, 0, 1]
    let surrogate = SurrogateRule(shape: .rectangle, width: 0.1, resetGradient: false)
    let slayer = SLAYERRule(alpha: 1, beta: 1)
    #expect(
      Self.reference.surrogate(currents: currents, gradient: gradient, rule: surrogate)[1] == 0)
    #expect(Self.reference.slayer(currents: currents, gradient: gradient, rule: slayer)[1] > 0)
  }
}
