import CounterspikeKernels
import Testing

@Suite("A loss from outside")
struct ExternalLossTests {
  private static let timeSteps = 6
  private static let classes = 3
  private static let channels = 8
  private static let decay: Float = 0.6
  private static let labels: [Int32] = [2, -1, 0]

  /// ½ Σ_t (a[t] − target[t])² as the kernels' kernel loss, and its derivative with respect to a.
  private static func kernelLoss(_ target: [Float]) -> ExternalLoss {
    ExternalLoss(identity: "kernel", score: .sum) { outputs, _, label, _, ofOutputs, _ in
      var loss = 0.0
      for place in outputs.indices {
        let wanted = place % classes == label ? target[place / classes] : 0
        ofOutputs[place] = outputs[place] - wanted
        loss += Double(ofOutputs[place] * ofOutputs[place])
      }
      return loss / 2
    }
  }

  /// ½ Σ ((n − n_target)/T)² of the spikes alone, never met.
  private static let countLoss = ExternalLoss(identity: "count", score: .sum) {
    _, spikes, label, _, _, ofSpikes in
    var loss = 0.0
    for neuron in 0..<classes {
      var count: Float = 0
      for t in 0..<timeSteps { count += spikes[t * classes + neuron] }
      let difference = (count - (neuron == label ? 7 : -1)) / Float(timeSteps)
      loss += Double(difference * difference)
      for t in 0..<timeSteps { ofSpikes[t * classes + neuron] = difference / Float(timeSteps) }
    }
    return loss / 2
  }

  private struct Run: Equatable {
    var losses = [Double](repeating: .nan, count: labels.count)
    var predictions = [Int32](repeating: 99, count: labels.count)
    var gradient: [Float] = []
  }

  private static func run(_ terms: [OutputLoss.Term], _ psc: [Float]) -> Run {
    let loss = OutputLoss(
      terms: terms, timeSteps: timeSteps, batch: labels.count, classes: classes,
      channels: channels, synapticDecay: decay)
    let buffer = FloatBuffer(psc)
    var run = Run()
    loss.run(
      psc: buffer.all, labels: labels, losses: &run.losses, predictions: &run.predictions,
      gradient: true)
    run.gradient = buffer.all.array
    return run
  }

  /// The psc of spike trains that differ from neuron to neuron.
  private static let psc: [Float] = {
    var psc = [Float](repeating: 0, count: timeSteps * labels.count * channels)
    for neuron in 0..<labels.count * channels where neuron % channels < classes {
      var a: Float = 0
      for t in 0..<timeSteps {
        a = decay * a + ((t * 5 + neuron * 3) % 4 == 0 ? 1 - decay : 0)
        psc[t * labels.count * channels + neuron] = a
      }
    }
    return psc
  }()

  @Test("of outputs is the built-in one, in value, gradient and prediction")
  func outputs() {
    let target = OutputLoss.target(
      timeSteps: Self.timeSteps, synapticDecay: Self.decay, twice: true)
    let built = Self.run([.init(.kernel(target: target))], Self.psc)
    #expect(Self.run([.init(.external(Self.kernelLoss(target)))], Self.psc) == built)
    #expect(built.losses[0] > 0 && built.losses[1] == 0)
  }

  @Test("of spikes is the built-in one: its derivatives go through the filter's inverse")
  func spikes() {
    let built = Self.run([.init(.count(desired: 7, undesired: -1))], Self.psc)
    let outside = Self.run([.init(.external(Self.countLoss))], Self.psc)
    #expect(outside.losses == built.losses)
    for (a, b) in zip(outside.gradient, built.gradient) { #expect(abs(a - b) < 1e-6) }
    #expect(built.gradient.contains { $0 != 0 })
  }

  @Test("is one of several terms, with factors")
  func terms() {
    let target = OutputLoss.target(
      timeSteps: Self.timeSteps, synapticDecay: Self.decay, twice: true)
    let weights: [Float] = [0.5, 1, 2]
    func terms(_ kind: OutputLoss.Kind) -> [OutputLoss.Term] {
      [.init(.softmax(.sum)), .init(kind, weight: 0.7, classWeights: weights)]
    }
    #expect(
      Self.run(terms(.external(Self.kernelLoss(target))), Self.psc)
        == Self.run(terms(.kernel(target: target)), Self.psc))
  }
}
