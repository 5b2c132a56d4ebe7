import CounterspikeKernels
import CounterspikeProducts
import CounterspikeReference
import Testing

@Suite("Levels of vector code")
struct VectorLevelTests {
  @Test("each level that this processor has runs a module of its own")
  func modules() {
    #expect(VectorLevel.available.first == .baseline)
    #expect(VectorLevel.available.contains(VectorLevel.ofProcess))
    let modules: [VectorLevel: String] = [
      .baseline: "KernelsBaseline", .avx2: "KernelsAVX2", .avx512: "KernelsAVX512",
    ]
    for level in VectorLevel.available {
      #expect(level.module == modules[level])
      VectorLevel.$tested.withValue(level) { #expect(VectorLevel.current == level) }
    }
  }

  /// The levels above the baseline, to which they are compared.
  static let higher = VectorLevel.available.filter { $0 != .baseline }

  /// Runs `body` at the baseline and at `level`; both must write the same bits.
  static func compare(
    _ level: VectorLevel, _ comment: @autoclosure () -> Comment = "",
    _ body: () throws -> [Float]
  ) rethrows {
    let expected = try VectorLevel.$tested.withValue(.baseline, operation: body)
    let found = try VectorLevel.$tested.withValue(level, operation: body)
    #expect(!expected.isEmpty)
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), comment())
  }

  static let rules: [SpikeRule] =
    [
      .inverse(bound: 5), .inverse(bound: .infinity), .inverseCube(bound: 5),
      .lorentzian(width: 0.25), .gaussian(deviation: 0.5), .none,
    ].flatMap { (weight: NeighborhoodRule.Weight) in
      [false, true].map { .neighborhood(NeighborhoodRule(filtersTwice: $0, weight: weight)) }
    }
    + [.sigmoid, .rectangle, .triangle, .fastSigmoid, .arctangent].map {
      .surrogate(SurrogateRule(shape: $0, width: 0.5, resetGradient: true))
    } + [.tsslbp, .slayer(SLAYERRule(alpha: 1, beta: 2))]

  static let cases =
    NeuronCase.shapes + NeuronCase.dynamicShapes
    + NeuronCase.series.filter { $0.timeSteps >= 12 && $0.timeSteps <= 100 }
    + NeuronCase.dynamicSeries

  @Test("neurons give the same bits at every level", arguments: cases, higher)
  func neurons(neuron: NeuronCase, level: VectorLevel) {
    let sample = NeuronSample(neuron, seed: 31)
    Self.compare(level) { sample.forward().output + [Float(sample.forward().spikes)] }
    for rule in Self.rules where rule.covers(neuron.dynamics) {
      Self.compare(level, "\(rule)") { sample.backward(rule) }
    }
  }

  @Test("neurons with constants of their own do, and so do readouts", arguments: higher)
  func constants(level: VectorLevel) {
    for dynamics in NeuronDynamics.kinds + [NeuronDynamics()] {
      let neuron = NeuronCase(
        timeSteps: 9, shape: (2, 2, 3, 24), drive: .mixed, dynamics: dynamics)
      let sample = NeuronSample(neuron, seed: 32)
      var random = RandomStream(seed: 33, purpose: .audit)
      func channels(_ base: Float) -> FloatSlice {
        FloatBuffer((0..<24).map { _ in base + 0.2 * random.uniform() }).all
      }
      let constants = NeuronConstants(
        membraneDecay: channels(0.7), synapticDecay: channels(0.5), threshold: channels(0.9))
      let rules: [SpikeRule] = Self.rules.filter { $0.covers(dynamics) }
      for rule in rules {
        Self.compare(level, "\(dynamics.name), \(rule)") {
          Self.run(sample, constants, rule: rule)
        }
      }
      Self.compare(level, "readout") { Self.run(sample, constants, rule: nil) }
    }
  }

  /// Output, δ and the constants' gradients; without a rule those of a readout.
  private static func run(
    _ sample: NeuronSample, _ constants: NeuronConstants, rule: SpikeRule?
  ) -> [Float] {
    let layer = sample.layer
    let scratch = NeuronScratch(timeSteps: layer.timeSteps)
    let output = FloatBuffer(count: layer.outputCount)
    let currents = FloatBuffer(sample.currents)
    let sums = NeuronConstants(
      membraneDecay: FloatBuffer(count: layer.channels).all,
      synapticDecay: FloatBuffer(count: layer.channels).all,
      threshold: FloatBuffer(count: layer.channels).all)
    let gradient = FloatBuffer(sample.gradient).all
    if let rule {
      _ = layer.forward(
        currents: currents.all, output: output.all, scratch: scratch, constants: constants)
      layer.backward(
        rule: rule, currents: currents.all, gradient: gradient, scratch: scratch,
        constants: constants, constantGradients: sums)
    } else {
      layer.readout(
        currents: currents.all, output: output.all, scratch: scratch, constants: constants)
      layer.readoutBackward(
        currents: currents.all, gradient: gradient, scratch: scratch, constants: constants,
        constantGradients: sums)
    }
    return output.all.array + currents.all.array + sums.membraneDecay.array
      + sums.synapticDecay.array + sums.threshold.array
  }

  @Test(
    "neurons in a caller's memory do, all steps and one", arguments: NeuronArrayTests.neurons,
    higher)
  func arrays(neuron: NeuronCase, level: VectorLevel) {
    let sample = NeuronArraySample(neuron, count: 45, seed: 38)
    Self.compare(level) {
      var state = NeuronArraySample.State(45)
      let output = sample.forward(0..<neuron.timeSteps, &state)
      return output + state.membrane + state.psc + state.adaptation
    }
    for rule in Self.rules where rule.covers(neuron.dynamics) {
      Self.compare(level, "\(rule)") {
        var sums: NeuronArray.ConstantGradients?
        return sample.backward(rule, sums: &sums)
      }
      guard rule.hasStep(hasSynapse: true) else { continue }
      Self.compare(level, "one step, \(rule)") { sample.stepwise(rule) }
    }
  }

  @Test(
    "neurons whose output is pooled do", arguments: PooledNeuronArrayTests.shapes.indices, higher)
  func pooled(shape: Int, level: VectorLevel) {
    let neuron = NeuronCase(timeSteps: 6, drive: .mixed)
    let sample = PooledSample(neuron, PooledNeuronArrayTests.shapes[shape])
    let plain = PooledSample(
      NeuronCase(synapticTimeConstant: 1, timeSteps: 6, drive: .mixed),
      PooledNeuronArrayTests.shapes[shape])
    for repeats in [false, true] {
      Self.compare(level) { plain.forward(repeats: repeats, hasState: false).output }
      Self.compare(level) {
        let result = sample.forward(repeats: repeats)
        return result.output + result.state
      }
      Self.compare(level) {
        var sums: NeuronArray.ConstantGradients?
        return sample.backward(.tsslbp, repeats: repeats, sums: &sums)
      }
    }
  }

  @Test("neurons that see each other do", arguments: higher)
  func recurrent(level: VectorLevel) throws {
    for dynamics in NeuronDynamics.kinds + [NeuronDynamics()] {
      let neuron = NeuronCase(
        timeSteps: 9, shape: (3, 1, 1, 24), drive: .mixed, dynamics: dynamics)
      let sample = NeuronSample(neuron, seed: 36)
      let recurrent = RecurrentNeurons(sample.layer)
      var random = RandomStream(seed: 37, purpose: .audit)
      let weights = FloatBuffer(random.normals(24 * 24).map { 0.2 * $0 }).all
      func channels(_ base: Float) -> FloatSlice {
        FloatBuffer((0..<24).map { _ in base + 0.2 * random.uniform() }).all
      }
      let own = NeuronConstants(
        membraneDecay: channels(0.7), synapticDecay: channels(0.5), threshold: channels(0.9))
      for constants in [nil, own] {
        for rule in Self.rules where rule.covers(dynamics) {
          try Self.compare(level, "\(dynamics.name), \(rule)") {
            let currents = FloatBuffer(sample.currents).all
            let output = FloatBuffer(count: sample.layer.outputCount).all
            let gradient = FloatBuffer(sample.gradient).all
            let sums = NeuronConstants(
              membraneDecay: FloatBuffer(count: 24).all, synapticDecay: FloatBuffer(count: 24).all,
              threshold: FloatBuffer(count: 24).all)
            let spikes = try recurrent.forward(
              currents: currents, output: output, weights: weights,
              states: FloatBuffer(count: recurrent.stateCount).all, constants: constants)
            try recurrent.backward(
              rule: rule, currents: currents, gradient: gradient, weights: weights,
              room: FloatBuffer(count: recurrent.roomCount).all, constants: constants,
              constantGradients: sums)
            return [Float(spikes)] + output.array + currents.array + gradient.array
              + sums.membraneDecay.array + sums.synapticDecay.array + sums.threshold.array
          }
        }
      }
    }
  }

  @Test("records, inverted spikes and rules of single neurons do", arguments: higher)
  func single(level: VectorLevel) throws {
    let rule = SpikeRule.general(GeneralNeighborhoodRule(neighbors: .flips, filtersTwice: true))
    for dynamics in NeuronDynamics.kinds + [NeuronDynamics()] {
      let neuron = NeuronCase(
        timeSteps: 7, shape: (2, 1, 1, 24), drive: .mixed, dynamics: dynamics)
      let sample = NeuronSample(neuron, seed: 39)
      let layer = sample.layer
      Self.compare(level, "\(dynamics.name)") {
        let record = layer.record(sample.currents)
        return record.membrane + record.spikes + record.psc
      }
      Self.compare(level, "\(dynamics.name)") {
        let (spikes, perturbation) = layer.inverting(3, currents: Array(sample.currents.prefix(7)))
        return spikes + [Float(perturbation)]
      }
      Self.compare(level, "\(dynamics.name)") { sample.backward(rule) }
      Self.compare(level, "\(dynamics.name)") { Self.run(sample, sample.constants, rule: rule) }
      try Self.compare(level, "\(dynamics.name)") {
        let recurrent = RecurrentNeurons(layer)
        let currents = FloatBuffer(sample.currents).all
        let output = FloatBuffer(count: layer.outputCount).all
        _ = try recurrent.forward(
          currents: currents, output: output, weights: FloatBuffer(count: 24 * 24).all,
          states: FloatBuffer(count: recurrent.stateCount).all,
          flips: [RecurrentNeurons.Flip(row: 1, neuron: 17, step: 3)])
        return output.array
      }
    }
    Self.compare(level) {
      let y = exponentialOfNonPositive(SIMD16(repeating: -0.7))
      return y.indices.map { y[$0] }
    }
  }

  @Test("plain loops do", arguments: higher, [1, 7, 16, 67])
  func loops(level: VectorLevel, count: Int) {
    var random = RandomStream(seed: 34, purpose: .audit)
    let (x, y) = (random.normals(3 * count), random.normals(3 * count))
    func apply(_ body: (FloatSlice, FloatSlice) -> Void) {
      Self.compare(level) {
        let result = FloatBuffer(x)
        body(result.all, FloatBuffer(y).all)
        return result.all.array
      }
    }
    apply { $0.add($1) }
    apply { $0.mix($1, share: 0.3) }
    apply { $0.multiply(by: $1) }
    apply { x, _ in x.multiply(by: 0.7) }
    apply { x, _ in x.filterSynaptically(decay: 0.6, timeSteps: 3) }
    for place in [nil, 0, count - 1] {
      Self.compare(level) {
        let result = FloatBuffer(x)
        if let place { result.all[place] = .infinity }
        return [result.all.isFinite ? 1 : 0]
      }
    }
  }

  @Test("sums over channels and poolings do", arguments: higher)
  func planes(level: VectorLevel) {
    var planes = ChannelPlanes(timeSteps: 3, batch: 4, pixels: 30, channels: 24)
    planes.rows = 3
    var random = RandomStream(seed: 35, purpose: .audit)
    func normals(_ count: Int) -> FloatSlice { FloatBuffer(random.normals(count)).all }
    let (values, gradient) = (normals(planes.count), normals(planes.count))
    let channels = (0..<5).map { _ in normals(24) }
    let plane = normals(planes.plane)
    func slice(_ count: Int) -> FloatSlice { FloatBuffer(count: count).all }
    Self.compare(level) {
      let results = (0..<4).map { _ in slice(24) }
      let arrays = (0..<4).map { _ in slice(planes.count) }
      let scratch = slice(48)
      planes.sum(values, into: results[0], scratch: scratch)
      planes.statistics(of: values, mean: results[1], variance: results[2], scratch: scratch)
      arrays[0].copy(from: values)
      planes.add(bias: channels[0], to: arrays[0])
      planes.scale(values, factor: channels[1], offset: channels[2], into: arrays[1])
      planes.sums(
        gradient: gradient, values: values, mean: results[1], inverse: channels[3],
        plain: results[0], weighted: results[3], scratch: scratch)
      planes.combine(
        gradient: gradient, a: channels[0], values: values, b: channels[1], c: channels[4],
        into: arrays[2], adding: false)
      planes.combine(
        gradient: gradient, a: channels[0], values: values, b: channels[1], c: channels[4],
        into: arrays[2], adding: true)
      planes.expand(plane, factors: [0.3, 0.7, 1.1], into: arrays[3])
      let contracted = slice(planes.plane)
      planes.contract(gradient, factors: [0.3, 0.7, 1.1], into: contracted)
      return (results + arrays + [contracted]).flatMap(\.array)
    }
    for kind in [PoolingWindows.Kind.sum(factor: 1.1), .maximum] {
      let windows = PoolingWindows(
        kind, images: 12, height: 5, width: 6, channels: 24, windowHeight: 2, windowWidth: 3)
      Self.compare(level, "\(kind)") {
        let output = slice(windows.outputCount)
        let result = slice(windows.inputCount)
        windows.forward(values, into: output)
        for adding in [false, true] {
          windows.backward(gradient: output, input: values, into: result, adding: adding)
        }
        return output.array + result.array
      }
    }
  }

  @Test("optimizers do", arguments: higher, OptimizerStepsTests.Case.all)
  func optimizers(level: VectorLevel, test: OptimizerStepsTests.Case) {
    let cuts = [0, 3, 67, OptimizerStepsTests.count]
    Self.compare(level) { OptimizerStepsTests.adamW(test, cuts: cuts) }
    Self.compare(level) { OptimizerStepsTests.sgd(test, cuts: cuts) }
  }
}
