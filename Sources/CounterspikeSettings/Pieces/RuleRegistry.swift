package import CounterspikeKernels
public import CounterspikeSystem

/// The derivative of a spike that a rule of a program's own puts in, see ``RuleRegistry``.
///
///     struct Boxcar: SpikeDerivative {
///       let width: Float
///
///       func write(
///         membrane: Span<Float>, threshold: Span<Float>, into result: inout MutableSpan<Float>
///       ) {
///         for i in membrane.indices {
///           result[i] = abs(membrane[i] - threshold[i]) < width / 2 ? 1 / width : 0
///         }
///       }
///     }
public protocol SpikeDerivative: Sendable {
  /// Writes f(u, θ), which stands in for ∂s/∂u, of each neuron and time step.
  ///
  /// Each value may depend on the u and θ of its own place only, not on those around it or on earlier calls:
  /// then results do not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - membrane: u, before the reset; the neuron fires where u > θ. The values are of several neurons and
  ///     steps, in no order that could be relied on.
  ///   - threshold: θ of each, with its adaptation.
  ///   - result: as many finite values.
  func write(
    membrane: Span<Float>, threshold: Span<Float>, into result: inout MutableSpan<Float>)
}

/// Gradient rules of a program's own that recipes can name.
///
/// A rule is either a ``NeuronRule`` or the surrogate rule with another derivative, a ``SpikeDerivative``:
///
///     δ[t] = E[t]·f(u[t], θ[t]) + m·κ[t]·δ[t+1]
///
/// see ``SurrogateSettings``; that one is defined for neurons with any reset, with an adaptive threshold, with
/// trained constants, for recurrent layers, and for ``DifferentiableNeuronModel``s. A program registers rules before
/// it reads the first recipe:
///
///     try RuleRegistry.register(
///       "boxcar", summary: "a constant around the threshold",
///       settings: [PieceSetting("width", default: 1, in: 0.001...100, "Width of f.")]
///     ) { Boxcar(width: Float($0["width"])) }
///     let recipe = try Recipe(yaml: "gradient: {rule: boxcar, width: 0.5}", source: "my program")
public enum RuleRegistry {
  package enum Make: Sendable {
    case derivative(@Sendable (PieceValues) -> any SpikeDerivative)
    case rule(@Sendable (PieceValues) -> any NeuronRule)
  }

  package static let table = PieceTable<Make>(kind: "rule")

  /// The keys that the section `gradient` has without any registered rule.
  package static let reservedKeys = ["rule", "neighborhood", "surrogate", "slayer", "deltaScaling"]

  /// The registered names. From the first call on, none can be added.
  public static var names: [String] { table.entries.map(\.name) }

  /// Makes recipes know a rule.
  ///
  /// - Parameters:
  ///   - name: what `gradient.rule` is: letters and digits, a lower-case letter first.
  ///   - summary: a short phrase for the documentation of the recipe's keys.
  ///   - settings: further keys of the section `gradient`.
  ///   - make: makes the derivative, its settings given.
  /// - Throws: `invalidRecipe` for a name or setting that is not allowed or is taken, and once a recipe has been
  ///   read.
  public static func register(
    _ name: String, summary: String, settings: [PieceSetting] = [],
    _ make: @escaping @Sendable (PieceValues) -> any SpikeDerivative
  ) throws(CounterspikeError) {
    try register(name, summary, settings, .derivative(make))
  }

  /// Makes recipes know a rule that looks at whole runs of neurons.
  ///
  /// - Parameters:
  ///   - name: what `gradient.rule` is: letters and digits, a lower-case letter first.
  ///   - summary: a short phrase for the documentation of the recipe's keys.
  ///   - settings: further keys of the section `gradient`.
  ///   - make: makes the rule, its settings given.
  /// - Throws: `invalidRecipe` for a name or setting that is not allowed or is taken, and once a recipe has been
  ///   read.
  public static func register(
    _ name: String, summary: String, settings: [PieceSetting] = [],
    _ make: @escaping @Sendable (PieceValues) -> any NeuronRule
  ) throws(CounterspikeError) {
    try register(name, summary, settings, .rule(make))
  }

  private static func register(
    _ name: String, _ summary: String, _ settings: [PieceSetting], _ make: Make
  ) throws(CounterspikeError) {
    try table.register(
      .init(name: name, summary: summary, settings: settings, piece: make),
      builtIn: GradientSettings.Rule.builtIn.map(\.rawValue),
      keys: reservedKeys)
  }

  /// - Precondition: the rule is registered.
  package static func kernel(_ name: String, _ settings: [String: Double]) -> SpikeRule {
    guard let entry = table[name] else { preconditionFailure("the rule \(name) is not registered") }
    let values = entry.values(settings)
    let identity = "\(name):\(values.identity)"
    switch entry.piece {
    case .derivative(let make):
      let derivative = make(values)
      return .external(
        ExternalDerivative(identity: identity) { membrane, threshold, result in
          derivative.write(membrane: membrane, threshold: threshold, into: &result)
        })
    case .rule(let make):
      let rule = make(values)
      return .own(
        ExternalRule(identity: identity) { neurons, currents, errors, deltas in
          rule.write(RuleNeurons(neurons), currents: currents, errors: errors, into: &deltas)
        })
    }
  }
}

extension GradientSettings {
  /// A rule of ``RuleRegistry``.
  ///
  /// - Parameter settings: those that are not as their defaults.
  public static func registered(
    _ name: String, _ settings: [String: Double] = [:]
  ) -> GradientSettings {
    var gradient = GradientSettings()
    gradient.rule = .registered(name)
    gradient.ruleSettings = RuleRegistry.table.differing(settings, of: name)
    return gradient
  }

  /// A setting of the registered rule, as a recipe names it.
  package subscript(ruleSetting name: String) -> Double? {
    get {
      ruleSettings[name]
        ?? RuleRegistry.table[rule.rawValue]?.settings.first { $0.name == name }?.defaultValue
    }
    set { ruleSettings[name] = newValue }
  }
}
