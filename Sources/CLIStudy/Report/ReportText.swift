internal import CLIDrawing
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// A report in a few lines for the terminal.
struct ReportText {
  let report: RunReport

  var lines: [String] {
    let summary = report.summary
    var lines = ["\(summary.path.excerpt)  \(summary.network?.excerpt ?? "")".trimmed]
    lines.append("  \(RunSection(report: report, id: "").verdict)")
    guard let findings = report.findings else { return lines }
    for pair in findings.confusions.prefix(3) {
      lines.append(
        "  \(findings.classNames[pair.label].excerpt) predicted as "
          + "\(findings.classNames[pair.prediction].excerpt): \(pair.count.grouped)")
    }
    for layer in findings.layers where layer.silentCount > 0 || layer.saturatedCount > 0 {
      lines.append(
        "  \(layer.name): \(layer.silentCount.grouped) of \(layer.neuronCount.grouped) neurons "
          + "silent, \(layer.saturatedCount.grouped) saturated")
    }
    lines.append("  \(OperationsSection(operations: findings.operations).summary)")
    return lines
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
