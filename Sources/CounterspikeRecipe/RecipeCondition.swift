internal import CounterspikeSettings

/// Settings that mean something only where another setting has a certain value.
///
/// A file may hold them all, as a run's own does. Who names one on the command line wants it to change
/// something: that is refused where it would not.
struct RecipeCondition: Sendable {
  /// The setting, or the section of settings.
  let path: String
  /// The setting that decides.
  let decider: String
  /// The value that it has.
  let value: @Sendable (Recipe) -> String
  /// Those that these settings are for.
  let values: [String]

  init(
    _ path: String, only values: String..., of decider: String,
    _ value: @escaping @Sendable (Recipe) -> String
  ) {
    self.init(path, onlyOneOf: values, of: decider, value)
  }

  private init(
    _ path: String, onlyOneOf values: [String], of decider: String,
    _ value: @escaping @Sendable (Recipe) -> String
  ) {
    self.path = path
    self.decider = decider
    self.value = value
    self.values = values
  }

  /// What decides about a whole section first.
  static let all: [RecipeCondition] =
    ["neighborhood", "surrogate", "slayer"].map { rule in
      RecipeCondition("gradient.\(rule)", only: rule, of: "gradient.rule") {
        $0.gradient.rule.rawValue
      }
    } + registeredRules + registeredNeurons + neighborhood + loss + optimizer + encoding + training

  private static let registeredRules = RuleRegistry.table.owners.map { setting, rules in
    RecipeCondition("gradient.\(setting)", onlyOneOf: rules, of: "gradient.rule") {
      $0.gradient.rule.rawValue
    }
  }

  private static let registeredNeurons = NeuronRegistry.table.owners.map { setting, models in
    RecipeCondition("network.neuron.\(setting)", onlyOneOf: models, of: "network.neuron.model") {
      $0.network.neuron.model.rawValue
    }
  }

  private static let neighborhood: [RecipeCondition] = {
    let section = "gradient.neighborhood"
    let distance: @Sendable (Recipe) -> String = { $0.gradient.neighborhood.distance.rawValue }
    let neighbors: @Sendable (Recipe) -> String = { $0.gradient.neighborhood.neighbors.rawValue }
    return [
      RecipeCondition(
        "\(section).power", only: "inversePower", of: "\(section).distance", distance),
      RecipeCondition(
        "\(section).width", only: "lorentzian", "gaussian", of: "\(section).distance", distance),
      RecipeCondition(
        "\(section).ridge", only: "flips", "sampled", of: "\(section).neighbors", neighbors),
    ]
      + ["samples", "deviation", "seed"].map {
        RecipeCondition(
          "\(section).\($0)", only: "sampled", of: "\(section).neighbors", neighbors)
      }
  }()

  private static let loss: [RecipeCondition] = LossSection.kinds.map { key, kinds in
    RecipeCondition("loss.\(key)", onlyOneOf: kinds.map(\.rawValue), of: "loss.kind") {
      $0.loss.kind.rawValue
    }
  }

  private static let optimizer: [RecipeCondition] =
    [("beta1", "adamW"), ("beta2", "adamW"), ("epsilon", "adamW"), ("momentum", "sgd")].map {
      RecipeCondition("optimizer.\($0)", only: $1, of: "optimizer.kind") {
        $0.optimizer.kind.rawValue
      }
    } + [
      RecipeCondition(
        "optimizer.clippingNorm", only: "global", "perLayer", of: "optimizer.clipping"
      ) { $0.optimizer.clipping.rawValue },
      RecipeCondition("schedule.decay", only: "exponential", of: "schedule.kind") {
        $0.schedule.kind.rawValue
      },
      RecipeCondition("schedule.finalFraction", only: "cosine", of: "schedule.kind") {
        $0.schedule.kind.rawValue
      },
    ]

  private static let training = [
    RecipeCondition("training.weightScale", only: "a number", of: "training.weightBits") {
      $0.training.weightBits == nil ? "null" : "a number"
    }
  ]

  private static let encoding: [RecipeCondition] = {
    let kind: @Sendable (Recipe) -> String = { $0.data.encoding.kind.rawValue }
    let section = "data.encoding"
    return [
      RecipeCondition("\(section).gain", only: "rate", of: "\(section).kind", kind),
      RecipeCondition(
        "\(section).threshold", only: "latency", "delta", "saccades", of: "\(section).kind", kind),
      RecipeCondition("\(section).amplitude", only: "saccades", of: "\(section).kind", kind),
      RecipeCondition("\(section).noise", only: "saccades", of: "\(section).kind", kind),
    ]
  }()

  /// Why a setting at `path` changes nothing in `recipe`, if that is so.
  static func problem(_ path: RecipePath, in recipe: Recipe) -> RecipeProblem? {
    for condition in all {
      let ancestor = RecipePath(components: condition.path.split(separator: ".").map(String.init))
      let value = condition.value(recipe)
      guard path.isInside(ancestor), !condition.values.contains(value) else { continue }
      return RecipeProblem(
        path,
        "changes nothing while \(condition.decider) is \(value); leave it out, or set "
          + "\(condition.decider) to \(condition.values.joined(separator: " or "))")
    }
    return nil
  }
}
