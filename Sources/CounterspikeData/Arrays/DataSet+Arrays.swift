internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats
internal import CounterspikeSamples

extension DataSet {
  /// Reads the user's own arrays.
  ///
  /// Images of bytes become an ``ImageSet``, as all others do. Points, other images and series are
  /// brought to mean 0 and standard deviation 1, channel by channel, or to 0 … 1 where they are encoded
  /// as spikes. Frames are used as they are.
  ///
  /// - Returns: the samples, and the entry with what the arrays say.
  static func loadArrayFolder(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, at location: DataLocator.Location,
    timeSteps: Int, seed: UInt64
  ) throws(CounterspikeError) -> (DataParts, DataCatalog.Entry) {
    let folder = try ArrayFolder(settings, at: location.folder)
    let entry = entry.described(by: folder)
    try settings.check(against: entry)
    var parts: DataParts
    if folder.axes.isImages, folder.test.samples.isBytes {
      parts = try folder.images(settings, entry, seed: seed)
    } else {
      guard settings.augmentation == AugmentationSettings() else {
        throw CounterspikeError(
          .invalidRecipe,
          "data.augmentation is set; with arrays of \(folder.test.samples.typeText) it must be left out: it "
            + "is for images of uint8")
      }
      parts =
        folder.axes == .frames
        ? try folder.frames(settings, timeSteps: timeSteps)
        : try folder.series(settings, entry, timeSteps: timeSteps)
    }
    if let targets = folder.test.targets {
      parts.test = TargetedSource(parts.test, targets: targets)
    }
    if let targets = folder.training?.targets {
      parts.training = TargetedSource(parts.training, targets: targets)
      parts.plainTraining = TargetedSource(parts.plainTraining, targets: targets)
    }
    parts.settings.arrays.axes = folder.axes
    parts.folder = folder.path
    return (parts, entry)
  }
}

extension ArrayFolder {
  /// Images of bytes.
  fileprivate func images(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, seed: UInt64
  ) throws(CounterspikeError) -> DataParts {
    try requireStatistics(settings)
    let plane = shape[1] * shape[2]
    func pixels(_ part: Part) -> [UInt8] {
      let pixels = part.samples.pixels()
      return axes == .imagesChannelsLast
        ? Self.planes(pixels, channels: shape[0], plane: plane) : pixels
    }
    let trained = training.map(pixels) ?? []
    let (found, mean, deviation) = try DataSet.normalization(settings, entry, file: path) {
      (0..<shape[0]).map { channel in
        var statistics = PixelStatistics()
        for start in stride(from: channel * plane, to: trained.count, by: shape[0] * plane) {
          statistics.add(trained[start..<(start + plane)])
        }
        return statistics
      }
    }
    func set(_ pixels: [UInt8], _ labels: [Int]) -> ImageSet {
      ImageSet(
        pixels: pixels, labels: labels.map { UInt8($0) }, shape: shape,
        classCount: classNames.count,
        mean: mean, standardDeviation: deviation, seed: seed)
    }
    let plain = set(trained, training?.labels ?? [])
    return DataParts(
      training: ImageSet(plain, augmentation: settings.augmentation), plainTraining: plain,
      test: set(pixels(test), test.labels), settings: found)
  }

  /// Points, images of other numbers, and series: values of each channel are scaled by its statistics.
  fileprivate func series(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, timeSteps: Int
  ) throws(CounterspikeError) -> DataParts {
    try requireStatistics(settings)
    let plane = shape[1] * shape[2]
    func samples(_ part: Part?) throws(CounterspikeError) -> TimeSeries {
      var series = TimeSeries(samples: [], labels: part?.labels ?? [], channels: shape[0])
      guard let part else { return series }
      var values = try part.samples.floats()
      // As steps of a series, pixel after pixel: a channel's values have one scale.
      if [.greyImages, .images].contains(axes) {
        values = Self.planes(values, channels: plane, plane: shape[0])
      }
      let size = values.count / part.labels.count
      series.samples = (0..<part.labels.count).map {
        Array(values[($0 * size)..<(($0 + 1) * size)])
      }
      return series
    }
    let (trained, tested) = (try samples(training), try samples(test))
    var parts = DataSet.parts(
      trained, tested, settings, classCount: classNames.count,
      timeSteps: axes == .series ? timeSteps : plane, folder: path)
    guard axes != .series else { return parts }
    func still(_ source: any SampleSource) -> any SampleSource {
      guard let source = source as? SeriesSource else { return source }
      let values = Self.planes(source.scalars, channels: shape[0], plane: plane)
      return TensorSource(
        samples: Tensor(shape: [source.count] + shape, scalars: values),
        labels: source.series.labels,
        classCount: source.classCount)
    }
    parts.training = still(parts.training)
    parts.plainTraining = parts.training
    parts.test = still(parts.test)
    return parts
  }

  /// Frames as they are.
  fileprivate func frames(
    _ settings: DataSettings, timeSteps: Int
  ) throws(CounterspikeError) -> DataParts {
    guard let steps, steps == timeSteps else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.timeSteps is \(timeSteps), and the frames of “\(path.excerpt)” have \(steps ?? 0) "
          + "steps; set network.timeSteps to \(steps ?? 0)", remedy: .changeSetting)
    }
    func source(_ part: Part?) throws(CounterspikeError) -> TensorSource {
      TensorSource(
        samples: Tensor(
          shape: [part?.labels.count ?? 0, timeSteps] + shape,
          scalars: try part?.samples.floats() ?? []),
        labels: part?.labels ?? [], classCount: classNames.count)
    }
    let trained = try source(training)
    return DataParts(
      training: trained, plainTraining: trained, test: try source(test), settings: settings)
  }

  /// From `[N, plane, C]` to `[N, C, plane]`.
  private static func planes<Value>(
    _ values: [Value], channels: Int, plane: Int
  ) -> [Value] {
    guard channels > 1, plane > 1 else { return values }
    var result: [Value] = []
    result.reserveCapacity(values.count)
    for start in stride(from: 0, to: values.count, by: channels * plane) {
      for channel in 0..<channels {
        for pixel in 0..<plane { result.append(values[start + pixel * channels + channel]) }
      }
    }
    return result
  }

  /// - Throws: `missingData` where there are no training samples to say how values are normalized.
  private func requireStatistics(_ settings: DataSettings) throws(CounterspikeError) {
    guard training == nil, settings.mean == nil || settings.standardDeviation == nil else { return }
    throw CounterspikeError(
      .missingData,
      "“\(path.excerpt)” has no training arrays to take mean and standard deviation from; add "
        + "x_train and y_train, or set data.mean and data.standardDeviation",
      remedy: .nameDataFolder)
  }
}
