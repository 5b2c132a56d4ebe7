internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// The metrics of a run as curves over its epochs.
struct MetricCurves {
  let epochs: [JSONLine]

  /// What the checkpoint does on test samples, in the epoch that it is of, where the metrics say nothing
  /// of them.
  private let test: (epoch: Double, loss: Double, quality: Double)?
  let measure: RunMeasure
  private let judgedKey: String

  init(_ report: RunReport) {
    epochs = report.summary.epochs
    measure = report.summary.measure
    judgedKey = report.summary.judgedKey
    test =
      if let findings = report.findings, let checkpoint = report.checkpoint,
        !epochs.contains(where: { $0["testLoss"] != nil })
      {
        (
          Double(checkpoint.epochs), findings.evaluation.loss,
          findings.evaluation.rmse ?? findings.evaluation.accuracy
        )
      } else {
        nil
      }
  }

  /// The numbers of a key.
  func points(_ key: String, times factor: Double = 1) -> [(x: Double, y: Double)] {
    points(times: factor) { $0[key] }
  }

  private func points(
    times factor: Double = 1, _ value: (JSONLine) -> JSONLine.Value?
  ) -> [(x: Double, y: Double)] {
    epochs.compactMap { line in
      guard let epoch = line["epoch"]?.doubleValue, let number = value(line)?.doubleValue
      else { return nil }
      return (epoch, factor * number)
    }
  }

  private static let splits = ["validation", "test"]

  var losses: [CurveChart.Curve] {
    curves([("training", "loss")] + Self.splits.map { ($0, "\($0)Loss") })
      + (test.map { [CurveChart.Curve("test", [($0.epoch, $0.loss)])] } ?? [])
  }

  /// Accuracies are drawn in percent.
  private var factor: Double { measure == .accuracy ? 100 : 1 }

  /// The axis of what the run is judged by.
  var unit: String { measure == .accuracy ? "right samples (%)" : "root mean squared error" }

  /// Accuracies in percent, or root mean squared errors.
  var qualities: [CurveChart.Curve] {
    curves(
      [("training", measure.key("train"))] + Self.splits.map { ($0, measure.key($0)) },
      times: factor)
      + (test.map { [CurveChart.Curve("test", [($0.epoch, factor * $0.quality)])] } ?? [])
  }

  /// The same of the samples that judge the run.
  var judged: [(x: Double, y: Double)] { points(judgedKey, times: factor) }

  private func curves(_ keys: [(name: String, key: String)], times factor: Double = 1)
    -> [CurveChart.Curve]
  {
    keys.map { CurveChart.Curve($0.name, points($0.key, times: factor)) }
      .filter { !$0.points.isEmpty }
  }

  /// A curve a layer, in the layers' order.
  var rates: [CurveChart.Curve] {
    var layers: [String] = []
    for line in epochs {
      guard case .object(let rates) = line["firingRates"] else { continue }
      for member in rates.members where !layers.contains(member.key) { layers.append(member.key) }
    }
    return layers.map { layer in
      CurveChart.Curve(
        layer,
        points { line in
          if case .object(let rates) = line["firingRates"] { rates[layer] } else { nil }
        })
    }
  }
}
