internal import CounterspikeKernels

/// What is done for one time step of a session, in the order of the program.
///
/// A step that carries something from one time step to the next has a type of its own here. All others
/// are the engine's passes.
protocol SessionStep {
  /// Whether the step depends on a static sample alone, so that it is made once for each sample.
  var isOfSampleAlone: Bool { get }
  func advance(_ run: ForwardRun, _ moment: SessionMoment) throws(CounterspikeError)
  /// Forgets the time steps before.
  func reset()
}

/// Where a session stands.
struct SessionMoment {
  /// 1 − sᵗ⁺¹ of a static input's synapse, 1 of frames.
  var factor: Float
  /// t, from 0.
  var timeStep: Int
}

/// A pass without memory.
struct PlainSessionStep: SessionStep {
  let pass: any ProgramPass
  let isOfSampleAlone: Bool

  func advance(_ run: ForwardRun, _ moment: SessionMoment) throws(CounterspikeError) {
    var none: [Int] = []
    try pass.forward(run, spikes: &none)
  }

  func reset() {}
}

/// c = W·a of one sample.
///
/// oneDNN sums up in another order for fewer than sixteen rows than for the many rows of an evaluation.
/// So there are sixteen, all but the first zeros: the currents then are the evaluation's to the last bit.
struct DenseSessionStep: SessionStep {
  static let rows = 16

  let step: Program.Product
  let input: FloatBuffer
  let output: FloatBuffer
  /// `[16, in]` and `[16, out]`
  let paddedInput: FloatBuffer
  let paddedOutput: FloatBuffer

  var isOfSampleAlone: Bool { step.layout.isStill }

  static func floats(_ step: Program.Product) -> Int {
    rows * (step.layout.inputCount + step.layout.channels)
  }

  init(_ step: Program.Product, _ buffers: [FloatBuffer]) throws(CounterspikeError) {
    self.step = step
    input = buffers[step.input]
    output = buffers[step.output.value]
    let name = step.layout.node.name
    paddedInput = try FloatBuffer(Self.rows * step.layout.inputCount, for: "the input of \(name)")
    paddedOutput = try FloatBuffer(Self.rows * step.layout.channels, for: "the currents of \(name)")
  }

  func advance(_ run: ForwardRun, _ moment: SessionMoment) throws(CounterspikeError) {
    paddedInput.slice(0, input.count).copy(from: input.all)
    try step.checked { () throws(LibraryFailure) in
      try MatrixProduct.forward(
        input: paddedInput.all, weights: run.parameters.weights(step.parameter),
        output: paddedOutput.all, rows: Self.rows, inputs: step.layout.inputCount,
        outputs: step.layout.channels)
    }
    output.all.copy(from: paddedOutput.slice(0, output.count))
  }

  func reset() {}
}

/// A static input's plane at the step's own factor.
struct ExpansionSessionStep: SessionStep {
  let input: FloatBuffer
  let output: FloatBuffer
  var isOfSampleAlone: Bool { false }

  func advance(_ run: ForwardRun, _ moment: SessionMoment) {
    output.all.copy(from: input.all, times: moment.factor)
  }

  func reset() {}
}

/// What arrives some time steps later.
struct DelaySessionStep: SessionStep {
  let step: Program.Delay
  let input: FloatBuffer
  let output: FloatBuffer
  /// D of each channel.
  let delays: FloatBuffer
  /// The last steps' values.
  let ring: FloatBuffer
  var isOfSampleAlone: Bool { false }

  private static func planes(_ step: Program.Delay) -> Int { Int(step.delay.longest) + 2 }
  static func floats(_ step: Program.Delay) -> Int { planes(step) * step.planes.plane }

  init(
    _ step: Program.Delay, _ buffers: [FloatBuffer], _ parameters: Parameters
  ) throws(CounterspikeError) {
    self.step = step
    input = buffers[step.input]
    output = buffers[step.output.value]
    delays = buffers[step.delays]
    ring = try FloatBuffer(Self.floats(step), for: "what is delayed")
    step.writeDelays(parameters, into: delays)
  }

  func advance(_ run: ForwardRun, _ moment: SessionMoment) {
    step.planes.delayStep(
      input.all, ring: ring.all, at: moment.timeStep, by: delays.all, into: output.all)
  }

  func reset() { ring.all.fill(0) }
}

/// Neurons with their pooling.
struct NeuronSessionStep: SessionStep {
  let step: Program.Neurons
  let neurons: NeuronLayer
  let currents: FloatBuffer
  let membrane: FloatBuffer
  let adaptation: FloatBuffer
  /// What the next layer sees.
  let psc: FloatBuffer
  let spikes: FloatBuffer
  /// `[16, N]` twice, of recurrent neurons, see ``DenseSessionStep``.
  let room: FloatBuffer
  /// Whether the currents are a static input's plane.
  let isStill: Bool
  var isOfSampleAlone: Bool { false }

  init(
    _ step: Program.Neurons, neurons: NeuronLayer, _ buffers: [FloatBuffer]
  ) throws(CounterspikeError) {
    self.step = step
    self.neurons = neurons
    isStill = step.layout.isStill
    currents = buffers[step.currents]
    psc = buffers[step.output.value]
    let name = step.layout.stage.name
    membrane = try FloatBuffer(neurons.plane, for: "the potentials of \(name)")
    adaptation = try FloatBuffer(neurons.plane, for: "the thresholds of \(name)")
    spikes = try FloatBuffer(neurons.plane, for: "the spikes of \(name)")
    room = try FloatBuffer(Self.room(step), for: "the lateral currents of \(name)")
  }

  private static func room(_ step: Program.Neurons) -> Int {
    if case .recurrent = step.kind { 2 * DenseSessionStep.rows * step.layer.plane } else { 0 }
  }
  static func floats(_ step: Program.Neurons) -> Int { 3 * step.layer.plane + room(step) }

  private var state: NeuronState {
    NeuronState(membrane: membrane.all, adaptation: adaptation.all, psc: psc.all)
  }

  func advance(_ run: ForwardRun, _ moment: SessionMoment) throws(CounterspikeError) {
    let factor = isStill ? moment.factor : 1
    switch step.kind {
    case .spiking: break
    case .readout:
      return neurons.advanceReadout(currents: currents.all, factor: factor, membrane: psc.all)
    case .recurrent(let parameter, _, _):
      if moment.timeStep > 0 { try addLateralCurrents(run.parameters.weights(parameter)) }
    }
    _ = neurons.advance(
      currents: currents.all, factor: factor, state: state, spikes: spikes.all)
  }

  /// c += V·a of the step before.
  private func addLateralCurrents(_ weights: FloatSlice) throws(CounterspikeError) {
    let count = neurons.plane
    let half = room.count / 2
    let (before, sums) = (room.slice(0, half), room.slice(half, half))
    before.slice(0, count).copy(from: psc.all)
    sums.slice(0, count).copy(from: currents.all)
    do throws(LibraryFailure) {
      try MatrixProduct.forward(
        input: before, weights: weights, output: sums, rows: DenseSessionStep.rows, inputs: count,
        outputs: count, adding: true)
    } catch {
      throw CounterspikeError(error, stage: step.layout.stage.name)
    }
    currents.all.copy(from: sums.slice(0, count))
  }

  func reset() {
    state.clear()
    spikes.all.fill(0)
    room.all.fill(0)
  }
}
