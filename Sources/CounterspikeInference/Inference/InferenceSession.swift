internal import CounterspikeEngine
internal import CounterspikeKernels
public import CounterspikeNetwork
internal import CounterspikeProducts
internal import CounterspikeSettings
public import CounterspikeSystem

/// A network that is run one time step at a time, for streams that have no end.
///
/// The session keeps the network's state between steps, in memory that is taken when it is made. Its
/// program is the one that the engine lowers a network to, for one sample and one time step: everything
/// that the engine can compute, a session can. Currents are computed in the engine's order, so that a
/// sample's spikes are those of ``Network/trace(_:)`` and of an evaluation; a normalization is one factor
/// and one offset a channel, of the running mean and variance.
///
///     let session = try InferenceSession(network)
///     while let frame = camera.next() {
///       try session.step(frame.span)        // [C, H, W], one time step
///       print(session.prediction)
///     }
///
/// - Note: One thread at a time may use a session. Sessions of one network share nothing, and several
///   threads may each have their own.
public final class InferenceSession {
  /// How samples arrive.
  public enum Input: String, Sendable, Equatable, CaseIterable {
    /// A frame of spikes or numbers at each time step.
    case frames
    /// One picture, which is shown at every time step.
    case picture
  }

  public let plan: NetworkPlan
  public let input: Input
  /// Time steps since the beginning or the last ``reset()``.
  public private(set) var timeStep = 0

  private let runner: MicroBatchRunner
  private let parameters: Parameters
  private let steps: [any SessionStep]
  /// One a stage.
  private let neurons: [NeuronSessionStep]
  /// Σ_t a[t] of the output neurons.
  private let sums: FloatBuffer
  /// sᵗ of a picture's synapse.
  private var power: Float = 1
  private var hasPicture = false

  /// Takes the memory that the session needs, and no more later on.
  ///
  /// - Throws: `libraryFailure`, also where there is no memory; `invalidRecipe` for a network of more
  ///   values than this process may have memory for.
  public init(_ network: Network, input: Input = .frames) throws(CounterspikeError) {
    OneDNN.useOneThread()
    var settings = network.settings
    settings.timeSteps = 1
    let plan = try NetworkPlan(
      settings, inputShape: network.plan.inputShape, longest: network.plan.timeSteps)
    let parameterPlan = try ParameterPlan(
      plan, isStill: input == .picture, microBatch: 1, backward: false)
    let runnerPlan = RunnerPlan(parameterPlan, training: false)
    try MemoryLimit.current().require(
      parameterPlan.bytes + runnerPlan.bytes
        + Self.floats(runnerPlan.program) * MemoryLayout<Float>.stride,
      for: "a session of a network with \(plan.weightCount) weights", remedy: "use smaller layers")
    let parameters = try Parameters(parameterPlan, statistics: network.statistics) {
      network.weights[$0]
    }
    let runner = try MicroBatchRunner(runnerPlan)
    self.plan = network.plan
    self.input = input
    self.parameters = parameters
    self.runner = runner
    var steps: [any SessionStep] = []
    for (step, pass) in zip(runner.program.steps, runner.passes) {
      steps.append(try Self.sessionStep(step, pass, runner, parameters))
    }
    self.steps = steps
    neurons = steps.compactMap { $0 as? NeuronSessionStep }
    sums = try FloatBuffer(paddedChannels(plan.classCount), for: "the scores")
  }

  /// A pass as a session makes it: one with memory keeps its state, others are the engine's own.
  private static func sessionStep(
    _ step: Program.Step, _ pass: any ProgramPass, _ runner: MicroBatchRunner,
    _ parameters: Parameters
  ) throws(CounterspikeError) -> any SessionStep {
    switch step {
    case .neurons(let step):
      guard let pass = pass as? NeuronPass else { preconditionFailure("no pass of neurons") }
      return try NeuronSessionStep(step, pass, runner.buffers, parameters)
    case .dense(let step): return try DenseSessionStep(step, runner.buffers)
    case .convolution(let step):
      return PlainSessionStep(pass: pass, isOfSampleAlone: step.layout.isStill)
    case .expansion(let step):
      return ExpansionSessionStep(
        input: runner.buffers[step.input], output: runner.buffers[step.output.value])
    case .delay(let step):
      return try DelaySessionStep(step, pass, runner.buffers, parameters)
    case .own(let step):
      guard let pass = pass as? OwnLayerPass else { preconditionFailure("no pass of a layer") }
      return OwnLayerSessionStep(
        pass: pass, weights: step.parameter.map { parameters.weights($0) })
    case .bias, .copy, .normalization, .sum, .pooling, .dropout:
      return PlainSessionStep(pass: pass, isOfSampleAlone: false)
    }
  }

  private static func floats(_ program: Program) -> Int {
    program.steps.reduce(0) { sum, step in
      switch step {
      case .neurons(let step): sum + NeuronSessionStep.floats(step)
      case .dense(let step): sum + DenseSessionStep.floats(step)
      case .delay(let step): sum + DelaySessionStep.floats(step)
      default: sum
      }
    }
  }

  // MARK: Running

  /// Forgets all time steps, as between two samples.
  ///
  /// - Complexity: O(neurons), no allocation.
  public func reset() {
    for step in steps { step.reset() }
    if input == .frames { runner.input.all.fill(0) }
    sums.all.fill(0)
    timeStep = 0
    power = 1
  }

  /// Shows a picture from the next time step on; does not reset what was before.
  ///
  /// - Parameter picture: `[C, H, W]`, as the network's plan has it.
  /// - Throws: `mismatch` for another number of values, and in a session of frames; `libraryFailure`.
  /// - Complexity: as the first layer's product; no allocation.
  public func show(_ picture: Span<Float>) throws(CounterspikeError) {
    try require(.picture, picture.count, "show it by step")
    runner.input.all.copy(channelsFirst: picture, channels: plan.inputShape[0], pixels: pixels)
    try advance(ofSampleAlone: true)
    hasPicture = true
  }

  /// Makes a time step with the picture that is shown.
  ///
  /// - Throws: `mismatch` where none is; `libraryFailure`.
  public func step() throws(CounterspikeError) {
    guard input == .picture, hasPicture else {
      throw CounterspikeError(
        .mismatch,
        input == .picture
          ? "no picture is shown yet; show one before the first step"
          : "the session takes a frame at each step; give it one")
    }
    power *= Float(plan.inputSynapticDecay)
    try advance(ofSampleAlone: false)
    endStep()
  }

  /// Makes a time step with a frame.
  ///
  /// - Parameter frame: `[C, H, W]`, spikes or numbers of this time step.
  /// - Throws: `mismatch` for another number of values, and in a session of pictures; `libraryFailure`.
  /// - Complexity: as one time step of the network; no allocation.
  public func step(_ frame: Span<Float>) throws(CounterspikeError) {
    try require(.frames, frame.count, "show the picture, then step without one")
    runner.input.all.filterSynaptically(
      next: frame, decay: Float(plan.inputSynapticDecay), channels: plan.inputShape[0],
      pixels: pixels)
    try advance(ofSampleAlone: false)
    endStep()
  }

  private var pixels: Int { plan.inputShape[1] * plan.inputShape[2] }

  private func require(
    _ wanted: Input, _ count: Int, _ remedy: String
  ) throws(CounterspikeError) {
    guard input == wanted else {
      throw CounterspikeError(
        .mismatch, "the session takes \(input.rawValue), not \(wanted.rawValue); \(remedy)")
    }
    let size = plan.inputShape.reduce(1, *)
    guard count == size else {
      throw CounterspikeError(
        .mismatch,
        "\(count) numbers for a network that takes \(size) a time step, in the shape [C, H, W] = "
          + "\(plan.inputShape)")
    }
  }

  private func advance(ofSampleAlone isOfSampleAlone: Bool) throws(CounterspikeError) {
    let run = ForwardRun(
      parameters: parameters, samples: 1, isTraining: false, statistics: nil, clock: nil)
    let moment = SessionMoment(factor: input == .picture ? 1 - power : 1)
    for step in steps where step.isOfSampleAlone == isOfSampleAlone {
      try step.advance(run, moment)
    }
  }

  private func endStep() {
    if let output = neurons.last { sums.all.add(output.psc.all) }
    timeStep += 1
  }

  // MARK: What it says

  /// a of output neuron `index` at the last time step; of a readout its membrane potential.
  public func psc(_ index: Int) -> Float { output.psc.all[checked(index)] }

  /// Whether output neuron `index` fired at the last time step.
  public func isSpiking(_ index: Int) -> Bool { output.spikes.all[checked(index)] > 0 }

  /// Σ_t a[t], or Σ_t u[t] of a readout, of output neuron `index` since the last ``reset()``.
  public func score(_ index: Int) -> Float { sums.all[checked(index)] }

  /// The class of the largest score, of equals the first.
  public var prediction: Int {
    var best = 0
    for index in 1..<max(plan.classCount, 1) where sums.all[index] > sums.all[best] { best = index }
    return best
  }

  /// The spikes of a layer at the last time step, `[C, H, W]`, 0 or 1; allocates the result.
  ///
  /// - Parameter stage: the layer's place in the plan's ``NetworkPlan/stages``.
  public func spikes(ofStage stage: Int) -> [Float] {
    let shape = plan.stages[stage].neuronShape
    return Layout.channelsFirst(
      neurons[stage].spikes.all, images: 1, channels: shape[0], height: shape[1], width: shape[2],
      channelStride: paddedChannels(shape[0]))
  }

  private var output: NeuronSessionStep { neurons[neurons.count - 1] }

  private func checked(_ index: Int) -> Int {
    precondition(
      (0..<plan.classCount).contains(index), "output \(index) is not in 0 ..< \(plan.classCount)")
    return index
  }
}
