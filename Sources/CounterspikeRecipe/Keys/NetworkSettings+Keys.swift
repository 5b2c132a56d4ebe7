internal import CounterspikeSettings

extension NetworkSettings: RecipeSection {
  static let keys: [RecipeKey<NetworkSettings>] = [
    .layers(
      "layers", \.layers,
      "The layers from input to output, joined by hyphens; the last one is dense."),
    .setting(
      "timeSteps", \.timeSteps, .within(1...1_000_000),
      "T, the number of time steps that a sample is shown."),
    .section("neuron", \.neuron, "The neurons of every layer that has none of its own."),
    .setting(
      "poolingFactor", \.poolingFactor, .above(0),
      "What pooling layers multiply their sums by, unless they have a factor of their own."),
    .setting(
      "weightScale", \.weightScale, .above(0),
      "What initial weights are multiplied by, unless a layer has a scale of its own."),
    .setting(
      "bias", \.bias, .any,
      "Whether currents have a bias for each channel, unless a layer says so itself."),
    .setting(
      "normalization", \.normalization, .any,
      "Whether the currents of convolutions are normalized by channel, unless a layer says so itself: "
        + "in training over a micro-batch, all time steps and pixels, then by running means."),
    .choice("precision", \.precision, "What convolutions multiply."),
  ]
}

extension NetworkSettings.Precision: RecipeChoice {
  var summary: String {
    switch self {
    case .float32: "weights and post-synaptic currents as they are"
    case .bfloat16:
      "both rounded to 8 significant bits, as are errors: faster where the processor has it"
    }
  }
}

extension NeuronSettings: RecipeSection {
  static var keys: [RecipeKey<NeuronSettings>] {
    let registered = NeuronRegistry.table.keys(
      { \NeuronSettings[modelSetting: $0.name] }, chosen: { $0.model.rawValue })
    return builtInKeys + registered
  }

  func checkTogether(at path: RecipePath) throws(RecipeProblem) {
    if let problem = modelProblem(at: path) { throw problem }
  }

  mutating func finishReading() {
    if case .registered(let name) = model {
      modelSettings = NeuronRegistry.table.differing(modelSettings, of: name)
    } else {
      modelSettings = [:]
    }
  }

  /// Recipes without a neuron of a program's own do not name the only other one.
  private static var modelKey: RecipeKey<NeuronSettings> {
    var key = RecipeKey<NeuronSettings>.choice(
      "model", \.model, "What the neuron does in a time step.")
    key.isWritten = { $0.model != .leaky }
    key.entry.unwrittenDefault = Model.leaky.rawValue
    return key
  }

  /// Their names are ``reservedKeys``; they list the registered neurons and so fix them.
  static let builtInKeys: [RecipeKey<NeuronSettings>] = [
    modelKey,
    .setting(
      "membraneTimeConstant", \.membraneTimeConstant, .above(1),
      "τ_m in time steps; every step leaves 1 − 1/τ_m of the membrane potential."),
    .setting(
      "synapticTimeConstant", \.synapticTimeConstant, .atLeast(1),
      "τ_s in time steps; every step leaves 1 − 1/τ_s of the post-synaptic current; 1: no synapse."),
    .setting(
      "threshold", \.threshold, .above(0),
      "θ; a neuron fires when its membrane potential is strictly greater."),
    .choice("reset", \.reset, "What a spike does to the membrane potential."),
    .section(
      "adaptation", orNull: \.adaptation,
      "An adaptive threshold θ + β·b, with b the neuron's recent firing rate; null: none."),
    .choices(
      "trained", \.trained,
      "Constants that training changes; the output layer keeps its synaptic time constant, which the "
        + "targets share; null: none."),
    trainedPerKey,
  ]

  /// Written only where it says something, so that recipes without it stay as they are.
  private static var trainedPerKey: RecipeKey<NeuronSettings> {
    var key = RecipeKey<NeuronSettings>.choice(
      "trainedPer", \.trainedPer, "Neurons that share a trained constant.")
    key.isWritten = { $0.trainedPer != .layer }
    key.entry.unwrittenDefault = TrainedUnit.layer.rawValue
    return key
  }
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

extension NeuronSettings.TrainedConstant: RecipeChoice {
  var summary: String {
    switch self {
    case .membraneTimeConstant: "τ_m = 1 + eʷ, by training w"
    case .synapticTimeConstant: "τ_s = 1 + eʷ, by training w"
    case .threshold: "θ = ln(1 + eʷ), by training w"
    }
  }
}

extension NeuronSettings.TrainedUnit: RecipeChoice {
  var summary: String {
    switch self {
    case .layer: "those of a layer"
    case .channel: "those of a channel; each neuron of a dense or recurrent layer has its own"
    }
  }
}

extension NeuronSettings.Reset: RecipeChoice {
  var summary: String {
    switch self {
    case .zero: "sets it to zero"
    case .subtraction: "takes θ away"
    case .none: "nothing"
    }
  }
}

extension AdaptationSettings: RecipeSectionWithDefaults {
  static let keys: [RecipeKey<AdaptationSettings>] = [
    .setting(
      "strength", \.strength, .atLeast(0),
      "β, the most that the threshold rises by, in units of the membrane potential."),
    .setting(
      "timeConstant", \.timeConstant, .atLeast(1),
      "τ_b in time steps; every step leaves 1 − 1/τ_b of the firing rate b."),
  ]
}
