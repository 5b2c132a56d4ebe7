internal import CLIDrawing
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// The errors of samples whose targets are numbers.
struct ErrorSection {
  let findings: NetworkFindings

  /// The most output neurons that have columns.
  private static let shownOutputs = 4

  var html: String {
    let all = findings.errors
    guard let first = all.first else {
      return "<p>The targets are series; errors of single samples are not listed.</p>"
    }
    let shown = all.prefix(RunSection.listed)
    let outputs = first.targets.indices.prefix(Self.shownOutputs)
    let table = PageTable(
      title: "samples, the largest errors first",
      columns: ["sample", "RMSE"] + outputs.flatMap { ["output \($0)", "target \($0)"] },
      rows: shown.map { sample in
        (
          name: "\(sample.prediction.index)",
          cells: [PageTable.Cell(sample.rmse, \.significant)]
            + outputs.flatMap { place in
              [sample.prediction.scores[place], sample.targets[place]].map {
                PageTable.Cell(Double($0), \.significant)
              }
            }
        )
      })
    let some = shown.count < all.count ? " of \(all.count.grouped)" : ""
    let columns =
      outputs.count < first.targets.count
      ? " of the first \(outputs.count) of \(first.targets.count.grouped) outputs" : ""
    return """
      <details><summary>Errors\(columns), \(shown.count.counted("sample"))\(some)</summary>
      \(table.html)
      </details>
      """
  }
}
