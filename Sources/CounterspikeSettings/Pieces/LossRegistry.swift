package import CounterspikeKernels
public import CounterspikeSystem

/// A loss of a program's own, see ``LossRegistry``.
///
///     struct Margin: SampleLoss {
///       let margin: Float
///
///       func evaluate(
///         _ sample: LossSample, outputs: Span<Float>, spikes: Span<Float>, targets: Span<Float>,
///         ofOutputs: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>
///       ) -> Double { … }
///     }
public protocol SampleLoss: Sendable {
  /// Computes the loss of one sample and its derivatives.
  ///
  /// It must give the same numbers for the same sample whenever it is called, from whichever thread:
  /// then results do not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - outputs: a[t], `[T, K]`: the post-synaptic currents of the K output neurons, or the membrane
  ///     potentials of a readout. Neuron k at step t stands at t·K + k.
  ///   - spikes: s[t], 0 or 1, `[T, K]`; zeros of a readout.
  ///   - targets: the sample's numbers, `[K]` or `[T, K]`; empty where it has a class.
  ///   - ofOutputs: ∂loss/∂a, `[T, K]`; zeros before.
  ///   - ofSpikes: ∂loss/∂s with a kept as it is, `[T, K]`; zeros before. The derivative with respect to a spike
  ///     is the sum of this one and of what comes through the outputs.
  /// - Returns: the loss.
  func evaluate(
    _ sample: LossSample, outputs: Span<Float>, spikes: Span<Float>, targets: Span<Float>,
    ofOutputs: inout MutableSpan<Float>, ofSpikes: inout MutableSpan<Float>
  ) -> Double
}

/// What a ``SampleLoss`` is told of a sample.
public struct LossSample: Sendable, Equatable {
  /// T
  public let timeSteps: Int
  /// K, the output neurons.
  public let classCount: Int
  /// The sample's class, 0 ..< K; 0 where the targets are numbers.
  public let label: Int
  /// d of the output neurons, a[t] = d·a[t−1] + (1 − d)·s[t].
  public let synapticDecay: Float
}

/// Losses of a program's own that recipes can name.
///
/// A program registers them before it reads the first recipe, each by a name of its own:
///
///     try LossRegistry.register(
///       "margin", summary: "the class's neuron must be ahead of all others",
///       settings: [PieceSetting("margin", default: 1, in: 0...100, "By how much.")]
///     ) { Margin(margin: Float($0["margin"])) }
///     let recipe = try Recipe(yaml: "loss: {kind: margin, margin: 2}", source: "my program")
///
/// The settings are keys of the recipe, so that checkpoints hold them.
public enum LossRegistry {
  package struct Registered: Sendable {
    package let isRegression: Bool
    package let needsSpikes: Bool
    package let score: Loss.Reduction
    package let make: @Sendable (PieceValues) -> any SampleLoss
  }

  package static let table = PieceTable<Registered>(kind: "loss")

  /// The keys that the section `loss` has without any registered loss.
  package static let reservedKeys = [
    "kind", "targetFilter", "desiredCount", "undesiredCount", "reduction", "labelSmoothing",
    "desiredRate", "undesiredRate", "timeScale", "weight", "classWeights", "rates",
  ]

  /// The registered names. From the first call on, none can be added.
  public static var names: [String] { table.entries.map(\.name) }

  /// Makes recipes know a loss.
  ///
  /// - Parameters:
  ///   - name: what `loss.kind` is: letters and digits, a lower-case letter first.
  ///   - summary: a short phrase for the documentation of the recipe's keys.
  ///   - settings: further keys of the section `loss`.
  ///   - isRegression: whether samples have numbers as targets, not classes.
  ///   - needsSpikes: whether the loss means nothing for a readout, whose neurons do not fire.
  ///   - score: the reduced output by which classes are ranked.
  ///   - make: makes the loss, its settings given.
  /// - Throws: `invalidRecipe` for a name or setting that is not allowed or is taken, and once a recipe has been
  ///   read.
  public static func register(
    _ name: String, summary: String, settings: [PieceSetting] = [], isRegression: Bool = false,
    needsSpikes: Bool = false, score: Loss.Reduction = .sum,
    _ make: @escaping @Sendable (PieceValues) -> any SampleLoss
  ) throws(CounterspikeError) {
    try table.register(
      .init(
        name: name, summary: summary, settings: settings,
        piece: Registered(
          isRegression: isRegression, needsSpikes: needsSpikes, score: score, make: make)),
      builtIn: LossSettings.Kind.builtIn.map(\.rawValue),
      keys: reservedKeys)
  }
}

extension RegisteredPiece {
  /// A loss of ``LossRegistry``.
  ///
  /// - Parameter settings: those that are not as their defaults.
  public init(loss name: String, _ settings: [String: Double] = [:]) {
    let defaults = LossRegistry.table[name]?.settings ?? []
    self.init(
      name: name,
      settings: settings.filter { name, value in
        !defaults.contains { $0.name == name && $0.defaultValue == value }
      })
  }

  /// The reduced output by which a loss of this name ranks classes.
  package var scoreReduction: Loss.Reduction { registeredLoss?.score ?? .sum }

  var registeredLoss: LossRegistry.Registered? { LossRegistry.table[name]?.piece }

  /// - Precondition: the loss is registered.
  package func lossKernel(timeSteps: Int, classCount: Int, synapticDecay: Float) -> ExternalLoss {
    guard let entry = LossRegistry.table[name] else {
      preconditionFailure("the loss \(name) is not registered")
    }
    let values = entry.values(settings)
    let loss = entry.piece.make(values)
    return ExternalLoss(
      identity: "\(name):\(values.identity)", score: entry.piece.score.kernel
    ) { outputs, spikes, label, targets, ofOutputs, ofSpikes in
      loss.evaluate(
        LossSample(
          timeSteps: timeSteps, classCount: classCount, label: label,
          synapticDecay: synapticDecay),
        outputs: outputs, spikes: spikes, targets: targets, ofOutputs: &ofOutputs,
        ofSpikes: &ofSpikes)
    }
  }
}
