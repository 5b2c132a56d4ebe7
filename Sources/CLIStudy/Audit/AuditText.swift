internal import CLIDrawing
internal import CounterspikeStudy
internal import CounterspikeTraining

/// An audit's report as a terminal shows it.
struct AuditText {
  let report: AuditReport
  /// The most characters of a line of a table.
  var width = Console.width

  private var tables: AuditTables { AuditTables(report: report) }

  /// What one wants to know first: a table of all rules, and the silent neurons.
  var summary: [String] {
    heading + [""] + tables.summary.lines(width: width) + silences + [
      "",
      "r: correlation of predicted and true change; sign: share of right signs;",
      "cos: cosine to the gradient of the smoothed loss, where an unrelated direction",
      "has 0 ± \(report.noiseFloor.short); lowest loss: after a step against the gradient, from "
        + "\(report.loss.fixed(4));",
      "*: the recipe's rule. All tables and intervals: --all, or --html with plots.",
    ]
  }

  /// Every table.
  var lines: [String] {
    heading + tables.byRule.flatMap { ["", $0.title] + $0.lines(width: width) } + silences
  }

  private var heading: [String] {
    let settings = report.settings
    return [
      "\(report.name): \(report.network), \(report.timeSteps.counted("time step")), "
        + "\(report.weights), rule \(report.rules[report.recipeRule].name)",
      "\(report.samples.counted("sample")), mean loss \(report.loss.fixed(4))"
        + (report.accuracy.map { ", accuracy \($0.percent); " } ?? "; ")
        + (settings.isExhaustive ? "all spike trains of some neurons" : "single spikes flipped")
        + ", seed \(settings.seed)",
      "",
    ] + tables.changes.lines(width: width)
  }

  private var silences: [String] {
    [""] + tables.silences.lines(width: width) + tables.suggestions
  }
}
