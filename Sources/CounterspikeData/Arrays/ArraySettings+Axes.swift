internal import Counterspike
internal import CounterspikeFormats

extension ArraySettings.Axes {
  /// The samples, for messages.
  var what: String {
    switch self {
    case .auto: "arrays"
    case .points: "points"
    case .greyImages, .images, .imagesChannelsLast: "images"
    case .series: "time series"
    case .frames: "frames"
    }
  }

  var isImages: Bool { [.greyImages, .images, .imagesChannelsLast].contains(self) }

  /// Whether samples come in time steps.
  var hasTime: Bool { [.series, .frames].contains(self) }

  /// The encodings that mean something to such samples.
  var encodings: [EncodingSettings.Kind] {
    switch self {
    case .auto, .greyImages, .images, .imagesChannelsLast: EncodingSettings.Kind.allCases
    case .points: [.direct, .rate, .latency, .delta]
    case .series: [.direct, .rate, .delta]
    case .frames: [.direct]
    }
  }

  /// The number of axes; `nil`: any.
  var count: Int? { self == .auto ? nil : rawValue.count }

  /// What the axes of `array` are, where its shape and type leave no doubt.
  ///
  /// - Throws: `mismatch`, asking for `data.arrays.axes`.
  init(of array: NumPyArray) throws(CounterspikeError) {
    let shape = array.shape
    let choices: [Self]
    switch shape.count {
    case 2: choices = [.points]
    case 3: choices = array.isBytes ? [.greyImages] : [.greyImages, .series]
    case 4:
      let isChannels = [[1, 3].contains(shape[1]), [1, 3].contains(shape[3])]
      choices =
        isChannels == [true, false]
        ? [.images]
        : isChannels == [false, true] ? [.imagesChannelsLast] : [.images, .imagesChannelsLast]
    case 5: choices = [.frames]
    default:
      throw CounterspikeError(
        .damagedFile,
        "“\(array.path.excerpt)” has the shape \(shape), where the samples' array has 2 to 5 axes, "
          + "N first; reshape it")
    }
    guard choices.count == 1 else {
      throw CounterspikeError(
        .mismatch,
        "“\(array.path.excerpt)” has the shape \(shape) of \(array.typeText), which may be "
          + choices.map { "\($0.what) (\($0.rawValue))" }.joined(separator: " or ")
          + "; set data.arrays.axes", remedy: .changeSetting)
    }
    self = choices[0]
  }

  /// The shape of one sample, `[C, H, W]`, or of one time step of it; and the number of steps.
  ///
  /// - Precondition: `shape` has as many axes as this.
  func sample(_ shape: [Int]) -> (shape: [Int], steps: Int?) {
    switch self {
    case .auto: preconditionFailure("the axes are not known")
    case .points: ([shape[1], 1, 1], nil)
    case .greyImages: ([1, shape[1], shape[2]], nil)
    case .images: ([shape[1], shape[2], shape[3]], nil)
    case .imagesChannelsLast: ([shape[3], shape[1], shape[2]], nil)
    case .series: ([shape[2], 1, 1], shape[1])
    case .frames: ([shape[2], shape[3], shape[4]], shape[1])
    }
  }
}
