/// How NumPy arrays of the user's own become samples; other data sets have their forms.
public struct ArraySettings: Sendable, Equatable {
  /// What the axes of the samples' array are: N samples, T time steps, C channels, H rows, W columns.
  public enum Axes: String, Sendable, Equatable, CaseIterable {
    /// By the number of axes and the type of the numbers, where these leave no doubt.
    case auto
    /// Points: a value a channel.
    case NC
    /// Grey images.
    case NHW
    /// Images.
    case NCHW
    /// Images as TensorFlow and image files have them.
    case NHWC
    /// Time series.
    case NTC
    /// Frames, such as binned events.
    case NTCHW
  }

  public var axes = Axes.auto

  public init() {}
}
