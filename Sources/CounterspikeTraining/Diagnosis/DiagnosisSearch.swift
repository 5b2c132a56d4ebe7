internal import Counterspike
internal import Foundation

/// Looks for causes one after the other; what explains others comes first.
struct DiagnosisSearch {
  let diagnosis: Diagnosis
  let trial: DiagnosisTrial
  let baseline: DiagnosisTrial.Result
  let layers: DiagnosisLayers
  let network: Network
  /// The network has a checkpoint's weights, not those that the trials begin with.
  let isTrained: Bool
  private(set) var findings: [DiagnosisReport.Finding] = []

  init(
    diagnosis: Diagnosis, trial: DiagnosisTrial, baseline: DiagnosisTrial.Result,
    layers: DiagnosisLayers, network: Network, isTrained: Bool
  ) {
    self.diagnosis = diagnosis
    self.trial = trial
    self.baseline = baseline
    self.layers = layers
    self.network = network
    self.isTrained = isTrained
  }

  private typealias Attempt = DiagnosisReport.Attempt
  private var recipe: Recipe { diagnosis.recipe }
  private var candidates: DiagnosisCandidates { DiagnosisCandidates(recipe: recipe) }
  private var plan: NetworkPlan { network.plan }
  private var learns: Bool { trial.learns(baseline) }

  mutating func run(_ progress: (String) -> Void) throws {
    progress("looking at the samples")
    try missingClasses()
    try inputs()
    // What such samples do to the layers needs no other remedy.
    guard !findings.contains(where: { $0.cause == .inputs && $0.remedy != nil }) else { return }
    progress("looking for silent and saturated layers")
    try activity()
    try largeCurrents()
    progress("following the error through the layers")
    try errors()
    progress("trying other learning rates")
    try learningRate()
    progress("comparing labels with samples")
    try labels()
    if findings.isEmpty, !learns { try rest() }
  }

  // MARK: Trying

  /// Tries settings until some help.
  private func attempt(
    _ candidates: [DiagnosisCandidates.Candidate], against cause: TrainingWarning.Cause? = nil,
    comparesAccuracy: Bool = false, isFar: Bool = false
  ) throws -> (remedy: Attempt?, tried: [Attempt]) {
    var tried: [Attempt] = []
    for candidate in candidates {
      guard let result = try? trial.run(candidate.recipe) else { continue }
      let attempt = Attempt(settings: candidate.settings, outcome: result.outcome)
      let helps =
        isFar
        ? isFarBetter(result) : comparesAccuracy ? isMoreOftenRight(result) : isBetter(result)
      if helps, cause.map({ !result.has($0) }) ?? true { return (attempt, tried) }
      tried.append(attempt)
    }
    return (nil, tried)
  }

  /// Whether a trial ends with a lower loss than it began with, and than the recipe as it is.
  private func isBetter(_ result: DiagnosisTrial.Result) -> Bool {
    guard result.isLossLower else { return false }
    guard !baseline.outcome.hasDiverged else { return true }
    return result.outcome.lossAfter < 0.98 * baseline.outcome.lossAfter
  }

  /// Whether a trial is more often right than the recipe as it is, where losses mean something else.
  private func isMoreOftenRight(_ result: DiagnosisTrial.Result) -> Bool {
    trial.beatsChance(result.outcome)
      && result.outcome.accuracyAfter > baseline.outcome.accuracyAfter + 0.05
  }

  /// Whether a trial leaves no doubt that it went better, where the recipe as it is learns, too.
  private func isFarBetter(_ result: DiagnosisTrial.Result) -> Bool {
    isBetter(result) && isMoreOftenRight(result)
      && (baseline.outcome.hasDiverged
        || result.outcome.lossAfter < 0.8 * baseline.outcome.lossAfter)
  }

  private mutating func add(
    _ cause: DiagnosisReport.Cause, layer: String? = nil, _ observation: String,
    _ found: (remedy: Attempt?, tried: [Attempt]) = (nil, [])
  ) {
    findings.append(
      DiagnosisReport.Finding(
        cause: cause, layer: layer, observation: observation, remedy: found.remedy,
        tried: found.tried))
  }

  // MARK: Samples

  private mutating func missingClasses() throws {
    let counts = Chance.counts(of: diagnosis.source)
    let seen = counts.count { $0 > 0 }
    guard counts.count > 1, seen == 1 || 2 * seen <= counts.count else { return }
    var remedies: [DiagnosisCandidates.Candidate] = []
    if recipe.data.trainingLimit != nil {
      remedies = [
        candidates.set([("data.selection", "balanced")]),
        candidates.set([("data.trainingLimit", "null")]),
      ].compactMap { $0 }
    }
    var tried: [Attempt] = []
    for candidate in remedies {
      guard let (source, result, attempt) = try reloaded(candidate) else { continue }
      let found = Chance.counts(of: source).count { $0 > 0 }
      guard found > seen, result.isLossLower else {
        tried.append(attempt)
        continue
      }
      return add(.labels, missing(seen, of: counts.count), (attempt, tried))
    }
    add(.labels, missing(seen, of: counts.count), (nil, tried))
  }

  private func missing(_ seen: Int, of count: Int) -> String {
    "the training samples are of \(seen) of \(count) classes; the others cannot be learnt"
  }

  /// What a recipe does with the data that it loads; `nil`: there is none.
  private func reloaded(
    _ candidate: DiagnosisCandidates.Candidate
  ) throws -> (any SampleSource, DiagnosisTrial.Result, Attempt)? {
    guard let source = try? diagnosis.reload?(candidate.recipe) else { return nil }
    let trial = DiagnosisTrial(
      source, recipe: candidate.recipe, steps: trial.steps, workers: diagnosis.workers)
    let result = try trial.run(candidate.recipe)
    return (source, result, Attempt(settings: candidate.settings, outcome: result.outcome))
  }

  private mutating func inputs() throws {
    let inputs = DiagnosisInputs(trial.training)
    guard inputs.isFarFromNormal else { return }
    let observation =
      "the samples' values are not normalized: their root mean square is "
      + "\(inputs.size.rounded(to: 3)), and about 1 is usual"
    var candidate: DiagnosisCandidates.Candidate?
    if let (mean, deviation) = inputs.normalizing(recipe.data) {
      func list(_ values: [Double]) -> String {
        values.count == 1 ? "\(values[0])" : "[\(values.map { "\($0)" }.joined(separator: ", "))]"
      }
      candidate = candidates.set([
        ("data.mean", list(mean)), ("data.standardDeviation", list(deviation)),
      ])
    }
    guard let candidate, let (_, result, attempt) = try reloaded(candidate) else {
      if !learns { add(.inputs, observation) }
      return
    }
    if isBetter(result) {
      add(.inputs, observation, (attempt, []))
    } else if !learns {
      add(.inputs, observation, (nil, [attempt]))
    }
  }

  // MARK: Layers

  /// Silent, saturated and clamped layers, by what a training warns of.
  private mutating func activity() throws {
    let totals: BatchTotals
    if isTrained {
      let evaluation = try network.evaluate(
        trial.judged, loss: recipe.loss, workers: diagnosis.workers)
      totals = BatchTotals(evaluation, plan: plan)
    } else {
      totals = baseline.before
    }
    let warnings = TrainingWarning.found(
      totals, recipe: recipe, plan: plan, steps: 0, chance: trial.chance, weights: network.weights)
    for warning in warnings {
      switch warning.cause {
      case .silent(let layer):
        let why = layers.silence(place(layer)).observation.map { ": of its neurons \($0)" } ?? ""
        try unlessItPasses(
          .silent, layer,
          "\(layer) does not fire, so that nothing behind it can learn" + why, warning)
      case .saturated(let layer):
        try unlessItPasses(.saturated, layer, warning.observation, warning)
      case .clamped(let layer):
        let observation =
          isTrained
          ? warning.observation
          : "many initial weights of \(layer) lie beyond ±\(recipe.optimizer.weightClamp ?? 0), "
            + "optimizer.weightClamp, and the first step cuts them off"
        add(
          .clamped, layer: layer, observation,
          try attempt(
            isTrained ? lowerRates : currents(place(layer), isLoud: true),
            against: warning.cause))
      case .notLearning: break
      }
    }
  }

  /// Adds a finding about a layer. Of initial weights that a few steps put right it is one only where
  /// other settings do far better.
  private mutating func unlessItPasses(
    _ cause: DiagnosisReport.Cause, _ layer: String, _ observation: String,
    _ warning: TrainingWarning
  ) throws {
    let stays = isTrained || baseline.outcome.hasDiverged || baseline.has(warning.cause)
    let found = try attempt(
      currents(place(layer), isLoud: cause == .saturated), against: warning.cause,
      isFar: !stays)
    guard stays || found.remedy != nil else { return }
    add(cause, layer: layer, observation, found)
  }

  private func currents(_ place: Int, isLoud: Bool) -> [DiagnosisCandidates.Candidate] {
    candidates.currents(place, isLoud: isLoud, size: layers.layers[place].current)
  }

  private func place(_ layer: String) -> Int {
    plan.stages.firstIndex { $0.name == layer } ?? 0
  }

  private var lowerRates: [DiagnosisCandidates.Candidate] {
    [0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6].compactMap { candidates.learningRate(times: $0) }
  }

  /// Currents that leave nothing to the threshold.
  private static let largest = 20.0

  private mutating func largeCurrents() throws {
    guard !findings.contains(where: { $0.layer != nil }),
      let place = layers.layers.firstIndex(where: { $0.current > Self.largest })
    else { return }
    let layer = layers.layers[place]
    let found = try attempt(currents(place, isLoud: true))
    guard found.remedy != nil || !learns else { return }
    add(
      .largeCurrents, layer: layer.name,
      "the currents of \(layer.name) are about \(Int(layer.current)) times its threshold, so that "
        + "hardly anything depends on the threshold", found)
  }

  // MARK: Errors

  private mutating func errors() throws {
    guard !findings.contains(where: { $0.layer != nil }) else { return }
    // From the output on: a layer that passes nothing on explains those before it.
    for place in layers.layers.indices.reversed() {
      let layer = layers.layers[place]
      if let share = layer.zeroWeight, share >= 0.99 {
        return add(
          .ruleWeight, layer: layer.name,
          "an error arrives at \(layer.name), and the gradient rule \(rule(place)) gives it the "
            + "weight zero: no membrane potential is near enough to the threshold for it",
          try attempt(candidates.rule()))
      }
      if layer.zeroWeight == nil, layer.error == 0 {
        return add(
          .noError, layer: layer.name,
          "no error arrives at \(layer.name), so that it does not learn",
          try attempt(candidates.rule() + candidates.other()))
      }
    }
    let output = layers.layers.last?.error ?? 0
    for (place, layer) in layers.layers.enumerated() {
      if isTooSmall(place) {
        return add(
          .vanishing, layer: layer.name,
          "the errors vanish on the way to \(layer.name): its gradient is too small for the "
            + "optimizer",
          try attempt(candidates.size()))
      }
      guard layer.error > 1000 * output, output > 0 else { continue }
      let found = try attempt(candidates.size())
      guard found.remedy != nil || !learns else { continue }
      return add(
        .exploding, layer: layer.name,
        "the errors explode on the way to \(layer.name): they are "
          + "\((layer.error / output).rounded(to: 2)) times those of the output", found)
    }
  }

  private func rule(_ place: Int) -> String {
    (plan.stages[place].gradient ?? recipe.gradient).rule.rawValue
  }

  /// Whether a step changes a stage's weights by nothing that counts.
  private func isTooSmall(_ place: Int) -> Bool {
    let gradient = layers.layers[place].gradient
    // What gets nothing has no gradient, whatever the errors are.
    guard place == 0 || layers.layers[place - 1].firingRate > 0,
      recipe.training.frozen?.contains(plan.stages[place].name) != true
    else { return false }
    let batch = gradient * Double(recipe.training.batchSize)
    switch recipe.optimizer.kind {
    case .adamW: return batch < Double(recipe.optimizer.epsilon)
    case .sgd:
      let weights = network.weights[place]
      let size = (AuditWeights.square(weights.scalars) / Double(max(weights.count, 1))).squareRoot()
      return Double(recipe.optimizer.learningRate) * batch < 1e-9 * size
    }
  }

  // MARK: Learning rate

  private mutating func learningRate() throws {
    guard findings.isEmpty else { return }
    let rate = "optimizer.learningRate is \(recipe.optimizer.learningRate)"
    var tried: [Attempt] = []
    var best: Attempt?
    for candidate in lowerRates {
      let result = try trial.run(candidate.recipe)
      let attempt = Attempt(settings: candidate.settings, outcome: result.outcome)
      if let before = best {
        // The loss falls with the rate, and then rises again.
        let isLower = attempt.outcome.lossAfter < before.outcome.lossAfter
        guard result.isLossLower, isLower else { break }
        best = attempt
      } else if learns ? isFarBetter(result) : isBetter(result) {
        best = attempt
      } else {
        tried.append(attempt)
        // Where the rate is right, one tenth of it is enough to see that.
        if learns, baseline.warnings.isEmpty { return }
      }
    }
    if let best {
      return add(.learningRateTooHigh, "\(rate), which is too high", (best, tried))
    }
    guard !learns, !baseline.outcome.hasDiverged else {
      if baseline.outcome.hasDiverged { add(.notLearning, "the training diverges", (nil, tried)) }
      return
    }
    let higher = [10.0, 100, 1000, 1e4, 1e6].compactMap { candidates.learningRate(times: $0) }
    let found = try attempt(higher)
    guard found.remedy != nil else { return }
    add(.learningRateTooLow, "\(rate), which is too low", found)
  }

  // MARK: Labels

  /// Samples that a network is to learn by heart.
  private static let memorized = 32

  private mutating func labels() throws {
    guard findings.isEmpty, trial.isHeldOut, !trial.beatsChance(baseline.outcome),
      trial.judged.classCount > 1
    else { return }
    let nearest = DiagnosisLabels.nearestNeighborAccuracy(trial.training)
    let chance = Chance.accuracy(of: trial.training)
    guard Chance.explains(nearest, samples: min(400, trial.training.count), chance: chance) else {
      return
    }
    let few = SampleSubset(
      trial.training, indices: Array(0..<min(Self.memorized, trial.training.count)))
    let learnt = try trial.run(recipe, samples: few, steps: 4 * trial.steps).outcome
    let isMemorized = !Chance.explains(
      learnt.accuracyAfter, samples: learnt.samples, chance: Chance.accuracy(of: few))
    guard isMemorized else { return }
    func percent(_ share: Double) -> String { "\((100 * share).rounded(to: 3)) %" }
    add(
      .labels,
      "the labels do not fit the samples: \(few.count) samples are learnt by heart ("
        + "\(percent(learnt.accuracyAfter)) right), and of others only "
        + "\(percent(baseline.outcome.accuracyAfter)) are right, as by chance; "
        + "nor do similar samples have the same label (\(percent(nearest)))")
  }

  // MARK: What is left

  private mutating func rest() throws {
    let warning = baseline.warnings.first
    let found = try attempt(candidates.other(), comparesAccuracy: true)
    add(
      .notLearning,
      warning?.observation
        ?? "\(baseline.outcome.steps) steps neither lower the loss nor predict better than chance",
      found)
  }
}

extension BatchTotals {
  /// What an evaluation counted, as far as warnings ask for it.
  fileprivate init(_ evaluation: Evaluation, plan: NetworkPlan) {
    self.init(stages: plan.stages.count)
    samples = evaluation.samples
    correct = Int((evaluation.accuracy * Double(samples)).rounded())
    loss = evaluation.loss * Double(samples)
    spikes = zip(plan.stages, evaluation.firingRates).map { stage, rate in
      Int((rate.rate * Double(stage.activeNeuronCount * plan.timeSteps * samples)).rounded())
    }
  }
}
