internal import CounterspikeEngine
internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeProducts
internal import CounterspikeSystem

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
/// One row would be added up in another order than the many rows of an evaluation. So there are more, all but
/// the first zeros: the currents then are the evaluation's to the last bit.
struct DenseSessionStep: SessionStep {
  static let rows = MatrixProduct.fewestRows

  let step: Program.Product
  let input: FloatBuffer
  let output: FloatBuffer
  /// `[rows, in]` and `[rows, out]`
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

/// A layer of a program's own; a static input's plane at the step's own factor.
struct OwnLayerSessionStep: SessionStep {
  let pass: OwnLayerPass
  let weights: FloatSlice?
  var isOfSampleAlone: Bool { false }

  func advance(_ run: ForwardRun, _ moment: SessionMoment) {
    pass.compute(0, 0, factor: moment.factor, weights)
  }

  func reset() {}
}

/// Neurons with their pooling.
struct NeuronSessionStep: SessionStep {
  let neurons: NeuronLayer
  /// Of each channel, where channels have their own.
  let constants: NeuronConstants?
  let currents: FloatBuffer
  let membrane: FloatBuffer
  let adaptation: FloatBuffer
  /// What the next layer sees.
  let psc: FloatBuffer
  let spikes: FloatBuffer
  /// Whether the currents are a static input's plane.
  let isStill: Bool
  let isReadout: Bool
  let name: String
  /// V, and the room that a product with it needs.
  let lateral: (weights: FloatSlice, room: FloatBuffer)?
  /// A program's own neurons, their states, and the room that a step needs.
  let external: (neurons: ExternalNeurons, states: FloatBuffer, room: FloatBuffer)?
  var isOfSampleAlone: Bool { false }

  init(
    _ step: Program.Neurons, _ pass: NeuronPass, _ buffers: [FloatBuffer],
    _ parameters: Parameters
  ) throws(CounterspikeError) {
    pass.writeConstants(parameters)
    neurons = pass.neurons(parameters, channel: 0)
    constants = pass.constants
    isReadout = step.layout.stage.neuronKind == .readout
    lateral =
      if let parameter = step.layout.stage.lateral {
        (
          parameters.weights(parameter),
          try FloatBuffer(
            RecurrentNeurons(step.layer).lateralCount,
            for: "the lateral currents of \(step.layout.stage.name)")
        )
      } else {
        nil
      }
    external =
      if let neurons = step.external {
        (
          neurons,
          try FloatBuffer(neurons.stateCount, for: "the states of \(step.layout.stage.name)"),
          try FloatBuffer(neurons.advanceRoomCount, for: "the room of \(step.layout.stage.name)")
        )
      } else {
        nil
      }
    isStill = step.layout.isStill
    currents = buffers[step.currents]
    psc = buffers[step.output.value]
    name = step.layout.stage.name
    membrane = try FloatBuffer(neurons.plane, for: "the potentials of \(name)")
    adaptation = try FloatBuffer(neurons.plane, for: "the thresholds of \(name)")
    spikes = try FloatBuffer(neurons.plane, for: "the spikes of \(name)")
  }

  static func floats(_ step: Program.Neurons) -> Int {
    3 * step.layer.plane + externalFloats(step)
      + (step.layout.stage.lateral == nil ? 0 : RecurrentNeurons(step.layer).lateralCount)
  }

  private static func externalFloats(_ step: Program.Neurons) -> Int {
    guard let neurons = step.external else { return 0 }
    return neurons.stateCount + neurons.advanceRoomCount
  }

  private var state: NeuronState {
    NeuronState(membrane: membrane.all, adaptation: adaptation.all, psc: psc.all)
  }

  func advance(_ run: ForwardRun, _ moment: SessionMoment) throws(CounterspikeError) {
    let factor = isStill ? moment.factor : 1
    if isReadout {
      return neurons.integrate(
        currents: currents.all, factor: factor, into: psc.all, constants: constants)
    }
    if let lateral {
      do throws(LibraryFailure) {
        try RecurrentNeurons(neurons).addLateral(
          psc.all, weights: lateral.weights, to: currents.all, room: lateral.room.all)
      } catch {
        throw CounterspikeError(error, stage: name)
      }
    }
    if let external {
      return external.neurons.advance(
        currents: currents.all, factor: factor, states: external.states.all, psc: psc.all,
        spikes: spikes.all, room: external.room.all)
    }
    _ = neurons.advance(
      currents: currents.all, factor: factor, state: state, spikes: spikes.all,
      constants: constants)
  }

  func reset() {
    state.clear()
    external?.states.all.fill(0)
    spikes.all.fill(0)
  }
}

/// What arrives some time steps later: the steps before, and the pass's own kernel for the last of them.
struct DelaySessionStep: SessionStep {
  let planes: ChannelPlanes
  let delays: FloatBuffer
  let input: FloatBuffer
  let output: FloatBuffer
  /// The last steps' values, the oldest first, and what the kernel makes of them.
  let past: FloatBuffer
  let result: FloatBuffer
  var isOfSampleAlone: Bool { false }

  /// Time steps that are kept.
  private static func steps(_ step: Program.Delay) -> Int {
    Int(step.delay.longest.rounded(.up)) + 1
  }

  static func floats(_ step: Program.Delay) -> Int { 2 * steps(step) * step.planes.plane }

  init(
    _ step: Program.Delay, _ pass: any ProgramPass, _ buffers: [FloatBuffer],
    _ parameters: Parameters
  ) throws(CounterspikeError) {
    guard let pass = pass as? DelayPass else { preconditionFailure("no pass of a delay") }
    var planes = step.planes
    planes.timeSteps = Self.steps(step)
    self.planes = planes
    pass.writeDelays(parameters)
    delays = pass.delays
    input = buffers[step.input]
    output = buffers[step.output.value]
    past = try FloatBuffer(planes.count, for: "delayed values")
    result = try FloatBuffer(planes.count, for: "delayed values")
  }

  func advance(_ run: ForwardRun, _ moment: SessionMoment) {
    past.all.shift(by: planes.plane)
    past.slice(past.count - planes.plane, planes.plane).copy(from: input.all)
    planes.delay(past.all, by: delays.all, into: result.all)
    output.all.copy(from: result.slice(result.count - planes.plane, planes.plane))
  }

  func reset() { past.all.fill(0) }
}
