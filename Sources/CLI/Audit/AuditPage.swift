internal import Counterspike
internal import CounterspikeTraining

/// An audit's report as one page that needs nothing beside itself.
struct AuditPage {
  let report: AuditReport

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\("Audit of \(report.name)".escaped)</title>
    <style>\(Drawing.styles)\(styles)</style></head><body>
    <h1>\("Audit of \(report.name)".escaped)</h1>
    <p>\(introduction.escaped)</p>
    <p class="key"><span class="one">neighborhood aggregation</span> \
    <span class="two">surrogates</span> <span class="three">others</span>; whiskers: 95 % \
    intervals by the bootstrap. The recipe's own rule has a star.</p>
    <h2>Correlation of predicted and true change of the loss</h2>
    \(bars(from: -1, to: 1, \.correlation))
    <h2>Sign agreement</h2>
    <p>Share of the changes with an effect whose sign is predicted right; guessing gives ½.</p>
    \(bars(from: 0, to: 1, \.signAgreement))
    <h2>Scale</h2>
    <p>Slope of the predicted over the true change; 1 is right. Bars end at 4.</p>
    \(bars(from: -1, to: 4, \.scale))
    <h2>Predicted against true change</h2>
    <p>A dot is a changed spike train; across: the true change of the loss, up: the predicted one, \
    both cut at the same largest value; the line is where they agree.</p>
    \(report.layers.indices.map(scatters).joined(separator: "\n"))
    <h2>Descent</h2>
    <p>\(descentNote.escaped)</p>
    \(descents)
    <h2>All numbers</h2>
    <pre>\(AuditText(report: report, width: .max).lines.joined(separator: "\n").escaped)</pre>
    </body></html>

    """
  }

  private var styles: String {
    """
    body { color: var(--ink); background: var(--page); font: 15px/1.5 system-ui, sans-serif; \
    max-width: 1180px; margin: 2em auto; padding: 0 1em; } pre { font-size: 12px; \
    overflow-x: auto; } .row { display: flex; flex-wrap: wrap; gap: 12px; } h3 { margin: 1em 0 0; }
    .key span { padding: 0 .5em; border-left: 1em solid; } .key .one { border-color: var(--one); } \
    .key .two { border-color: var(--two); } .key .three { border-color: var(--three); }
    """
  }

  private var introduction: String {
    let weights = report.epochs.map { "after \($0.counted("epoch"))" } ?? "at its initial weights"
    return "\(report.network) with \(report.timeSteps.counted("time step")), \(weights), on "
      + "\(report.samples) samples: mean loss \(report.loss.fixed(4)), accuracy "
      + "\(report.accuracy.percent). Spike trains of single neurons were changed, the whole rest "
      + "of the network was run again, and the true change of the loss is compared with what every "
      + "rule predicts. Seed \(report.settings.seed)."
  }

  private var descentNote: String {
    "Lowest mean loss that a step along the rule's negative gradient reaches, over lengths of "
      + report.settings.stepLengths.map { "\($0)" }.joined(separator: ", ")
      + " of the weights' norm; from \(report.loss.fixed(4)). The longer the bar, the further down."
  }

  private func style(_ rule: Int) -> String {
    switch report.rules[rule].gradient.rule {
    case .neighborhood: "one"
    case .surrogate: "two"
    case .slayer, .tsslbp: "three"
    }
  }

  private func name(_ rule: Int) -> String {
    report.rules[rule].name + (rule == report.recipeRule ? " *" : "")
  }

  // MARK: Bars

  private func bars(
    from low: Double, to high: Double,
    _ value: (AuditReport.Agreement) -> AuditReport.Interval?
  ) -> String {
    let pictures = report.layers.map { layer in
      bars(layer.name, from: low, to: high, layer.agreements.map(value))
    }
    return "<div class=\"row\">\(pictures.joined(separator: "\n"))</div>"
  }

  private func bars(
    _ title: String, from low: Double, to high: Double, _ values: [AuditReport.Interval?]
  ) -> String {
    let (left, top, row, width) = (104.0, 26.0, 18.0, 160.0)
    let bottom = top + row * Double(values.count)
    var drawing = Drawing(width: left + width + 12, height: bottom + 20)
    func x(_ value: Double) -> Double {
      left + (min(max(value, low), high) - low) / (high - low) * width
    }
    drawing.text(title, left, 15)
    for tick in [low, 0, 1, high] {
      drawing.line(x(tick), top, x(tick), bottom, style: tick == 0 ? "axis" : "grid")
      drawing.text(tick.short, x(tick), bottom + 14, anchor: .middle, style: "tick")
    }
    for (rule, interval) in values.enumerated() {
      let y = top + row * Double(rule)
      drawing.text(name(rule), left - 6, y + 13, anchor: .end)
      guard let interval else { continue }
      let ends = [x(0), x(interval.value)].sorted()
      drawing.bar(
        x: ends[0], y: y + 3, width: ends[1] - ends[0], height: row - 6, style: style(rule),
        title: "\(name(rule)): \(interval.value.short) [\(interval.low.short), "
          + "\(interval.high.short)]")
      drawing.line(x(interval.low), y + 9, x(interval.high), y + 9, style: "whisker")
    }
    return drawing.svg()
  }

  // MARK: Dots

  private func scatters(_ index: Int) -> String {
    let layer = report.layers[index]
    let points = layer.points.prefix(150)
    // A few large effects must not push all others into a corner.
    let sizes = points.map { abs($0.truth) }.sorted()
    let largest = sizes.isEmpty ? 0 : sizes[sizes.count * 95 / 100 - (sizes.count == 1 ? 1 : 0)]
    guard largest > 0 else { return "<h3>\(layer.name.escaped): no change has an effect</h3>" }
    let pictures = report.rules.indices.map { rule in
      var drawing = Drawing(width: 134, height: 150)
      func place(_ value: Double) -> Double { min(max(value / largest, -1), 1) * 60 }
      drawing.text(name(rule), 67, 12, anchor: .middle)
      drawing.line(7, 82, 127, 82)
      drawing.line(67, 22, 67, 142)
      drawing.line(7, 142, 127, 22, style: "grid")
      for point in points {
        drawing.dot(
          67 + place(point.truth), 82 - place(point.predictions[rule]), style: style(rule))
      }
      return drawing.svg()
    }
    return "<h3>\(layer.name.escaped), ±\(largest.significant)</h3><div class=\"row\">"
      + pictures.joined(separator: "\n") + "</div>"
  }

  // MARK: Descent

  private var descents: String {
    let pictures = report.descents.map { descent in
      let gains = descent.losses.map { report.loss - ($0.min() ?? report.loss) }
      let largest = max(gains.max() ?? 0, .leastNormalMagnitude)
      let (left, top, row, width) = (104.0, 26.0, 18.0, 160.0)
      var drawing = Drawing(
        width: left + width + 60, height: top + row * Double(gains.count) + 8)
      drawing.text("\(descent.scope): loss down to", left, 15)
      for (rule, gain) in gains.enumerated() {
        let y = top + row * Double(rule)
        drawing.text(name(rule), left - 6, y + 13, anchor: .end)
        let length = max(gain, 0) / largest * width
        drawing.bar(x: left, y: y + 3, width: length, height: row - 6, style: style(rule))
        drawing.text((report.loss - gain).fixed(4), left + length + 5, y + 13, style: "tick")
      }
      return drawing.svg()
    }
    return "<div class=\"row\">\(pictures.joined(separator: "\n"))</div>"
  }
}
