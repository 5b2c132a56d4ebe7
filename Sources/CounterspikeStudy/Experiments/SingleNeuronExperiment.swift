public import Counterspike
internal import CounterspikeKernels

/// The paper's experiment with one neuron: which rule teaches it a random spike train sooner?
///
/// 200 inputs fire at random for 30 time steps; the neuron is to fire at other random steps. The
/// kernel loss ½ Σ (a[t] − (σ∗y)[t])² is recorded over 200 updates and averaged over 500 rounds,
/// each with inputs, target and initial weights of its own, the same ones for all rules.
///
/// The paper leaves open how the weights are updated. Here by Adam, and because rules differ in how
/// long their gradients are, every rule may use the learning rate that suits it best of a list.
///
/// - Note: Yang, Zhang, Li (ICML 2021), Section 5.
public struct SingleNeuronExperiment: Sendable {
  public var inputs = 200
  public var timeSteps = 30
  public var updates = 200
  public var rounds = 500
  public var neuron = NeuronSettings(membraneTimeConstant: 5, synapticTimeConstant: 2)
  /// Probability that an input fires at a step.
  public var inputRate: Float = 0.1
  /// Probability that the neuron should fire at a step.
  public var targetRate: Float = 0.2
  public var learningRates: [Float] = [0.003, 0.01, 0.03, 0.1]
  public var rules = AuditRule.all.filter {
    [
      "na-paper", "na-exact", "na-inverse", "na-gaussian", "na-square", "sigmoid", "arctangent",
      "tssl-bp",
    ].contains($0.name)
  }
  public var seed: UInt64 = 1

  public init() {}

  /// What a rule did with its best learning rate.
  public struct Curve: Sendable, Equatable {
    public let rule: AuditRule
    public let learningRate: Float
    /// Mean loss before every update and after the last: `updates` + 1 values.
    public let losses: [Double]
    /// Standard error of the last mean.
    public let standardError: Double
    /// Share of the rounds that end with exactly the desired spikes.
    public let exact: Double
    /// The last mean loss of every learning rate.
    public let finalLosses: [Double]
  }

  /// - Throws: `invalidRecipe` naming the setting and what is allowed.
  public func validate() throws(CounterspikeError) {
    let counts = [
      ("inputs", inputs, 1...100_000), ("updates", updates, 1...100_000),
      ("rounds", rounds, 1...100_000),
    ]
    for (name, value, allowed) in counts where !allowed.contains(value) {
      throw CounterspikeError(
        .invalidRecipe,
        "the experiment's \(name) is \(value); allowed: \(allowed.lowerBound) to "
          + "\(allowed.upperBound)")
    }
    for (name, rate) in [("inputRate", inputRate), ("targetRate", targetRate)]
    where !(0...1).contains(rate) {
      throw CounterspikeError(
        .invalidRecipe, "the experiment's \(name) is \(rate); allowed: 0 to 1")
    }
    guard !learningRates.isEmpty, learningRates.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw CounterspikeError(
        .invalidRecipe,
        "the experiment's learningRates are \(learningRates); allowed: one or more numbers > 0")
    }
    var network = NetworkSettings()
    network.timeSteps = timeSteps
    network.neuron = neuron
    try network.validate()
    for rule in rules { try rule.gradient.validate() }
  }

  /// - Parameter progress: told each rule before it runs.
  /// - Throws: `invalidRecipe` for settings that make no experiment.
  public func run(
    progress: (String) -> Void = { _ in }
  ) throws(CounterspikeError) -> [Curve] {
    try validate()
    let task = Task(self)
    return rules.compactMap { rule in
      progress(rule.name)
      let runs = learningRates.map { task.learn(rule, rate: $0) }
      let best = runs.indices.min { runs[$0].final < runs[$1].final }
      guard let best else { return nil }
      return Curve(
        rule: rule, learningRate: learningRates[best], losses: runs[best].losses,
        standardError: runs[best].standardError, exact: runs[best].exact,
        finalLosses: runs.map(\.final))
    }
  }

  /// Inputs, targets and initial weights of all rounds.
  private struct Task {
    let experiment: SingleNeuronExperiment
    /// All rounds' neurons side by side.
    let layer: NeuronLayer
    /// psc of the inputs, `[rounds, T, inputs]`.
    var inputs: [Float] = []
    /// Filtered target, `[T, rounds]`, and the spikes that it is made of.
    var target: [Float]
    var targetSpikes: [Float]
    /// `[rounds, inputs]`
    var weights: [Float] = []

    init(_ experiment: SingleNeuronExperiment) {
      self.experiment = experiment
      layer = experiment.neuron.layer(
        timeSteps: experiment.timeSteps, batch: 1, channels: paddedChannels(experiment.rounds))
      target = [Float](repeating: 0, count: experiment.timeSteps * layer.channels)
      targetSpikes = target
      let d = layer.synapticDecay
      let standardDeviation = (2 / Double(experiment.inputs)).squareRoot()
      for round in 0..<experiment.rounds {
        var stream = RandomStream(seed: experiment.seed, purpose: .audit, 1 << 23, round)
        var a = [Float](repeating: 0, count: experiment.inputs)
        var psc: Float = 0
        for t in 0..<experiment.timeSteps {
          for i in a.indices {
            a[i] = d * a[i] + (stream.uniform() < experiment.inputRate ? 1 - d : 0)
          }
          inputs += a
          let fires = stream.uniform() < experiment.targetRate
          psc = d * psc + (fires ? 1 - d : 0)
          target[t * layer.channels + round] = psc
          targetSpikes[t * layer.channels + round] = fires ? 1 : 0
        }
        for _ in 0..<experiment.inputs {
          weights.append(Float(standardDeviation * stream.normal()))
        }
      }
    }

    struct Run {
      var losses: [Double] = []
      var standardError = 0.0
      var exact = 0.0
      var final: Double { losses.last ?? .infinity }
    }

    func learn(_ rule: AuditRule, rate: Float) -> Run {
      let kernel = rule.gradient.kernel(
        timeSteps: experiment.timeSteps, isKernelLossOutput: true)
      let scratch = NeuronScratch(timeSteps: experiment.timeSteps)
      let currents = FloatBuffer(count: layer.currentCount)
      let gradient = FloatBuffer(count: layer.outputCount)
      var weights = weights
      let first = FloatBuffer(count: weights.count)
      let second = FloatBuffer(count: weights.count)
      let values = FloatBuffer(weights)
      let changes = FloatBuffer(count: weights.count)
      var run = Run()
      for update in 0...experiment.updates {
        weights = values.all.array
        currents.all.copy(from: self.currents(weights))
        let record = layer.record(currents.all.array)
        let (losses, errors) = losses(record.psc)
        run.losses.append(losses.reduce(0, +) / Double(losses.count))
        guard update < experiment.updates else {
          finish(&run, losses, record.spikes)
          break
        }
        gradient.all.copy(from: errors)
        layer.backward(
          rule: kernel, currents: currents.all, gradient: gradient.all, scratch: scratch)
        changes.all.copy(from: weightGradient(currents.all.array))
        OptimizerStep.adamW(
          OptimizerStep.AdamW(
            rate: rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0,
            step: update + 1),
          weights: values.all, gradient: changes.all, first: first.all, second: second.all,
          gradientScale: 1, bound: .infinity)
      }
      return run
    }

    private func finish(_ run: inout Run, _ losses: [Double], _ spikes: [Float]) {
      let count = Double(losses.count)
      let square = losses.reduce(0) { $0 + ($1 - run.final) * ($1 - run.final) }
      run.standardError = (square / max(count - 1, 1) / count).squareRoot()
      let exact = (0..<experiment.rounds).count { round in
        (0..<experiment.timeSteps).allSatisfy { t in
          let place = t * layer.channels + round
          return spikes[place] == targetSpikes[place]
        }
      }
      run.exact = Double(exact) / count
    }

    /// c, `[T, rounds]`.
    private func currents(_ weights: [Float]) -> [Float] {
      var result = [Float](repeating: 0, count: layer.currentCount)
      let (count, steps) = (experiment.inputs, experiment.timeSteps)
      for round in 0..<experiment.rounds {
        for t in 0..<steps {
          let offset = (round * steps + t) * count
          var sum: Float = 0
          for i in 0..<count { sum += weights[round * count + i] * inputs[offset + i] }
          result[t * layer.channels + round] = sum
        }
      }
      return result
    }

    /// Loss of every round and a − σ∗y, `[T, rounds]`.
    private func losses(_ psc: [Float]) -> (losses: [Double], errors: [Float]) {
      var losses = [Double](repeating: 0, count: experiment.rounds)
      var errors = [Float](repeating: 0, count: psc.count)
      for t in 0..<experiment.timeSteps {
        for round in losses.indices {
          let place = t * layer.channels + round
          let error = psc[place] - target[place]
          losses[round] += Double(error * error) / 2
          errors[place] = error
        }
      }
      return (losses, errors)
    }

    /// Σ_t δ[t]·a_in[t], `[rounds, inputs]`.
    private func weightGradient(_ deltas: [Float]) -> [Float] {
      var result = [Float](repeating: 0, count: weights.count)
      let (count, steps) = (experiment.inputs, experiment.timeSteps)
      for round in 0..<experiment.rounds {
        for t in 0..<steps {
          let delta = deltas[t * layer.channels + round]
          let offset = (round * steps + t) * count
          for i in 0..<count { result[round * count + i] += delta * inputs[offset + i] }
        }
      }
      return result
    }
  }
}
