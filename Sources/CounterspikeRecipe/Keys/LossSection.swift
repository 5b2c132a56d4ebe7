internal import CounterspikeSettings

/// A term of the loss as a recipe spells it: every key of every kind. Of those that belong to other kinds
/// than ``kind`` a recipe may hold some, as the files of old runs do; they mean nothing.
struct LossSection: Equatable, Sendable {
  var kind = LossSettings.Kind.kernel
  var targetFilter = LossSettings.TargetFilter.twice
  var desiredCount: Int?
  var undesiredCount = 0
  var reduction: Loss.Reduction?
  var labelSmoothing: Float = 0
  var desiredRate: Float = 1
  var undesiredRate: Float = 0
  var timeScale: Float = 1
  var weight: Float = 1
  var classWeights = LossSettings.ClassWeights.equal
  var rates: RatePenalty?
  /// Settings of a registered loss.
  var settings: [String: Double] = [:]

  /// A setting of the registered loss, as a recipe names it.
  subscript(setting name: String) -> Double? {
    get {
      settings[name]
        ?? LossRegistry.table[kind.rawValue]?.settings.first { $0.name == name }?.defaultValue
    }
    set { settings[name] = newValue }
  }
}

extension LossSection: RecipeSectionWithDefaults {
  static var keys: [RecipeKey<LossSection>] {
    let registered = LossRegistry.table.keys(
      { \LossSection[setting: $0.name] }, chosen: { $0.kind.rawValue })
    return builtInKeys + registered
  }

  func checkTogether(at path: RecipePath) throws(RecipeProblem) {
    guard case .registered(let name) = kind,
      let problem = LossRegistry.table.problem(name, settings, key: "kind", at: path)
    else { return }
    throw problem
  }

  mutating func finishReading() {
    if case .registered(let name) = kind {
      settings = LossRegistry.table.differing(settings, of: name)
    } else {
      settings = [:]
    }
  }

  /// Their names are ``LossRegistry/reservedKeys``.
  static let builtInKeys: [RecipeKey<LossSection>] = [
    .choice("kind", \.kind, "What is compared with the target."),
    .choice("targetFilter", \.targetFilter, "How often the kernel loss filters the target train."),
    .setting(
      "desiredCount", \.desiredCount, orNull: .within(0...1_000_000),
      "Spikes that the class's neuron should fire, of the count loss; null: one a time step."),
    .setting(
      "undesiredCount", \.undesiredCount, .within(0...1_000_000),
      "Spikes that each other neuron may fire, of the count loss."),
    .choice(
      "reduction", orNull: \.reduction,
      "How softmax and squaredError make one number a neuron of its output at all time steps, the psc "
        + "or the membrane potential of a readout; null: sum for softmax, rate for squaredError."),
    .setting(
      "labelSmoothing", \.labelSmoothing, .within(0..<1),
      "ε of softmax: the probability that is shared out evenly among all classes."),
    .setting(
      "desiredRate", \.desiredRate, .within(0...1),
      "Firing rate that the class's neuron should have, of the rate loss, in spikes a time step."),
    .setting(
      "undesiredRate", \.undesiredRate, .within(0...1),
      "Firing rate that each other neuron should have, of the rate loss, in spikes a time step."),
    .setting(
      "timeScale", \.timeScale, .above(0),
      "τ of the latency loss in time steps: a smaller one asks for less distance between first spikes."
    ),
    .setting("weight", \.weight, .above(0), "What the loss is multiplied by."),
    .classWeights(
      "classWeights", \.classWeights,
      "What the losses of samples are multiplied by, class by class; balanced: N/(K·n) for a class of n "
        + "of the N training samples, K classes with any; training writes the numbers."),
    .section(
      "rates", orNull: \.rates,
      "A penalty on layers whose firing rate is outside an interval; null: none."),
  ]
}

extension RatePenalty: RecipeSectionWithDefaults {
  static let keys: [RecipeKey<RatePenalty>] = [
    .setting(
      "lowest", \.lowest, .within(0...1),
      "Spikes a neuron and time step below which a layer is too silent."),
    .setting(
      "highest", \.highest, .within(0...1),
      "Spikes a neuron and time step above which a layer is too busy."),
    .setting(
      "weight", \.weight, .above(0),
      "What the squared distance to the interval is multiplied by; it counts once a sample and layer."
    ),
  ]

  func checkTogether(at path: RecipePath) throws(RecipeProblem) {
    guard lowest > highest else { return }
    throw RecipeProblem(
      path + "lowest", "is \(lowest), more than highest (\(highest)); lower it, or raise highest")
  }
}

extension LossSection {
  /// The keys that only some kinds have.
  static var kinds: [(key: String, kinds: [LossSettings.Kind])] {
    [
      ("targetFilter", [.kernel]), ("desiredCount", [.count]), ("undesiredCount", [.count]),
      ("reduction", [.softmax, .squaredError]), ("labelSmoothing", [.softmax]),
      ("desiredRate", [.rate]), ("undesiredRate", [.rate]), ("timeScale", [.latency]),
      ("classWeights", LossSettings.Kind.ofClasses),
    ]
      + LossRegistry.table.owners.map { setting, owners in
        (setting, owners.map(LossSettings.Kind.registered))
      }
  }

  /// Whether losses of a kind have a key.
  static func has(_ kind: LossSettings.Kind, _ key: String) -> Bool {
    kinds.first { $0.key == key }?.kinds.contains(kind) ?? true
  }

  init(_ term: LossSettings.Term, rates: RatePenalty?) {
    self.init(
      kind: term.loss.kind, weight: term.weight, classWeights: term.classWeights, rates: rates)
    switch term.loss {
    case .kernel(let filter): targetFilter = filter
    case .count(let desired, let undesired): (desiredCount, undesiredCount) = (desired, undesired)
    case .softmax(let by, let smoothing): (reduction, labelSmoothing) = (by, smoothing)
    case .rate(let desired, let undesired): (desiredRate, undesiredRate) = (desired, undesired)
    case .latency(let scale): timeScale = scale
    case .squaredError(let by): reduction = by
    case .registered(let piece): settings = piece.settings
    }
    // What the kind does by default is not spelled out.
    if term.loss == Loss(kind) { reduction = nil }
  }

  var term: LossSettings.Term {
    let loss: Loss =
      switch kind {
      case .kernel: .kernel(targetFilter)
      case .count: .count(desired: desiredCount, undesired: undesiredCount)
      case .softmax: .softmax(reduction ?? .sum, labelSmoothing: labelSmoothing)
      case .rate: .rate(desired: desiredRate, undesired: undesiredRate)
      case .latency: .latency(timeScale: timeScale)
      case .squaredError: .squaredError(reduction ?? .rate)
      case .registered(let name): .registered(RegisteredPiece(loss: name, settings))
      }
    return LossSettings.Term(
      loss, weight: weight, classWeights: Self.has(kind, "classWeights") ? classWeights : .equal)
  }
}
