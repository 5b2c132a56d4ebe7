internal import Counterspike

/// The number that a run is judged by.
package enum RunMeasure: String, Sendable {
  /// The share of samples that are predicted right; the higher the better.
  case accuracy
  /// The root mean squared error of targets that are numbers; the lower the better.
  case rmse = "RMSE"

  init(isRegression: Bool) { self = isRegression ? .rmse : .accuracy }

  /// The key of a line of metrics.
  ///
  /// - Parameter split: `validation`, `test` or `train`.
  package func key(_ split: String) -> String {
    switch self {
    case .accuracy: "\(split)Accuracy"
    case .rmse: "\(split)RMSE"
    }
  }

  /// Whether a value is better than another; one that is no number is never better.
  package func isBetter(_ value: Double, than other: Double) -> Bool {
    switch self {
    case .accuracy: value > other
    case .rmse: value < other
    }
  }
}

extension RunSummary {
  /// Which samples chose the run's result.
  package enum Choice: String, Sendable {
    /// The best epoch on validation samples.
    case validation
    /// The best epoch on test samples, which is somewhat too good.
    case test
    /// The last epoch, as no samples choose one.
    case last
  }

  /// The run's result by its own rule of choice.
  package struct Result: Sendable, Equatable {
    package var choice: Choice
    package var epoch: Int
    package var measure: RunMeasure
    /// On the samples that chose; of the last epoch on the test samples, or else on the training samples.
    package var value: Double

    package var accuracy: Double? { measure == .accuracy ? value : nil }
    package var rmse: Double? { measure == .rmse ? value : nil }
  }

  /// What the run is judged by. Of a run whose recipe cannot be read, its metrics say it.
  package var measure: RunMeasure {
    guard let recipe else {
      return RunMeasure(isRegression: epochs.contains { $0[RunMeasure.rmse.key("train")] != nil })
    }
    return RunMeasure(isRegression: recipe.loss.isRegression)
  }

  /// The key of the metrics that holds the measure of the samples that judge the run: of test or validation
  /// samples, where there are none of training samples.
  package var judgedKey: String {
    ["test", "validation"].map(measure.key).first { key in epochs.contains { $0[key] != nil } }
      ?? measure.key("train")
  }

  /// The result until epoch `limit`; `nil`: no epoch is over.
  package func result(until limit: Int = .max) -> Result? {
    let epochs = epochs.filter { ($0["epoch"]?.integerValue ?? .max) <= limit }
    let measure = measure
    func has(_ split: Choice) -> Bool {
      epochs.contains { $0[measure.key(split.rawValue)] != nil }
    }
    // Of a run whose recipe cannot be read, the default counts.
    let selection = recipe?.training.modelSelection ?? .validation
    let choice: Choice =
      if selection == .test, has(.test) {
        .test
      } else if selection == .validation, has(.validation) {
        .validation
      } else {
        .last
      }
    let key = choice == .last ? judgedKey : measure.key(choice.rawValue)
    var best: Result?
    for line in epochs {
      guard let epoch = line["epoch"]?.integerValue, let value = line[key]?.doubleValue
      else { continue }
      if choice == .last || best.map({ measure.isBetter(value, than: $0.value) }) ?? true {
        best = Result(choice: choice, epoch: epoch, measure: measure, value: value)
      }
    }
    return best
  }
}
