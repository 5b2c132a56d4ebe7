internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// What several runs have in common and what not.
struct ComparisonSection {
  let reports: [RunReport]

  private var runs: [RunSummary] { reports.map(\.summary) }
  private var comparison: RunComparison { RunComparison(runs) }

  /// A letter and the folder's name, so that equal names are told apart.
  static func name(_ index: Int, _ run: RunSummary) -> String {
    let letter = index < 26 ? String(UnicodeScalar(UInt8(65 + index))) : "\(index + 1)"
    return "\(letter) \(run.name.onOneLine.shortened(to: 40))"
  }

  private var names: [String] { runs.enumerated().map { Self.name($0, $1) } }

  var html: String {
    """
    <h2>Comparison</h2>
    \(overview.html)
    <div class="row">
    \(chart("loss", "mean loss of training", \.lossPoints))
    \(measures.map(judged).joined(separator: "\n"))
    </div>
    \(limit)
    <h3>Means over seeds</h3>
    <p>Of runs whose recipes differ in nothing but the seed; ± is the standard deviation (n − 1).</p>
    \(groups.html)
    <h3>Differences of the recipes</h3>
    \(differences)
    """
  }

  private var limit: String {
    runs.count > CurveChart.limit
      ? "<p>The curves are those of the first \(CurveChart.limit) runs.</p>" : ""
  }

  private var overview: PageTable {
    PageTable(
      title: "runs",
      columns: [
        "run", "state", "epochs", result, "chosen by", "test \(result)",
        "additions a sample",
      ],
      rows: zip(names, reports).map { name, report in
        let (run, result) = (report.summary, report.summary.result())
        return (
          name: name,
          cells: [
            PageTable.Cell(run.state.rawValue, value: nil),
            PageTable.Cell("\(run.completedEpochs)", value: Double(run.completedEpochs)),
            Self.cell(result?.value, run.measure),
            PageTable.Cell(result?.choice.rawValue ?? "–", value: nil),
            Self.cell(
              report.findings.map { $0.evaluation.rmse ?? $0.evaluation.accuracy }, run.measure),
            PageTable.Cell(report.findings?.operations.additions, \.whole),
          ]
        )
      })
  }

  private static func cell(_ value: Double?, _ measure: RunMeasure) -> PageTable.Cell {
    PageTable.Cell(value) { measure.text($0) }
  }

  /// What the runs are judged by.
  private var measures: [RunMeasure] {
    [.accuracy, .rmse].filter { measure in runs.contains { $0.measure == measure } }
  }

  /// The head of a column of results.
  private var result: String { measures.map(\.rawValue).joined(separator: " or ") }

  private func judged(_ measure: RunMeasure) -> String {
    let curves = zip(names, reports).map { (name: $0, metrics: MetricCurves($1)) }
      .filter { $0.metrics.measure == measure }
    return CurveChart(
      title: measure.rawValue, across: "epoch", up: curves.first?.metrics.unit ?? "",
      curves: curves.map { CurveChart.Curve($0.name, $0.metrics.judged) }
    ).svg
  }

  private func chart(
    _ title: String, _ up: String, _ points: (MetricCurves) -> [(x: Double, y: Double)]
  ) -> String {
    CurveChart(
      title: title, across: "epoch", up: up,
      curves: zip(names, reports).map { CurveChart.Curve($0, points(MetricCurves($1))) }
    ).svg
  }

  private var groups: PageTable {
    PageTable(
      title: "\(result) by recipe", columns: ["runs", result],
      rows: comparison.groups().map { group in
        let members = zip(names, runs).filter { pair in
          group.runs.contains { $0.path == pair.1.path }
        }
        return (
          name: members.map { $0.0 }.joined(separator: ", "),
          cells: [PageTable.Cell(group.result.text(group.measure), value: group.result.mean)]
        )
      })
  }

  private var differences: String {
    let differences = comparison.differences
    guard !differences.isEmpty else { return "<p>The recipes are the same.</p>" }
    return PageTable(
      title: "settings that differ", columns: ["setting"] + names,
      rows: differences.map { key, values in
        (
          name: key,
          cells: values.map {
            PageTable.Cell(
              ($0 ?? "–").onOneLine.shortened(to: 60), value: $0.flatMap { Double($0) })
          }
        )
      }
    ).html
  }
}

extension MetricCurves {
  fileprivate var lossPoints: [(x: Double, y: Double)] { points("loss") }
}
