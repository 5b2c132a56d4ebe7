/// The rule that stands in for the derivative of a spike.
public struct GradientSettings: Sendable, Equatable {
  public enum Rule: Sendable, Hashable {
    /// Neighborhood aggregation, see ``NeighborhoodSettings``.
    case neighborhood
    /// A surrogate gradient, see ``SurrogateSettings``.
    case surrogate
    /// TSSL-BP (Zhang, Li, NeurIPS 2020): the derivative of the psc by the firing time; without
    /// settings.
    case tsslbp
    /// An exponential around the threshold and no reset on the way back, see ``SLAYERSettings``.
    case slayer
    /// A rule of a program's own, see ``RuleRegistry``, by its name.
    case registered(String)

    static let builtIn: [Rule] = [.neighborhood, .surrogate, .tsslbp, .slayer]
  }

  public var rule = Rule.neighborhood
  /// Settings of the rule `neighborhood`.
  public var neighborhood = NeighborhoodSettings()
  /// Settings of the rule `surrogate`.
  public var surrogate = SurrogateSettings()
  /// Settings of the rule `slayer`.
  public var slayer = SLAYERSettings()
  public var deltaScaling = DeltaScaling.none
  /// Settings of a registered rule that are not as its defaults.
  public package(set) var ruleSettings: [String: Double] = [:]

  /// What δ is multiplied by, layer by layer, behind the rule.
  public enum DeltaScaling: String, Sendable, Equatable, CaseIterable {
    case none
    /// 1.2·ln(mean_L/(mean_l + 10⁻⁵) + 1.02), mean_l the mean |δ| of the layer over a micro-batch's
    /// samples, neurons and time steps, mean_L that of the output layer, whose δ stay as they are.
    ///
    /// - Note: the authors' program for neighborhood aggregation; the paper does not mention it.
    case byLayer
  }

  public init() {}

  public static func neighborhood(
    _ settings: NeighborhoodSettings = NeighborhoodSettings()
  ) -> GradientSettings {
    var gradient = GradientSettings()
    gradient.rule = .neighborhood
    gradient.neighborhood = settings
    return gradient
  }

  public static func surrogate(
    _ settings: SurrogateSettings = SurrogateSettings()
  ) -> GradientSettings {
    var gradient = GradientSettings()
    gradient.rule = .surrogate
    gradient.surrogate = settings
    return gradient
  }
}

extension GradientSettings.Rule: RawRepresentable, CaseIterable {
  /// The name in recipes.
  public var rawValue: String {
    switch self {
    case .neighborhood: "neighborhood"
    case .surrogate: "surrogate"
    case .tsslbp: "tsslbp"
    case .slayer: "slayer"
    case .registered(let name): name
    }
  }

  /// The built-in or registered rule of a name.
  public init?(rawValue: String) {
    guard let rule = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = rule
  }

  /// The built-in rules, then the registered ones.
  public static var allCases: [Self] { builtIn + RuleRegistry.names.map(Self.registered) }
}

/// Neighborhood aggregation: the loss of perturbed membrane waveforms, by replaying the neuron.
///
/// With the simple neighborhood there is one neighbor a time step, that step's spike inverted:
///
///     δ[k] = ΔL_k · w(θ − u[k])
///
/// ΔL_k is the change of the loss, w an odd weight of the distance to the threshold. Others are
/// aggregated by least squares, see ``MembraneNeighborhood``; they take a hundred times longer.
///
/// - Note: Yang, Zhang, Li (ICML 2021), Section 4.
public struct NeighborhoodSettings: Sendable, Equatable {
  /// How the change of the psc is turned into a change of the loss.
  public enum ErrorForm: String, Sendable, Equatable, CaseIterable {
    /// ΔL_k = Σ_t g[t]·Δa[t]: the first-order change of the loss.
    case exact
    /// ΔL_k = Σ_t e[t]·Δa[t], with e the filtered g: what the authors' program computes.
    case paper
  }

  /// The weight w of the signed distance r = θ − u[k].
  public enum Distance: String, Sendable, Equatable, CaseIterable {
    /// clamp(1/rᵖ, ±clamp), p = `power`
    case inversePower
    /// sign(r)·q/(r² + q), q = `width`
    case lorentzian
    /// sign(r)·φ(r/σ)/σ, σ = `width`: to first order the derivative of the loss expected under
    /// Gaussian noise of standard deviation σ on the membrane
    case gaussian
  }

  /// Which waveforms are tried.
  public enum Neighbors: String, Sendable, Equatable, CaseIterable {
    /// Every single spike inverted: T neighbors, O(T) replays shared by all of them.
    case simple
    /// Every single and every two spikes inverted: T·(T + 1)/2 neighbors.
    case flips
    /// Gaussian perturbations of the currents, the same for all neurons.
    case sampled
  }

  /// The change of the loss that output neurons use.
  public enum OutputDifference: String, Sendable, Equatable, CaseIterable {
    /// As all other neurons: the derivative of the loss times the change of the psc.
    case firstOrder
    /// For the kernel loss, alone and unweighted, with ½ Σ_t Δa[t]² added, which makes it exact; others go on
    /// as before.
    case exact
  }

  public var error = ErrorForm.paper
  public var distance = Distance.inversePower
  /// p of the inverse power: 1 or 3.
  public var power = 3
  /// The largest magnitude of the inverse power, > 0.
  public var clamp: Float = 5
  /// q of the Lorentzian or σ of the Gaussian, > 0.
  public var width: Float = 0.3
  public var neighbors = Neighbors.simple
  /// M, the number of sampled neighbors, ≥ 1.
  public var samples = 64
  /// σ of the sampled perturbations of the currents, > 0.
  public var deviation: Float = 0.3
  /// Seed of the sampled perturbations.
  public var seed: UInt64 = 1
  /// λ of the ridge in the least squares of flips and sampled neighbors, ≥ 0.
  public var ridge: Float = 0
  public var outputDifference = OutputDifference.firstOrder

  public init() {}
}

/// The surrogate rule (STBP: backpropagation through time with a surrogate derivative).
///
///     δ[t] = E[t]·f(u[t] − θ) + m·(1 − s[t])·δ[t+1]
///
/// Every shape f has area 1, as the derivative of a step has, so that rules with different shapes
/// take steps of comparable length.
///
/// - Note: Wu et al., "Spatio-temporal backpropagation" (Frontiers in Neuroscience 2018).
public struct SurrogateSettings: Sendable, Equatable {
  public enum Shape: String, Sendable, Equatable, CaseIterable {
    /// f(x) = σ(x/w)·(1 − σ(x/w))/w with the logistic function σ, w = `width`
    case sigmoid
    /// f(x) = 1/w where |x| < w/2, else 0 (Wu et al. 2018, h₁ with a₁ = w)
    case rectangle
    /// f(x) = max(0, 1 − |x|/w)/w (Bellec et al., NeurIPS 2018, with w = θ)
    case triangle
    /// f(x) = 1/(2w·(1 + |x|/w)²) (Zenke, Ganguli, “SuperSpike”, Neural Computation 2018, with
    /// β = 1/w; there without the factor)
    case fastSigmoid
    /// f(x) = 1/(πw·(1 + (x/w)²)) (Fang et al., ICCV 2021, with α = 2/(πw))
    case arctangent
  }

  public var shape = Shape.sigmoid
  /// Width of f in units of the membrane potential, > 0.
  public var width: Float = 0.2
  /// Adds the path through the reset, −m·u[t]·f(u[t] − θ)·δ[t+1].
  public var resetGradient = false

  public init() {}
}

/// The rule SLAYER.
///
///     δ[t] = E[t]·α·exp(−β·|u[t] − θ|) + m·δ[t+1]
///
/// The defaults have area 1, as the surrogates have, and fall over the same width.
///
/// - Note: Shrestha, Orchard, “SLAYER” (NeurIPS 2018). Deviation: their 1/α is α here, as in
///   their later programs.
public struct SLAYERSettings: Sendable, Equatable {
  /// α, the height at the threshold, > 0.
  public var alpha: Float = 2.5
  /// β, how steeply it falls, in 1/(membrane potential), > 0.
  public var beta: Float = 5

  public init() {}
}
