import CounterspikeKernels
import Testing

@Suite("The terms of a loss")
struct OutputLossTermTests {
  private static let timeSteps = 7
  private static let classes = 5
  private static let channels = 16
  private static let decay: Float = 0.6
  private static let labels: [Int32] = [4, -1, 0, 2]

  private static let reductions: [OutputLoss.Reduction] = [.sum, .mean, .last, .largest, .rate]

  /// What is smooth in the output.
  private static let smooth: [OutputLoss.Kind] =
    (reductions + [.everyStep]).flatMap { reduction -> [OutputLoss.Kind] in
      [
        .softmax(reduction), .softmax(reduction, labelSmoothing: 0.3), .squaredError(reduction),
      ]
    } + [
      .rate(desired: 0.7, undesired: 0.05),
      .kernel(target: OutputLoss.target(timeSteps: timeSteps, synapticDecay: decay, twice: true)),
    ]

  private struct Run {
    var losses = [Double](repeating: .nan, count: OutputLossTermTests.labels.count)
    var predictions = [Int32](repeating: 99, count: OutputLossTermTests.labels.count)
    var output: [Float]
  }

  private static func run(
    _ terms: [OutputLoss.Term], _ output: [Float], targets: [Float]? = nil, gradient: Bool,
    labels: [Int32] = labels
  ) -> Run {
    let loss = OutputLoss(
      terms: terms, timeSteps: timeSteps, batch: labels.count, classes: classes,
      channels: channels, synapticDecay: decay,
      targetCount: (targets?.count ?? 0) / labels.count)
    let buffer = FloatBuffer(output)
    var result = Run(output: [])
    loss.run(
      psc: buffer.all, labels: labels, targets: targets.map { FloatBuffer($0).all },
      losses: &result.losses, predictions: &result.predictions, gradient: gradient)
    result.output = buffer.all.array
    return result
  }

  private static func place(_ t: Int, _ sample: Int, _ neuron: Int) -> Int {
    (t * labels.count + sample) * channels + neuron
  }

  private static func random(_ count: Int, seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed, purpose: .audit)
    return (0..<count).map { _ in 2 * random.uniform() - 0.7 }
  }

  /// Potentials as a readout has them.
  /// Each has one step with by far the largest.
  private static let output = {
    var output = random(timeSteps * labels.count * channels, seed: 3)
    for sample in labels.indices {
      for neuron in 0..<classes {
        output[place((sample + neuron) % timeSteps, sample, neuron)] += 2
      }
    }
    return output
  }()

  /// The psc of spike trains; the trains stand one after the other, sample by sample.
  private static func psc(_ trains: [[Int]]) -> [Float] {
    var result = [Float](repeating: 0, count: timeSteps * labels.count * channels)
    for (index, train) in trains.enumerated() {
      var a: Float = 0
      for t in 0..<timeSteps {
        a = decay * a + (train.contains(t) ? 1 - decay : 0)
        result[place(t, index / classes, index % classes)] = a
      }
    }
    return result
  }

  /// The worst distance of the gradient to the loss's central differences in the output.
  private static func worstDifference(
    _ kind: OutputLoss.Kind, targets: [Float]?
  ) -> (worst: Double, largest: Double) {
    let terms = [OutputLoss.Term(kind)]
    let gradient = run(terms, output, targets: targets, gradient: true).output
    let step: Float = 0x1p-6
    var worst = 0.0
    var largest = 0.0
    for (sample, label) in labels.enumerated() where label >= 0 {
      for t in 0..<timeSteps {
        for neuron in 0..<classes {
          let place = place(t, sample, neuron)
          var changed = output
          changed[place] += step
          let above = run(terms, changed, targets: targets, gradient: false).losses[sample]
          changed[place] -= 2 * step
          let below = run(terms, changed, targets: targets, gradient: false).losses[sample]
          let slope = (above - below) / Double(2 * step)
          worst = max(worst, abs(slope - Double(gradient[place])))
          largest = max(largest, abs(slope))
        }
      }
    }
    return (worst, largest)
  }

  @Test("have the central differences of the loss as gradient", arguments: smooth.indices)
  func centralDifferences(_ index: Int) {
    let kind = Self.smooth[index]
    let targets = Self.random(Self.labels.count * Self.classes, seed: 4)
    let (worst, largest) = Self.worstDifference(kind, targets: targets)
    #expect(worst < 1e-4)
    #expect(largest > 0.01)
  }

  @Test("have it for targets of every step, too")
  func targetTrains() {
    let targets = Self.random(Self.labels.count * Self.timeSteps * Self.classes, seed: 5)
    let (worst, largest) = Self.worstDifference(.squaredError(.everyStep), targets: targets)
    #expect(worst < 1e-4)
    #expect(largest > 0.01)
    // Equal targets at all steps are one target.
    let once = Self.random(Self.labels.count * Self.classes, seed: 6)
    let repeated = Self.labels.indices.flatMap { sample in
      (0..<Self.timeSteps).flatMap { _ in
        once[sample * Self.classes..<(sample + 1) * Self.classes]
      }
    }
    let terms = [OutputLoss.Term(.squaredError(.everyStep))]
    let one = Self.run(terms, Self.output, targets: once, gradient: true)
    let all = Self.run(terms, Self.output, targets: repeated, gradient: true)
    #expect(one.losses == all.losses && one.output == all.output)
  }

  @Test("are summed with their factors and those of the classes")
  func sums() {
    let weights: [Float] = [3, 1, 0.5, 1, 0]
    let kinds: [OutputLoss.Kind] = [
      .softmax(.sum, labelSmoothing: 0.1), .rate(desired: 1, undesired: 0),
      .latency(timeScale: 2),
    ]
    let psc = Self.psc(
      (0..<Self.labels.count * Self.classes).map { [$0 % 7, ($0 * 3) % 7, 6 - $0 % 4] })
    let single = kinds.map { Self.run([OutputLoss.Term($0)], psc, gradient: true) }
    let all = Self.run(
      [
        OutputLoss.Term(kinds[0], weight: 2, classWeights: weights),
        OutputLoss.Term(kinds[1], weight: 0.5),
        OutputLoss.Term(kinds[2], weight: 4, classWeights: weights),
      ], psc, gradient: true)
    for (sample, label) in Self.labels.enumerated() {
      guard label >= 0 else {
        #expect(all.losses[sample] == 0 && all.predictions[sample] == -1)
        continue
      }
      let factors = [2 * weights[Int(label)], 0.5, 4 * weights[Int(label)]].map { Double($0) }
      func sum(_ value: (Run) -> Double) -> Double {
        zip(single, factors).reduce(0) { $0 + $1.1 * value($1.0) }
      }
      #expect(abs(all.losses[sample] - sum { $0.losses[sample] }) < 1e-6)
      for t in 0..<Self.timeSteps {
        for neuron in 0..<Self.classes {
          let place = Self.place(t, sample, neuron)
          #expect(abs(Double(all.output[place]) - sum { Double($0.output[place]) }) < 5e-6)
        }
      }
    }
    // The first term predicts.
    #expect(all.predictions == single[0].predictions)
  }

  @Test("of first spikes has its gradient at them, and at the last step of silent neurons")
  func latency() {
    var trains = [[Int]](repeating: [], count: Self.labels.count * Self.classes)
    trains[0] = [2, 3]
    trains[1] = [5]
    trains[4] = [1, 6]
    let psc = Self.psc(trains)
    let first = [2, 5, 6, 6, 1]
    let result = Self.run([OutputLoss.Term(.latency(timeScale: 2))], psc, gradient: true)
    let powers = first.map { exponential(-Double($0) / 2) }
    let total = powers.reduce(0, +)
    #expect(abs(result.losses[0] + naturalLogarithm(powers[4] / total)) < 1e-6)
    for neuron in 0..<Self.classes {
      let slope = powers[neuron] / total - (neuron == 4 ? 1 : 0)
      for t in 0..<Self.timeSteps {
        let wanted = t == first[neuron] ? slope / 2 / Double(1 - Self.decay) : 0
        #expect(abs(Double(result.output[Self.place(t, 0, neuron)]) - wanted) < 1e-6)
      }
    }
    // An earlier first spike of the class lowers the loss, as its negative derivative says.
    trains[4] = [0, 6]
    let earlier = Self.run(
      [OutputLoss.Term(.latency(timeScale: 2))], Self.psc(trains), gradient: false)
    #expect(earlier.losses[0] < result.losses[0])
    #expect(result.output[Self.place(1, 0, 4)] < 0)
  }

  @Test("of first spikes predicts the earliest, of equals the one with more spikes")
  func latencyPrediction() {
    func prediction(_ trains: [Int: [Int]]) -> Int32 {
      let all = (0..<Self.labels.count * Self.classes).map { trains[$0 % Self.classes] ?? [] }
      return Self.run([OutputLoss.Term(.latency(timeScale: 1))], Self.psc(all), gradient: false)
        .predictions[0]
    }
    #expect(prediction([1: [3, 4, 5, 6], 3: [2]]) == 3)
    #expect(prediction([1: [2, 4], 3: [2, 4, 5], 4: [2]]) == 3)
    #expect(prediction([2: [6], 4: [6]]) == 2)
    #expect(prediction([4: [6]]) == 4)
    #expect(prediction([:]) == 0)
  }

  @Test("predict by what their softmax is of")
  func readoutPrediction() {
    var output = [Float](repeating: 0, count: Self.timeSteps * Self.labels.count * Self.channels)
    output[Self.place(6, 0, 1)] = 1  // the last
    output[Self.place(3, 0, 2)] = 5  // the largest
    output[Self.place(4, 0, 2)] = -5
    for t in 0..<Self.timeSteps { output[Self.place(t, 0, 3)] = 0.5 }  // the mean
    func prediction(_ reduction: OutputLoss.Reduction) -> Int32 {
      Self.run([OutputLoss.Term(.softmax(reduction))], output, gradient: false).predictions[0]
    }
    #expect(prediction(.last) == 1)
    #expect(prediction(.largest) == 2)
    #expect(prediction(.mean) == 3)
    #expect(prediction(.everyStep) == 3)
    #expect(prediction(.sum) == 3)
  }

  @Test("smooth labels: an even output then costs least where all is smoothed")
  func smoothing() {
    // −Σ q ln p at p = q is q's entropy, the least there is.
    let even = [Float](repeating: 0.25, count: Self.output.count)
    let loss = Self.run(
      [OutputLoss.Term(.softmax(.sum, labelSmoothing: 0.999_999))], even, gradient: true)
    #expect(abs(loss.losses[0] - naturalLogarithm(Double(Self.classes))) < 1e-5)
    #expect((0..<Self.classes).allSatisfy { abs(loss.output[Self.place(0, 0, $0)]) < 2e-6 })
  }
}
