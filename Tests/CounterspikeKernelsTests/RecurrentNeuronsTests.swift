import CounterspikeKernels
import CounterspikeProducts
import CounterspikeReference
import Testing

@Suite("Recurrent neurons")
struct RecurrentNeuronsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var timeSteps = 9
    var batch = 2
    /// The others pad.
    var neurons = 11
    var channels = 16
    var synapticTimeConstant = 3.0
    var dynamics = NeuronDynamics()

    var testDescription: String {
      "T \(timeSteps), B \(batch), N \(neurons) of \(channels), τ_s \(synapticTimeConstant), "
        + dynamics.name
    }

    var layer: NeuronLayer {
      var layer = NeuronLayer(
        membraneDecay: 0.8, synapticDecay: 1 - 1 / synapticTimeConstant, threshold: 1,
        timeSteps: timeSteps, batch: batch, channels: channels)
      layer.dynamics = dynamics
      return layer
    }

    var reference: NeuronReference {
      NeuronReference(
        membraneDecay: 0.8, synapticDecay: 1 - 1 / synapticTimeConstant, threshold: 1,
        dynamics: dynamics)
    }
  }

  static let cases: [Case] =
    [
      Case(), Case(timeSteps: 1), Case(timeSteps: 40, batch: 1, neurons: 8, channels: 8),
      Case(timeSteps: 20, batch: 3, neurons: 24, channels: 24, synapticTimeConstant: 1),
    ] + NeuronDynamics.kinds.map { Case(timeSteps: 15, dynamics: $0) }

  /// A layer with currents, gradients and lateral weights, padded with zeros.
  struct Sample {
    let neuron: Case
    var currents: [[[Double]]] = []  // [B][N][T]
    var gradient: [[[Double]]] = []
    var lateral: [[Double]] = []
    var recurrent: RecurrentNeurons { RecurrentNeurons(neuron.layer) }

    init(_ neuron: Case, seed: UInt64, scale: Double = 0.5) {
      self.neuron = neuron
      var random = RandomStream(seed: seed, purpose: .audit)
      func rounded(_ value: Double) -> Double { Double(Float(value)) }
      func series() -> [Double] {
        (0..<neuron.timeSteps).map { _ in rounded(0.4 + 0.6 * random.normal()) }
      }
      func batch() -> [[[Double]]] {
        (0..<neuron.batch).map { _ in (0..<neuron.neurons).map { _ in series() } }
      }
      currents = batch()
      gradient = batch()
      lateral = (0..<neuron.neurons).map { _ in
        (0..<neuron.neurons).map { _ in rounded(scale * random.normal()) }
      }
    }

    func buffer(_ values: [[[Double]]]) -> FloatBuffer {
      let layer = neuron.layer
      let buffer = FloatBuffer(count: layer.currentCount)
      for (b, sample) in values.enumerated() {
        for (i, series) in sample.enumerated() {
          for (t, value) in series.enumerated() {
            buffer.all[(t * neuron.batch + b) * neuron.channels + i] = Float(value)
          }
        }
      }
      return buffer
    }

    var weights: FloatBuffer {
      let buffer = FloatBuffer(count: neuron.channels * neuron.channels)
      for (i, row) in lateral.enumerated() {
        for (j, weight) in row.enumerated() {
          buffer.all[i * neuron.channels + j] = Float(weight)
        }
      }
      return buffer
    }

    /// c and a.
    func forward(
      _ flips: [RecurrentNeurons.Flip] = []
    ) throws -> (currents: FloatBuffer, output: FloatBuffer, spikes: Int) {
      let currents = buffer(currents)
      let output = FloatBuffer([Float](repeating: .nan, count: neuron.layer.outputCount))
      let spikes = try recurrent.forward(
        currents: currents.all, output: output.all, weights: weights.all,
        states: FloatBuffer([Float](repeating: .nan, count: recurrent.stateCount)).all,
        flips: flips)
      return (currents, output, spikes)
    }

    func backward(_ rule: SpikeRule, _ currents: FloatBuffer) throws {
      try recurrent.backward(
        rule: rule, currents: currents.all, gradient: buffer(gradient).all, weights: weights.all,
        room: FloatBuffer([Float](repeating: .nan, count: recurrent.roomCount)).all)
    }
  }

  @Test("currents, spikes and psc are those of the equations", arguments: cases)
  func forward(neuron: Case) throws {
    let sample = Sample(neuron, seed: 51)
    let (currents, output, spikes) = try sample.forward()
    let expected = sample.currents.map { neuron.reference.run($0, lateral: sample.lateral) }
    #expect(
      largestDifference(
        output.all.array,
        sample.buffer(expected.map { $0.traces.map(\.psc) }).all.array.map { Double($0) }) < 1e-6)
    #expect(
      relativeDifference(
        currents.all.array, sample.buffer(expected.map(\.currents)).all.array.map { Double($0) })
        < 1e-6)
    let count = expected.reduce(0) { $0 + $1.traces.reduce(0) { $0 + $1.spikes.reduce(0, +) } }
    #expect(Double(spikes) == count && (neuron.timeSteps == 1 || count > 0))
  }

  @Test("an inverted spike goes on through the others", arguments: cases)
  func flips(neuron: Case) throws {
    let sample = Sample(neuron, seed: 52)
    for (row, i, step) in [
      (0, 0, 0), (neuron.batch - 1, 3, neuron.timeSteps / 2), (0, 7, neuron.timeSteps - 1),
    ] {
      let output = try sample.forward([.init(row: row, neuron: i, step: step)]).output
      let expected = sample.currents.enumerated().map { b, currents in
        neuron.reference.run(
          currents, lateral: sample.lateral, inverting: b == row ? (i, step) : nil
        ).traces.map(\.psc)
      }
      #expect(
        largestDifference(output.all.array, sample.buffer(expected).all.array.map { Double($0) })
          < 1e-6)
    }
  }

  /// δ by the rule's reference.
  private func check(
    _ neuron: Case, _ rule: SpikeRule, seed: UInt64,
    _ reference: ([Double], [Double]) -> [Double]
  ) throws {
    let sample = Sample(neuron, seed: seed, scale: 0.2)
    let (currents, output, _) = try sample.forward()
    try sample.backward(rule, currents)
    let expected = sample.currents.indices.map { b in
      neuron.reference.recurrentDeltas(
        currents: neuron.reference.run(sample.currents[b], lateral: sample.lateral).currents,
        gradient: sample.gradient[b], lateral: sample.lateral, rule: reference)
    }
    let deltas = sample.buffer(expected).all.array.map { Double($0) }
    // A float's rounding grows with the steps that δ comes back through.
    #expect(relativeDifference(currents.all.array, deltas) < 1e-4)

    // ∂L/∂V
    let result = FloatBuffer([Float](repeating: 1, count: neuron.channels * neuron.channels))
    try sample.recurrent.weightGradient(
      deltas: currents.all, output: output.all, into: result.all, adding: true)
    var sums = [Double](repeating: 1, count: result.count)
    for b in expected.indices {
      let traces = neuron.reference.run(sample.currents[b], lateral: sample.lateral).traces
      for i in expected[b].indices {
        for j in expected[b].indices {
          for t in expected[b][i].indices.dropFirst() {
            sums[i * neuron.channels + j] += expected[b][i][t] * traces[j].psc[t - 1]
          }
        }
      }
    }
    #expect(relativeDifference(result.all.array, sums) < 1e-4)
  }

  @Test("the surrogate's δ is the reference's, step by step", arguments: cases, [false, true])
  func surrogate(neuron: Case, reset: Bool) throws {
    let rule = SurrogateRule(shape: .sigmoid, width: 0.5, resetGradient: reset)
    try check(neuron, .surrogate(rule), seed: 53) {
      neuron.reference.surrogate(currents: $0, gradient: $1, rule: rule)
    }
  }

  @Test(
    "neighborhood aggregation replays the neuron, and has the others in e", arguments: cases,
    [false, true])
  func neighborhood(neuron: Case, twice: Bool) throws {
    for weight in [
      NeighborhoodRule.Weight.none, .inverseCube(bound: 5), .gaussian(deviation: 0.5),
    ] {
      let rule = NeighborhoodRule(filtersTwice: twice, weight: weight)
      try check(neuron, .neighborhood(rule), seed: 54) {
        neuron.reference.neighborhood(currents: $0, gradient: $1, rule: rule)
      }
    }
  }

  @Test("SLAYER's δ is the reference's", arguments: cases.filter { $0.dynamics.adaptation == nil })
  func slayer(neuron: Case) throws {
    let rule = SLAYERRule(alpha: 1, beta: 2)
    try check(neuron, .slayer(rule), seed: 55) {
      neuron.reference.slayer(currents: $0, gradient: $1, rule: rule)
    }
  }

  @Test("without lateral weights they are the neurons of any layer", arguments: cases)
  func plain(neuron: Case) throws {
    var sample = Sample(neuron, seed: 56)
    sample.lateral = sample.lateral.map { $0.map { _ in 0 } }
    var rules: [SpikeRule] = [
      .neighborhood(NeighborhoodRule(filtersTwice: true, weight: .inverse(bound: 100))),
      .surrogate(SurrogateRule(shape: .triangle, width: 1, resetGradient: true)),
    ]
    if neuron.dynamics.isRenewed { rules.append(.tsslbp) }
    for rule in rules {
      let (currents, _, _) = try sample.forward()
      let other = FloatBuffer(currents.all.array)
      try sample.backward(rule, currents)
      neuron.layer.backward(
        rule: rule, currents: other.all, gradient: sample.buffer(sample.gradient).all,
        scratch: NeuronScratch(timeSteps: neuron.timeSteps))
      #expect(
        relativeDifference(currents.all.array, other.all.array.map { Double($0) }) < 1e-5,
        "\(rule)")
    }
  }

  @Test("the gradients of the constants are the reference's", arguments: cases)
  func constants(neuron: Case) throws {
    let rule = SurrogateRule(shape: .sigmoid, width: 0.5, resetGradient: false)
    let sample = Sample(neuron, seed: 57, scale: 0.2)
    let (currents, _, _) = try sample.forward()
    let buffers = (0..<3).map { _ in FloatBuffer(count: neuron.channels) }
    try sample.recurrent.backward(
      rule: .surrogate(rule), currents: currents.all, gradient: sample.buffer(sample.gradient).all,
      weights: sample.weights.all, room: FloatBuffer(count: sample.recurrent.roomCount).all,
      constantGradients: NeuronConstants(
        membraneDecay: buffers[0].all, synapticDecay: buffers[1].all, threshold: buffers[2].all))
    var sums = [[Double]](repeating: [Double](repeating: 0, count: neuron.channels), count: 3)
    for b in sample.currents.indices {
      let (currents, traces) = neuron.reference.run(sample.currents[b], lateral: sample.lateral)
      let deltas = neuron.reference.recurrentDeltas(
        currents: currents, gradient: sample.gradient[b], lateral: sample.lateral
      ) { neuron.reference.surrogate(currents: $0, gradient: $1, rule: rule) }
      for i in currents.indices {
        // What comes back through V is part of the gradient of a.
        let all = sample.gradient[b][i].enumerated().map { t, g in
          t + 1 == neuron.timeSteps
            ? g : currents.indices.reduce(g) { $0 + sample.lateral[$1][i] * deltas[$1][t + 1] }
        }
        let found = neuron.reference.constantGradients(
          traces[i], gradient: all, deltas: deltas[i])
        sums[0][i] += found.membraneDecay
        sums[1][i] += found.synapticDecay
        sums[2][i] += found.threshold
      }
    }
    for (buffer, sum) in zip(buffers, sums) {
      #expect(relativeDifference(buffer.all.array, sum) < 1e-4)
    }
  }
}
