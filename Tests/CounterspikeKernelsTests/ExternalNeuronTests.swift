import CounterspikeKernels
import CounterspikeProducts
import Testing

/// The built-in neuron written outside of the kernels, and one with two states and a threshold of its own.
@Suite("Neurons from outside")
struct ExternalNeuronTests {
  /// u = m·v + c, and v = 0 behind a spike.
  static func leaky(_ m: Float, isDifferentiable: Bool = true) -> ExternalNeuron {
    ExternalNeuron(
      identity: "leaky \(m)", stateCount: 1, currentGain: 1,
      integrate: { c, v, u, _ in for i in c.indices { u[i] = m * v[i] + c[i] } },
      settle: { s, u, v in for i in s.indices { v[i] = u[i] * (1 - s[i]) } },
      backward: isDifferentiable
        ? ExternalNeuron.Backward(
          settle: { s, _, v, u, _ in
            for i in s.indices {
              u[i] = s[i] > 0 ? 0 : v[i]
              v[i] = 0
            }
          },
          integrate: { c, _, u, _, v, ofC in
            for i in c.indices {
              ofC[i] = u[i]
              v[i] += m * u[i]
            }
          }) : nil)
  }

  /// The adaptive threshold θ + β·b with b = ρ·b + (1 − ρ)·s, and a reset by subtraction of θ.
  static func adaptive(_ neuron: NeuronCase) -> ExternalNeuron {
    adaptive(
      membraneDecay: neuron.layer.membraneDecay, threshold: neuron.threshold,
      strength: neuron.dynamics.adaptation?.strength ?? 0,
      decay: neuron.dynamics.adaptation?.decay ?? 0)
  }

  static func adaptive(
    membraneDecay m: Float, threshold theta: Float, strength beta: Float, decay rho: Float
  ) -> ExternalNeuron {
    ExternalNeuron(
      identity: "adaptive", stateCount: 2, currentGain: 1,
      integrate: { c, states, u, threshold in
        let n = c.count
        for i in c.indices {
          u[i] = m * states[i] + c[i]
          threshold[i] = theta + beta * states[n + i]
        }
      },
      settle: { s, u, states in
        let n = s.count
        for i in s.indices {
          states[i] = u[i] - theta * s[i]
          states[n + i] = rho * states[n + i] + (1 - rho) * s[i]
        }
      },
      backward: ExternalNeuron.Backward(
        settle: { s, _, states, ofU, ofS in
          let n = s.count
          for i in s.indices {
            ofU[i] = states[i]
            ofS[i] = (1 - rho) * states[n + i]
            states[i] = 0
            states[n + i] = rho * states[n + i]
          }
        },
        integrate: { c, _, ofU, ofTheta, states, ofC in
          let n = c.count
          for i in c.indices {
            ofC[i] = ofU[i]
            states[i] += m * ofU[i]
            states[n + i] += beta * ofTheta[i]
          }
        }))
  }

  static let plainCases = NeuronCase.drivenShapes + NeuronCase.ordinary
  static let adaptiveCases = NeuronCase.dynamicSeries.filter {
    $0.dynamics.reset == .subtraction && $0.dynamics.adaptation != nil
  }

  private func run(
    _ neuron: ExternalNeuron, _ sample: NeuronSample, _ rule: SpikeRule?
  ) -> (output: [Float], spikes: Int) {
    let layer = sample.layer
    let neurons = ExternalNeurons(neuron, layer, channels: layer.channels)
    let room = FloatBuffer(count: neurons.roomCount)
    let currents = FloatBuffer(sample.currents)
    guard let rule else {
      let output = FloatBuffer(count: layer.outputCount)
      let spikes = neurons.forward(
        currents: currents.all, output: output.all, samples: layer.batch, room: room.all)
      return (output.all.array, spikes)
    }
    neurons.backward(
      rule: rule, currents: currents.all, gradient: FloatBuffer(sample.gradient).all,
      samples: layer.batch, room: room.all)
    return (currents.all.array, 0)
  }

  @Test(
    "do what the built-in ones do, to the last bit", arguments: plainCases,
    VectorLevel.available)
  func forward(neuron: NeuronCase, level: VectorLevel) {
    let sample = NeuronSample(neuron, seed: 41)
    VectorLevel.$tested.withValue(level) {
      let built = sample.forward()
      let own = run(Self.leaky(neuron.layer.membraneDecay), sample, nil)
      #expect(own.spikes == built.spikes)
      #expect(own.output == built.output)
    }
  }

  @Test("have the built-in surrogate's δ", arguments: plainCases, VectorLevel.available)
  func surrogate(neuron: NeuronCase, level: VectorLevel) {
    let rule = SpikeRule.surrogate(
      SurrogateRule(shape: .sigmoid, width: 0.3, resetGradient: false))
    let sample = NeuronSample(neuron, seed: 42)
    VectorLevel.$tested.withValue(level) {
      let own = run(Self.leaky(neuron.layer.membraneDecay), sample, rule).output
      #expect(largestDifference(own, sample.backward(rule).map(Double.init)) < 1e-5)
    }
  }

  @Test("with an adaptive threshold have it, too", arguments: adaptiveCases)
  func adaptiveSurrogate(neuron: NeuronCase) {
    let rule = SpikeRule.surrogate(
      SurrogateRule(shape: .sigmoid, width: 0.3, resetGradient: false))
    let sample = NeuronSample(neuron, seed: 43)
    let own = Self.adaptive(neuron)
    #expect(run(own, sample, nil).spikes == sample.forward().spikes)
    let difference = largestDifference(
      run(own, sample, rule).output, sample.backward(rule).map(Double.init))
    #expect(difference < 1e-5)
  }

  @Test(
    "have neighborhood aggregation's δ by replaying",
    arguments: plainCases, [false, true])
  func neighborhood(neuron: NeuronCase, filtersTwice: Bool) {
    let rule = NeighborhoodRule(filtersTwice: filtersTwice, weight: .lorentzian(width: 0.3))
    let sample = NeuronSample(neuron, seed: 44)
    let own = run(Self.leaky(neuron.layer.membraneDecay), sample, .neighborhood(rule)).output
    let built = sample.backward(.neighborhood(rule))
    #expect(largestDifference(own, built.map(Double.init)) < 2e-5)
  }

  @Test("with an adaptive threshold replay it, too", arguments: adaptiveCases)
  func adaptiveNeighborhood(neuron: NeuronCase) {
    let rule = SpikeRule.neighborhood(
      NeighborhoodRule(filtersTwice: false, weight: .gaussian(deviation: 0.4)))
    let sample = NeuronSample(neuron, seed: 45)
    let own = run(Self.adaptive(neuron), sample, rule).output
    #expect(largestDifference(own, sample.backward(rule).map(Double.init)) < 2e-5)
  }

  @Test("give the same bits at every level", arguments: VectorLevelTests.higher)
  func levels(level: VectorLevel) {
    for neuron in Self.plainCases + Self.adaptiveCases {
      let sample = NeuronSample(neuron, seed: 46)
      for rule in VectorLevelTests.rules {
        let own = Self.adaptive(neuron)
        guard own.covers(rule) else { continue }
        VectorLevelTests.compare(level, "\(rule)") { run(own, sample, rule).output }
      }
    }
  }

  @Test("of channels and rows that pad stay silent, whatever they would do by themselves")
  func padding() {
    let layer = NeuronLayer(
      membraneDecay: 0.5, synapticDecay: 0, threshold: 1, timeSteps: 3, batch: 2, channels: 8)
    let eager = ExternalNeuron(
      identity: "eager", stateCount: 0, currentGain: 1,
      integrate: { c, _, u, _ in for i in c.indices { u[i] = c[i] + 2 } },
      settle: { _, _, _ in }, backward: nil)
    let neurons = ExternalNeurons(eager, layer, channels: 5)
    let (currents, output) = (FloatBuffer(count: 48), FloatBuffer(count: 48))
    let room = FloatBuffer(count: neurons.roomCount)
    output.all.fill(7)
    let spikes = neurons.forward(
      currents: currents.all, output: output.all, samples: 1, room: room.all)
    #expect(spikes == 15)
    let row: [Float] = [1, 1, 1, 1, 1, 0, 0, 0]
    let step = row + [Float](repeating: 0, count: 8)
    #expect(output.all.array == step + step + step)
    let gradient = FloatBuffer([Float](repeating: 1, count: 48))
    neurons.backward(
      rule: .neighborhood(NeighborhoodRule(filtersTwice: false, weight: .none)),
      currents: currents.all, gradient: gradient.all, samples: 1, room: room.all)
    let deltas = currents.all.array
    for (place, delta) in deltas.enumerated() {
      #expect((delta == 0) == (place % 16 >= 5))
    }
  }

  @Test("one step at a time and one neuron at a time are the same")
  func steps() {
    let neuron = NeuronCase(timeSteps: 20, shape: (1, 1, 1, 16), drive: .mixed)
    let sample = NeuronSample(neuron, seed: 47)
    let own = Self.leaky(neuron.layer.membraneDecay)
    let neurons = ExternalNeurons(own, neuron.layer, channels: 16)
    let whole = run(own, sample, nil)
    let record = neurons.record(sample.currents)
    #expect(record.psc == whole.output)
    #expect(record.spikes.reduce(0, +) == Float(whole.spikes))
    let states = FloatBuffer(count: neurons.stateCount)
    let (psc, spikes) = (FloatBuffer(count: 16), FloatBuffer(count: 16))
    let room = FloatBuffer(count: neurons.advanceRoomCount)
    for t in 0..<20 {
      neurons.advance(
        currents: FloatBuffer(Array(sample.currents[t * 16..<(t + 1) * 16])).all, factor: 1,
        states: states.all, psc: psc.all, spikes: spikes.all, room: room.all)
      #expect(psc.all.array == Array(whole.output[t * 16..<(t + 1) * 16]))
    }
    for place in 0..<16 {
      let series = (0..<20).map { sample.currents[$0 * 16 + place] }
      for k in [0, 7, 19] {
        let (mine, built) = (
          neurons.inverting(k, currents: series), neuron.layer.inverting(k, currents: series)
        )
        #expect(mine.spikes == built.spikes)
        #expect(abs(mine.perturbation - built.perturbation) < 1e-6)
      }
    }
  }

  @Test("one step at a time pool as all steps do", arguments: NeuronCase.drivenShapes)
  func pooledSteps(neuron: NeuronCase) {
    let sample = NeuronSample(neuron, seed: 48)
    let layer = sample.layer
    guard layer.stillInputDecay == nil else { return }
    let own = Self.leaky(layer.membraneDecay)
    let neurons = ExternalNeurons(own, layer, channels: layer.channels)
    let whole = run(own, sample, nil)
    let states = FloatBuffer(count: neurons.stateCount)
    let (psc, spikes) = (FloatBuffer(count: layer.pooledPlane), FloatBuffer(count: layer.plane))
    let room = FloatBuffer(count: neurons.advanceRoomCount)
    var fired: Float = 0
    for t in 0..<layer.timeSteps {
      let currents = Array(sample.currents[t * layer.plane..<(t + 1) * layer.plane])
      neurons.advance(
        currents: FloatBuffer(currents).all, factor: 1, states: states.all, psc: psc.all,
        spikes: spikes.all, room: room.all)
      let place = t * layer.pooledPlane
      #expect(psc.all.array == Array(whole.output[place..<place + layer.pooledPlane]))
      fired += spikes.all.array.reduce(0, +)
    }
    #expect(Int(fired) == whole.spikes)
  }

  @Test("take the rules that they can be computed by")
  func covers() {
    let (plain, differentiable) = (Self.leaky(0.8, isDifferentiable: false), Self.leaky(0.8))
    for rule in VectorLevelTests.rules {
      switch rule {
      case .neighborhood:
        #expect(plain.covers(rule) && differentiable.covers(rule))
      case .surrogate(let surrogate):
        #expect(!plain.covers(rule))
        #expect(differentiable.covers(rule) == !surrogate.resetGradient)
      default: #expect(!plain.covers(rule) && !differentiable.covers(rule))
      }
    }
  }
}

@Suite("A rule from outside")
struct ExternalRuleTests {
  /// δ[t] = (1 − d)·e[t]·c[t], which tells which value is which.
  private static let outside = SpikeRule.own(
    ExternalRule(identity: "test") { neurons, currents, errors, deltas in
      for i in deltas.indices {
        deltas[i] = (1 - neurons.synapticDecay) * errors[i] * currents[i]
      }
    })

  @Test(
    "gets the currents and errors of every neuron",
    arguments: NeuronCase.drivenShapes + DynamicRuleTests.cases)
  func values(neuron: NeuronCase) {
    #expect(Self.outside.covers(neuron.dynamics))
    let d = 1 - 1 / neuron.synapticTimeConstant
    let error = NeuronSample(neuron, seed: 51).worstError(Self.outside, floor: 1e-3) {
      currents, gradient in
      var e = gradient
      for t in e.indices.dropLast().reversed() { e[t] += d * e[t + 1] }
      return zip(e, currents).map { (1 - d) * $0 * $1 }
    }
    #expect(error < 3e-5)
  }

  @Test("is none for neurons that see each other")
  func recurrent() { #expect(!Self.outside.isStepwise) }
}
