package import CounterspikeKernels
public import CounterspikeSystem

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
/// and, as ``DifferentiableNeuronModel``s, `surrogate` and those of ``RuleRegistry``, in recurrent layers,
/// too. Neither NIR nor the export to C knows them.
public enum NeuronRegistry {
  package typealias Make = @Sendable (PieceValues, NeuronSettings) -> any NeuronModel

  package static let table = PieceTable<Make>(kind: "neuron")

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

    package static let builtIn: [Model] = [.leaky]
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
      made, identity: "\(name):\(values.identity):\(membraneTimeConstant):\(threshold)")
  }

  /// A setting of the registered neuron, as a recipe names it.
  package subscript(modelSetting name: String) -> Double? {
    get {
      modelSettings[name]
        ?? NeuronRegistry.table[model.rawValue]?.settings.first { $0.name == name }?.defaultValue
    }
    set { modelSettings[name] = newValue }
  }

  /// The names of the keys that neurons have without any registered one.
  package static let reservedKeys = [
    "model", "membraneTimeConstant", "synapticTimeConstant", "threshold", "reset", "adaptation",
    "trained", "trainedPer",
  ]
}

extension ExternalNeuron {
  /// A program's own neuron as the kernels take it.
  package convenience init(_ model: any NeuronModel, identity: String) {
    self.init(
      identity: identity, stateCount: model.stateCount, currentGain: model.currentGain,
      integrate: { model.integrate($0, states: &$1, membrane: &$2, threshold: &$3) },
      settle: { model.settle($0, membrane: $1, states: &$2) },
      backward: (model as? any DifferentiableNeuronModel).map { model in
        Backward(
          settle: { spikes, membrane, ofStates, ofMembrane, ofSpikes in
            model.settleBackward(
              spikes, membrane: membrane, ofStates: &ofStates, ofMembrane: &ofMembrane,
              ofSpikes: &ofSpikes)
          },
          integrate: { currents, states, ofMembrane, ofThreshold, ofStates, ofCurrents in
            model.integrateBackward(
              currents, states: states, ofMembrane: ofMembrane, ofThreshold: ofThreshold,
              ofStates: &ofStates, ofCurrents: &ofCurrents)
          })
      },
      series: (model as? any VectorNeuronModel).flatMap { vector in
        // One whose way back is on spans alone goes step by step.
        let passes = vector.passes
        return passes.propagate == nil && model is any DifferentiableNeuronModel
          ? nil : passes.series
      })
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
