internal import CounterspikeSettings
internal import CounterspikeSystem
import Yams

/// A key of a layer in the list `network.layers`.
struct LayerKey: Sendable {
  let key: RecipeKey<LayerSettings>
  /// The layers that have this setting.
  let kinds: [LayerSettings.Kind]
  /// Whether a layer of these kinds must have it.
  let isRequired: Bool

  init(
    _ key: RecipeKey<LayerSettings>, of kinds: LayerSettings.Kind..., isRequired: Bool = false
  ) {
    self.key = key
    self.kinds = kinds
    self.isRequired = isRequired
  }

  init(_ key: RecipeKey<LayerSettings>, kinds: [LayerSettings.Kind]) {
    self.key = key
    self.kinds = kinds
    isRequired = false
  }

  /// Whether layers of a kind have this setting.
  func belongs(to kind: LayerSettings.Kind) -> Bool {
    kinds.contains(kind) || (kind.keysOf != kind && !isRequired && kinds.contains(kind.keysOf))
  }
}

extension LayerSettings {
  static let kindKey = RecipeKey<LayerSettings>.choice("kind", \.kind, "What the layer is.")

  static let keys: [LayerKey] =
    builtInKeys
    + NeuronRegistry.table.keys({ \LayerSettings[modelSetting: $0.name] }, chosen: { _ in "" }).map
  {
    LayerKey($0, of: .convolution, .dense)
  }
    + LayerRegistry.table.keys({ \LayerSettings[ownSetting: $0.name] }, chosen: { _ in "" }).map {
      key in
      LayerKey(key, kinds: LayerRegistry.table.owners(of: key.entry.name).map(Kind.registered))
    }

  /// Their names are ``reservedKeys``; they list the registered neurons and so fix them.
  static let builtInKeys: [LayerKey] = [
    LayerKey(
      .setting(
        "size", \.size, .within(1...99_999_999),
        "Channels of a convolution, or neurons of a layer."),
      of: .convolution, .dense, .recurrent, .readout, isRequired: true),
    LayerKey(
      .setting(
        "kernel", \.kernel, .within(1...9999),
        "Width and height in pixels of a convolution's kernel, or of a pooling window; left out where "
          + "pooling is global."),
      of: .convolution, .pooling, isRequired: true),
    LayerKey(
      .setting(
        "stride", \.stride, .within(1...9999), "Distance in pixels of neighbouring windows."),
      of: .convolution),
    LayerKey(
      .setting("padding", \.padding, .within(0...9999), "Zeros around the input, on every side."),
      of: .convolution),
    LayerKey(
      .setting(
        "groups", \.groups, .within(1...99_999_999),
        "Groups of channels, each of which sees and makes its own share of them; as many as channels: a "
          + "depthwise convolution."),
      of: .convolution),
    LayerKey(
      .setting(
        "name", \.name, orNull: .name,
        "What the layer is called, for inputs of others; null: by its kind and a number."),
      of: .convolution, .dense, .recurrent, .readout, .pooling, .dropout, .delay, .residual),
    LayerKey(
      .names(
        "inputs", \.inputs,
        "The names of the layers whose post-synaptic currents it takes, added up where there are "
          + "several; null: the layer before."),
      of: .convolution, .dense, .recurrent, .readout, .pooling, .dropout, .delay, .residual),
    LayerKey(
      .setting(
        "probability", \.probability, .within(0..<1), "Probability that a value is dropped."),
      of: .dropout, isRequired: true),
    LayerKey(
      .setting(
        "steps", \.steps, .atLeast(0),
        "Time steps that everything arrives later by; the longest delay where each channel has its own."
      ),
      of: .delay, isRequired: true),
    LayerKey(.choice("start", \.start, "How the delays begin."), of: .delay),
    LayerKey(
      .setting(
        "learned", \.learned, .any,
        "Whether training changes the delays, each channel's for itself; equal ones then begin with half "
          + "of steps."),
      of: .delay),
    LayerKey(
      .choice(
        "model", orNull: \.model,
        "What this layer's neurons do in a time step; null: network.neuron's."),
      of: .convolution, .dense, .recurrent),
    LayerKey(
      .setting(
        "membraneTimeConstant", \.membraneTimeConstant, orNull: .above(1),
        "τ_m of this layer in time steps; null: network.neuron's."),
      of: .convolution, .dense, .recurrent, .readout),
    LayerKey(
      .setting(
        "synapticTimeConstant", \.synapticTimeConstant, orNull: .atLeast(1),
        "τ_s of this layer in time steps, 1: no synapse; null: network.neuron's."),
      of: .convolution, .dense, .recurrent),
    LayerKey(
      .setting(
        "threshold", \.threshold, orNull: .above(0), "θ of this layer; null: network.neuron's."),
      of: .convolution, .dense, .recurrent),
    LayerKey(
      .choice(
        "reset", orNull: \.reset,
        "What a spike does to this layer's membrane potential; null: network.neuron's."),
      of: .convolution, .dense, .recurrent),
    LayerKey(
      .section(
        "adaptation", orNull: \.adaptation,
        "An adaptive threshold of this layer, with a strength of 0 none; null: network.neuron's."),
      of: .convolution, .dense, .recurrent),
    LayerKey(
      .choices(
        "trained", \.trained,
        "Constants of this layer that training changes; null: network.neuron's."),
      of: .convolution, .dense, .recurrent, .readout),
    LayerKey(
      .choice(
        "trainedPer", orNull: \.trainedPer,
        "Neurons of this layer that share a trained constant; null: network.neuron's."),
      of: .convolution, .dense, .recurrent, .readout),
    LayerKey(
      .setting(
        "weightScale", \.weightScale, orNull: .above(0),
        "What this layer's initial weights are multiplied by; null: network.weightScale."),
      of: .convolution, .dense, .recurrent, .readout),
    LayerKey(
      .section(
        "gradient", orNull: \.gradient,
        "The rule of this layer's neurons with all its settings, in place of the section gradient; "
          + "what it leaves out has its default; null: the section gradient, of which recurrent layers take "
          + "neighborhood.distance lorentzian and error exact in place of an inverse power."),
      of: .convolution, .dense, .recurrent),
    LayerKey(
      .setting(
        "factor", \.factor, orNull: .above(0),
        "What the sums are multiplied by; null: network.poolingFactor."),
      of: .pooling),
    LayerKey(
      .choice("by", \.by, "What a window is made to."), of: .pooling),
    LayerKey(
      .setting(
        "global", \.global, .any, "Whether one window is the whole picture, in place of a kernel."),
      of: .pooling),
    LayerKey(
      .setting(
        "bias", \.bias, orNull: .any,
        "Whether the currents have a bias for each channel; null: network.bias."),
      of: .convolution, .dense, .recurrent, .readout),
    LayerKey(
      .setting(
        "normalization", \.normalization, orNull: .any,
        "Whether the currents are normalized; null: network.normalization for a convolution, no for a "
          + "dense layer."),
      of: .convolution, .dense, .recurrent, .readout),
    LayerKey(
      .layers("layers", \.layers, "The layers of the block.", endsDense: false),
      of: .residual, isRequired: true),
    LayerKey(
      .choice("shortcut", \.shortcut, "What goes past the layers of the block."), of: .residual),
    LayerKey(.choice("join", \.join, "What is added up at their end."), of: .residual),
  ]
}

extension LayerSettings.PoolingKind: RecipeChoice {
  var summary: String {
    switch self {
    case .sum: "the sum, times factor"
    case .average: "the mean"
    case .maximum: "the largest value; of several, the first takes the gradient"
    }
  }
}

extension LayerSettings.DelayStart: RecipeChoice {
  var summary: String {
    switch self {
    case .equal: "all channels the same"
    case .random: "each channel's drawn from 0 to steps"
    }
  }
}

extension LayerSettings.Shortcut: RecipeChoice {
  var summary: String {
    switch self {
    case .identity: "the block's input as it is"
    case .convolution:
      "a convolution with a kernel of one pixel, for other channels or another stride"
    }
  }
}

extension LayerSettings.Join: RecipeChoice {
  var summary: String {
    switch self {
    case .psc: "post-synaptic currents: behind the neurons of both (as SEW ResNets do)"
    case .current: "currents: before the last layer's neurons (a membrane shortcut)"
    }
  }
}

extension LayerSettings.Kind: RecipeChoice {
  static var remark: String { LayerRegistry.table.remark }

  var summary: String {
    switch self {
    case .convolution: "a convolution and its neurons"
    case .dense: "a matrix product and its neurons"
    case .recurrent: "a dense layer whose neurons see each other one step later"
    case .readout:
      "at the end: a dense layer of leaky integrators that never fire and give their membrane potential"
    case .pooling: "sums over windows, without neurons or weights"
    case .dropout: "drops values in training, the same at all time steps"
    case .delay: "what arrives some time steps later"
    case .residual: "layers whose result is added to what goes past them"
    case .registered(let name): LayerRegistry.table[name]?.summary ?? "not registered"
    }
  }

  /// The settings that layers of this kind have.
  fileprivate var keys: [LayerKey] { LayerSettings.keys.filter { $0.belongs(to: self) } }
}

extension RecipeKey {
  /// A network's layers: the papers' notation, or a list whose items are one layer each, in that
  /// notation or as a section.
  ///
  /// - Parameter endsDense: the last layer is that of the output neurons.
  static func layers(
    _ name: String, _ property: RecipeProperty<Section, [LayerSettings]>,
    _ summary: String, endsDense: Bool = true
  ) -> RecipeKey {
    let allowed = "a network like 15C5-P2-300-10, or a list of layers"
    return RecipeKey(
      entry: RecipeEntry(
        name: name, summary: summary, allowed: allowed,
        choices: LayerNotation.items.map { ($0.item, $0.meaning) }),
      read: { (node, path, section) throws(RecipeProblem) in
        if let items = node.sequence {
          var layers: [LayerSettings] = []
          for (index, item) in items.enumerated() {
            layers.append(try LayerSettings(item, at: path + index))
          }
          section[keyPath: property] = layers
        } else if let scalar = node.scalar, !scalar.isNull {
          section[keyPath: property] = try scalar.layers(at: path)
        } else {
          throw .refused(node.found, at: path, allowed: allowed)
        }
      },
      check: { (section, path) throws(RecipeProblem) in
        let layers = section[keyPath: property]
        for (index, layer) in layers.enumerated() { try layer.check(at: path + index) }
        guard let last = layers.last else {
          throw .refused("an empty list", at: path, allowed: allowed)
        }
        guard !endsDense || last.kind == .dense || last.kind == .readout else {
          throw RecipeProblem(
            path,
            """
            ends with a \(last.kind.rawValue) layer; the last layer must be dense or a readout, with one \
            neuron for each class
            """)
        }
      },
      write: { section in
        let layers = section[keyPath: property]
        if let notation = LayerNotation.format(layers) { return .scalar(notation.recipeText) }
        return .list(layers.map(\.tree))
      })
  }
}

extension Node.Scalar {
  /// The layers that this text names in the papers' notation.
  fileprivate func layers(at path: RecipePath) throws(RecipeProblem) -> [LayerSettings] {
    do {
      return try LayerNotation.parse(string)
    } catch {
      throw RecipeProblem(path, "is no network: \(error.message)")
    }
  }
}

extension LayerSettings {
  /// The layer that an item of the list stands for.
  fileprivate init(_ node: Node, at path: RecipePath) throws(RecipeProblem) {
    if let scalar = node.scalar, !scalar.isNull {
      let layers = try scalar.layers(at: path)
      guard let layer = layers.first, layers.count == 1 else {
        throw RecipeProblem(
          path, "is \(node.found), \(layers.count) layers; each needs an item of its own")
      }
      self = layer
      return
    }
    let every = [Self.kindKey.entry] + Self.keys.map(\.key.entry)
    let settings = try node.settings(at: path, of: every)
    guard let kind = settings.first(where: { $0.name == Self.kindKey.entry.name }) else {
      let allowed = Self.kindKey.entry.allowed
      throw RecipeProblem(path + Self.kindKey.entry.name, "is missing; allowed: \(allowed)")
    }
    self.init(.dense)
    try Self.kindKey.read(kind.value, path + kind.name, &self)

    let known = [Self.kindKey.entry] + self.kind.keys.map(\.key.entry)
    for (name, value) in settings where name != kind.name {
      guard let layerKey = Self.keys.first(where: { $0.key.entry.name == name }) else {
        throw .unknown(name, at: path, known: known)
      }
      guard layerKey.belongs(to: self.kind) else { throw foreign(name, at: path) }
      try layerKey.key.read(value, path + name, &self)
    }
    if global, settings.contains(where: { $0.name == Self.kernelName }) {
      throw RecipeProblem(
        path + Self.kernelName, "means nothing where global is true; leave one of them out")
    }
    for key in self.kind.keys where key.isRequired && !isMissing(key) {
      let entry = key.key.entry
      guard settings.contains(where: { $0.name == entry.name }) else {
        throw RecipeProblem(path + entry.name, "is missing; allowed: \(entry.allowed)")
      }
    }
  }

  fileprivate func check(at path: RecipePath) throws(RecipeProblem) {
    let plain = LayerSettings(kind)
    for layerKey in Self.keys {
      let name = layerKey.key.entry.name
      if layerKey.belongs(to: kind) {
        if isMissing(layerKey) { continue }
        try layerKey.key.check(self, path + name)
      } else if layerKey.key.write(self).inline != layerKey.key.write(plain).inline {
        throw foreign(name, at: path)
      }
    }
  }

  /// The settings that layers of this kind have, without those that are left to the network, and without
  /// what pooling layers of the papers' notation do not say.
  fileprivate var tree: RecipeTree {
    let settings = ([Self.kindKey] + kind.keys.filter { !isMissing($0) }.map(\.key)).map {
      ($0.entry.name, $0.write(self))
    }
    let plain = LayerSettings(kind)
    let unsaid = Self.keys.map(\.key).filter { ["groups", "by", "global"].contains($0.entry.name) }
      .map { ($0.entry.name, $0.write(plain).inline) }
    return .section(
      settings.filter { name, value in
        value.inline != "null" && !unsaid.contains { $0 == (name, value.inline) }
      })
  }

  private static let kernelName = "kernel"

  /// One window over the whole picture has no size of its own.
  private func isMissing(_ key: LayerKey) -> Bool {
    global && key.key.entry.name == Self.kernelName
  }

  private func foreign(_ name: String, at path: RecipePath) -> RecipeProblem {
    let known = ([Self.kindKey.entry] + kind.keys.map(\.key.entry)).names
    return RecipeProblem(
      path + name, "means nothing for a \(kind.rawValue) layer; known here: \(known)")
  }
}
