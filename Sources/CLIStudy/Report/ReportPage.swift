internal import CLIDrawing
internal import Counterspike
internal import CounterspikeReport

/// A report on runs as one page that needs nothing beside itself.
///
/// It has no date, so that the same runs make the same page; it is well-formed XML.
struct ReportPage {
  let reports: [RunReport]
  /// The command line that the page comes from.
  let command: String
  /// Of the program.
  let version: String
  /// That the page was made on.
  let machine: String

  var html: String {
    let names = reports.map { $0.summary.name.onOneLine.shortened(to: 60) }
    let title = reports.count == 1 ? "Report on \(names[0])" : "Report on \(reports.count) runs"
    return Page(
      title: title, styles: ReportPageStyle.styles,
      body: """
        <header>
        <h1>\(title.escaped)</h1>
        \(RunSection.list(facts))
        \(contents)
        </header>
        <main>
        \(reports.count == 1 ? "" : ComparisonSection(reports: reports).html)
        \(sections)
        </main>
        """, script: ReportPageStyle.script
    ).html
  }

  private var facts: [(String, String)] {
    [
      ("command", command), ("version", "counterspike \(version)"),
      ("page made on", machine),
    ]
  }

  private func name(_ index: Int) -> String {
    ComparisonSection.name(index, reports[index].summary)
  }

  private var contents: String {
    guard reports.count > 1 else { return "" }
    let links = reports.indices.map { "<li><a href=\"#run-\($0)\">\(name($0).escaped)</a></li>" }
    return "<nav aria-label=\"runs\"><ul>\(links.joined(separator: "\n"))</ul></nav>"
  }

  private var sections: String {
    reports.enumerated().map { index, report in
      let heading =
        reports.count == 1 ? "" : "<h2 id=\"run-\(index)\">\(name(index).escaped)</h2>"
      return heading + RunSection(report: report, id: "run-\(index)").html
    }.joined(separator: "\n")
  }
}
