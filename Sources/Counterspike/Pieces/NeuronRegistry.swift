package import CounterspikeKernels
internal import CounterspikeSystem

/// Neurons of a program's own that recipes can name.
///
/// A program registers them before it reads the first recipe:
///
///     try NeuronRegistry.register(
///       "resonator", summary: "a damped oscillation of the membrane potential",
///       settings: [PieceSetting("period", default: 8, in: 2...10_000, "Of the oscillation, in time steps.")]
///     ) { values, neuron in
///       Resonator(period: Float(values["period"]), decay: Float(neuron.membraneDecay))
///     }
///     let recipe = try Recipe(
///       yaml: "network: {neuron: {model: resonator, period: 12}}", source: "my program")
///
/// The synapse behind such neurons is the built-in one. They take the rules `neighborhood` with simple neighbors
/// and, as ``DifferentiableNeuronModel``s, `surrogate` and those of ``RuleRegistry``; they cannot be recurrent, and
/// neither NIR nor the export to C knows them.
public enum NeuronRegistry {
  typealias Make = @Sendable (PieceValues, NeuronSettings) -> any NeuronModel

  static let table = PieceTable<Make>(kind: "neuron")

  /// The registered names. From the first call on, none can be added.
  public static var names: [String] { table.entries.map(\.name) }

  /// Makes recipes know a neuron.
  ///
  /// - Parameters:
  ///   - name: what `network.neuron.model`, or a layer's `model`, is: letters and digits, a lower-case letter first.
  ///   - summary: a short phrase for the documentation of the recipe's keys.
  ///   - settings: further keys of the section `network.neuron` and of layers.
  ///   - make: makes the neuron of a layer, its settings given, and the layer's time constants and threshold.
  /// - Throws: `invalidRecipe` for a name or setting that is not allowed or is taken, and once a recipe has been
  ///   read.
  public static func register(
    _ name: String, summary: String, settings: [PieceSetting] = [],
    _ make: @escaping @Sendable (PieceValues, NeuronSettings) -> any NeuronModel
  ) throws(CounterspikeError) {
    try table.register(
      .init(name: name, summary: summary, settings: settings, piece: make),
      builtIn: NeuronSettings.Model.builtIn.map(\.rawValue),
      keys: NeuronSettings.reservedKeys + LayerSettings.reservedKeys
        + LayerRegistry.table.settingNames)
  }
}

extension NeuronSettings {
  /// What a neuron does in a time step.
  public enum Model: Sendable, Hashable {
    /// Leaky integrate-and-fire, see ``NeuronSettings``.
    case leaky
    /// A neuron of a program's own, see ``NeuronRegistry``, by its name.
    case registered(String)

    static let builtIn: [Model] = [.leaky]
  }

  /// The neuron that a program registered, if this is one; as the kernels take it.
  ///
  /// - Precondition: the model is registered.
  package var external: ExternalNeuron? {
    guard case .registered(let name) = model else { return nil }
    guard let entry = NeuronRegistry.table[name] else {
      preconditionFailure("the neuron \(name) is not registered")
    }
    let values = entry.values(modelSettings)
    let made = entry.piece(values, self)
    return ExternalNeuron(
      identity: "\(name):\(values.identity):\(membraneTimeConstant):\(threshold)",
      stateCount: made.stateCount, currentGain: made.currentGain,
      integrate: { made.integrate($0, states: &$1, membrane: &$2, threshold: &$3) },
      settle: { made.settle($0, membrane: $1, states: &$2) },
      backward: (made as? any DifferentiableNeuronModel).map { made in
        ExternalNeuron.Backward(
          settle: { spikes, membrane, ofStates, ofMembrane, ofSpikes in
            made.settleBackward(
              spikes, membrane: membrane, ofStates: &ofStates, ofMembrane: &ofMembrane,
              ofSpikes: &ofSpikes)
          },
          integrate: { currents, states, ofMembrane, ofThreshold, ofStates, ofCurrents in
            made.integrateBackward(
              currents, states: states, ofMembrane: ofMembrane, ofThreshold: ofThreshold,
              ofStates: &ofStates, ofCurrents: &ofCurrents)
          })
      })
  }

  /// A setting of the registered neuron, as a recipe names it.
  subscript(modelSetting name: String) -> Double? {
    get {
      modelSettings[name]
        ?? NeuronRegistry.table[model.rawValue]?.settings.first { $0.name == name }?.defaultValue
    }
    set { modelSettings[name] = newValue }
  }

  /// Why a registered neuron cannot be used, if so: it is not registered, or a setting is not allowed, or is one
  /// that it does not have.
  func modelProblem(at path: RecipePath) -> RecipeProblem? {
    guard case .registered(let name) = model else { return nil }
    if let problem = NeuronRegistry.table.problem(name, modelSettings, key: "model", at: path) {
      return problem
    }
    let others = [
      ("reset", reset != NeuronSettings().reset), ("adaptation", adaptation != nil),
      ("trained", !(trained ?? []).isEmpty),
    ]
    guard let (key, _) = others.first(where: { $0.1 }) else { return nil }
    return RecipeProblem(
      path + key,
      "means nothing for the neuron \(name), which does by itself what a spike does; leave it out")
  }
}

extension NeuronSettings.Model: RawRepresentable, CaseIterable {
  /// The name in recipes.
  public var rawValue: String {
    switch self {
    case .leaky: "leaky"
    case .registered(let name): name
    }
  }

  /// The built-in or registered neuron of a name.
  public init?(rawValue: String) {
    guard let model = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = model
  }

  /// The built-in neuron, then the registered ones.
  public static var allCases: [Self] { builtIn + NeuronRegistry.names.map(Self.registered) }
}

extension NeuronSettings.Model: RecipeChoice {
  static var remark: String { NeuronRegistry.table.remark }

  var summary: String {
    switch self {
    case .leaky: "leaky integrate-and-fire"
    case .registered(let name): NeuronRegistry.table[name]?.summary ?? "not registered"
    }
  }
}
