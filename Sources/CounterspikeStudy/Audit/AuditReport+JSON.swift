internal import Counterspike

extension AuditReport {
  /// The whole report as one JSON object.
  public var json: String {
    let line: JSONLine = [
      "name": .string(name), "network": .string(network), "timeSteps": .integer(timeSteps),
      "epochs": epochs.map { .integer($0) } ?? .null, "samples": .integer(samples),
      "loss": .number(loss), "accuracy": accuracy.map { .number($0) } ?? .null,
      "seed": .unsigned(settings.seed),
      "flips": .integer(settings.flips), "exhaustive": .boolean(settings.isExhaustive),
      "perturbations": .integer(settings.perturbations),
      "smoothing": .number(settings.smoothing), "noiseFloor": .number(noiseFloor),
      "stepLengths": Self.numbers(settings.stepLengths),
      "rules": .array(rules.map { .string($0.name) }),
      "recipeRule": .string(rules[recipeRule].name),
      "layers": .array(layers.map { .object(json($0)) }),
      "descent": .array(descents.map { .object(json($0)) }),
      "cosines": .array(cosines.map { .object(json($0)) }),
      "flow": .array(zip(layers, flows).map { .object(json($0.name, $1)) }),
      "silent": .array(silences.map { .object(json($0)) }),
    ]
    return line.description
  }

  private static func numbers(_ values: [Double]) -> JSONLine.Value {
    .array(values.map { .number($0) })
  }

  /// One member a rule.
  private func byRule<Item>(
    _ items: [Item], _ value: (Item) -> JSONLine.Value
  ) -> JSONLine.Value {
    .object(JSONLine(zip(rules, items).map { JSONLine.Member($0.name, value($1)) }))
  }

  private func interval(_ interval: Interval?) -> JSONLine.Value {
    guard let interval else { return .null }
    return Self.numbers([interval.value, interval.low, interval.high])
  }

  private func agreement(_ agreement: Agreement) -> JSONLine.Value {
    .object([
      "correlation": interval(agreement.correlation),
      "signAgreement": interval(agreement.signAgreement), "scale": interval(agreement.scale),
    ])
  }

  private func groups(_ groups: [Group]) -> JSONLine.Value {
    .array(
      groups.map { group in
        .object([
          "name": .string(group.name), "count": .integer(group.agreements.first?.count ?? 0),
          "rules": byRule(group.agreements, agreement),
        ])
      })
  }

  private func json(_ layer: Layer) -> JSONLine {
    [
      "layer": .string(layer.name), "count": .integer(layer.agreements.first?.count ?? 0),
      "effective": .number(layer.effective), "size": .number(layer.size),
      "rules": byRule(layer.agreements, agreement), "byDistance": groups(layer.byDistance),
      "byStep": groups(layer.byStep),
    ]
  }

  private func json(_ descent: Descent) -> JSONLine {
    ["scope": .string(descent.scope), "losses": byRule(descent.losses, Self.numbers)]
  }

  private func json(_ cosines: Cosines) -> JSONLine {
    func values(_ row: [Double?]) -> JSONLine.Value {
      .array(row.map { $0.map { .number($0) } ?? .null })
    }
    return [
      "scope": .string(cosines.scope), "between": byRule(cosines.between, values),
      "smoothed": cosines.smoothed.map { byRule($0) { $0.map { .number($0) } ?? .null } } ?? .null,
    ]
  }

  private func json(_ layer: String, _ flows: [Flow]) -> JSONLine {
    [
      "layer": .string(layer),
      "rules": byRule(flows) { flow in
        .object([
          "weightNorm": .number(flow.weightNorm), "deltaNorm": .number(flow.deltaNorm),
          "withoutGradient": .number(flow.without),
        ])
      },
    ]
  }

  private func json(_ silence: Silence) -> JSONLine {
    [
      "layer": .string(silence.layer), "neurons": .integer(silence.neurons),
      "silent": .integer(silence.silent), "silentChannels": .integer(silence.silentChannels),
      "withoutCurrent": .integer(silence.withoutCurrent),
      "farFromThreshold": .integer(silence.farFromThreshold),
      "nearThreshold": .integer(silence.nearThreshold),
      "withoutError": .integer(silence.withoutError),
      "suggestion": silence.suggestion.map { .string($0) } ?? .null,
    ]
  }
}
