import CounterspikeKernels
import CounterspikeReference
import Testing

@Suite("Output losses")
struct OutputLossTests {
  static let timeSteps = 6
  static let classes = 10
  static let channels = 16
  static let decay: Float = 0.75
  /// The third row is no sample.
  static let labels: [Int32] = [3, 0, -1, 9]
  static let padding: Float = 77

  static let kinds: [OutputLoss.Kind] = [
    .kernel(
      target: OutputLoss.target(timeSteps: timeSteps, synapticDecay: decay, twice: false)),
    .kernel(target: OutputLoss.target(timeSteps: timeSteps, synapticDecay: decay, twice: true)),
    .count(desired: 5, undesired: 1),
    .softmax(.sum),
  ]

  static func loss(_ kind: OutputLoss.Kind) -> OutputLoss {
    OutputLoss(
      kind: kind, timeSteps: timeSteps, batch: labels.count, classes: classes, channels: channels,
      synapticDecay: decay)
  }

  /// Random psc `[T, batch, channels]` of real spike trains, the padding marked.
  static func psc(seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed, purpose: .audit)
    return psc(
      (0..<labels.count * classes).map { _ in
        let rate = random.uniform()
        return (0..<timeSteps).map { _ in random.uniform() < rate }
      })
  }

  static func psc(_ trains: [[Bool]]) -> [Float] {
    var result = [Float](repeating: padding, count: timeSteps * labels.count * channels)
    for (neuron, train) in trains.enumerated() {
      var a: Float = 0
      for t in 0..<timeSteps {
        a = decay * a + (train[t] ? 1 - decay : 0)
        result[place(t, neuron / classes, neuron % classes)] = a
      }
    }
    return result
  }

  static func place(_ t: Int, _ sample: Int, _ channel: Int) -> Int {
    (t * labels.count + sample) * channels + channel
  }

  static func run(
    _ kind: OutputLoss.Kind, _ psc: [Float], gradient: Bool
  ) -> (losses: [Double], predictions: [Int32], psc: [Float]) {
    let buffer = FloatBuffer(psc)
    var losses = [Double](repeating: .nan, count: labels.count)
    var predictions = [Int32](repeating: 99, count: labels.count)
    loss(kind).run(
      psc: buffer.all, labels: labels, losses: &losses, predictions: &predictions,
      gradient: gradient)
    return (losses, predictions, buffer.all.array)
  }

  @Test("the gradient is the central difference of the loss in psc", arguments: [0, 1, 3])
  func centralDifferences(kind index: Int) {
    let kind = Self.kinds[index]
    let psc = Self.psc(seed: 1)
    let gradient = Self.run(kind, psc, gradient: true).psc
    let step: Float = 0x1p-5
    var worst = 0.0
    for sample in [0, 1, 3] {
      for t in 0..<Self.timeSteps {
        for neuron in 0..<Self.classes {
          let place = Self.place(t, sample, neuron)
          var changed = psc
          changed[place] = psc[place] + step
          let above = Self.run(kind, changed, gradient: false).losses[sample]
          changed[place] = psc[place] - step
          let below = Self.run(kind, changed, gradient: false).losses[sample]
          let slope = (above - below) / Double(2 * step)
          worst = max(worst, abs(slope - Double(gradient[place])))
        }
      }
    }
    // The step's square, and the rounding of sums of psc over the step.
    #expect(worst < 5e-5)
  }

  @Test("the losses are those of the formulas", arguments: 0..<4)
  func values(kind index: Int) {
    let psc = Self.psc(seed: 2)
    let losses = Self.run(Self.kinds[index], psc, gradient: false).losses
    for sample in [0, 1, 3] {
      let label = Int(Self.labels[sample])
      var expected = 0.0
      var sums: [Double] = []
      for neuron in 0..<Self.classes {
        let a = (0..<Self.timeSteps).map { Double(psc[Self.place($0, sample, neuron)]) }
        sums.append(a.reduce(0, +))
        switch Self.kinds[index] {
        case .kernel(let target):
          for t in a.indices {
            let wanted = neuron == label ? Double(target[t]) : 0
            expected += (a[t] - wanted) * (a[t] - wanted) / 2
          }
        case .count(let desired, let undesired):
          let before = [0] + a.dropLast()
          let count = zip(a, before).reduce(0) {
            $0 + (($1.0 - Double(Self.decay) * $1.1) / (1 - Double(Self.decay))).rounded()
          }
          let missing = neuron == label ? max(0, Double(desired) - count) : 0
          let excess = neuron == label ? 0 : max(0, count - Double(undesired))
          let share = (missing + excess) / Double(Self.timeSteps)
          expected += share * share / 2
        default: break
        }
      }
      if Self.kinds[index] == .softmax(.sum) {
        expected = naturalLogarithm(sums.reduce(0) { $0 + exponential($1) }) - sums[label]
      }
      #expect(expected > 0.1)
      #expect(abs(losses[sample] - expected) < 1e-5)
    }
    #expect(losses[2] == 0)
  }

  /// The loss is a parabola in each count, where it counts: half the difference between one spike
  /// more and one less is then its derivative.
  @Test("the count loss's (1−d)·e[t] is at every step what a spike more or less makes of the loss")
  func countGradient() {
    let kind = Self.kinds[2]
    // 3 of 5 wanted spikes, and 4 where 1 is allowed; the others are met.
    func train(_ count: Int) -> [Bool] { (0..<Self.timeSteps).map { $0 < count } }
    func trains(_ wanted: Int, _ unwanted: Int) -> [[Bool]] {
      (0..<Self.labels.count).flatMap { sample in
        (0..<Self.classes).map { neuron in
          if neuron == Int(Self.labels[sample]) { return train(wanted) }
          return train(neuron == 5 ? unwanted : neuron == 6 ? 1 : 0)
        }
      }
    }
    func value(_ wanted: Int, _ unwanted: Int) -> Double {
      Self.run(kind, Self.psc(trains(wanted, unwanted)), gradient: false).losses[0]
    }
    let gradient = Self.run(kind, Self.psc(trains(3, 4)), gradient: true).psc
    let reference = NeuronReference(
      membraneDecay: 0.5, synapticDecay: Double(Self.decay), threshold: 1)
    let expected = [
      3: (value(4, 4) - value(2, 4)) / 2, 5: (value(3, 5) - value(3, 3)) / 2,
    ]
    for neuron in 0..<Self.classes {
      let g = (0..<Self.timeSteps).map { Double(gradient[Self.place($0, 0, neuron)]) }
      for e in reference.filteredError(g) {
        #expect(abs((1 - Double(Self.decay)) * e - (expected[neuron] ?? 0)) < 1e-7)
      }
    }
    #expect((expected[3] ?? 0) < -0.01)
    #expect((expected[5] ?? 0) > 0.01)
  }

  @Test("a row that is no sample has loss 0, prediction −1, gradient 0", arguments: 0..<4)
  func paddedRows(kind index: Int) {
    let psc = Self.psc(seed: 3)
    let result = Self.run(Self.kinds[index], psc, gradient: true)
    #expect(result.losses[2] == 0)
    #expect(result.predictions[2] == -1)
    for t in 0..<Self.timeSteps {
      for channel in 0..<Self.channels {
        #expect(result.psc[Self.place(t, 2, channel)] == 0)
      }
      // Channels that are no class keep what they hold: zeros, in a network.
      for channel in Self.classes..<Self.channels {
        for sample in [0, 1, 3] {
          #expect(result.psc[Self.place(t, sample, channel)] == Self.padding)
        }
      }
    }
  }

  @Test("without gradient the psc stays as it is", arguments: 0..<4)
  func untouched(kind index: Int) {
    let psc = Self.psc(seed: 4)
    let plain = Self.run(Self.kinds[index], psc, gradient: false)
    let full = Self.run(Self.kinds[index], psc, gradient: true)
    #expect(plain.psc == psc)
    #expect(plain.losses == full.losses)
    #expect(plain.predictions == full.predictions)
  }

  @Test("the prediction is the class with the largest sum, of equals the first")
  func predictions() {
    let silent = [Bool](repeating: false, count: Self.timeSteps)
    var trains = [[Bool]](repeating: silent, count: Self.labels.count * Self.classes)
    let early = (0..<Self.timeSteps).map { $0 == 0 }
    let late = (0..<Self.timeSteps).map { $0 >= 4 }
    // First row: all equal. Second: 7 and 8 tie above 2. Last: early spikes weigh more than late.
    trains[10 + 2] = late
    trains[10 + 7] = early
    trains[10 + 8] = early
    trains[30 + 1] = late
    trains[30 + 9] = early
    var psc = Self.psc(trains)
    #expect(Self.run(.softmax(.sum), psc, gradient: false).predictions == [0, 7, -1, 9])
    // Padding counts for nothing, however large; −∞ and numbers below zero are possible sums.
    for neuron in 0..<Self.classes {
      for t in 0..<Self.timeSteps { psc[Self.place(t, 0, neuron)] = neuron == 4 ? -1 : -2 }
    }
    #expect(Self.run(.softmax(.sum), psc, gradient: false).predictions[0] == 4)
  }

  @Test("softmax neither overflows nor underflows")
  func extremes() {
    var psc = Self.psc(seed: 5)
    for t in 0..<Self.timeSteps {
      psc[Self.place(t, 0, 3)] = -1e4
      psc[Self.place(t, 1, 0)] = 1e4
    }
    let result = Self.run(.softmax(.sum), psc, gradient: true)
    #expect(abs(result.losses[0] - 6e4) < 100)
    #expect(result.losses[1] == 0)
    #expect(result.psc[Self.place(2, 0, 3)] == -1)
    #expect(result.psc[Self.place(2, 1, 0)] == 0)
  }

  @Test("the target is a steady train, filtered once or twice", arguments: [false, true])
  func target(twice: Bool) {
    for decay: Float in [0, 0.5, 0.8] {
      let target = OutputLoss.target(timeSteps: 20, synapticDecay: decay, twice: twice)
      let neuron = NeuronReference(
        membraneDecay: 0.5, synapticDecay: Double(decay), threshold: 0.5)
      var expected = neuron.run([Double](repeating: 1, count: 20)).psc
      if twice {
        var a = 0.0
        expected = expected.map {
          a = Double(decay) * a + (1 - Double(decay)) * $0
          return a
        }
      }
      #expect(largestDifference(target, expected) < 1e-6)
    }
  }

  @Test("a label that is no class is refused")
  func wrongLabel() async {
    await #expect(processExitsWith: .failure) {
      var losses = [0.0]
      var predictions: [Int32] = [0]
      OutputLoss(
        kind: .softmax(.sum), timeSteps: 1, batch: 1, classes: 10, channels: 16, synapticDecay: 0.5
      ).run(
        psc: FloatBuffer(count: 16).all, labels: [10], losses: &losses, predictions: &predictions,
        gradient: true)
    }
  }
}
