/// The loss: one term, or several summed with factors, summed over the batch.
///
/// ```swift
/// LossSettings()                                   // the papers' van Rossum distance
/// LossSettings(.softmax(labelSmoothing: 0.1))
/// LossSettings([LossSettings.Term(.softmax(.everyStep)), LossSettings.Term(.count(), weight: 0.1)])
/// ```
public struct LossSettings: Sendable, Equatable {
  /// A loss and its factors.
  public struct Term: Sendable, Equatable {
    public var loss: Loss
    /// What the loss is multiplied by, > 0.
    public var weight: Float
    public var classWeights: ClassWeights

    public init(_ loss: Loss, weight: Float = 1, classWeights: ClassWeights = .equal) {
      self.loss = loss
      self.weight = weight
      self.classWeights = classWeights
    }
  }

  /// What the losses of samples are multiplied by, class by class.
  public enum ClassWeights: Sendable, Equatable {
    case equal
    /// N/(K·n_c): n_c of the N training samples are of class c, K classes have any. The mean over the
    /// training samples is 1. Training writes the numbers into its recipe.
    case balanced
    /// One number ≥ 0 a class.
    case list([Double])
  }

  /// At least one; the first one decides what is predicted.
  public var terms: [Term]
  /// Keeps the layers' firing rates within bounds; `nil`: nothing does.
  public var rates: RatePenalty?

  /// - Precondition: there is at least one term.
  public init(_ terms: [Term], rates: RatePenalty? = nil) {
    precondition(!terms.isEmpty, "a loss of no terms")
    self.terms = terms
    self.rates = rates
  }

  public init(_ loss: Loss = .kernel(), classWeights: ClassWeights = .equal) {
    self.init([Term(loss, classWeights: classWeights)])
  }

  /// The kind of the first term; another kind begins with its defaults.
  public var kind: Kind {
    get { terms[0].loss.kind }
    set {
      guard newValue != kind else { return }
      terms[0].loss = Loss(newValue)
    }
  }

  /// Whether samples have numbers as targets, not classes.
  public var isRegression: Bool { terms[0].loss.isRegression }

  /// Whether this is the kernel loss alone, unweighted.
  package var isPlainKernel: Bool {
    guard case .kernel = terms[0].loss else { return false }
    return terms.count == 1 && terms[0].weight == 1 && terms[0].classWeights == .equal
  }
}

/// A loss of one sample. y is its class, K the number of classes, a[t] what the output neurons give at
/// time step t: the psc, or the membrane potential of neurons that do not fire.
public enum Loss: Sendable, Equatable {
  /// The papers' van Rossum distance: ½ Σ_t (a[t] − (σ∗y)[t])², σ∗ the synaptic filter; the class's
  /// neuron should fire at every step, the others never.
  case kernel(LossSettings.TargetFilter = .twice)
  /// ½ Σ ((n − n_target)/T)² over the spike counts n; zero where a wanted count is exceeded or an
  /// unwanted one not reached. `desired` is for the class's neuron, `nil` one at every step;
  /// `undesired` for each of the others.
  case count(desired: Int? = nil, undesired: Int = 0)
  /// Cross-entropy of the softmax of the reduced output. With label smoothing ε, in 0 ..< 1, the class
  /// should have probability 1 − ε + ε/K and each other ε/K.
  ///
  /// - Note: with ``Reduction/everyStep`` temporal efficient training, Deng et al. (ICLR 2022), Eq. 10.
  case softmax(Reduction = .sum, labelSmoothing: Float = 0)
  /// 1/K Σ_k (n_k/T − r_k)² over the firing rates n/T, r in spikes a step: `desired` of the class's
  /// neuron, `undesired` of each other.
  case rate(desired: Float = 1, undesired: Float = 0)
  /// Time to first spike: the cross-entropy of the softmax of −t/τ, t the step of a neuron's first
  /// spike, T − 1 where it is silent, τ the time scale in steps. The class of the earliest spike is
  /// predicted, of equally early ones that of more spikes.
  ///
  /// - Note: the derivative of t with respect to the spike is taken for −1, as snnTorch's
  ///   `ce_temporal_loss` does (its inverse `negate`, with τ = 1).
  case latency(timeScale: Float = 1)
  /// 1/K Σ_k (v_k − y_k)² with v the reduced output of K neurons and y the sample's numbers; with
  /// ``Reduction/everyStep`` the mean over t of that of a[t], y then one number a neuron or one a step
  /// and neuron.
  case squaredError(Reduction = .rate)
  /// A loss of a program's own, see ``LossRegistry``.
  case registered(RegisteredPiece)

  /// How the output of all time steps becomes one number a neuron.
  public enum Reduction: String, Sendable, Equatable, CaseIterable {
    /// Σ_t a[t]
    case sum
    /// Σ_t a[t] / T
    case mean
    /// a[T − 1]
    case last
    /// max_t a[t]
    case largest
    /// n/T with n the spikes.
    case rate
    /// Not at all: the loss is the mean of the losses of all steps.
    case everyStep
  }
}

extension LossSettings.Kind: RawRepresentable, CaseIterable {
  /// The name in recipes.
  public var rawValue: String {
    switch self {
    case .kernel: "kernel"
    case .count: "count"
    case .softmax: "softmax"
    case .rate: "rate"
    case .latency: "latency"
    case .squaredError: "squaredError"
    case .registered(let name): name
    }
  }

  /// The built-in or registered loss of a name.
  public init?(rawValue: String) {
    guard let kind = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = kind
  }

  /// The built-in losses, then the registered ones.
  public static var allCases: [Self] { builtIn + LossRegistry.names.map(Self.registered) }
}

extension LossSettings {
  /// The losses' names.
  public enum Kind: Sendable, Hashable {
    case kernel
    case count
    case softmax
    case rate
    case latency
    case squaredError
    /// A loss of a program's own, by its name.
    case registered(String)

    /// Those of samples that have a class.
    public static var ofClasses: [Kind] { allCases.filter { !$0.isRegression } }

    static let builtIn: [Kind] = [.kernel, .count, .softmax, .rate, .latency, .squaredError]

    /// Whether samples have numbers as targets, not classes.
    var isRegression: Bool {
      switch self {
      case .kernel, .count, .softmax, .rate, .latency: false
      case .squaredError: true
      case .registered(let name): LossRegistry.table[name]?.piece.isRegression ?? false
      }
    }
  }

  /// How often the target spike train is filtered in the kernel loss.
  public enum TargetFilter: String, Sendable, Equatable, CaseIterable {
    case once
    /// As the authors' program does; the target then rises more slowly than the output can. With a single
    /// time step, T = 1, the target is filtered once: filtered twice, (1−d)², it would be as far from
    /// the output of a neuron that fires, 1 − d, as from that of one that does not, 0, at τ_s = 2,
    /// and farther at larger ones.
    case twice
  }
}

extension Loss {
  /// The loss of this kind with its defaults.
  public init(_ kind: LossSettings.Kind) {
    switch kind {
    case .kernel: self = .kernel()
    case .count: self = .count()
    case .softmax: self = .softmax()
    case .rate: self = .rate()
    case .latency: self = .latency()
    case .squaredError: self = .squaredError()
    case .registered(let name): self = .registered(RegisteredPiece(loss: name))
    }
  }

  public var kind: LossSettings.Kind {
    switch self {
    case .kernel: .kernel
    case .count: .count
    case .softmax: .softmax
    case .rate: .rate
    case .latency: .latency
    case .squaredError: .squaredError
    case .registered(let piece): .registered(piece.name)
    }
  }

  /// Whether samples have numbers as targets, not classes.
  public var isRegression: Bool { kind.isRegression }

  /// Whether the loss is one of spikes, which membrane potentials have none of.
  package var needsSpikes: Bool {
    switch self {
    case .kernel, .count, .rate, .latency, .softmax(.rate, _), .squaredError(.rate): true
    case .softmax, .squaredError: false
    case .registered(let piece): piece.registeredLoss?.needsSpikes ?? false
    }
  }
}

/// A penalty on layers that are too silent or too busy.
///
/// With r the mean spikes a neuron and time step of a layer in a micro-batch, each of its samples adds
/// `weight`·(lowest − r)² where r < lowest, and `weight`·(r − highest)² where r > highest, for every
/// layer. The derivative with respect to each spike is added to what the layer gets from the loss.
public struct RatePenalty: Sendable, Equatable {
  /// In spikes a neuron and time step, 0 … 1.
  public var lowest: Float = 0
  /// In spikes a neuron and time step, 0 … 1, at least ``lowest``.
  public var highest: Float = 1
  /// > 0
  public var weight: Float = 1

  public init() {}

  public init(lowest: Float = 0, highest: Float = 1, weight: Float = 1) {
    self.lowest = lowest
    self.highest = highest
    self.weight = weight
  }
}
