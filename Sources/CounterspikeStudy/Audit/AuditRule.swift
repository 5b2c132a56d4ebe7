public import Counterspike

/// A gradient rule that an audit compares with others.
public struct AuditRule: Sendable, Equatable {
  /// Such as `na-paper` or `sigmoid`.
  public let name: String
  public let gradient: GradientSettings
  /// Layers with a rule of their own keep it; only so for the recipe's rule.
  public let respectsLayers: Bool

  public init(_ name: String, _ gradient: GradientSettings, respectsLayers: Bool = false) {
    self.name = name
    self.gradient = gradient
    self.respectsLayers = respectsLayers
  }

  /// What the rule's name stands for, in a few words.
  public var summary: String {
    Self.summaries[name]
      ?? (RuleRegistry.names.contains(name) ? "a rule of this program" : "the recipe's rule")
  }

  /// The rules that an audit compares unless told otherwise.
  public static let all: [AuditRule] =
    [
      neighborhood("na-paper", .paper),
      neighborhood("na-exact", .exact),
      neighborhood("na-inverse", .exact) { $0.power = 1 },
      neighborhood("na-lorentzian", .exact) { $0.distance = .lorentzian },
      neighborhood("na-gaussian", .exact) { $0.distance = .gaussian },
      neighborhood("na-square", .exact) {
        $0.distance = .gaussian
        $0.outputDifference = .exact
      },
      neighborhood("na-flips", .exact) { $0.neighbors = .flips },
      neighborhood("na-sampled", .exact) { $0.neighbors = .sampled },
      surrogate("sigmoid", .sigmoid, width: 0.2),
      surrogate("sigmoid-reset", .sigmoid, width: 0.2, reset: true),
      surrogate("rectangle", .rectangle, width: 1),
      surrogate("triangle", .triangle, width: 1),
      surrogate("fast-sigmoid", .fastSigmoid, width: 0.2),
      surrogate("arctangent", .arctangent, width: 0.3),
      plain("slayer", .slayer),
      plain("tssl-bp", .tsslbp),
    ] + RuleRegistry.names.map { AuditRule($0, .registered($0)) }

  /// The slowest rule, whose neighbors grow with T², is left out of longer time series.
  public static func all(timeSteps: Int) -> [AuditRule] {
    all.filter { $0.gradient.neighborhood.neighbors != .flips || timeSteps <= 8 }
  }

  /// Those of ``all(timeSteps:)`` that are defined for the neurons of every layer of a network.
  static func all(for plan: NetworkPlan) -> [AuditRule] {
    all(timeSteps: plan.timeSteps).filter { rule in
      (try? rule.gradient.requireNeurons(of: plan, respectsLayers: false)) != nil
    }
  }

  private static let summaries = [
    "na-paper": "neighborhood aggregation as the authors' program: filtered error, 1/r³ to ±5",
    "na-exact": "neighborhood aggregation, exact first order, 1/r³ to ±5",
    "na-inverse": "neighborhood aggregation, exact first order, 1/r to ±5",
    "na-lorentzian": "neighborhood aggregation, exact first order, q/(r² + q), q = 0.3",
    "na-gaussian": "neighborhood aggregation, exact first order, normal density, σ = 0.3",
    "na-square": "as na-gaussian, with the square of the change at the output",
    "na-flips": "single and double flips, least squares, 1/distance to 5",
    "na-sampled": "64 Gaussian neighbors, least squares, 1/distance to 5",
    "sigmoid": "surrogate, derivative of the sigmoid, width 0.2",
    "sigmoid-reset": "as sigmoid, with the path through the reset",
    "rectangle": "surrogate, rectangle of width 1",
    "triangle": "surrogate, triangle of half width 1",
    "fast-sigmoid": "surrogate, fast sigmoid of width 0.2",
    "arctangent": "surrogate, arctangent of width 0.3",
    "slayer": "SLAYER, α = 2.5, β = 5",
    "tssl-bp": "TSSL-BP",
  ]

  private static func neighborhood(
    _ name: String, _ error: NeighborhoodSettings.ErrorForm,
    _ change: (inout NeighborhoodSettings) -> Void = { _ in }
  ) -> AuditRule {
    // Spelled out, so that a rule keeps its meaning when defaults change.
    var settings = NeighborhoodSettings()
    settings.distance = .inversePower
    settings.width = 0.3
    settings.error = error
    change(&settings)
    return AuditRule(name, .neighborhood(settings))
  }

  private static func surrogate(
    _ name: String, _ shape: SurrogateSettings.Shape, width: Float, reset: Bool = false
  ) -> AuditRule {
    var settings = SurrogateSettings()
    settings.shape = shape
    settings.width = width
    settings.resetGradient = reset
    return AuditRule(name, .surrogate(settings))
  }

  private static func plain(_ name: String, _ rule: GradientSettings.Rule) -> AuditRule {
    var gradient = GradientSettings()
    gradient.rule = rule
    return AuditRule(name, gradient)
  }
}
