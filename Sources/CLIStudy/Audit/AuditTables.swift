internal import CLIDrawing
internal import CounterspikeStudy
internal import CounterspikeTraining

/// An audit's numbers as tables.
struct AuditTables {
  let report: AuditReport

  private var layers: [String] { report.layers.map(\.name) }

  /// What one wants to know first, a row a rule.
  var summary: PageTable {
    let smoothed = report.cosines.filter { $0.smoothed != nil }
    let descent = report.descents.last
    let hidden = layers.count - 2
    let columns =
      layers.map { "r \($0)" } + (hidden >= 0 ? ["sign \(layers[hidden])"] : [])
      + smoothed.map { "cos \($0.scope)" } + ["lowest loss"]
    let rows = report.rules.indices.map { rule in
      var cells = report.layers.map { layer in
        PageTable.Cell(layer.agreements[rule].correlation?.value, \.short)
      }
      if hidden >= 0 {
        cells.append(
          PageTable.Cell(report.layers[hidden].agreements[rule].signAgreement?.value, \.short))
      }
      cells += smoothed.map { PageTable.Cell($0.smoothed?[rule], \.short) }
      cells.append(PageTable.Cell(descent?.lowest(rule) ?? report.loss) { $0.fixed(4) })
      return (name: report.name(of: rule), cells: cells)
    }
    return PageTable(title: "summary", columns: ["rule"] + columns, rows: rows)
  }

  /// What was changed in which layer, and what it did.
  var changes: PageTable {
    PageTable(
      title: "changed spike trains",
      columns: ["layer", "changes", "with an effect", "rms true change"],
      rows: report.layers.map { layer in
        let count = layer.agreements.first?.count ?? 0
        return (
          name: layer.name,
          cells: [
            PageTable.Cell(count.grouped, value: Double(count)),
            PageTable.Cell(layer.effective, \.percent), PageTable.Cell(layer.size, \.significant),
          ]
        )
      })
  }

  /// All tables with a row a rule.
  var byRule: [PageTable] { agreements + groups + descents + cosines + [flow] }

  // MARK: Agreement

  private var agreements: [PageTable] {
    [
      table(
        "correlation, 95 % interval by bootstrap: predicted and true change of the loss", layers
      ) {
        PageTable.Cell(report.layers[$0].agreements[$1].correlation, \.short)
      },
      table("sign agreement, changes that have an effect", layers) {
        PageTable.Cell(report.layers[$0].agreements[$1].signAgreement, \.short)
      },
      table("scale: slope of predicted over true change, 1 is right", layers) {
        PageTable.Cell(report.layers[$0].agreements[$1].scale, \.significant)
      },
    ]
  }

  private var groups: [PageTable] {
    report.layers.flatMap { layer in
      [("distance to the threshold", layer.byDistance), ("time step", layer.byStep)].map {
        (aspect, groups) in
        table(
          "correlation in \(layer.name) by \(aspect)",
          groups.map { "\($0.name) (\($0.agreements.first?.count ?? 0))" }
        ) { PageTable.Cell(groups[$0].agreements[$1].correlation?.value, \.short) }
      }
    }
  }

  // MARK: Weights

  private var descents: [PageTable] {
    report.descents.map { descent in
      table(
        "descent, \(descent.scope): mean loss after a step of this part of the weights' norm, "
          + "from \(report.loss.fixed(4))",
        report.settings.stepLengths.map { "\($0)" } + ["lowest"]
      ) { column, rule in
        let losses = descent.losses[rule]
        return PageTable.Cell(
          column < losses.count ? losses[column] : descent.lowest(rule) ?? report.loss
        ) { $0.fixed(4) }
      }
    }
  }

  private var cosines: [PageTable] {
    let smoothed = report.cosines.filter { $0.smoothed != nil }
    let first = table(
      "cosine to the gradient of the loss smoothed over \(report.settings.smoothing) of the "
        + "weights; an unrelated direction has 0 ± \(report.noiseFloor.short)",
      smoothed.map(\.scope)
    ) { PageTable.Cell(smoothed[$0].smoothed?[$1], \.short) }
    guard let all = report.cosines.last else { return [first] }
    return [
      first,
      table("cosine between the rules' weight gradients, all layers", report.rules.map(\.name)) {
        PageTable.Cell(all.between[$1][$0], \.short)
      },
    ]
  }

  private var flow: PageTable {
    table(
      "gradient flow: norm of the weight gradient, share of neurons without gradient", layers
    ) { layer, rule in
      let flow = report.flows[layer][rule]
      return PageTable.Cell(
        "\(flow.weightNorm.significant) \(flow.without.percent)",
        value: flow.weightNorm.isFinite ? flow.weightNorm : nil)
    }
  }

  var silences: PageTable {
    PageTable(
      title: "silent neurons",
      columns: [
        "silent neurons", "of", "silent", "channels", "no current", "far from θ", "near θ",
        "no error",
      ],
      rows: report.silences.map { silence in
        let counts = [
          silence.neurons, silence.silent, silence.silentChannels, silence.withoutCurrent,
          silence.farFromThreshold, silence.nearThreshold, silence.withoutError,
        ]
        return (
          name: silence.layer, cells: counts.map { PageTable.Cell($0.grouped, value: Double($0)) }
        )
      })
  }

  /// What to do about silent layers.
  var suggestions: [String] {
    report.silences.compactMap { silence in silence.suggestion.map { "\(silence.layer): \($0)" } }
  }

  private func table(
    _ title: String, _ columns: [String],
    _ cell: (_ column: Int, _ rule: Int) -> PageTable.Cell
  ) -> PageTable {
    PageTable(
      title: title, columns: ["rule"] + columns,
      rows: report.rules.indices.map { rule in
        (name: report.name(of: rule), cells: columns.indices.map { cell($0, rule) })
      })
  }
}

extension AuditReport {
  /// The rule's name, with a star at the recipe's own.
  func name(of rule: Int) -> String { rules[rule].name + (rule == recipeRule ? " *" : "") }

  /// `after 3 epochs`
  var weights: String { epochs.map { "after \($0.counted("epoch"))" } ?? "initial weights" }
}

extension AuditReport.Descent {
  /// The lowest loss that a rule reached; `nil` if no step left a number.
  func lowest(_ rule: Int) -> Double? { losses[rule].filter(\.isFinite).min() }
}

extension PageTable.Cell {
  /// A value with its interval.
  init(_ interval: AuditReport.Interval?, _ format: (Double) -> String) {
    guard let interval, interval.value.isFinite else {
      self.init("–", value: nil)
      return
    }
    self.init(
      "\(format(interval.value)) [\(format(interval.low)), \(format(interval.high))]",
      value: interval.value)
  }
}
