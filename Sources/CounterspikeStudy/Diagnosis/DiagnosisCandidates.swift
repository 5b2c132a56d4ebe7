internal import Counterspike

/// Settings that may help against a cause, the most likely first.
struct DiagnosisCandidates {
  /// A recipe with some settings replaced.
  struct Candidate {
    let settings: [DiagnosisReport.Attempt.Setting]
    let recipe: Recipe
  }

  let recipe: Recipe
  /// The settings that are tried instead of others.
  private static let defaults = Recipe()

  /// Root mean square of the currents of layers that learn well, in multiples of the threshold.
  private static let usualSize = 0.6

  /// What may wake or calm stage `place`.
  ///
  /// - Parameters:
  ///   - isLoud: the layer fires too much, or its currents are too large.
  ///   - size: root mean square of its currents, in multiples of the threshold.
  func currents(_ place: Int, isLoud: Bool, size: Double) -> [Candidate] {
    let layers = recipe.network.layers
    // Of a network with blocks, whose layers have no place in the list, the settings of all are tried.
    let own = layerIndex(place)
    let (index, layer) = own.map { ($0, layers[$0]) } ?? (0, LayerSettings(.dense))
    let scale = layer.weightScale ?? recipe.network.weightScale
    let threshold = layer.threshold ?? recipe.network.neuron.threshold
    let scaleKey = layer.weightScale == nil ? "network.weightScale" : path(index, "weightScale")
    func scaled(_ value: Float) -> Candidate? {
      candidate(scaleKey, value) {
        if layer.weightScale == nil {
          $0.network.weightScale = value
        } else {
          $0.network.layers[index].weightScale = value
        }
      }
    }
    let thresholdKey =
      layer.threshold == nil ? "network.neuron.threshold" : path(index, "threshold")
    func bounded(_ value: Float) -> Candidate? {
      candidate(thresholdKey, value) {
        if layer.threshold == nil {
          $0.network.neuron.threshold = value
        } else {
          $0.network.layers[index].threshold = value
        }
      }
    }
    let usual = Self.defaults.network
    var found: [Candidate?] = []
    // What the default would move in the right direction comes first.
    if isLoud ? threshold < usual.neuron.threshold : threshold > usual.neuron.threshold {
      found.append(bounded(usual.neuron.threshold))
    }
    if isLoud ? scale > usual.weightScale : scale < usual.weightScale {
      found.append(scaled(usual.weightScale))
    }
    for factor in [4.0, 16].map({ isLoud ? 1 / $0 : $0 }) {
      found.append(scaled(Float((Double(scale) * factor).rounded(to: 3))))
    }
    if size > 0, size < Self.usualSize / 16 || size > Self.usualSize * 16 {
      found.append(scaled(Float((Double(scale) * Self.usualSize / size).rounded(to: 2))))
    }
    found.append(bounded(Float((Double(threshold) * (isLoud ? 4 : 0.25)).rounded(to: 3))))
    return found.compactMap { $0 }
  }

  /// The place in the recipe's list of the layer that stage `place` is; `nil`: there are blocks.
  func layerIndex(_ place: Int) -> Int? {
    let layers = recipe.network.layers
    guard !layers.contains(where: { $0.kind == .residual }) else { return nil }
    return layers.indices.filter { layers[$0].size > 0 }[place]
  }

  private func path(_ index: Int, _ key: String) -> String { "network.layers.\(index).\(key)" }

  private func candidate(
    _ key: String, _ value: Float, _ change: (inout Recipe) -> Void
  ) -> Candidate? {
    guard value.isFinite, value > 0 else { return nil }
    var changed = recipe
    change(&changed)
    guard changed != recipe else { return nil }
    return Candidate(
      settings: [.init(key: key, value: value.setting)], recipe: changed)
  }

  /// What lets the error through where the rule's weight is zero, too small or too large.
  ///
  /// - Parameter layer: the place of the layer whose own rule it is; `nil`: it is the network's.
  func rule(of layer: Int? = nil) -> [Candidate] {
    if let layer {
      let key = path(layer, "gradient")
      var changed = recipe
      changed.network.layers[layer].gradient = nil
      return [Candidate(settings: [.init(key: key, value: "null")], recipe: changed)]
    }
    let rule = recipe.gradient.rule
    let usual = Self.defaults.gradient
    var found: [Candidate?] = []
    switch rule {
    case .surrogate:
      found.append(set("gradient.surrogate.width", usual.surrogate.width.setting))
      found.append(set("gradient.surrogate.shape", usual.surrogate.shape.rawValue))
    case .slayer:
      found.append(set("gradient.slayer.beta", usual.slayer.beta.setting))
      found.append(set("gradient.slayer.alpha", usual.slayer.alpha.setting))
    case .neighborhood:
      found.append(set("gradient.neighborhood.width", usual.neighborhood.width.setting))
      found.append(set("gradient.neighborhood.clamp", usual.neighborhood.clamp.setting))
      found.append(set("gradient.neighborhood.distance", usual.neighborhood.distance.rawValue))
    case .tsslbp, .registered: break
    }
    found.append(set("gradient.rule", usual.rule.rawValue))
    return found.compactMap { $0 }
  }

  /// What keeps errors of one size from layer to layer.
  func size(of layer: Int? = nil) -> [Candidate] {
    [set("optimizer.clipping", "perLayer")].compactMap { $0 } + rule(of: layer)
  }

  /// What makes an optimizer's steps larger where gradients are small.
  ///
  /// - Parameter gradient: root mean square of a weight's gradient in a step.
  func optimizer(gradient: Double) -> [Candidate] {
    let (own, usual) = (recipe.optimizer, Self.defaults.optimizer)
    switch own.kind {
    case .adamW:
      let fitting = Float((gradient / 100).rounded(to: 1))
      return [usual.epsilon, fitting].filter { $0.isNormal && $0 < own.epsilon }.compactMap {
        set("optimizer.epsilon", $0.setting)
      }
    case .sgd:
      var changed = recipe
      changed.optimizer.kind = .adamW
      changed.optimizer.learningRate = usual.learningRate
      return [
        Candidate(
          settings: [
            .init(key: "optimizer.kind", value: OptimizerSettings.Kind.adamW.rawValue),
            .init(key: "optimizer.learningRate", value: usual.learningRate.setting),
          ], recipe: changed)
      ]
    }
  }

  /// Another learning rate; `nil`: the recipe has it.
  func learningRate(times factor: Double) -> Candidate? {
    let rate = (Double("\(recipe.optimizer.learningRate)") ?? 0) * factor
    return set("optimizer.learningRate", Float(rate.rounded(to: 3)).setting)
  }

  /// What may help a network that does not learn for no reason that can be seen.
  func other() -> [Candidate] {
    // Losses of classes say nothing where the targets are numbers.
    let losses = recipe.loss.isRegression ? [] : ["kernel", "softmax"]
    return losses.compactMap { set("loss.kind", $0) } + rule()
  }

  /// Settings of data: they take effect when it is loaded again.
  func set(_ settings: [(key: String, value: String)]) -> Candidate? {
    let overrides = settings.map { "\($0.key)=\($0.value)" }
    // A setting that this recipe cannot have is none to be tried.
    guard
      let changed = try? Recipe(
        yaml: recipe.yaml, source: "the recipe", overrides: overrides), changed != recipe
    else { return nil }
    return Candidate(
      settings: settings.map { .init(key: $0.key, value: $0.value) }, recipe: changed)
  }

  private func set(_ key: String, _ value: String) -> Candidate? { set([(key, value)]) }
}

extension Float {
  /// As one writes it in a recipe: `1`, `0.002`.
  fileprivate var setting: String {
    let text = "\(self)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
