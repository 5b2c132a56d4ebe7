import Counterspike
import Testing

@Suite("A session of one time step after the other")
struct InferenceSessionTests {
  /// A network, and what it tries.
  enum Case: CaseIterable, CustomTestStringConvertible {
    case graph(GraphCase)
    case straight(SampleNetwork)
    case adaptive, subtraction, noSynapse, trained, bfloat16

    static let allCases: [Case] =
      GraphCase.allCases.map { .graph($0) } + SampleNetwork.allCases.map { .straight($0) }
      + [.adaptive, .subtraction, .noSynapse, .trained]

    var testDescription: String { "\(self)" }

    func network() throws -> Network {
      switch self {
      case .graph(let graph): return try graph.network()
      case .straight(let sample): return try sample.network()
      case .bfloat16: return try SampleNetwork.poolings.network(precision: .bfloat16)
      case .adaptive, .subtraction, .noSynapse, .trained:
        var settings = try NetworkSettings("6C3-P2-9C2-20-4", timeSteps: 12)
        settings.weightScale = 2.5
        switch self {
        case .adaptive:
          settings.neuron.adaptation = AdaptationSettings(strength: 0.8, timeConstant: 4)
        case .subtraction:
          settings.neuron.reset = .subtraction
          settings.layers[2].adaptation = AdaptationSettings(strength: 0.4, timeConstant: 3)
        case .noSynapse: settings.neuron.synapticTimeConstant = 1
        default:
          settings.neuron.trained = [.membraneTimeConstant, .synapticTimeConstant, .threshold]
        }
        return try Network(settings, inputShape: [2, 11, 9], seed: 4)
      }
    }
  }

  /// The spikes of sample `sample` in `trace`, one array a time step, without those of neurons that no
  /// pooling window covers: nothing sees them, and they are not run.
  private func spikes(
    _ trace: LayerTrace, _ stage: NetworkPlan.Stage, sample: Int, of samples: Int
  ) -> [[Float]] {
    let steps = trace.spikes.shape[0]
    let size = trace.spikes.count / steps / samples
    let (height, width) = (stage.neuronShape[1], stage.neuronShape[2])
    let (rows, columns) = (stage.pooling?.height ?? 1, stage.pooling?.width ?? 1)
    return (0..<steps).map { t in
      let begin = (t * samples + sample) * size
      return (0..<size).map { place in
        let (y, x) = (place / width % height, place % width)
        let isSeen = y < height / rows * rows && x < width / columns * columns
        return isSeen ? trace.spikes.scalars[begin + place] : 0
      }
    }
  }

  @Test("fires the spikes of a trace, bit for bit, for pictures", arguments: Case.allCases)
  func pictures(network: Case) throws {
    let network = try network.network()
    let samples = 17
    let size = network.plan.inputShape.reduce(1, *)
    let input = Tensor.random([samples] + network.plan.inputShape, seed: 21)
    let trace = try network.trace(input)
    let session = try InferenceSession(network, input: .picture)
    for sample in 0..<samples {
      session.reset()
      try session.show(Array(input.scalars[sample * size..<(sample + 1) * size]).span)
      let wanted = zip(trace, network.plan.stages).map {
        spikes($0, $1, sample: sample, of: samples)
      }
      for t in 0..<network.plan.timeSteps {
        try session.step()
        for stage in trace.indices {
          #expect(session.spikes(ofStage: stage) == wanted[stage][t])
        }
      }
    }
    try requireActivity(trace, network)
  }

  @Test("fires the spikes of a trace, bit for bit, for frames", arguments: Case.allCases)
  func frames(network: Case) throws {
    let network = try network.network()
    let samples = 17
    let size = network.plan.inputShape.reduce(1, *)
    let input = Tensor.randomSpikes(
      [network.plan.timeSteps, samples] + network.plan.inputShape, rate: 0.6, seed: 22)
    let trace = try network.trace(input)
    let output = try #require(trace.last)
    let session = try InferenceSession(network)
    for sample in 0..<samples {
      session.reset()
      var sums = [Float](repeating: 0, count: network.plan.classCount)
      let wanted = zip(trace, network.plan.stages).map {
        spikes($0, $1, sample: sample, of: samples)
      }
      for t in 0..<network.plan.timeSteps {
        let begin = (t * samples + sample) * size
        try session.step(Array(input.scalars[begin..<begin + size]).span)
        for stage in trace.indices {
          #expect(session.spikes(ofStage: stage) == wanted[stage][t])
        }
        for neuron in sums.indices {
          sums[neuron] += output.psc[t, sample, neuron, 0, 0]
          #expect(session.psc(neuron) == output.psc[t, sample, neuron, 0, 0])
          #expect(session.score(neuron) == sums[neuron])
          #expect(session.isSpiking(neuron) == (output.spikes[t, sample, neuron, 0, 0] == 1))
        }
      }
      #expect(session.prediction == sums.firstIndex(of: sums.max() ?? 0))
      #expect(session.timeStep == network.plan.timeSteps)
    }
    try requireActivity(trace, network)
  }

  @Test(
    "fires the same spikes in bfloat16",
    .enabled("this processor, or oneDNN, has no products of bfloat16") { hasBFloat16 })
  func bfloat16() throws {
    try pictures(network: .bfloat16)
    try frames(network: .bfloat16)
  }

  /// Otherwise silence is compared with silence.
  private func requireActivity(_ trace: [LayerTrace], _ network: Network) throws {
    for (layer, stage) in zip(trace, network.plan.stages) where stage.neuronKind != .readout {
      try #require(layer.spikes.scalars.contains(1), "\(layer.name) is silent")
    }
  }

  @Test("goes on beyond the network's time steps, and forgets on reset")
  func endless() throws {
    let network = try SampleNetwork.poolings.network()
    let frame = Tensor.randomSpikes(network.plan.inputShape, rate: 0.5, seed: 2).scalars
    let session = try InferenceSession(network)
    func run(_ steps: Int) throws -> [Float] {
      var scores: [Float] = []
      for _ in 0..<steps {
        try session.step(frame.span)
        scores += (0..<network.plan.classCount).map { session.score($0) }
      }
      return scores
    }
    let long = try run(40)
    #expect(session.timeStep == 40)
    session.reset()
    #expect(session.timeStep == 0 && session.score(0) == 0)
    #expect(try run(40) == long)
    #expect(long.max() ?? 0 > 0)
  }

  @Test("refuses other numbers of values and the other kind of input")
  func refusals() throws {
    let network = try SampleNetwork.denseOnly.network()
    func message(_ body: () throws -> Void) -> String? {
      let error = #expect(throws: CounterspikeError.self, performing: body)
      #expect(error?.code == .mismatch)
      return error?.message
    }
    let frames = try InferenceSession(network)
    let pictures = try InferenceSession(network, input: .picture)
    let values = [Float](repeating: 1, count: 60)
    #expect(
      message { try frames.step([1, 2, 3].span) }?.contains("3 numbers for a network that takes 60")
        == true)
    #expect(message { try frames.show(values.span) }?.contains("takes frames") == true)
    #expect(message { try pictures.step(values.span) }?.contains("takes picture") == true)
    #expect(message { try pictures.step() }?.contains("no picture is shown yet") == true)
    #expect(message { try frames.step() }?.contains("a frame at each step") == true)
  }
}
