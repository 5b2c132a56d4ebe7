public import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats
internal import CounterspikeSamples

/// Prepares files that a training never saw as it prepared its own samples.
///
/// Images (PNG, JPEG, arrays of bytes), recordings of events, time series (CSV) and arrays of numbers
/// (`.npy`) are read. What they are is decided by the recipe's data set; mean and standard deviation,
/// the sensor and the size of images are those of the recipe, which a run keeps.
public struct NewSamples: Sendable {
  private let data: DataSettings
  private let seed: UInt64
  private let timeSteps: Int
  private let classCount: Int
  /// Shape of one time step of a sample, `[C, H, W]`.
  private let inputShape: [Int]
  private let entry: DataCatalog.Entry?

  /// - Parameters:
  ///   - recipe: of the run, with what was found in its data.
  ///   - inputShape: of the run's network, `[C, H, W]`.
  ///   - classCount: of the run's network.
  public init(_ recipe: Recipe, inputShape: [Int], classCount: Int) {
    data = recipe.data
    seed = recipe.seed
    timeSteps = recipe.network.timeSteps
    self.inputShape = inputShape
    self.classCount = classCount
    entry = try? DataCatalog.entry(named: recipe.data.set)
  }

  /// The most bytes of a file.
  package static let kind = FileKind("a file of samples", limit: 4 << 30)

  /// The samples in the file at `path`, in its order: most files hold one, arrays may hold several.
  ///
  /// - Throws: `unreadableFile`; `damagedFile`; `mismatch` for what cannot be brought to the network's
  ///   input; `missingLibrary`.
  public func samples(ofFile path: String) throws(CounterspikeError) -> any SampleSource {
    try samples(of: WholeFile.bytes(of: path, as: Self.kind), path: path)
  }

  /// The samples in a file's content; errors call it `path`. All have the label 0.
  public func samples(
    of bytes: [UInt8], path: String
  ) throws(CounterspikeError) -> any SampleSource {
    let source = try plain(bytes, path)
    guard data.encoding.kind != .direct else { return try fitting(source, path) }
    guard source.shape.count == 3 || [.rate, .delta].contains(data.encoding.kind) else {
      throw mismatch(path, "has time steps, and data.encoding is for single values")
    }
    return try fitting(
      EncodedSet(source, data.encoding, timeSteps: timeSteps, seed: seed), path)
  }

  /// What a file is read as.
  private enum Content { case images, events, series, numbers }

  private var content: Content {
    switch entry?.kind {
    case .images, .imageBatches, .folder(.images): .images
    case .events, .folder(.events), .spikes: .events
    case .series, .folder(.series): .series
    case .folder(.arrays), .generated, nil: .numbers
    }
  }

  private func plain(
    _ bytes: [UInt8], _ path: String
  ) throws(CounterspikeError) -> any SampleSource {
    guard !bytes.isEmpty else { throw mismatch(path, "is empty; name a file with a sample") }
    if ImageFile.Format(of: bytes) != nil { return try image(bytes, path) }
    let isArray = bytes.has("NUMPY", at: 1)
    if content == .events {
      if isArray, let array = try? NumPyArray(bytes, path: path), array.shape.count >= 4 {
        return try self.array(array)
      }
      return try recording(bytes, path)
    }
    if isArray { return try array(NumPyArray(bytes, path: path)) }
    if content == .images {
      throw mismatch(
        path, "is no PNG, JPEG or NumPy file, and the run's samples are images; name such files")
    }
    return try table(bytes, path)
  }

  private func fitting(
    _ source: any SampleSource, _ path: String
  ) throws(CounterspikeError) -> any SampleSource {
    let shape = source.shape
    guard Array(shape.suffix(3)) == inputShape, shape.count == 3 || shape[0] == timeSteps else {
      throw mismatch(
        path,
        "becomes samples of shape \(shape), and the network takes \(inputShape) at each of "
          + "\(timeSteps) time steps; name files like those of the training")
    }
    return source
  }

  private func mismatch(_ path: String, _ problem: String) -> CounterspikeError {
    CounterspikeError(.mismatch, "“\(path.excerpt)” \(problem)")
  }
}

// MARK: Images

extension NewSamples {
  /// Shape of the images before they are encoded, `[C, H, W]`.
  private var imageShape: [Int] {
    let channels =
      data.images.channels
      ?? entry.flatMap { $0.kind.isOwnFolder ? nil : $0.shape.first } ?? inputShape[0]
    return [data.encoding.kind == .direct ? inputShape[0] : channels] + inputShape.dropFirst()
  }

  private func image(
    _ bytes: [UInt8], _ path: String
  ) throws(CounterspikeError) -> any SampleSource {
    guard content == .images || content == .numbers else {
      throw mismatch(path, "is an image, and the run's samples are none; name files like those")
    }
    let image = try ImageFile(bytes, path: path)
    return try images(of: fitted(image, path), count: 1, path)
  }

  /// The pixels of an image as a sample: of a larger one the square in its centre, made smaller.
  private func fitted(_ image: ImageFile, _ path: String) throws(CounterspikeError) -> [UInt8] {
    let shape = imageShape
    let header = image.header
    guard [1, 3].contains(shape[0]) else {
      throw mismatch(
        path, "is an image, and the network takes \(shape[0]) channels; name an array (.npy)")
    }
    if data.images.size == nil, header.height == shape[1], header.width == shape[2] {
      return image.sample(size: nil, channels: shape[0])
    }
    guard shape[1] == shape[2], min(header.width, header.height) >= shape[1] else {
      throw mismatch(
        path,
        "has \(header.width)×\(header.height) pixels, and the network takes \(shape[2])×\(shape[1]); "
          + "images are made smaller where that is a square, and never larger")
    }
    return image.sample(size: shape[1], channels: shape[0])
  }

  private func images(
    of pixels: [UInt8], count: Int, _ path: String
  ) throws(CounterspikeError) -> any SampleSource {
    let isDirect = data.encoding.kind == .direct
    let mean = isDirect ? try statistic(data.mean, entry?.mean, "mean") : [0]
    let deviation =
      isDirect
      ? try statistic(data.standardDeviation, entry?.standardDeviation, "standardDeviation") : [1]
    return ImageSet(
      pixels: pixels, labels: [UInt8](repeating: 0, count: count), shape: imageShape,
      classCount: min(classCount, 256), mean: mean, standardDeviation: deviation)
  }

  private func statistic(
    _ own: [Double]?, _ known: Float?, _ key: String
  ) throws(CounterspikeError) -> [Float] {
    if let own, own.count == 1 || own.count == imageShape[0] { return own.map { Float($0) } }
    if let known { return [known] }
    throw CounterspikeError(
      .mismatch,
      "the run's recipe has no data.\(key) for \(imageShape[0]) channels, which its images were scaled "
        + "by; set data.\(key)", remedy: .changeSetting)
  }
}

// MARK: Recordings and series

extension NewSamples {
  private func recording(
    _ bytes: [UInt8], _ path: String
  ) throws(CounterspikeError) -> any SampleSource {
    var sensor = data.events.sensor
    var format: EventFormat?
    if case .events(let recordings) = entry?.kind {
      sensor = sensor ?? recordings.sensor
      // A form of a file that its first bytes do not tell, where its name fits.
      format =
        recordings.forms.first { path.lowercased().hasSuffix("." + $0.fileExtension) }?.format
    }
    let found = try EventFormat(of: bytes, path: path)
    if let known = format, known != .gestureNumPy || found != .numPy { format = found }
    let stream = try (format ?? found).read(bytes, path: path, sensor: sensor)
    let binning = try EventBinning(
      data.events, sensor: sensor ?? SensorSize(width: stream.width, height: stream.height),
      timeSteps: timeSteps)
    return EventSet([stream], labels: [0], classCount: classCount, binning: binning)
  }

  private func table(
    _ bytes: [UInt8], _ path: String
  ) throws(CounterspikeError) -> any SampleSource {
    let table = try CSVTable(bytes, path: path)
    if content == .series { return try series(table.values, channels: table.columns, path) }
    // A row a sample.
    return try numbers(table.values, shape: [table.rows, table.columns], path)
  }

  private func series(
    _ values: [Float], channels: Int, _ path: String
  ) throws(CounterspikeError) -> any SampleSource {
    let (offset, unit) = try scale(channels, path)
    return SeriesSource(
      series: TimeSeries(samples: [values], labels: [0], channels: channels),
      timeSteps: timeSteps, offset: offset, scale: unit.map { 1 / $0 },
      isClamped: data.encoding.kind != .direct, classCount: classCount)
  }

  /// What is subtracted from each channel and what it is divided by; 0 and 1 for data sets that are made.
  private func scale(
    _ channels: Int, _ path: String
  ) throws(CounterspikeError) -> (offset: [Float], unit: [Float]) {
    if case .generated = entry?.kind {
      return (
        [Float](repeating: 0, count: channels), [Float](repeating: 1, count: channels)
      )
    }
    func numbers(_ given: [Double]?, _ key: String) throws(CounterspikeError) -> [Float] {
      guard let given, given.count == 1 || given.count == channels else {
        throw mismatch(
          path,
          "has \(channels) channels, and data.\(key) in the run's recipe "
            + (given.map { "is for \($0.count)" } ?? "is not set")
            + "; name files like those of the training, or set data.\(key)")
      }
      return given.count == 1
        ? [Float](repeating: Float(given[0]), count: channels) : given.map { Float($0) }
    }
    return (
      try numbers(data.mean, "mean"), try numbers(data.standardDeviation, "standardDeviation")
    )
  }
}

// MARK: Arrays

extension NewSamples {
  /// One sample, or several along a first axis.
  private func array(_ array: NumPyArray) throws(CounterspikeError) -> any SampleSource {
    if array.isBytes, content == .images || data.arrays.axes.isImages {
      return try pixels(array)
    }
    return try numbers(array.floats(), shape: array.shape, array.path)
  }

  /// Images of bytes, `[H, W]`, `[C, H, W]` or `[H, W, C]`, with or without a first axis of images.
  private func pixels(_ array: NumPyArray) throws(CounterspikeError) -> any SampleSource {
    let shape = imageShape
    let grey = shape[0] == 1 ? [Array(shape.dropFirst())] : []
    let last = [shape[1], shape[2], shape[0]]
    let found = array.shape
    for (form, isLast) in [(shape, false)] + grey.map({ ($0, false) }) + [(last, true)] {
      guard found == form || Array(found.dropFirst()) == form else { continue }
      let count = found == form ? 1 : found[0]
      var pixels = array.pixels()
      if isLast, shape[0] > 1 {
        pixels = Self.channelsFirst(pixels, channels: shape[0], plane: shape[1] * shape[2])
      }
      return try images(of: pixels, count: count, array.path)
    }
    throw mismatch(
      array.path,
      "is an array of shape \(found), and the network takes images of \(shape); save [N, C, H, W], "
        + "[N, H, W, C] or a single image")
  }

  private static func channelsFirst<Value>(
    _ values: [Value], channels: Int, plane: Int
  ) -> [Value] {
    let size = channels * plane
    return values.indices.map { index in
      let (sample, rest) = (index / size, index % size)
      return values[sample * size + rest % plane * channels + rest / plane]
    }
  }

  /// Numbers: points `[C]`, pictures, series `[T, C]` or frames `[T, C, H, W]`, with or without a first
  /// axis of samples. Frames are used as they are.
  private func numbers(
    _ values: [Float], shape: [Int], _ path: String
  ) throws(CounterspikeError) -> any SampleSource {
    if content == .series, shape.count == 2 {
      return try series(values, channels: shape[1], path)
    }
    // Encoding may change the number of channels; delta makes two of one.
    let channels =
      data.encoding.kind == .delta && data.arrays.axes == .series
      ? inputShape[0] / 2 : inputShape[0]
    let picture = [channels] + inputShape.dropFirst()
    let bare = picture[1...].allSatisfy { $0 == 1 } ? [channels] : Array(picture.dropFirst())
    let isBare = channels == 1 || bare == [channels]
    let stepped = [timeSteps] + picture
    let forms: [(form: [Int], sample: [Int])] =
      (isBare ? [(bare, picture), ([timeSteps] + bare, stepped)] : [])
      + [(picture, picture), (stepped, stepped)]
    let fits = forms.filter { $0.form == shape || $0.form == Array(shape.dropFirst()) }
    guard let (form, sample) = fits.first(where: { isStepped($0.sample) }) ?? fits.first else {
      throw mismatch(
        path,
        "has the shape \(shape), and the network takes \(picture), or [\(timeSteps)] + \(picture) in "
          + "time steps; reshape it, a first axis counting the samples")
    }
    let count = form == shape ? 1 : shape[0]
    var scaled = values
    if data.arrays.axes != .frames, sample.count == 3 || content != .events {
      let (offset, unit) = try scale(channels, path)
      let plane = picture[1] * picture[2]
      let isClamped = data.encoding.kind != .direct
      for index in scaled.indices {
        let channel = index / plane % channels
        let value = (values[index] - offset[channel]) * (1 / unit[channel])
        scaled[index] = isClamped ? min(max(value, 0), 1) : value
      }
    }
    return TensorSource(
      samples: Tensor(shape: [count] + sample, scalars: scaled),
      labels: [Int](repeating: 0, count: count), classCount: classCount)
  }

  /// Whether a sample of this shape has the time steps that the run's samples have.
  private func isStepped(_ shape: [Int]) -> Bool {
    (shape.count == 4) == (data.arrays.axes.hasTime || content == .events || content == .series)
  }
}
