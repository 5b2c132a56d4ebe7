internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// The metrics of a run as curves over its epochs.
struct MetricCurves {
  let epochs: [JSONLine]

  /// What the checkpoint does on test samples, in the epoch that it is of, where the metrics say nothing
  /// of them.
  private let test: (epoch: Double, loss: Double, accuracy: Double)?

  init(_ report: RunReport) {
    epochs = report.summary.epochs
    test =
      if let findings = report.findings, let checkpoint = report.checkpoint,
        !epochs.contains(where: { $0["testLoss"] != nil })
      {
        (Double(checkpoint.epochs), findings.evaluation.loss, findings.evaluation.accuracy)
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

  /// In percent.
  var accuracies: [CurveChart.Curve] {
    curves([("training", "trainAccuracy")] + Self.splits.map { ($0, "\($0)Accuracy") }, times: 100)
      + (test.map { [CurveChart.Curve("test", [($0.epoch, 100 * $0.accuracy)])] } ?? [])
  }

  /// In percent, of the samples that judge the run.
  var judged: [(x: Double, y: Double)] {
    let keys = ["testAccuracy", "validationAccuracy"]
    let key = keys.first { key in epochs.contains { $0[key] != nil } }
    return points(key ?? "trainAccuracy", times: 100)
  }

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
