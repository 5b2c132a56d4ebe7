internal import Counterspike

extension ArraySettings.Axes {
  /// The samples, for messages.
  var what: String {
    switch self {
    case .auto: "arrays"
    case .NC: "points"
    case .NHW, .NCHW, .NHWC: "still images"
    case .NTC: "time series"
    case .NTCHW: "frames"
    }
  }

  var isImages: Bool { [.NHW, .NCHW, .NHWC].contains(self) }

  /// Whether samples come in time steps.
  var hasTime: Bool { [.NTC, .NTCHW].contains(self) }

  /// The encodings that mean something to such samples.
  var encodings: [EncodingSettings.Kind] {
    switch self {
    case .auto, .NHW, .NCHW, .NHWC: EncodingSettings.Kind.allCases
    case .NC: [.direct, .rate, .latency, .delta]
    case .NTC: [.direct, .rate, .delta]
    case .NTCHW: [.direct]
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
    case 2: choices = [.NC]
    case 3: choices = array.isBytes ? [.NHW] : [.NHW, .NTC]
    case 4:
      let isChannels = [[1, 3].contains(shape[1]), [1, 3].contains(shape[3])]
      choices =
        isChannels == [true, false]
        ? [.NCHW] : isChannels == [false, true] ? [.NHWC] : [.NCHW, .NHWC]
    case 5: choices = [.NTCHW]
    default:
      throw CounterspikeError(
        .damagedFile,
        "“\(array.path.excerptOfPath)” has the shape \(shape), where the samples' array has 2 to 5 axes, "
          + "N first; reshape it")
    }
    guard choices.count == 1 else {
      throw CounterspikeError(
        .mismatch,
        "“\(array.path.excerptOfPath)” has the shape \(shape) of \(array.typeText), which may be "
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
    case .NC: ([shape[1], 1, 1], nil)
    case .NHW: ([1, shape[1], shape[2]], nil)
    case .NCHW: ([shape[1], shape[2], shape[3]], nil)
    case .NHWC: ([shape[3], shape[1], shape[2]], nil)
    case .NTC: ([shape[2], 1, 1], shape[1])
    case .NTCHW: ([shape[2], shape[3], shape[4]], shape[1])
    }
  }
}
