internal import Counterspike

/// Whether another learning rate does better.
extension DiagnosisSearch {
  var lowerRates: [DiagnosisCandidates.Candidate] {
    [0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6].compactMap { candidates.learningRate(times: $0) }
  }

  mutating func learningRate() throws {
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
}
