/// What an audit found.
public struct AuditReport: Sendable, Equatable {
  /// A value with its 95 % interval by the bootstrap.
  public struct Interval: Sendable, Equatable {
    public let value: Double
    public let low: Double
    public let high: Double
  }

  /// How a rule's predictions of ΔL agree with the true ones.
  public struct Agreement: Sendable, Equatable {
    /// Changed spike trains.
    public let count: Int
    /// Pearson's; `nil` where one of the two does not vary.
    public let correlation: Interval?
    /// Share of the changes with a true effect that are predicted with the right sign; a
    /// prediction of 0 is not right.
    public let signAgreement: Interval?
    /// Least-squares slope of the predicted over the true ΔL, through the origin: 1 is right.
    public let scale: Interval?
  }

  /// A part of the changes, such as those of one time step.
  public struct Group: Sendable, Equatable {
    public let name: String
    /// One a rule.
    public let agreements: [Agreement]
  }

  /// A changed spike train.
  public struct Point: Sendable, Equatable {
    public let truth: Double
    /// One a rule.
    public let predictions: [Double]
  }

  /// One layer's changes.
  public struct Layer: Sendable, Equatable {
    public let name: String
    /// Share of the changes that change the loss at all.
    public let effective: Double
    /// Root mean square of the true ΔL.
    public let size: Double
    /// One a rule.
    public let agreements: [Agreement]
    /// By |θ − u[k]|/θ; of whole trains by ‖ε‖/θ.
    public let byDistance: [Group]
    /// By the time step; of whole trains by the first one that differs.
    public let byStep: [Group]
    /// Some of the changes, to be drawn.
    public let points: [Point]
  }

  /// Losses after a step along a rule's negative gradient.
  public struct Descent: Sendable, Equatable {
    /// The layer that alone was changed; `all`: every layer.
    public let scope: String
    /// One list a rule, one loss a step length.
    public let losses: [[Double]]
  }

  /// Cosines of weight gradients.
  public struct Cosines: Sendable, Equatable {
    public let scope: String
    /// Rule by rule; `nil` where a gradient is zero.
    public let between: [[Double?]]
    /// To the gradient of the smoothed loss, one a rule; `nil` for all layers together.
    public let smoothed: [Double?]?
  }

  /// How a rule's gradient reaches a layer.
  public struct Flow: Sendable, Equatable {
    /// ‖∂L/∂W‖
    public let weightNorm: Double
    /// ‖δ‖
    public let deltaNorm: Double
    /// Share of neurons with δ = 0 for all samples and time steps.
    public let without: Double
  }

  /// A layer's neurons that never fire.
  public struct Silence: Sendable, Equatable {
    public let layer: String
    public let neurons: Int
    public let silent: Int
    /// Channels of a convolution that are silent as a whole; neurons of a dense layer.
    public let silentChannels: Int
    /// Silent without any current.
    public let withoutCurrent: Int
    /// Silent, at most half way to the threshold.
    public let farFromThreshold: Int
    /// Silent, more than half way to the threshold.
    public let nearThreshold: Int
    /// Silent, and the recipe's rule gives no error.
    public let withoutError: Int
    /// The layer takes the samples themselves.
    public let isFirst: Bool
  }

  public let name: String
  /// The layers in the papers' notation.
  public let network: String
  public let timeSteps: Int
  /// Epochs that the weights were trained for; `nil`: initial weights.
  public let epochs: Int?
  public let samples: Int
  /// Mean loss of these samples.
  public let loss: Double
  /// `nil` in regression.
  public let accuracy: Double?
  public let settings: AuditSettings
  public let rules: [AuditRule]
  /// Which of `rules` is the recipe's own.
  public let recipeRule: Int
  public let layers: [Layer]
  public let descents: [Descent]
  public let cosines: [Cosines]
  /// Standard deviation of the smoothed cosine of an unrelated direction.
  public let noiseFloor: Double
  /// By layer, then by rule.
  public let flows: [[Flow]]
  public let silences: [Silence]
}
