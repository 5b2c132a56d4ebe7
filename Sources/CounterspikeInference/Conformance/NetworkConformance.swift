internal import CounterspikeEngine
internal import CounterspikeNetwork
internal import CounterspikeSettings
internal import CounterspikeSystem

/// Golden values of a whole network: every psc, the losses and the weight gradients.
struct NetworkConformance {
  let file: SafeTensorsFile
  let path: String
  let network: Network
  let input: Tensor
  let labels: [Int]
  let neighborhood: NeighborhoodSettings

  init(_ file: SafeTensorsFile, _ path: String) throws(CounterspikeError) {
    self.file = file
    self.path = path
    let (neuron, steps) = try Conformance.neuron(file, path)
    guard let notation = file.metadata["network"] else {
      throw CounterspikeError(
        .mismatch,
        "the metadata of “\(path.excerpt)” lacks “network”; add its layers in the papers' notation")
    }
    var settings = try NetworkSettings(notation, timeSteps: steps, neuron: neuron)
    if let pooling = file.metadata["pooling"] {
      guard let match = pooling.firstMatch(of: #/times ([0-9.]+)/#), let factor = Float(match.1)
      else {
        throw CounterspikeError(
          .mismatch,
          "the pooling of “\(path.excerpt)”, “\(pooling.excerpt)”, has no factor; write it like “sum times 1.1”"
        )
      }
      settings.poolingFactor = factor
    }
    neighborhood = try Self.distance(file.metadata["distance"], path)
    input = try file.tensor("input")
    labels = try file.integers("labels")
    guard input.shape.count == 4, input.shape[0] == labels.count,
      input.shape.allSatisfy({ $0 > 0 })
    else {
      throw CounterspikeError(
        .mismatch,
        "“input” in “\(path.excerpt)” has the shape \(input.shape), and there are \(labels.count) "
          + "labels; give static inputs [B, C, H, W] and a label for each")
    }
    var network = try Network(settings, inputShape: Array(input.shape.dropFirst()))
    guard labels.allSatisfy({ (0..<network.plan.classCount).contains($0) }) else {
      throw CounterspikeError(
        .mismatch, "“\(path.excerpt)” has a label that is no output neuron; correct “labels”")
    }
    var weights: [Tensor] = []
    for stage in network.plan.stages {
      weights.append(try file.tensor("weight." + Self.goldenName(stage.name)))
    }
    try network.setWeights(weights)
    self.network = network
  }

  func rows() throws -> [Conformance.Row] {
    var psc: [String: Tensor] = [:]
    for layer in try network.trace(input) {
      psc[Self.goldenName(layer.name)] = layer.psc
      if let pooled = layer.pooled { psc[pooled.name] = pooled.psc }
    }
    var results: [String: LossGradient] = [:]
    var rows: [Conformance.Row] = []
    for name in file.entries.keys.sorted() {
      let parts = name.split(separator: ".").map { String($0) }
      switch (parts.first ?? "", parts.count) {
      case ("input", 1), ("labels", 1), ("weight", 2): continue
      case ("psc", 2):
        guard let ours = psc[parts[1]] else { throw Conformance.unknown(name, path) }
        try rows.append(row(name, ours.scalars, Conformance.kernelLimit))
      case ("loss", 2):
        let loss = try result("paper", parts[1], name, &results).loss
        try rows.append(row(name, [Float(loss)], Conformance.kernelLimit))
      case ("grad", 4):
        let gradient = try result(parts[1], parts[2], name, &results)
        guard
          let stage = network.plan.stages.first(where: {
            Self.goldenName($0.name) == parts[3]
          }),
          let weight = stage.parameters.first
        else { throw Conformance.unknown(name, path) }
        try rows.append(row(name, gradient.weights[weight].scalars, Conformance.gradientLimit))
      default: throw Conformance.unknown(name, path)
      }
    }
    return rows
  }

  private func row(
    _ name: String, _ ours: [Float], _ limit: Double
  ) throws -> Conformance.Row {
    Conformance.row(name, try file.tensor(name), ours, limit: limit)
  }

  /// Loss and gradient for an error form and a way to filter the target, computed once each.
  private func result(
    _ form: String, _ target: String, _ name: String, _ results: inout [String: LossGradient]
  ) throws -> LossGradient {
    if let known = results["\(form).\(target)"] { return known }
    guard let error = NeighborhoodSettings.ErrorForm(rawValue: form),
      let filter = LossSettings.TargetFilter(
        rawValue: target.hasPrefix("target_") ? String(target.dropFirst(7)) : target)
    else { throw Conformance.unknown(name, path) }
    var rule = neighborhood
    rule.error = error
    let result = try network.lossGradient(
      input, labels: labels, gradient: .neighborhood(rule), loss: LossSettings(.kernel(filter)))
    results["\(form).\(target)"] = result
    return result
  }

  /// Golden files call dense layers FC_1, FC_2, …
  private static func goldenName(_ name: String) -> String {
    name.hasPrefix("dense_") ? "FC_" + name.dropFirst(6) : name
  }

  /// Reads `clamp(1/(threshold-u)^3,-5,5)`; without a description, that is the default.
  private static func distance(
    _ text: String?, _ path: String
  ) throws(CounterspikeError) -> NeighborhoodSettings {
    var settings = NeighborhoodSettings()
    settings.distance = .inversePower
    settings.power = 3
    settings.clamp = 5
    guard let text else { return settings }
    guard
      let match = text.wholeMatch(
        of: #/clamp\(1/\(threshold-u\)(?:\^([13]))?, *-([0-9.]+), *([0-9.]+)\)/#),
      match.2 == match.3, let clamp = Float(match.3)
    else {
      throw CounterspikeError(
        .mismatch,
        "the distance of “\(path.excerpt)”, “\(text.excerpt)”, is not known; write it "
          + "like clamp(1/(threshold-u)^3,-5,5)")
    }
    settings.power = match.1 == "3" ? 3 : 1
    settings.clamp = clamp
    return settings
  }
}
