internal import CounterspikeSettings

extension GradientSettings: RecipeSectionWithDefaults {
  static var keys: [RecipeKey<GradientSettings>] {
    let registered = RuleRegistry.table.keys(
      { \GradientSettings[ruleSetting: $0.name] }, chosen: { $0.rule.rawValue })
    return builtInKeys + registered
  }

  func checkTogether(at path: RecipePath) throws(RecipeProblem) {
    if let problem = registrationProblem(at: path) { throw problem }
  }

  /// Why a registered rule cannot be used, if so.
  func registrationProblem(at path: RecipePath) -> RecipeProblem? {
    guard case .registered(let name) = rule else { return nil }
    return RuleRegistry.table.problem(name, ruleSettings, key: "rule", at: path)
  }

  mutating func finishReading() {
    if case .registered(let name) = rule {
      ruleSettings = RuleRegistry.table.differing(ruleSettings, of: name)
    } else {
      ruleSettings = [:]
    }
  }

  /// Their names are ``RuleRegistry/reservedKeys``.
  static let builtInKeys: [RecipeKey<GradientSettings>] = [
    .choice("rule", \.rule, "Which rule computes the gradient."),
    .section("neighborhood", \.neighborhood, "Settings of the rule neighborhood."),
    .section("surrogate", \.surrogate, "Settings of the rule surrogate."),
    .section("slayer", \.slayer, "Settings of the rule slayer."),
    .choice(
      "deltaScaling", \.deltaScaling,
      "What the rule's δ are multiplied by, of hidden layers, whichever the rule."),
  ]
}

extension NeighborhoodSettings: RecipeSection {
  static let keys: [RecipeKey<NeighborhoodSettings>] = [
    .choice("error", \.error, "How a changed spike train becomes a change of the loss."),
    .choice("distance", \.distance, "The weight of the signed distance r = θ − u."),
    .setting("power", \.power, .oneOf(1, 3), "p of inversePower."),
    .setting(
      "clamp", \.clamp, .above(0),
      "Largest magnitude of inversePower, and of 1/distance to flips and sampled neighbors."),
    .setting(
      "width", \.width, .above(0),
      "q of lorentzian or σ of gaussian, in units of the membrane potential (σ) or its square (q)."),
    .choice("neighbors", \.neighbors, "Which perturbed waveforms are tried."),
    .setting("samples", \.samples, .within(1...100_000), "Number of sampled neighbors."),
    .setting(
      "deviation", \.deviation, .above(0),
      "Standard deviation of the sampled perturbations of the currents."),
    .setting("seed", \.seed, .within(0...UInt64.max), "Seed of the sampled perturbations."),
    .setting(
      "ridge", \.ridge, .atLeast(0),
      "λ of the least squares for flips and sampled neighbors; 0: the shortest solution."),
    .choice(
      "outputDifference", \.outputDifference, "The change of the loss that output neurons use."),
  ]
}

extension SurrogateSettings: RecipeSection {
  static let keys: [RecipeKey<SurrogateSettings>] = [
    .choice("shape", \.shape, "f, the surrogate for a spike's derivative."),
    .setting("width", \.width, .above(0), "Width of f in units of the membrane potential."),
    .setting(
      "resetGradient", \.resetGradient, .any,
      "Whether the path through the reset, −m·u[t]·f·δ[t+1], is added."),
  ]
}

extension SLAYERSettings: RecipeSection {
  static let keys: [RecipeKey<SLAYERSettings>] = [
    .setting("alpha", \.alpha, .above(0), "α in f(x) = α·exp(−β·\\|x\\|), the height of f."),
    .setting("beta", \.beta, .above(0), "β, in 1/(membrane potential)."),
  ]
}

extension GradientSettings.Rule: RecipeChoice {
  static var remark: String { RuleRegistry.table.remark }

  var summary: String {
    switch self {
    case .neighborhood: "neighborhood aggregation, every spike inverted and the neuron replayed"
    case .surrogate: "backpropagation through time with a surrogate gradient (STBP)"
    case .tsslbp: "the derivative of a psc by its firing time (TSSL-BP); no settings"
    case .slayer: "an exponential around the threshold, no reset on the way back (SLAYER)"
    case .registered(let name): RuleRegistry.table[name]?.summary ?? "not registered"
    }
  }
}

extension GradientSettings.DeltaScaling: RecipeChoice {
  var summary: String {
    switch self {
    case .none: "1"
    case .byLayer:
      "1.2·ln(mean_L/(mean_l + 1e-5) + 1.02) with the mean \\|δ\\| of the output and of the layer in a "
        + "micro-batch, as the authors' program does"
    }
  }
}

extension NeighborhoodSettings.ErrorForm: RecipeChoice {
  var summary: String {
    switch self {
    case .exact: "Σ g·Δa, the first-order change of the loss"
    case .paper: "Σ e·Δa with the filtered e, as the authors' program computes"
    }
  }
}

extension NeighborhoodSettings.Distance: RecipeChoice {
  var summary: String {
    switch self {
    case .inversePower: "1/rᵖ, clamped to ±clamp"
    case .lorentzian: "sign(r)·q/(r² + q)"
    case .gaussian: "sign(r)·φ(r/σ)/σ with the normal density φ"
    }
  }
}

extension NeighborhoodSettings.Neighbors: RecipeChoice {
  var summary: String {
    switch self {
    case .simple: "every single spike inverted"
    case .flips: "every single and every two spikes inverted; slow"
    case .sampled: "Gaussian perturbations of the currents, the same for all neurons; slow"
    }
  }
}

extension NeighborhoodSettings.OutputDifference: RecipeChoice {
  var summary: String {
    switch self {
    case .firstOrder: "the loss's derivative times the change, as everywhere else"
    case .exact: "with half the change's square, which makes it exact for the kernel loss"
    }
  }
}

extension SurrogateSettings.Shape: RecipeChoice {
  var summary: String {
    switch self {
    case .sigmoid: "the derivative of the logistic function of x/width"
    case .rectangle: "1/width where \\|x\\| < width/2, else 0"
    case .triangle: "max(0, 1 − \\|x\\|/width)/width"
    case .fastSigmoid: "1/(2·width·(1 + \\|x\\|/width)²)"
    case .arctangent: "1/(π·width·(1 + (x/width)²))"
    }
  }
}
