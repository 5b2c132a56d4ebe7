/// How gradients become steps.
public struct OptimizerSettings: Sendable, Equatable {
  public enum Kind: String, Sendable, Equatable, CaseIterable {
    /// AdamW: Adam with decoupled weight decay (Loshchilov, Hutter, ICLR 2019).
    case adamW
    /// Stochastic gradient descent with momentum: v = μ·v + g + λ·w, w −= η·v.
    case sgd
  }

  public enum Clipping: String, Sendable, Equatable, CaseIterable {
    case none
    /// Scales the whole gradient so that its norm is at most `clippingNorm`.
    case global
    /// Scales each layer's gradient so that its norm is at most `clippingNorm`.
    case perLayer
  }

  public var kind = Kind.adamW
  /// η at its largest, > 0; see ``ScheduleSettings``.
  public var learningRate: Float = 2e-3
  /// β₁ of AdamW, in 0 ..< 1.
  public var beta1: Float = 0.9
  /// β₂ of AdamW, in 0 ..< 1.
  public var beta2: Float = 0.999
  /// ε of AdamW, > 0.
  public var epsilon: Float = 1e-8
  /// μ of SGD, in 0 ..< 1.
  public var momentum: Float = 0.9
  /// λ, ≥ 0: AdamW multiplies the weights by 1 − η·λ, SGD adds λ·w to the gradient.
  public var weightDecay: Float = 0.01
  public var clipping = Clipping.none
  /// The largest Euclidean norm that `clipping` lets through, > 0.
  public var clippingNorm: Float = 1
  /// Weights are kept within ±this after every step; `nil`: they are free.
  public var weightClamp: Float? = 4

  public init() {}
}

/// The learning rate over time.
public struct ScheduleSettings: Sendable, Equatable {
  public enum Kind: String, Sendable, Equatable, CaseIterable {
    case constant
    /// Multiplied by `decay` after every epoch, smoothly in between.
    case exponential
    /// Half a cosine from the learning rate to `finalFraction` of it at the last step.
    case cosine
  }

  public var kind = Kind.cosine
  /// Factor per epoch of the exponential schedule, in 0 … 1.
  public var decay: Float = 0.9
  /// Where the cosine ends, as a fraction of the learning rate, in 0 … 1.
  public var finalFraction: Float = 0
  /// Epochs, possibly a fraction, in which the rate first rises linearly from 0.
  public var warmUpEpochs: Float = 0

  public init() {}
}
