package import Counterspike

extension RunList {
  /// One JSON object with a list of all runs; what a run does not have is `null`.
  package var json: String {
    let line: JSONLine = ["runs": .array(runs.map { .object($0.json) })]
    return line.description
  }

  /// The metrics of all runs in CSV after RFC 4180: a line for each run and epoch, a column for each
  /// number that any of them has.
  ///
  /// A text that a spreadsheet would take for a formula begins with an apostrophe, and control characters
  /// are escaped.
  package var csv: String {
    let lines = runs.flatMap { run in run.epochs.map { (run, Self.flat($0)) } }
    var columns: [String] = []
    for (_, values) in lines {
      for value in values where !columns.contains(value.key) { columns.append(value.key) }
    }
    var rows = [["run"] + columns.map(\.csvField)]
    for (run, values) in lines {
      let found = Dictionary(values.map { ($0.key, $0.text) }, uniquingKeysWith: { $1 })
      rows.append([run.name.csvField] + columns.map { found[$0] ?? "" })
    }
    return rows.map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  /// The numbers of a line, those in objects under `object.key`.
  private static func flat(_ line: JSONLine) -> [(key: String, text: String)] {
    line.members.flatMap { member -> [(key: String, text: String)] in
      switch member.value {
      case .object(let inner): flat(inner).map { ("\(member.key).\($0.key)", $0.text) }
      case .integer(let value): [(member.key, "\(value)")]
      case .unsigned(let value): [(member.key, "\(value)")]
      case .number(let value): [(member.key, "\(value)")]
      case .string(let text): [(member.key, text.csvField)]
      case .boolean(let value): [(member.key, "\(value)")]
      case .null, .array: [(member.key, "")]
      }
    }
  }
}

extension RunSummary {
  package var json: JSONLine {
    let result = result()
    return [
      "name": .string(name), "path": .string(path), "state": .string(state.rawValue),
      "problem": problem.map { .string($0) } ?? .null,
      "network": network.map { .string($0) } ?? .null,
      "rule": recipe.map { .string($0.gradient.rule.rawValue) } ?? .null,
      "seed": recipe.map { .unsigned($0.seed) } ?? .null,
      "accuracy": result?.accuracy.map { .number($0) } ?? .null,
      "rmse": result?.rmse.map { .number($0) } ?? .null,
      "choice": result.map { .string($0.choice.rawValue) } ?? .null,
      "chosenEpoch": result.map { .integer($0.epoch) } ?? .null,
      "epochs": .integer(completedEpochs),
      "plannedEpochs": recipe.map { .integer($0.training.epochs) } ?? .null,
      "lostLines": .integer(lostLines),
    ]
  }
}

extension String {
  /// The text as a field of CSV.
  fileprivate var csvField: String {
    let line = unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : "\(scalar)"
    }.joined()
    let isFormula = line.first.map { "=+-@".contains($0) } ?? false
    let text = (isFormula ? "'" : "") + line
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}

extension SampleStatistics {
  /// `meanAccuracy` or `meanRMSE`, the other `null`, and `standardDeviation`.
  func json(_ measure: RunMeasure) -> [JSONLine.Member] {
    let value: JSONLine.Value = mean.map { .number($0) } ?? .null
    return [
      JSONLine.Member(RunMeasure.accuracy.key("mean"), measure == .accuracy ? value : .null),
      JSONLine.Member(RunMeasure.rmse.key("mean"), measure == .rmse ? value : .null),
      JSONLine.Member("standardDeviation", standardDeviation.map { .number($0) } ?? .null),
    ]
  }
}

extension RunComparison {
  /// One JSON object: `runs` as in a list of runs, `differences` and `results` with a value a run, and
  /// `groups` of runs that differ in nothing but their seed.
  package var json: String {
    let line: JSONLine = [
      "runs": .array(runs.map { .object($0.json) }),
      "differences": .object(
        JSONLine(
          differences.map { key, values in
            JSONLine.Member(key, .array(values.map { $0.map { .string($0) } ?? .null }))
          })),
      "results": .object(
        JSONLine(
          results.map { key, values in
            JSONLine.Member(key, .array(values.map { $0.map { .number($0) } ?? .null }))
          })),
      "groups": .array(
        groups().map { group in
          let members: JSONLine = ["runs": .array(group.runs.map { .string($0.path) })]
          return .object(JSONLine(members.members + group.result.json(group.measure)))
        }),
    ]
    return line.description
  }
}
