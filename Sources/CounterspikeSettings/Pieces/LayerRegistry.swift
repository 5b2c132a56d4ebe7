public import CounterspikeSystem

/// Layers of a program's own that recipes can name.
///
/// A program registers them before it reads the first recipe:
///
///     try LayerRegistry.register(
///       "gain", summary: "a factor for each channel", fires: false
///     ) { _, inputShape in Gain(outputShape: inputShape) }
///     let recipe = try Recipe(
///       yaml: "network: {layers: [15C5, {kind: gain}, P2, 10]}", source: "my program")
///
/// Neither NIR, the export to C nor quantization knows them.
public enum LayerRegistry {
  package struct Registered: Sendable {
    package let fires: Bool
    package let make:
      @Sendable (PieceValues, _ inputShape: [Int]) throws(CounterspikeError) -> any LayerModel
  }

  package static let table = PieceTable<Registered>(kind: "layer")

  /// The registered names. From the first call on, none can be added.
  public static var names: [String] { table.entries.map(\.name) }

  /// Makes recipes know a layer.
  ///
  /// - Parameters:
  ///   - name: what a layer's `kind` is: letters and digits, a lower-case letter first.
  ///   - summary: a short phrase for the documentation of the recipe's keys.
  ///   - settings: further keys of the layer.
  ///   - fires: whether neurons follow, as behind a convolution: it then makes currents, and the layer has the
  ///     keys of a dense layer but `size`. Otherwise it makes what the next layer sees, as pooling does.
  ///   - make: makes the layer for values of `[C, H, W]`, its settings given; throws where it cannot take such.
  /// - Throws: `invalidRecipe` for a name or setting that is not allowed or is taken, and once a recipe has been
  ///   read.
  public static func register(
    _ name: String, summary: String, settings: [PieceSetting] = [], fires: Bool,
    _ make:
      @escaping @Sendable (PieceValues, _ inputShape: [Int]) throws(CounterspikeError) ->
      any LayerModel
  ) throws(CounterspikeError) {
    try table.register(
      .init(
        name: name, summary: summary, settings: settings,
        piece: Registered(fires: fires, make: make)),
      builtIn: LayerSettings.Kind.builtIn.map(\.rawValue),
      keys: LayerSettings.reservedKeys + NeuronRegistry.table.settingNames)
  }
}

extension RegisteredPiece {
  /// - Precondition: the layer is registered.
  package func layer(inputShape: [Int]) throws(CounterspikeError) -> any LayerModel {
    guard let entry = LayerRegistry.table[name] else {
      preconditionFailure("the layer \(name) is not registered")
    }
    return try entry.piece.make(entry.values(settings), inputShape)
  }
}

extension LayerSettings {
  /// A layer of ``LayerRegistry``.
  ///
  /// - Parameter settings: those that are not as their defaults.
  public static func registered(
    _ name: String, _ settings: [String: Double] = [:]
  ) -> LayerSettings {
    var layer = LayerSettings(.registered(name))
    layer.ownSettings = settings
    return layer
  }

  /// A setting of a registered layer, as a recipe names it.
  package subscript(ownSetting name: String) -> Double? {
    get { ownSettings[name] }
    set { ownSettings[name] = newValue }
  }

  /// What a registered layer is, if this is one.
  package var piece: RegisteredPiece? {
    guard case .registered(let name) = kind else { return nil }
    return RegisteredPiece(name: name, settings: ownSettings)
  }
}

extension LayerSettings {
  /// A setting of this layer's registered neurons, where it is not the network's.
  package subscript(modelSetting name: String) -> Double? {
    get { modelSettings[name] }
    set { modelSettings[name] = newValue }
  }

  /// The names of the keys that a layer has without any registered piece.
  package static let reservedKeys = [
    "kind", "size", "kernel", "stride", "padding", "groups", "name", "inputs", "probability",
    "steps", "start", "learned", "model", "membraneTimeConstant", "synapticTimeConstant",
    "threshold", "reset", "adaptation", "trained", "trainedPer", "weightScale", "gradient",
    "factor", "by", "global", "bias", "normalization", "layers", "shortcut", "join",
  ]
}

extension LayerSettings.Kind: RawRepresentable, CaseIterable {
  static let builtIn: [Self] = [
    .convolution, .dense, .recurrent, .readout, .pooling, .dropout, .delay, .residual,
  ]

  /// The name in recipes.
  public var rawValue: String {
    switch self {
    case .convolution: "convolution"
    case .dense: "dense"
    case .recurrent: "recurrent"
    case .readout: "readout"
    case .pooling: "pooling"
    case .dropout: "dropout"
    case .delay: "delay"
    case .residual: "residual"
    case .registered(let name): name
    }
  }

  /// The built-in or registered layer of a name.
  public init?(rawValue: String) {
    guard let kind = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = kind
  }

  /// The built-in layers, then the registered ones.
  public static var allCases: [Self] { builtIn + LayerRegistry.names.map(Self.registered) }

  /// The built-in kind whose keys a registered one has beside its own settings, but not those that it must have.
  package var keysOf: Self {
    guard case .registered(let name) = self else { return self }
    return LayerRegistry.table[name]?.piece.fires == true ? .dense : .dropout
  }
}
