internal import Counterspike
internal import CounterspikeTraining

/// What is wrong with the samples and their labels.
extension DiagnosisSearch {
  mutating func missingClasses() throws {
    guard !recipe.loss.isRegression else { return }
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

  mutating func inputs() throws {
    let inputs = DiagnosisInputs(trial.training)
    guard inputs.isFarFromNormal else { return }
    let observation =
      "the samples' values are not normalized: their root mean square is "
      + "\(inputs.size.text(digits: 3)), and about 1 is usual"
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

  /// Samples that a network is to learn by heart.
  private static let memorized = 32

  mutating func labels() throws {
    guard !recipe.loss.isRegression, findings.isEmpty, trial.isHeldOut,
      !trial.beatsChance(baseline.outcome),
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
    func percent(_ share: Double) -> String { "\((100 * share).text(digits: 3)) %" }
    add(
      .labels,
      "the labels do not fit the samples: \(few.count) samples are learnt by heart ("
        + "\(percent(learnt.accuracyAfter)) right), and of others only "
        + "\(percent(baseline.outcome.accuracyAfter)) are right, as by chance; "
        + "nor do similar samples have the same label (\(percent(nearest)))")
  }
}
