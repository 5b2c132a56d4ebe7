import Counterspike
import CounterspikeKernels
import Testing

@Suite("A loss")
struct LossTests {
  /// The psc of random output spike trains, `[T][B][classes]`.
  private func psc(_ steps: Int, _ batch: Int, _ classes: Int, _ decay: Double)
    -> NaiveNetwork.Values
  {
    let spikes = Tensor.randomSpikes([steps, batch, classes], rate: 0.4, seed: 8)
    var values: NaiveNetwork.Values = []
    for t in 0..<steps {
      values.append(
        (0..<batch).map { sample in
          (0..<classes).map { neuron in
            let before = t == 0 ? 0 : values[t - 1][sample][neuron]
            return decay * before + (1 - decay) * Double(spikes[t, sample, neuron])
          }
        })
    }
    return values
  }

  @Test(
    "is what its equation says, padding and empty rows left alone",
    arguments: LossGradientTests.losses.indices, [1, 6, 20])
  func equations(loss: Int, steps: Int) throws {
    var settings = try NetworkSettings("12", timeSteps: steps)
    settings.neuron.synapticTimeConstant = 3
    let plan = try NetworkPlan(settings, inputShape: [1, 1, 1])
    var loss = LossGradientTests.losses[loss]
    loss.limitCounts(timeSteps: steps)
    let labels = [3, -1, 11, 0, 7]
    let kernel = try loss.kernel(plan: plan, batch: labels.count)
    let channels = paddedChannels(12)
    let values = psc(steps, labels.count, 12, plan.stages[0].neuron.synapticDecay)
    let buffer = FloatBuffer(count: steps * labels.count * channels)
    for t in 0..<steps {
      for sample in labels.indices {
        for neuron in 0..<12 {
          buffer.all[(t * labels.count + sample) * channels + neuron] = Float(
            values[t][sample][neuron])
        }
      }
    }
    let before = FloatBuffer(buffer.all.array).all
    var losses = labels.map { _ in 99.0 }
    var predictions = labels.map { _ in Int32(99) }
    func run(gradient: Bool) {
      kernel.run(
        psc: buffer.all, labels: labels.map { Int32($0) }, losses: &losses,
        predictions: &predictions, gradient: gradient)
    }
    run(gradient: false)
    #expect(buffer.all.array == before.array)
    let first = (losses, predictions)
    run(gradient: true)
    #expect(losses == first.0 && predictions == first.1)

    for (sample, label) in labels.enumerated() {
      guard label >= 0 else {
        #expect(losses[sample] == 0 && predictions[sample] == -1)
        for t in 0..<steps {
          let row = (t * labels.count + sample) * channels
          #expect(buffer.slice(row, channels).array.allSatisfy { $0 == 0 })
        }
        continue
      }
      let wanted = NaiveLoss(loss, plan: plan).run(values.map { $0[sample] }, label: label)
      #expect(abs(losses[sample] - wanted.loss) < 1e-5)
      let output = kernel.output(psc: before, sample: sample)
      let best = output.scores[Int(predictions[sample])]
      #expect(output.scores.allSatisfy { $0 <= best })
      for t in 0..<steps {
        let row = buffer.slice((t * labels.count + sample) * channels, channels).array
        for neuron in 0..<12 {
          #expect(abs(Double(row[neuron]) - wanted.gradient[t][neuron]) < 1e-5)
        }
        #expect(row[12...].allSatisfy { $0 == 0 })
      }
    }
  }

  @Test("of equally active classes predicts the first of them")
  func ties() throws {
    let plan = try NetworkPlan(NetworkSettings("4", timeSteps: 2), inputShape: [1, 1, 1])
    let channels = paddedChannels(4)
    let psc = FloatBuffer(count: 2 * channels)
    for (place, value) in [(1, Float(0.5)), (3, 0.5), (channels + 1, 0.25), (channels + 3, 0.25)] {
      psc.all[place] = value
    }
    var losses = [0.0]
    var predictions: [Int32] = [-1]
    try LossSettings().kernel(plan: plan, batch: 1).run(
      psc: psc.all, labels: [2], losses: &losses, predictions: &predictions, gradient: false)
    #expect(predictions == [1])
  }

  @Test("by the kernel is zero for the target's own psc")
  func target() throws {
    let plan = try NetworkPlan(NetworkSettings("3", timeSteps: 5), inputShape: [1, 1, 1])
    let loss = LossSettings(.kernel(.once))
    // A class neuron that fires at every step: 1 − dᵗ⁺¹.
    let psc = (0..<5).map { [0, 1 - Double(sign: .plus, exponent: -$0 - 1, significand: 1), 0] }
    #expect(NaiveLoss(loss, plan: plan).run(psc, label: 1).loss == 0)
    let channels = paddedChannels(3)
    let buffer = FloatBuffer(count: 5 * channels)
    for t in 0..<5 { buffer.all[t * channels + 1] = Float(psc[t][1]) }
    var losses = [1.0]
    var predictions: [Int32] = [-1]
    try loss.kernel(plan: plan, batch: 1).run(
      psc: buffer.all, labels: [1], losses: &losses, predictions: &predictions, gradient: true)
    #expect(losses == [0] && predictions == [1])
    #expect(buffer.all.array.allSatisfy { $0 == 0 })
  }
}

@Suite("The kernel loss at one time step")
struct SingleStepLossTests {
  @Test("is smaller where the right neuron fires", arguments: [1.25, 2, 5, 50] as [Float])
  func order(synapticTimeConstant: Float) throws {
    var settings = try NetworkSettings("2", timeSteps: 1)
    settings.neuron.synapticTimeConstant = synapticTimeConstant
    settings.neuron.threshold = 0.01
    func loss(_ weights: [Float]) throws -> Double {
      var network = try Network(settings, inputShape: [1, 1, 1], seed: 1)
      try network.setWeights([Tensor(shape: [2, 1], scalars: weights)])
      return try network.lossGradient(
        Tensor(shape: [1, 1, 1, 1], scalars: [10]), labels: [0], gradient: .surrogate(),
        loss: LossSettings()
      ).loss
    }
    let (right, silent, wrong) = (try loss([1, 0]), try loss([0, 0]), try loss([0, 1]))
    #expect(right == 0 && right < silent && silent < wrong)
  }
}
