/// How images and time series become what a network is shown at each time step; recordings of events
/// are spikes already.
///
/// All but `direct` start from values in 0 … 1, pixels divided by 255 or series scaled by their
/// smallest and largest value in training, and need no normalization.
public struct EncodingSettings: Sendable, Equatable {
  public enum Kind: String, Sendable, Equatable, CaseIterable {
    /// The normalized values themselves, as an input current: of an image the same at every step.
    case direct
    /// Random spikes, at each step with probability `gain`·value, drawn anew in every epoch.
    case rate
    /// One spike, the earlier the larger the value; none up to `threshold`. Images only.
    case latency
    /// A spike whenever the value has changed by `threshold` since the last one: ON and OFF channels
    /// for a series. An image is faded in over the time steps, so that it has ON spikes only.
    case delta
    /// What an event camera sees when the image moves along a triangle: ON and OFF channels.
    case saccades
  }

  public var kind = Kind.direct
  /// Of `rate`: the probability of a spike where the value is 1.
  public var gain: Float = 1
  /// Of `latency`, `delta` and, in logarithmic brightness, `saccades`.
  public var threshold: Float = 0.1
  /// Of `saccades`: the sides of the triangle's bounding square, in pixels.
  public var amplitude: Float = 3
  /// Of `saccades`: the probability that a pixel makes an event of noise, for each time step and
  /// polarity.
  public var noise: Float = 0

  public init() {}
}
