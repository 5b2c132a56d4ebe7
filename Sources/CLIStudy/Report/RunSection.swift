internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// All about one run.
struct RunSection {
  let report: RunReport
  /// Unique on the page.
  let id: String

  private var summary: RunSummary { report.summary }

  /// The most wrong samples that are listed.
  static let listed = 200

  var html: String {
    let problems = report.problems.map { "<p class=\"problem\">\($0.escaped)</p>" }
    return """
      <p class="verdict">\(verdict.escaped)</p>
      \(problems.joined(separator: "\n"))
      \(facts)
      <h3>Curves</h3>
      \(curves)
      \(report.findings.map(test) ?? "")
      \(recipe)
      """
  }

  /// What one wants to know first.
  var verdict: String {
    let epochs = summary.recipe.map {
      "\(summary.completedEpochs) of \($0.training.epochs.counted("epoch"))"
    }
    var text = "The run is \(summary.state.rawValue)\(epochs.map { ", after \($0)" } ?? "")."
    if let findings = report.findings, let rmse = findings.evaluation.rmse {
      text +=
        " The root mean squared error on \(findings.evaluation.samples.counted("test sample")) is "
        + "\(rmse.fixed(4))."
    } else if let findings = report.findings {
      text +=
        " The network predicts \(findings.evaluation.accuracy.percent) of "
        + "\(findings.evaluation.samples.counted("test sample")) right"
      if let first = findings.confusions.first {
        let names = findings.classNames
        text += "; most often it takes \(names[first.label]) for \(names[first.prediction])"
      }
      text += "."
    } else if let result = summary.result() {
      text +=
        " \(result.measure == .rmse ? result.text : "Accuracy \(result.text)") at epoch "
        + "\(result.epoch), by the run's own metrics."
    }
    return text
  }

  private var facts: String {
    var facts = [("folder", summary.path)]
    if let checkpoint = report.checkpoint {
      facts.append(("checkpoint", "\(checkpoint.path), after epoch \(checkpoint.epochs)"))
    }
    if let recipe = summary.recipe {
      facts += [
        ("recipe", "\(recipe.name), rule \(recipe.gradient.rule.rawValue), seed \(recipe.seed)"),
        ("data", recipe.data.set),
        (
          "network",
          "\(summary.network ?? ""), \(recipe.network.timeSteps.counted("time step"))"
            + (report.findings.map { ", \($0.plan.weightCount.counted("weight"))" } ?? "")
        ),
      ]
    }
    if let speed = summary.epochs.last?["samplesPerSecond"]?.doubleValue {
      facts.append(("training", "\(speed.whole) samples a second in the last epoch"))
    }
    facts += report.machines.enumerated().map { ($0 == 0 ? "trained on" : "then on", $1) }
    facts += (report.findings?.remarks ?? []).map { ("remark", $0) }
    return Self.list(facts)
  }

  /// Names and what they stand for.
  static func list(_ facts: [(String, String)]) -> String {
    let items = facts.map { "<dt>\($0.0.escaped)</dt><dd>\($0.1.escaped)</dd>" }
    return "<dl>\(items.joined(separator: "\n"))</dl>"
  }

  // MARK: Curves

  private var curves: String {
    guard !summary.epochs.isEmpty else {
      return "<p>No epoch is over yet, or the metrics cannot be read.</p>"
    }
    let metrics = MetricCurves(report)
    let rates = metrics.rates
    let portions = stride(from: 0, to: rates.count, by: 6).map {
      CurveChart(
        title: "firing rates", across: "epoch", up: "spikes a neuron and step",
        curves: Array(rates[$0..<min($0 + 6, rates.count)]), shown: [0])
    }
    let charts =
      [
        CurveChart(
          title: "loss", across: "epoch", up: "mean loss a sample", curves: metrics.losses),
        CurveChart(
          title: metrics.measure.rawValue, across: "epoch", up: metrics.unit,
          curves: metrics.qualities),
      ] + portions
      + [
        CurveChart(
          title: "learning rate", across: "epoch", up: "learning rate",
          curves: [CurveChart.Curve("rate", metrics.points("learningRate"))], shown: [0]),
        CurveChart(
          title: "throughput", across: "epoch", up: "samples a second",
          curves: [CurveChart.Curve("samples", metrics.points("samplesPerSecond"))], shown: [0]),
      ]
    return "<div class=\"row\">\(charts.map(\.svg).joined(separator: "\n"))</div>"
  }

  // MARK: The network on test samples

  private func test(_ findings: NetworkFindings) -> String {
    """
    <h3>Test samples</h3>
    \(findings.evaluation.rmse == nil
      ? confusion(findings) + wrong(findings) : ErrorSection(findings: findings).html)
    \(examples(findings))
    \(LayerSection(findings: findings).html)
    \(OperationsSection(operations: findings.operations).html)
    <h3>Network</h3>
    <div class="row">\(NetworkChart(plan: findings.plan).svg())</div>
    """
  }

  private func confusion(_ findings: NetworkFindings) -> String {
    let names = findings.classNames
    let scores = PageTable(
      title: "classes", columns: ["class", "samples", "recall", "precision", "F1"],
      rows: zip(names, zip(findings.evaluation.confusion, findings.evaluation.classScores)).map {
        name, pair in
        let samples = pair.0.reduce(0, +)
        return (
          name: name,
          cells: [
            PageTable.Cell(samples.grouped, value: Double(samples)),
            PageTable.Cell(pair.1.recall, \.percent), PageTable.Cell(pair.1.precision, \.percent),
            PageTable.Cell(pair.1.f1, \.short),
          ]
        )
      })
    let pairs = findings.confusions.map { pair in
      let (label, prediction) = (names[pair.label], names[pair.prediction])
      let pictures = pair.pictures.map {
        $0.picture.element("sample \($0.index), \(label) predicted as \(prediction)", side: 64)
      }
      return """
        <figure><div class="pictures">\(pictures.joined(separator: "\n"))</div>
        <figcaption>\("\(label) predicted as \(prediction): \(pair.count.grouped)".escaped)\
        </figcaption></figure>
        """
    }
    return """
      <div class="beside"><div>
      \(ConfusionChart(confusion: findings.evaluation.confusion, classNames: names).svg)
      </div><div>
      <h4>Worst confusions</h4>
      <div class="pictures">
      \(pairs.isEmpty ? "<p>All samples are predicted right.</p>" : pairs.joined(separator: "\n"))
      </div></div></div>
      \(scores.html)
      """
  }

  private func wrong(_ findings: NetworkFindings) -> String {
    guard !findings.wrong.isEmpty else { return "" }
    let shown = findings.wrong.prefix(Self.listed)
    let table = PageTable(
      title: "wrong samples, the surest mistakes first",
      columns: ["sample", "class", "prediction", "lead of the score"]
        + (findings.names == nil ? [] : ["file"]),
      rows: shown.map { sample in
        (
          name: "\(sample.index)",
          cells: [
            PageTable.Cell(findings.classNames[sample.label], value: Double(sample.label)),
            PageTable.Cell(
              findings.classNames[sample.prediction], value: Double(sample.prediction)),
            PageTable.Cell(Double(sample.lead), \.significant),
          ] + (findings.names.map { [PageTable.Cell($0[sample.index], value: nil)] } ?? [])
        )
      })
    let count = findings.wrong.count
    let some = shown.count < count ? ", of which \(shown.count) are listed" : ""
    return """
      <details><summary>\(count.counted("sample")) wrong\(some)</summary>
      \(table.html)
      </details>
      """
  }

  private func examples(_ findings: NetworkFindings) -> String {
    guard !findings.examples.isEmpty else { return "" }
    let sections = findings.examples.enumerated().map { index, sample in
      SampleSection(sample: sample, classNames: findings.classNames, id: "\(id)-step-\(index)").html
    }
    let chosen =
      findings.evaluation.rmse == nil
      ? "Wrong samples of different confusions and a right one."
      : "The samples of the largest errors and that of the smallest one."
    return """
      <h3>What the network did</h3>
      <p>\(chosen) The slider points at a time step in all pictures. A raster shows the neurons of a \
      layer that fire most, up to 64; membrane potentials are those of three of them.</p>
      \(sections.joined(separator: "\n"))
      """
  }

  private var recipe: String {
    guard let recipe = summary.recipe else { return "" }
    return """
      <details><summary>The whole recipe</summary><pre>\(recipe.yaml.escaped)</pre></details>
      """
  }
}
