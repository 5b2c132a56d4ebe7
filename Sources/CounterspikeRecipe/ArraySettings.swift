/// How NumPy arrays of the user's own become samples; other data sets have their forms.
public struct ArraySettings: Sendable, Equatable {
  /// What the axes of the samples' array are: N samples, T time steps, C channels, H rows, W columns.
  public enum Axes: String, Sendable, Equatable, CaseIterable {
    /// By the number of axes and the type of the numbers, where these leave no doubt.
    case auto
    /// Points: a value a channel.
    case points = "NC"
    /// Grey images.
    case greyImages = "NHW"
    /// Images.
    case images = "NCHW"
    /// Images as TensorFlow and image files have them.
    case imagesChannelsLast = "NHWC"
    /// Time series.
    case series = "NTC"
    /// Frames, such as binned events.
    case frames = "NTCHW"
  }

  /// What y holds.
  public enum Targets: String, Sendable, Equatable, CaseIterable {
    /// Whole numbers from 0, one a sample.
    case classes
    /// Numbers, for regression: `[N, K]`, or `[N, T, K]` for numbers at every time step.
    case numbers
  }

  public var axes = Axes.auto
  public var targets = Targets.classes

  public init() {}
}
