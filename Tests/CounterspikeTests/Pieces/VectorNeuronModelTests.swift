import CounterspikeKernels
import CounterspikeSettings
import Testing

/// What a ``VectorNeuronModel`` computes on all time steps at once is what the same neuron computes step by step,
/// which ``ExternalNeuronTests`` judges.
@Suite("Neurons by sixteen")
struct VectorNeuronModelTests {
  /// u = m·v + c, and v = 0 behind a spike.
  struct Leaky: DifferentiableVectorNeuronModel {
    var decay: Float = 0.8
    var currentGain: Float = 1

    func integrate(_ c: Lanes, states v: inout Lanes, threshold: inout Lanes) -> Lanes {
      decay * v + currentGain * c
    }

    func settle(_ s: Lanes, membrane u: Lanes, states v: inout Lanes) { v = u * (1 - s) }

    func settleBackward(
      _ s: Lanes, membrane: Lanes, ofStates v: inout Lanes, ofSpikes: inout Lanes
    ) -> Lanes {
      defer { v = Lanes() }
      return v * (1 - s)
    }

    func integrateBackward(
      _ c: Lanes, states: Lanes, ofMembrane u: Lanes, ofThreshold: Lanes, ofStates v: inout Lanes
    ) -> Lanes {
      v += decay * u
      return currentGain * u
    }
  }

  /// The threshold θ + β·b with b = ρ·b + (1 − ρ)·s, and a reset by subtraction of θ.
  struct Adaptive: DifferentiableVectorNeuronModel {
    struct States: NeuronStates { var v = SIMD16<Float>(), b = SIMD16<Float>() }

    func integrate(_ c: Lanes, states: inout States, threshold: inout Lanes) -> Lanes {
      threshold = 1 + 0.5 * states.b
      return 0.7 * states.v + c
    }

    func settle(_ s: Lanes, membrane u: Lanes, states: inout States) {
      states = States(v: u - s, b: 0.9 * states.b + 0.1 * s)
    }

    func settleBackward(
      _ s: Lanes, membrane: Lanes, ofStates states: inout States, ofSpikes: inout Lanes
    ) -> Lanes {
      let ofMembrane = states.v
      ofSpikes = 0.1 * states.b
      states = States(v: Lanes(), b: 0.9 * states.b)
      return ofMembrane
    }

    func integrateBackward(
      _ c: Lanes, states: States, ofMembrane u: Lanes, ofThreshold theta: Lanes,
      ofStates: inout States
    ) -> Lanes {
      ofStates.v += 0.7 * u
      ofStates.b += 0.5 * theta
      return u
    }
  }

  /// The same neuron without its loops over time steps.
  struct StepByStep<Model: DifferentiableVectorNeuronModel>: DifferentiableNeuronModel {
    let model: Model
    var stateCount: Int { model.stateCount }
    var currentGain: Float { model.currentGain }

    func integrate(
      _ currents: Span<Float>, states: inout MutableSpan<Float>,
      membrane: inout MutableSpan<Float>, threshold: inout MutableSpan<Float>
    ) { model.integrate(currents, states: &states, membrane: &membrane, threshold: &threshold) }

    func settle(_ spikes: Span<Float>, membrane: Span<Float>, states: inout MutableSpan<Float>) {
      model.settle(spikes, membrane: membrane, states: &states)
    }

    func settleBackward(
      _ spikes: Span<Float>, membrane: Span<Float>, ofStates: inout MutableSpan<Float>,
      ofMembrane: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>
    ) {
      model.settleBackward(
        spikes, membrane: membrane, ofStates: &ofStates, ofMembrane: &ofMembrane,
        ofSpikes: &ofSpikes)
    }

    func integrateBackward(
      _ currents: Span<Float>, states: Span<Float>, ofMembrane: Span<Float>,
      ofThreshold: Span<Float>, ofStates: inout MutableSpan<Float>,
      ofCurrents: inout MutableSpan<Float>
    ) {
      model.integrateBackward(
        currents, states: states, ofMembrane: ofMembrane, ofThreshold: ofThreshold,
        ofStates: &ofStates, ofCurrents: &ofCurrents)
    }
  }

  /// Steps, batch, height, width, channels and pooling; whether the input is still.
  struct Shape: CustomTestStringConvertible {
    let steps: Int
    let shape: (batch: Int, height: Int, width: Int, channels: Int)
    var pooling = 1
    var isStill = false

    var testDescription: String { "T \(steps), \(shape), P\(pooling)\(isStill ? ", still" : "")" }

    var layer: NeuronLayer {
      var layer = NeuronLayer(
        membraneDecay: 0.8, synapticDecay: 0.6, threshold: 1, timeSteps: steps, batch: shape.batch,
        channels: shape.channels)
      layer.height = shape.height
      layer.width = shape.width
      layer.pooling = pooling
      layer.poolingFactor = pooling > 1 ? 1.1 : 1
      layer.stillInputDecay = isStill ? 0.6 : nil
      return layer
    }
  }

  static let shapes = [
    Shape(steps: 1, shape: (2, 1, 1, 24)), Shape(steps: 5, shape: (3, 1, 1, 24)),
    Shape(steps: 6, shape: (2, 5, 7, 16), pooling: 2), Shape(steps: 40, shape: (2, 1, 1, 40)),
    Shape(steps: 5, shape: (2, 4, 6, 8), pooling: 2, isStill: true),
    Shape(steps: 7, shape: (1, 3, 3, 8), isStill: true),
  ]

  static let rules: [SpikeRule] = [
    .neighborhood(NeighborhoodRule(filtersTwice: true, weight: .inverseCube(bound: 5))),
    .neighborhood(NeighborhoodRule(filtersTwice: false, weight: .gaussian(deviation: 0.3))),
    .neighborhood(NeighborhoodRule(filtersTwice: false, weight: .none)),
    .surrogate(SurrogateRule(shape: .sigmoid, width: 0.3, resetGradient: false)),
  ]

  private func values(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float.random(in: -0.8...2.4, using: &generator) }
  }

  /// The output, and the gradients of all rules.
  private func run(_ neuron: ExternalNeuron, _ shape: Shape) -> [[Float]] {
    let layer = shape.layer
    // Two channels and, of several, one sample are none.
    let samples = max(layer.batch - 1, 1)
    let neurons = ExternalNeurons(neuron, layer, channels: layer.channels - 2)
    // What lies there must not matter.
    let room = FloatBuffer([Float](repeating: .nan, count: neurons.roomCount))
    let currents = values(layer.currentCount, seed: 1)
    let output = FloatBuffer(count: layer.outputCount)
    let spikes = neurons.forward(
      currents: FloatBuffer(currents).all, output: output.all, samples: samples, room: room.all)
    return [[Float(spikes)], output.all.array]
      + Self.rules.map { rule in
        let deltas = FloatBuffer(currents)
        neurons.backward(
          rule: rule, currents: deltas.all,
          gradient: FloatBuffer(values(layer.outputCount, seed: 2)).all, samples: samples,
          room: room.all)
        return deltas.all.array
      }
  }

  private func compare(_ model: some DifferentiableVectorNeuronModel, _ shape: Shape) {
    let own = ExternalNeuron(model, identity: "vector")
    let stepByStep = ExternalNeuron(StepByStep(model: model), identity: "steps")
    let (found, wanted) = (run(own, shape), run(stepByStep, shape))
    #expect(found == wanted)
    #expect(wanted[0][0] > 0 && wanted.allSatisfy { !$0.contains { $0.isNaN } })
    #expect(wanted.dropFirst(2).allSatisfy { $0.contains { $0 != 0 } })
  }

  @Test("compute at once what they compute step by step, to the last bit", arguments: shapes)
  func series(shape: Shape) {
    for level in VectorLevel.available {
      VectorLevel.$tested.withValue(level) {
        compare(Leaky(), shape)
        compare(Leaky(decay: 0.5, currentGain: 0.5), shape)
        compare(Adaptive(), shape)
      }
    }
  }

  /// Sixteen at a time forward, and on spans back.
  struct Mixed: VectorNeuronModel, DifferentiableNeuronModel {
    let model = Leaky()

    func integrate(_ c: Lanes, states v: inout Lanes, threshold: inout Lanes) -> Lanes {
      model.integrate(c, states: &v, threshold: &threshold)
    }

    func settle(_ s: Lanes, membrane u: Lanes, states v: inout Lanes) {
      model.settle(s, membrane: u, states: &v)
    }

    func settleBackward(
      _ spikes: Span<Float>, membrane: Span<Float>, ofStates: inout MutableSpan<Float>,
      ofMembrane: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>
    ) {
      StepByStep(model: model).settleBackward(
        spikes, membrane: membrane, ofStates: &ofStates, ofMembrane: &ofMembrane,
        ofSpikes: &ofSpikes)
    }

    func integrateBackward(
      _ currents: Span<Float>, states: Span<Float>, ofMembrane: Span<Float>,
      ofThreshold: Span<Float>, ofStates: inout MutableSpan<Float>,
      ofCurrents: inout MutableSpan<Float>
    ) {
      StepByStep(model: model).integrateBackward(
        currents, states: states, ofMembrane: ofMembrane, ofThreshold: ofThreshold,
        ofStates: &ofStates, ofCurrents: &ofCurrents)
    }
  }

  @Test("may have their way back on spans alone")
  func mixed() {
    let shape = Self.shapes[2]
    #expect(
      run(ExternalNeuron(Mixed(), identity: "mixed"), shape)
        == run(ExternalNeuron(Leaky(), identity: "vector"), shape))
  }

  @Test("take any number of neurons on spans")
  func spans() {
    let model = Adaptive()
    #expect(model.stateCount == 2 && Leaky().stateCount == 1)
    for count in [1, 15, 16, 17, 40] {
      var states = values(2 * count, seed: 3)
      let (before, currents) = (states, values(count, seed: 4))
      var (membrane, threshold) = (currents, [Float](repeating: 1, count: count))
      var work = states.mutableSpan
      var u = membrane.mutableSpan
      var theta = threshold.mutableSpan
      model.integrate(currents.span, states: &work, membrane: &u, threshold: &theta)
      for i in 0..<count {
        #expect(membrane[i] == 0.7 * before[i] + currents[i])
        #expect(threshold[i] == 1 + 0.5 * before[count + i])
      }
      #expect(states == before)
    }
  }
}
