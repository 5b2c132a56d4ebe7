internal import Counterspike

extension DiagnosisReport {
  /// The report as one object.
  package var json: String {
    let object: JSONLine = [
      "name": .string(name), "network": .string(network),
      "epochs": epochs.map { .integer($0) } ?? .null, "healthy": .boolean(isHealthy),
      "chance": baseline.isRegression ? .null : .number(chance),
      "layers": .array(layers.map { .object($0.json) }),
      "baseline": .object(baseline.json),
      "findings": .array(findings.map { .object($0.json) }),
    ]
    return object.description
  }
}

extension DiagnosisReport.Layer {
  fileprivate var json: JSONLine {
    [
      "layer": .string(name), "firingRate": .number(firingRate), "current": .number(current),
      "error": .number(error), "gradient": .number(gradient),
      "zeroWeight": zeroWeight.map { .number($0) } ?? .null,
    ]
  }
}

extension DiagnosisReport.Outcome {
  fileprivate var json: JSONLine {
    [
      "steps": .integer(steps), "samples": .integer(samples), "lossBefore": .number(lossBefore),
      "lossAfter": hasDiverged ? .null : .number(lossAfter),
      "accuracyBefore": isRegression ? .null : .number(accuracyBefore),
      "accuracyAfter": isRegression ? .null : .number(accuracyAfter),
      "diverged": .boolean(hasDiverged),
    ]
  }
}

extension DiagnosisReport.Attempt {
  fileprivate var json: JSONLine {
    [
      "settings": .object(JSONLine(settings.map { JSONLine.Member($0.key, .string($0.value)) })),
      "outcome": .object(outcome.json),
    ]
  }
}

extension DiagnosisReport.Finding {
  fileprivate var json: JSONLine {
    [
      "cause": .string(cause.rawValue), "layer": layer.map { .string($0) } ?? .null,
      "observation": .string(observation), "remedy": remedy.map { .object($0.json) } ?? .null,
      "tried": .array(tried.map { .object($0.json) }),
    ]
  }
}
