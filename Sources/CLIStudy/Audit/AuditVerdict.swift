internal import CLIDrawing
internal import CounterspikeStudy
internal import CounterspikeTraining

/// What an audit's numbers come to, in one paragraph.
struct AuditVerdict {
  let report: AuditReport

  /// The layers that rules are judged by: the hidden ones, because at the output a rule may be exact
  /// by construction; the output where there is no other.
  private var layers: ArraySlice<AuditReport.Layer> {
    report.layers.count > 1 ? report.layers.dropLast() : report.layers[...]
  }

  /// Every rule's mean correlation over these layers; `nil`: nothing could be measured.
  ///
  /// A rule without a correlation where others have one predicts the same for all changes, which
  /// explains nothing of them: 0.
  var correlations: [Double]? { means { $0.correlation?.value } }

  /// Every rule's mean share of right signs.
  var signAgreements: [Double]? { means { $0.signAgreement?.value } }

  /// The lowest loss that a step along every rule's gradient of all weights reaches.
  var losses: [Double]? {
    guard let all = report.descents.last else { return nil }
    let lowest = report.rules.indices.map { all.lowest($0) }
    guard lowest.contains(where: { $0 != nil }) else { return nil }
    return lowest.map { $0 ?? .infinity }
  }

  var text: String {
    ([correlationSentence, signSentence, descentSentence, ownSentence, caution] as [String?])
      .compactMap { $0 }.joined(separator: " ")
  }

  // MARK: Sentences

  /// Where rules are judged, and that it is by a mean where it is one.
  private var place: String {
    guard report.layers.count > 1 else { return "at the output" }
    return layers.count == 1
      ? "in the hidden layer" : "in the mean of \(layers.count) hidden layers"
  }

  private var correlationSentence: String {
    guard let correlations, let best = correlations.max() else {
      return
        "No correlation of predicted and true changes can be computed, because too few changes "
        + "have an effect."
    }
    return "By correlation, the predictions of \(names(correlations, best)) agree best with the "
      + "true changes of the loss: r = \(best.short) \(place)."
  }

  private var signSentence: String? {
    guard let signAgreements, let best = signAgreements.max() else { return nil }
    return
      "By sign, those of \(names(signAgreements, best)) do: \(best.percent) of the changes with an "
      + "effect are predicted with the right sign, where guessing gives 50 %."
  }

  private var descentSentence: String? {
    guard let losses, let lowest = losses.min() else { return nil }
    guard lowest < report.loss else {
      return "No step along any rule's gradient lowers the mean loss of \(report.loss.fixed(4))."
    }
    return
      "A step along the gradient of \(names(losses, lowest)) descends furthest: the mean loss "
      + "falls from \(report.loss.fixed(4)) to \(lowest.fixed(4))."
  }

  /// Where the recipe's own rule stands.
  private var ownSentence: String? {
    guard report.rules.count > 1 else { return nil }
    let own = report.recipeRule
    let standings = [
      correlations.map { "r = \($0[own].short) (\(rank(own, $0, >)))" },
      signAgreements.map { "\($0[own].percent) right signs (\(rank(own, $0, >)))" },
      losses.map { values in
        values[own].isFinite
          ? "a lowest loss of \(values[own].fixed(4)) (\(rank(own, values, <)))"
          : "no step that leaves a loss"
      },
    ].compactMap { $0 }
    guard !standings.isEmpty else { return nil }
    return "The recipe's own rule, \(report.rules[own].name), has \(standings.listed)."
  }

  /// Small numbers of changes are said, because differences between rules then are chance.
  private var caution: String? {
    guard let fewest = layers.map({ $0.effectiveCount }).min(), fewest < 100 else { return nil }
    guard fewest > 0 else {
      return "No change of a layer has an effect there; more flips may find some."
    }
    return
      "Only \(fewest.counted("change")) of a layer \(fewest == 1 ? "has" : "have") an effect, so "
      + "that differences between rules may be chance; more flips make them surer."
  }

  // MARK: Numbers

  private func means(_ value: (AuditReport.Agreement) -> Double?) -> [Double]? {
    let measured = layers.map { $0.agreements.map(value) }
      .filter { $0.contains { $0?.isFinite == true } }
    guard !measured.isEmpty else { return nil }
    return report.rules.indices.map { rule in
      measured.reduce(0) { sum, values in
        let value = values[rule] ?? 0
        return sum + (value.isFinite ? value : 0)
      } / Double(measured.count)
    }
  }

  /// The rules with the best value; of many the first and how many more.
  private func names(_ values: [Double], _ best: Double) -> String {
    let names = values.indices.filter { values[$0] == best }.map { report.rules[$0].name }
    return names.count <= 3
      ? names.listed : "\(names[0]) and \((names.count - 1).counted("other rule"))"
  }

  /// `3rd of 16`, by how many are better.
  private func rank(
    _ rule: Int, _ values: [Double], _ isBetter: (Double, Double) -> Bool
  ) -> String {
    let rank = 1 + values.count { isBetter($0, values[rule]) }
    return "\(rank.ordinal) of \(values.count)"
  }
}

extension AuditReport.Layer {
  /// How many changes have an effect.
  var effectiveCount: Int {
    let count = Double(agreements.first?.count ?? 0) * effective
    return count.isFinite ? Int(count.rounded()) : 0
  }
}

extension [String] {
  /// `a, b and c`
  var listed: String {
    guard count > 1, let last else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}

extension Int {
  /// `1st`, `2nd`, `11th`
  var ordinal: String {
    switch (self % 10, self % 100) {
    case (_, 11...13): "\(self)th"
    case (1, _): "\(self)st"
    case (2, _): "\(self)nd"
    case (3, _): "\(self)rd"
    default: "\(self)th"
    }
  }
}
