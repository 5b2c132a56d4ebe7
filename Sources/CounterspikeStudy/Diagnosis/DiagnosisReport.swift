/// Why a network does not learn, or that nothing was found.
public struct DiagnosisReport: Sendable {
  /// What is wrong.
  public enum Cause: String, Sendable, Equatable, CaseIterable {
    /// The samples' values are far from a mean of 0 and a standard deviation of 1.
    case inputs
    /// Few classes have samples, or labels do not belong to their samples.
    case labels
    /// A layer does not fire.
    case silent
    /// A layer fires at every step.
    case saturated
    /// Weights lie at or beyond `optimizer.weightClamp`.
    case clamped
    /// A layer's currents are many times its threshold.
    case largeCurrents
    /// An error arrives at a layer's neurons, and the gradient rule multiplies it by zero.
    case ruleWeight
    /// No error arrives at a layer.
    case noError
    /// A layer's gradient is too small for the optimizer.
    case vanishing
    /// A layer's errors are many times those of the output.
    case exploding
    case learningRateTooHigh
    case learningRateTooLow
    /// A few steps change nothing, for a reason that was not found.
    case notLearning
  }

  /// What was seen of a layer with the weights that are looked at.
  public struct Layer: Sendable, Equatable {
    public let name: String
    /// Spikes a neuron and time step.
    public let firingRate: Double
    /// Root mean square of the currents, in multiples of the threshold.
    public let current: Double
    /// Root mean square of δ over neurons, samples and time steps.
    public let error: Double
    /// Root mean square of a weight's gradient of the mean loss.
    public let gradient: Double
    /// Share of the neurons with an error whose δ is zero at all time steps; `nil`: no error arrives at
    /// any that was looked at.
    public let zeroWeight: Double?
  }

  /// What a few steps from new weights did to samples that are not trained with.
  public struct Outcome: Sendable, Equatable {
    public let steps: Int
    public let lossBefore: Double
    /// Not finite where the training diverged.
    public let lossAfter: Double
    public let accuracyBefore: Double
    public let accuracyAfter: Double
    /// Samples that these were measured with.
    public let samples: Int
    /// The targets are numbers; accuracies are 0 then and say nothing.
    public let isRegression: Bool

    public var hasDiverged: Bool { !lossAfter.isFinite }
    /// The loss fell by 2 % at least.
    public var isLossLower: Bool { !hasDiverged && lossAfter < 0.98 * lossBefore }
  }

  /// Settings of a recipe that were tried.
  public struct Attempt: Sendable, Equatable {
    public struct Setting: Sendable, Equatable {
      /// The key path.
      public let key: String
      public let value: String
    }

    public let settings: [Setting]
    public let outcome: Outcome
  }

  public struct Finding: Sendable, Equatable {
    public let cause: Cause
    /// The first layer of which it is true; `nil`: it is no layer's.
    public let layer: String?
    /// What is seen, on one line.
    public let observation: String
    /// The settings that helped when they were tried; `nil`: none did.
    public let remedy: Attempt?
    /// What was tried before and did not help.
    public let tried: [Attempt]
  }

  public let name: String
  /// The layers in the papers' notation.
  public let network: String
  /// Epochs that the weights were trained for; `nil`: initial weights.
  public let epochs: Int?
  /// The accuracy of whoever always names the most frequent class.
  public let chance: Double
  public let layers: [Layer]
  /// What the recipe as it is did.
  public let baseline: Outcome
  public let findings: [Finding]

  public var isHealthy: Bool { findings.isEmpty }
}
