import Counterspike
import CounterspikeKernels
import Testing

@testable import CounterspikeRecipe

@Suite("Regression")
struct RegressionTests {
  private static let labels = [3, 0, 2, 2, 1]

  /// 1 for the class's neuron, 0 for the others: what the rate loss compares with.
  private static func oneHot(_ labels: [Int], classes: Int) -> Tensor {
    Tensor(
      shape: [labels.count, classes],
      scalars: labels.flatMap { label in (0..<classes).map { $0 == label ? 1 : 0 } })
  }

  @Test("to one-hot rates is the rate loss, its gradient included")
  func oneHotRates() throws {
    let network = try SampleNetwork.poolings.network()
    let plan = network.plan
    let input = Tensor.random([5] + plan.inputShape, seed: 3)
    let classes = try network.lossGradient(
      input, labels: Self.labels, gradient: .neighborhood(), loss: LossSettings(.rate()))
    let numbers = try network.lossGradient(
      input, targets: Self.oneHot(Self.labels, classes: plan.classCount),
      gradient: .neighborhood(), loss: LossSettings(.squaredError()))
    #expect(classes.loss > 0.1 && classes.loss == numbers.loss)
    #expect(classes.weights.map(\.scalars) == numbers.weights.map(\.scalars))
  }

  @Test("is judged by brute force as the rate loss is")
  func probe() throws {
    let network = try SampleNetwork.denseOnly.network()
    let plan = network.plan
    let source = TensorSource(
      samples: .random([5] + plan.inputShape, seed: 3), labels: Self.labels,
      classCount: plan.classCount)
    let targeted = TargetedSource(
      source, targets: Self.oneHot(Self.labels, classes: plan.classCount))
    func differences(_ source: any SampleSource, _ loss: Loss) throws -> [Double] {
      let probe = try NetworkProbe(
        network: network, source: source, indices: [4, 1, 0], loss: LossSettings(loss), workers: 2)
      let changes = (0..<12).map { index in
        let neuron = NetworkProbe.Neuron(
          stage: 0, sample: index % 3, channel: index, y: 0, x: 0)
        var spikes = probe.run(probe.currents(of: neuron), of: neuron).spikes
        spikes[index % plan.timeSteps] = 1 - spikes[index % plan.timeSteps]
        return NetworkProbe.Change(neuron: neuron, spikes: spikes)
      }
      let losses = try probe.meanLosses(1) { _ in
        [
          (
            parameter: 1,
            values: [Float](
              repeating: 0.1, count: network.weights[1].count)
          )
        ]
      }
      return probe.losses + losses + (try probe.lossDifferences(stage: 0, changes: changes))
    }
    let numbers = try differences(targeted, .squaredError())
    #expect(try numbers == differences(source, .rate()))
    #expect(numbers.dropFirst(4).contains { $0 != 0 })
  }

  @Test("adds up the samples' mean squared errors, by whatever factor the loss has")
  func squaredErrors() throws {
    var setup = try EngineSetup(.denseOnly, count: 10)
    let plan = setup.network.plan
    let targets = Tensor.random([10, plan.classCount], below: 1, seed: 8)
    let source = TargetedSource(setup.samples, targets: targets)
    setup.loss = LossSettings([LossSettings.Term(.squaredError(), weight: 4)])
    func evaluate(_ workers: Int) throws -> BatchTotals {
      let engine = try Engine(
        network: setup.network, isStill: true, gradient: setup.gradient, loss: setup.loss,
        optimizer: setup.optimizer, batchSize: 4, microBatch: 4, seed: 1, workers: workers,
        targetShape: source.targetShape)
      let found = try engine.evaluate(source: source, indices: Array(0..<10))
      return try #require(found).totals
    }
    let totals = try evaluate(1)
    let spikes = try #require(setup.network.trace(setup.input(Array(0..<10))).last).spikes
    var expected = 0.0
    for sample in 0..<10 {
      for neuron in 0..<plan.classCount {
        let n = (0..<plan.timeSteps).reduce(0) { $0 + spikes[$1, sample, neuron, 0, 0] }
        let difference = Double(n) / Double(plan.timeSteps) - Double(targets[sample, neuron])
        expected += difference * difference / Double(plan.classCount)
      }
    }
    #expect(abs(totals.squaredError - expected) < 1e-4 * expected)
    #expect(abs(totals.loss - 4 * totals.squaredError) < 1e-5 * totals.loss)
    #expect(totals.samples == 10 && totals.correct == 0)
    #expect(try evaluate(3) == totals)
  }

  @Test("refuses targets that are others than the loss's")
  func refusal() throws {
    let network = try SampleNetwork.denseOnly.network()
    let plan = network.plan
    let input = Tensor.random([2] + plan.inputShape, seed: 3)
    func expect(_ words: String, _ shape: [Int], _ loss: Loss) {
      let error = #expect(throws: CounterspikeError.self) {
        try network.lossGradient(
          input, targets: Tensor(zeros: shape), gradient: .surrogate(), loss: LossSettings(loss))
      }
      #expect(error?.code == .mismatch)
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
    let (classes, steps) = (plan.classCount, plan.timeSteps)
    expect("set loss.kind to squaredError", [2, classes], .softmax())
    expect("let the last layer of network.layers be 3", [2, 3], .squaredError())
    expect("set loss.reduction to everyStep", [2, steps, classes], .squaredError())
    expect("3 targets for 2 samples", [3, classes], .squaredError())
    let error = #expect(throws: CounterspikeError.self) {
      try network.lossGradient(
        input, labels: [0, 1], gradient: .surrogate(), loss: LossSettings(.squaredError()))
    }
    #expect(error?.message.contains("the samples have classes, not numbers") == true)
    _ = try network.lossGradient(
      input, targets: Tensor(zeros: [2, steps, classes]), gradient: .surrogate(),
      loss: LossSettings(.squaredError(.everyStep)))
  }

  @Test("goes through a subset's own indices")
  func subset() {
    let source = TargetedSource(
      TensorSource(samples: Tensor(zeros: [3, 1, 1, 1]), labels: [0, 0, 0], classCount: 1),
      targets: Tensor(shape: [3, 2], scalars: [1, 2, 3, 4, 5, 6]))
    let subset = SampleSubset(source, indices: [2, 0])
    #expect(subset.targetShape == [2] && subset.classCount == 2)
    var values: [Float] = [0, 0]
    var span = values.mutableSpan
    subset.loadTarget(0, into: &span)
    #expect(values == [5, 6])
  }
}
