import Counterspike
import Testing

/// Every rule, in each of its forms.
private enum RuleCase {
  static let rules: [(name: String, settings: GradientSettings)] = {
    var rules: [(String, GradientSettings)] = []
    for error in NeighborhoodSettings.ErrorForm.allCases {
      for distance in NeighborhoodSettings.Distance.allCases {
        var settings = NeighborhoodSettings()
        settings.error = error
        settings.distance = distance
        rules.append(("\(error) \(distance)", .neighborhood(settings)))
      }
      var settings = NeighborhoodSettings()
      settings.error = error
      settings.power = 1
      settings.clamp = 7
      rules.append(("\(error) inverse", .neighborhood(settings)))
    }
    var surrogate = SurrogateSettings()
    rules.append(("surrogate", .surrogate(surrogate)))
    surrogate.resetGradient = true
    surrogate.width = 0.35
    rules.append(("surrogate through the reset", .surrogate(surrogate)))
    var tsslbp = GradientSettings()
    tsslbp.rule = .tsslbp
    rules.append(("tsslbp", tsslbp))
    return rules
  }()
}

@Suite("The gradient of a network's loss")
struct LossGradientTests {
  static let losses: [LossSettings] =
    [
      LossSettings(), LossSettings(.kernel(.once)), LossSettings(.count(desired: 3, undesired: 1)),
      LossSettings(.softmax()), LossSettings(.softmax(.everyStep, labelSmoothing: 0.1)),
      LossSettings(.softmax(.largest)), LossSettings(.softmax(.last, labelSmoothing: 0.2)),
      LossSettings(.softmax(.mean)), LossSettings(.rate(desired: 0.8, undesired: 0.1)),
      LossSettings(.latency(timeScale: 2)),
      LossSettings([
        LossSettings.Term(.softmax(.rate), weight: 2), LossSettings.Term(.kernel(), weight: 0.25),
        LossSettings.Term(.count(desired: 2, undesired: 0)),
      ]),
    ]

  private func compare(
    _ sample: SampleNetwork, _ rule: Int, _ loss: LossSettings, isStill: Bool
  ) throws {
    let network = try sample.network()
    let plan = network.plan
    let input: Tensor =
      isStill
      ? .random([2] + plan.inputShape, seed: 21)
      : .randomSpikes([plan.timeSteps, 2] + plan.inputShape, rate: 0.6, seed: 22)
    let labels = [plan.classCount - 1, 0]
    let settings = RuleCase.rules[rule].settings
    var loss = loss
    loss.limitCounts(timeSteps: plan.timeSteps)
    let ours = try network.lossGradient(input, labels: labels, gradient: settings, loss: loss)
    let naive = NaiveNetwork(network).lossGradient(
      input, labels: labels, gradient: settings, loss: loss)
    #expect(abs(ours.loss - naive.loss) <= 1e-5 * max(naive.loss, 1))
    #expect(ours.weights.map(\.shape) == plan.stages.map(\.weightShape))
    for (stage, (tensor, wanted)) in zip(plan.stages, zip(ours.weights, naive.weights)) {
      let error = relativeError(tensor.scalars, wanted)
      #expect(error < 3e-5, "\(stage.name): \(error)")
      #expect(wanted.contains { abs($0) > 1e-6 }, "the gradient of \(stage.name) is zero")
    }
  }

  @Test(
    "is what the equations say, for every network",
    arguments: SampleNetwork.allCases, [true, false])
  func networks(sample: SampleNetwork, isStill: Bool) throws {
    try compare(sample, 0, LossSettings(), isStill: isStill)
    try compare(sample, RuleCase.rules.count - 3, LossSettings(), isStill: isStill)
  }

  @Test(
    "is what the equations say, for every rule",
    arguments: RuleCase.rules.indices)
  func everyRule(_ rule: Int) throws {
    try compare(.poolings, rule, LossSettings(), isStill: true)
    try compare(.denseOnly, rule, LossSettings(), isStill: false)
  }

  @Test("is what the equations say, for every loss", arguments: losses.indices)
  func everyLoss(loss: Int) throws {
    try compare(.poolings, 0, Self.losses[loss], isStill: true)
    try compare(.strides, RuleCase.rules.count - 1, Self.losses[loss], isStill: false)
  }

  @Test(
    "of a still image is that of the same image shown at every step",
    arguments: SampleNetwork.allCases)
  func repeated(sample: SampleNetwork) throws {
    let network = try sample.network()
    let plan = network.plan
    let still = Tensor.random([3] + plan.inputShape, seed: 31)
    let train = Tensor(
      shape: [plan.timeSteps] + still.shape,
      scalars: (0..<plan.timeSteps).flatMap { _ in still.scalars })
    let labels = [0, 1, plan.classCount - 1]
    for rule in [0, RuleCase.rules.count - 2, RuleCase.rules.count - 1] {
      let settings = RuleCase.rules[rule].settings
      let one = try network.lossGradient(
        still, labels: labels, gradient: settings, loss: LossSettings())
      let other = try network.lossGradient(
        train, labels: labels, gradient: settings, loss: LossSettings())
      #expect(one.loss == other.loss)
      for (a, b) in zip(one.weights, other.weights) {
        #expect(relativeError(a.scalars, b.scalars.map { Double($0) }) < 1e-5)
      }
    }
  }

  @Test("is the sum of the samples' gradients")
  func additivity() throws {
    let network = try SampleNetwork.strides.network()
    let input = Tensor.random([5] + network.plan.inputShape, seed: 41)
    let size = network.plan.inputShape.reduce(1, *)
    let labels = [0, 1, 2, 1, 0]
    let whole = try network.lossGradient(
      input, labels: labels, gradient: .neighborhood(), loss: LossSettings())
    var loss = 0.0
    var sums = whole.weights.map { $0.scalars.map { _ in 0.0 } }
    for sample in labels.indices {
      let one = Tensor(
        shape: [1] + network.plan.inputShape,
        scalars: Array(input.scalars[sample * size..<(sample + 1) * size]))
      let part = try network.lossGradient(
        one, labels: [labels[sample]], gradient: .neighborhood(), loss: LossSettings())
      loss += part.loss
      for (stage, tensor) in part.weights.enumerated() {
        for (i, value) in tensor.scalars.enumerated() { sums[stage][i] += Double(value) }
      }
    }
    #expect(abs(whole.loss - loss) < 1e-9)
    for (tensor, sum) in zip(whole.weights, sums) {
      #expect(relativeError(tensor.scalars, sum) < 1e-5)
    }
  }
}
