public import Counterspike
public import CounterspikeCatalog
internal import CounterspikeSamples

extension DataSettings {
  /// Refuses settings that `entry` cannot be loaded with.
  ///
  /// - Throws: `invalidRecipe`, with the recipe's key path and the allowed values.
  func check(against entry: DataCatalog.Entry) throws(CounterspikeError) {
    func require(
      _ isAllowed: Bool, _ key: String, _ value: some Any, _ allowed: String
    ) throws(CounterspikeError) {
      guard !isAllowed else { return }
      throw CounterspikeError(
        .invalidRecipe,
        "data.\(key) is \(value); with \(entry.title) it must be \(allowed)")
    }
    let what = entry.kind.what
    let isNormalized =
      entry.kind.isNormalized && (encoding.kind == .direct || !entry.kind.isImages)
    for (key, values) in [("mean", mean ?? []), ("standardDeviation", standardDeviation ?? [])] {
      for value in values where key == "mean" {
        try require(value.isFinite, key, value, "a finite number")
      }
      for value in values where key != "mean" {
        try require(value.isFinite && value > 0, key, value, "a positive number")
      }
      if isNormalized, let channels = entry.shape.first {
        try require(
          [0, 1, channels].contains(values.count), key, "a list of \(values.count) numbers",
          channels == 1 ? "one number" : "one number, or one for each of \(channels) channels")
      }
    }
    try require(
      isNormalized || mean == nil && standardDeviation == nil,
      mean != nil ? "mean" : "standardDeviation", "set",
      "left out: it is for values that are shown directly, and these are "
        + (entry.kind.isNormalized ? "encoded as spikes" : what))
    try require(
      entry.kind.isImages || augmentation == AugmentationSettings(), "augmentation", "set",
      "left out: it is for images, and these are \(what)"
        + (entry.kind.isEvents ? "; set data.events.augmentation" : ""))
    try require(
      entry.kind.isEvents || events == EventSettings(), "events", "set",
      "left out: it is for recordings of event cameras, and these are \(what)")
    try require(
      entry.kind == .folder(.images) || images == ImageSettings(), "images", "set",
      "left out: it is for data.set \(DataCatalog.imageFolder.name)")
    try require(
      entry.kind.isArrays || arrays == ArraySettings(), "arrays", "set",
      "left out: it is for data.set \(DataCatalog.arrayFolder.name)")
    try require(
      entry.kind.encodings.contains(encoding.kind), "encoding.kind", encoding.kind.rawValue,
      entry.kind.encodings.map(\.rawValue).joined(separator: ", "))
    if entry.kind.isImages {
      let side = min(entry.shape[1], entry.shape[2])
      try require(
        (0..<side).contains(augmentation.cropPadding), "augmentation.cropPadding",
        augmentation.cropPadding, "0 … \(side - 1) pixels")
      try require(
        augmentation.rotation >= 0 && augmentation.rotation <= 180, "augmentation.rotation",
        augmentation.rotation, "0 … 180 degrees")
    }
  }
}

extension DataCatalog.Kind {
  /// The samples, for messages.
  var what: String {
    switch self {
    case .images, .imageBatches, .folder(.images): "images"
    case .events, .folder(.events): "recordings of events"
    case .spikes: "recordings of spikes"
    case .series, .folder(.series): "time series"
    case .folder(.arrays(let axes)): axes.what
    case .generated(.yinYang): "points"
    case .generated(.randman): "spike trains"
    }
  }

  /// Whether the files are the user's own.
  var isOwnFolder: Bool { if case .folder = self { true } else { false } }

  /// Whether the samples are in arrays of the user's own.
  var isArrays: Bool { if case .folder(.arrays) = self { true } else { false } }

  var isImages: Bool {
    switch self {
    case .images, .imageBatches, .folder(.images): true
    case .folder(.arrays(let axes)): axes.isImages
    case .events, .spikes, .series, .folder, .generated: false
    }
  }

  /// Whether samples are binned as `data.events` says.
  var isEvents: Bool {
    switch self {
    case .events, .spikes, .folder(.events): true
    case .images, .imageBatches, .folder, .series, .generated: false
    }
  }

  /// Whether values are brought to a mean and standard deviation.
  var isNormalized: Bool {
    switch self {
    case .images, .imageBatches, .series, .folder(.images), .folder(.series): true
    case .folder(.arrays(let axes)): axes != .frames
    case .events, .spikes, .folder(.events), .generated: false
    }
  }

  /// The encodings that mean something to such samples.
  var encodings: [EncodingSettings.Kind] {
    switch self {
    case .images, .imageBatches, .folder(.images): EncodingSettings.Kind.allCases
    case .folder(.arrays(let axes)): axes.encodings
    case .series, .folder(.series): [.direct, .rate, .delta]
    case .generated(.yinYang): [.direct, .rate, .latency, .delta]
    case .events, .spikes, .folder(.events), .generated(.randman): [.direct]
    }
  }

  /// The number of time steps where nothing says another.
  var timeSteps: Int {
    switch self {
    case .images, .imageBatches, .folder, .generated(.yinYang): NetworkSettings().timeSteps
    case .events(let recordings): recordings.timeSteps
    case .spikes(let files): files.timeSteps
    case .series(let files): files.steps
    case .generated(.randman): 100
    }
  }
}

extension DataCatalog.Entry {
  /// The shape of a sample as a recipe uses it: `[C, H, W]` of static inputs, `[T, C, H, W]` of
  /// what comes in time steps.
  ///
  /// - Throws: `invalidRecipe` for settings that cannot be used.
  public func sampleShape(
    _ settings: DataSettings, timeSteps: Int
  ) throws(CounterspikeError) -> [Int] {
    let plain: [Int]
    switch kind {
    case .images, .imageBatches, .folder(.images), .generated(.yinYang): plain = shape
    case .folder(.events):
      let sensor = SensorSize(width: shape[2], height: shape[1])
      plain = try EventBinning(settings.events, sensor: sensor, timeSteps: timeSteps).shape
    case .events(let recordings):
      plain = try EventBinning(
        settings.events, sensor: recordings.sensor, timeSteps: timeSteps
      ).shape
    case .spikes(let files):
      plain = try files.binning(settings.events, timeSteps: timeSteps).shape
    case .folder(.arrays(let axes)): plain = axes.hasTime ? [timeSteps] + shape : shape
    case .series, .folder(.series), .generated(.randman): plain = [timeSteps] + shape
    }
    return EncodedSet.shape(settings.encoding.kind, of: plain, timeSteps: timeSteps)
  }

  /// What to say when the files hold fewer samples than the data set has.
  func remarks(training: Int, test: Int) -> [String] {
    training == trainingCount && test == testCount
      ? []
      : [
        "a part of \(title): \(training) of \(trainingCount) training and \(test) of "
          + "\(testCount) test samples"
      ]
  }
}
