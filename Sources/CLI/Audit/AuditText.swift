internal import CounterspikeTraining

/// An audit's report as tables.
struct AuditText {
  let report: AuditReport
  /// The most characters of a line of a table.
  var width = Console.width

  private var layers: [String] { report.layers.map(\.name) }

  /// What one wants to know first: a table of all rules, and the silent neurons.
  var summary: [String] {
    let smoothed = report.cosines.filter { $0.smoothed != nil }
    let descent = report.descents.last
    let columns =
      layers.map { "r \($0)" } + (layers.dropLast().last.map { ["sign \($0)"] } ?? [])
      + smoothed.map { "cos \($0.scope)" } + ["lowest loss"]
    let hidden = layers.count - 2
    let rows = report.rules.indices.map { rule in
      var row = [name(rule)]
      row += report.layers.map { $0.agreements[rule].correlation?.value.short ?? "–" }
      if hidden >= 0 {
        row.append(report.layers[hidden].agreements[rule].signAgreement?.value.short ?? "–")
      }
      row += smoothed.map { $0.smoothed?[rule]?.short ?? "–" }
      row.append((descent?.losses[rule].min() ?? report.loss).fixed(4))
      return row
    }
    return heading + [""] + TextTable(rows: [["rule"] + columns] + rows).lines(width: width)
      + silences + [
        "",
        "r: correlation of predicted and true change; sign: share of right signs; cos: cosine to the gradient of",
        "the smoothed loss, an unrelated direction has 0 ± \(report.noiseFloor.short); lowest loss after a step against the gradient,",
        "from \(report.loss.fixed(4)); *: the recipe's rule. All tables and intervals: --all, or --html with plots.",
      ]
  }

  private func name(_ rule: Int) -> String {
    report.rules[rule].name + (rule == report.recipeRule ? " *" : "")
  }

  /// Every table.
  var lines: [String] {
    var lines = heading
    lines += [
      "", "predicted against true change of the loss", "correlation, 95 % interval by bootstrap",
    ]
    lines += table(layers) { layer, rule in
      text(report.layers[layer].agreements[rule].correlation)
    }
    lines += ["", "sign agreement, changes that have an effect"]
    lines += table(layers) { layer, rule in
      text(report.layers[layer].agreements[rule].signAgreement)
    }
    lines += ["", "scale: slope of predicted over true change, 1 is right"]
    lines += table(layers) { layer, rule in
      guard let scale = report.layers[layer].agreements[rule].scale else { return "–" }
      return "\(scale.value.significant) [\(scale.low.significant), \(scale.high.significant)]"
    }
    for layer in report.layers {
      lines += groups(layer.byDistance, "correlation in \(layer.name) by distance to the threshold")
      lines += groups(layer.byStep, "correlation in \(layer.name) by time step")
    }
    lines += descents + cosines + flows + silences
    return lines
  }

  private var heading: [String] {
    let weights = report.epochs.map { "after \($0.counted("epoch"))" } ?? "initial weights"
    let settings = report.settings
    var rows = [["layer", "changes", "with an effect", "rms true change"]]
    for layer in report.layers {
      rows.append([
        layer.name, (layer.agreements.first?.count ?? 0).grouped, layer.effective.percent,
        layer.size.significant,
      ])
    }
    return [
      "\(report.name): \(report.network), \(report.timeSteps.counted("time step")), \(weights), rule "
        + report.rules[report.recipeRule].name,
      "\(report.samples) samples, mean loss \(report.loss.fixed(4)), accuracy "
        + "\(report.accuracy.percent); "
        + (settings.isExhaustive ? "all spike trains of some neurons" : "single spikes flipped")
        + ", seed \(settings.seed)",
      "",
    ] + TextTable(rows: rows).lines(width: width)
  }

  /// One row a rule.
  private func table(
    _ columns: [String], _ cell: (_ column: Int, _ rule: Int) -> String
  ) -> [String] {
    let rows = report.rules.indices.map { rule in
      [name(rule)] + columns.indices.map { cell($0, rule) }
    }
    return TextTable(rows: [["rule"] + columns] + rows).lines(width: width)
  }

  private func text(_ interval: AuditReport.Interval?) -> String {
    guard let interval else { return "–" }
    return "\(interval.value.short) [\(interval.low.short), \(interval.high.short)]"
  }

  private func groups(_ groups: [AuditReport.Group], _ title: String) -> [String] {
    ["", title]
      + table(groups.map { "\($0.name) (\($0.agreements.first?.count ?? 0))" }) { group, rule in
        groups[group].agreements[rule].correlation?.value.short ?? "–"
      }
  }

  private var descents: [String] {
    report.descents.flatMap { descent in
      [
        "",
        "descent, \(descent.scope): mean loss after a step of this part of the weights' norm, "
          + "from \(report.loss.fixed(4))",
      ]
        + table(report.settings.stepLengths.map { "\($0)" } + ["lowest"]) { column, rule in
          let losses = descent.losses[rule]
          return (column < losses.count ? losses[column] : losses.min() ?? report.loss).fixed(4)
        }
    }
  }

  private var cosines: [String] {
    let smoothed = report.cosines.filter { $0.smoothed != nil }
    var lines = [
      "",
      "cosine to the gradient of the loss smoothed over \(report.settings.smoothing) of the weights; an unrelated direction has 0 ± "
        + report.noiseFloor.short,
    ]
    lines += table(smoothed.map(\.scope)) { column, rule in
      smoothed[column].smoothed?[rule]?.short ?? "–"
    }
    guard let all = report.cosines.last else { return lines }
    lines += ["", "cosine between the rules' weight gradients, all layers"]
    lines += table(report.rules.map(\.name)) { column, rule in
      all.between[rule][column]?.short ?? "–"
    }
    return lines
  }

  private var flows: [String] {
    ["", "gradient flow: norm of the weight gradient, share of neurons without gradient"]
      + table(layers) { layer, rule in
        let flow = report.flows[layer][rule]
        return "\(flow.weightNorm.significant) \(flow.without.percent)"
      }
  }

  private var silences: [String] {
    var rows = [
      [
        "silent neurons", "of", "silent", "maps", "no current", "far from θ", "near θ",
        "no error",
      ]
    ]
    for silence in report.silences {
      rows.append(
        [silence.layer]
          + [
            silence.neurons, silence.silent, silence.silentMaps, silence.withoutCurrent,
            silence.farFromThreshold, silence.nearThreshold, silence.withoutError,
          ].map(\.grouped))
    }
    let suggestions = report.silences.compactMap { silence in
      silence.suggestion.map { "\(silence.layer): \($0)" }
    }
    return [""] + TextTable(rows: rows).lines(width: width) + suggestions
  }
}

extension Double {
  /// Two decimals, `-0.00` never.
  var short: String {
    let text = fixed(2)
    return text == "-0.00" ? "0.00" : text
  }

  /// About three significant digits.
  var significant: String {
    let size = magnitude
    if size == 0 { return "0" }
    if size >= 100 { return fixed(0) }
    if size >= 1 { return fixed(2) }
    if size >= 0.1 { return fixed(3) }
    if size >= 0.001 { return fixed(5) }
    let exponent = Int(size.exponent10)
    var scaled = self
    for _ in 0..<(-exponent) { scaled *= 10 }
    return "\(scaled.fixed(1))e\(exponent)"
  }

  /// ⌊log₁₀ x⌋ of a positive number.
  private var exponent10: Int {
    var exponent = 0
    var value = self
    while value < 1 && exponent > -320 {
      value *= 10
      exponent -= 1
    }
    return exponent
  }
}
