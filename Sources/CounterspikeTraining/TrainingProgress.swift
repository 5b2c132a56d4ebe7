package import Counterspike

extension BatchTotals {
  package var meanLoss: Double { loss / Double(max(samples, 1)) }
  package var accuracy: Double { Double(correct) / Double(max(samples, 1)) }
  /// The root of the samples' mean squared error, in regression.
  var rmse: Double { (squaredError / Double(max(samples, 1))).squareRoot() }
  /// What epochs are ranked by, the higher the better: the accuracy, or the negative RMSE.
  func score(isRegression: Bool) -> Double { isRegression ? -rmse : accuracy }

  /// Of the layers whose neurons can fire.
  package func firingRates(_ plan: NetworkPlan) -> [FiringRate] {
    zip(plan.stages, spikes).filter { $0.0.fires }.map { stage, spikes in
      let chances = stage.activeNeuronCount * plan.timeSteps * max(samples, 1)
      return FiringRate(layer: stage.name, rate: Double(spikes) / Double(chances))
    }
  }
}

/// Where a run stands, between two steps.
struct TrainingProgress: Sendable, Equatable {
  struct Best: Sendable, Equatable {
    var epoch: Int
    /// In regression the negative RMSE.
    var accuracy: Double
  }

  /// Epochs that are over.
  var epoch = 0
  /// Steps made in the current epoch.
  var stepInEpoch = 0
  /// Steps made in the whole run.
  var step = 0
  /// Sums over the current epoch.
  var totals: BatchTotals
  /// The first epoch of the highest accuracy.
  var best: Best?
  /// The epochs whose checkpoints are kept, the best first; of equals the earlier first.
  var kept: [Best] = []

  init(stages: Int) { totals = BatchTotals(stages: stages) }

  /// Whether all epochs are over, or `patience` of them have gone by without a higher accuracy.
  func isFinished(_ settings: TrainingSettings) -> Bool {
    if epoch >= settings.epochs { return true }
    guard let patience = settings.patience, stepInEpoch == 0 else { return false }
    return epoch - (best?.epoch ?? 0) >= patience
  }

  /// Takes over an epoch's accuracy, keeping at most `limit` epochs.
  ///
  /// - Returns: whether it is the highest so far.
  mutating func rank(_ result: Best, keeping limit: Int) -> Bool {
    kept.append(result)
    kept.sort { $0.accuracy == $1.accuracy ? $0.epoch < $1.epoch : $0.accuracy > $1.accuracy }
    kept = Array(kept.prefix(limit))
    guard result.accuracy > (best?.accuracy ?? -.infinity) else { return false }
    best = result
    return true
  }
}

/// The time that this process spent; no part of any result.
struct TrainingClock: ~Copyable {
  private let clock = ContinuousClock()
  private var epochStart = ContinuousClock().now
  private var epochTraining = 0.0
  private var epochSamples = 0
  private(set) var training = 0.0
  private(set) var samples = 0

  mutating func startEpoch() {
    epochStart = clock.now
    epochTraining = 0
    epochSamples = 0
  }

  mutating func measure(_ step: () throws -> Int) rethrows -> Int {
    let start = clock.now
    let count = try step()
    let seconds = Self.seconds(clock.now - start)
    training += seconds
    epochTraining += seconds
    samples += count
    epochSamples += count
    return count
  }

  var samplesPerSecondOfEpoch: Double {
    epochTraining > 0 ? Double(epochSamples) / epochTraining : 0
  }

  var secondsOfEpoch: Double { Self.seconds(clock.now - epochStart) }

  private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
