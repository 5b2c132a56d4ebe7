internal import CLIDrawing
internal import Counterspike
internal import CounterspikeData

/// A sample of a data set as a network is shown it in the first epoch.
struct ShownSample {
  private let values: [Float]
  /// `[C, H, W]` or `[T, C, H, W]`.
  private let shape: [Int]
  private let kind: DataCatalog.Kind
  private let settings: DataSettings
  private let channelNames: [String]?

  init(_ source: any SampleSource, _ index: Int, of data: DataSet, kind: DataCatalog.Kind) {
    values = source.values(at: index)
    shape = source.shape
    self.kind = kind
    settings = data.settings
    channelNames = data.channelNames
  }

  /// - Parameter frames: the most frames of a recording, or channels of an image.
  func picture(frames: Int) -> any Picture {
    guard shape.count == 4 else { return still(frames: frames) }
    if isSeries, shape[2] == 1, shape[3] == 1 {
      return SeriesPicture(
        values, channels: shape[1], names: channelNames, quantity: quantity)
    }
    return shape[2] == 1
      ? UnitsPicture(values, shape: shape, time: time)
      : FramesPicture(
        values, shape: shape, frames: frames, time: time,
        downsampling: isRecording ? settings.events.downsampling : 1)
  }

  private func still(frames: Int) -> any Picture {
    if kind == .generated(.yinYang), shape == [4, 1, 1] {
      return PlanePicture(x: Double(values[0]), y: Double(values[1]))
    }
    if shape[1] == 1, shape[2] == 1 {
      return SeriesPicture(
        values, channels: 1, names: ["value"], quantity: quantity, stepLabel: "channel",
        areJoined: false)
    }
    return [1, 3].contains(shape[0])
      ? ImagePicture(values, shape: shape)
      : FramesPicture(channels: values, shape: shape, most: frames)
  }

  /// Whether the values are those of a time series, and not spikes that encode them.
  private var isSeries: Bool {
    guard settings.encoding.kind == .direct else { return false }
    switch kind {
    case .series, .folder(.series): return true
    case .folder(.arrays): return settings.arrays.axes == .series
    default: return false
    }
  }

  /// Values of series and points are scaled when they are loaded.
  private var quantity: String { "value (minus the mean, in standard deviations)" }

  /// Whether the sample was binned from events or spikes.
  private var isRecording: Bool {
    switch kind {
    case .events, .spikes, .folder(.events): true
    default: false
    }
  }

  private var time: StepTime {
    isRecording && settings.events.slicing == .timeWindow
      ? .microseconds(Double(settings.events.timeWindow)) : .steps
  }
}

extension SampleSource {
  /// A sample as a network is shown it in the first epoch, in the shape of all samples.
  func values(at index: Int) -> [Float] {
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    var span = values.mutableSpan
    load(index, epoch: 0, into: &span)
    return values
  }
}
