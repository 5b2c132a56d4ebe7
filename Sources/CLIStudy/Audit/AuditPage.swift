internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeStudy
internal import CounterspikeTraining

/// An audit's report as one page that needs nothing beside itself.
///
/// It has no date, so that the same audit makes the same page; it is well-formed XML.
struct AuditPage {
  let report: AuditReport
  /// The command line that the page comes from.
  let command: String
  /// Of the program.
  let version: String

  private var charts: AuditCharts { AuditCharts(report: report) }
  private var tables: AuditTables { AuditTables(report: report) }

  var html: String { Page(title: "Audit of \(report.name)", body: body).html }

  private var body: String {
    """
    <header>
    <h1>\("Audit of \(report.name)".escaped)</h1>
    <p class="verdict">\(AuditVerdict(report: report).text.escaped)</p>
    \(facts)
    </header>
    <main>
    <p>\(introduction.escaped)</p>
    <p class="key"><span class="one">neighborhood aggregation</span> \
    <span class="two">surrogate gradients</span> <span class="three">others</span></p>
    <p>The recipe's own rule has a star. Whiskers are 95 % intervals by the bootstrap.</p>
    \(tables.summary.html)
    <h2>Correlation of predicted and true change of the loss</h2>
    \(row(report.layers.map { charts.bars($0, -1...1, from: 0, title: "correlation r", \.correlation) }))
    <h2>Sign agreement</h2>
    <p>Share of the changes with an effect whose sign is predicted right. Bars begin at 0.5, which \
    guessing gives.</p>
    \(row(report.layers.map { charts.bars($0, 0...1, from: 0.5, title: "share of right signs", \.signAgreement) }))
    <h2>Scale</h2>
    <p>Slope of the predicted over the true change on a logarithmic axis. The right slope is 1. \
    Slopes of 0 and below stand apart at the left.</p>
    \(row(report.layers.map(charts.slopes)))
    <h2>Predicted against true change</h2>
    <p>\(densityNote.escaped)</p>
    <p class="key">Changes in a cell: \(densityKey)</p>
    \(report.layers.map { AuditDensities(charts: charts, layer: $0).html }.joined(separator: "\n"))
    <h2>Descent</h2>
    <p>\(descentNote.escaped)</p>
    \(row(report.descents.map(charts.descent)))
    <h2>All numbers</h2>
    <p>A heading sorts its table.</p>
    \(([tables.changes] + tables.byRule + [tables.silences]).map(\.html).joined(separator: "\n"))
    \(tables.suggestions.map { "<p>\($0.escaped)</p>" }.joined(separator: "\n"))
    </main>
    """
  }

  private func row(_ pictures: [String]) -> String {
    "<div class=\"row\">\(pictures.joined(separator: "\n"))</div>"
  }

  /// What the page comes from.
  private var facts: String {
    let settings = report.settings
    let rule = report.rules[report.recipeRule]
    let changes =
      settings.isExhaustive
      ? "all spike trains of some neurons" : "\(settings.flips.counted("flip")) a layer"
    let facts = [
      ("command", command), ("version", "counterspike \(version)"),
      ("recipe", "\(report.name), rule \(rule.name): \(rule.summary)"),
      ("network", "\(report.network), \(report.timeSteps.counted("time step"))"),
      ("weights", report.weights),
      (
        "measured",
        "\(report.samples.counted("sample")), \(changes), "
          + "\(settings.perturbations.counted("perturbation")) a layer"
      ),
      ("seed", "\(settings.seed)"),
    ]
    let items = facts.map { name, value in
      let text = name == "command" ? "<code>\(value.escaped)</code>" : value.escaped
      return "<dt>\(name)</dt><dd>\(text)</dd>"
    }
    return "<dl>\(items.joined(separator: "\n"))</dl>"
  }

  private var introduction: String {
    "On \(report.samples.counted("sample")) the network has a mean loss of \(report.loss.fixed(4))"
      + (report.accuracy.map { " and an accuracy of \($0.percent)" } ?? "")
      + ". Spike trains of single neurons were changed, the "
      + "whole rest of the network was run again, and the true change of the loss is compared with "
      + "what every rule predicts."
  }

  private var densityNote: String {
    "The colour of a cell tells how many changes have this true change of the loss (across) and this "
      + "predicted one (up). A rule is right on the dashed diagonal. Both axes end where 95 % of "
      + "the effects do; what lies beyond is in the cells at the edge."
  }

  private var densityKey: String {
    let levels = AuditDensities.levels
    return levels.indices.map { level in
      let next = level + 1 < levels.count ? levels[level + 1] - 1 : nil
      let text =
        next.map { $0 == levels[level] ? "\($0)" : "\(levels[level])–\($0)" }
        ?? "\(levels[level]) or more"
      return "<span class=\"d\(level + 1)\">\(text)</span>"
    }.joined(separator: " ")
  }

  private var descentNote: String {
    "A bar tells how far a step along the rule's negative gradient lowers the mean loss from "
      + "\(report.loss.fixed(4)), and the number beside it the lowest loss. Steps have lengths of "
      + report.settings.stepLengths.map { "\($0)" }.joined(separator: ", ")
      + " of the weights' norm; the best one counts."
  }
}
