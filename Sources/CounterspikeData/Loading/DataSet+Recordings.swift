internal import Counterspike

extension DataSet {
  /// Reads recordings of event cameras, or what the cache has of them.
  static func loadRecordings(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ kind: DataCatalog.Recordings,
    at location: DataLocator.Location, timeSteps: Int, seed: UInt64, cacheFolder: String
  ) throws(CounterspikeError) -> DataParts {
    let binning = try EventBinning(settings.events, sensor: kind.sensor, timeSteps: timeSteps)
    let cache = PartCache(entry: entry, binning: binning, folder: cacheFolder, seed: seed)
    let (training, test) = try kind.lists(entry, at: location)
    let plain = try cache.set(training, test == nil ? "all" : "training")
    let transformed = EventSet(plain, augmentation: settings.events.augmentation)
    guard let test else {
      var parts = DataParts(
        dividing: transformed, plain: plain, settings: settings, seed: seed)
      parts.folder = location.folder
      let count = entry.trainingCount + entry.testCount
      if plain.count != count {
        parts.remarks = ["a part of \(entry.title): \(plain.count) of \(count) recordings"]
      }
      return parts
    }
    let tested = try cache.set(test, "test")
    return DataParts(
      training: transformed, plainTraining: plain, test: tested, settings: settings,
      folder: location.folder,
      remarks: entry.remarks(training: plain.count, test: tested.count))
  }

  /// Reads the user's own recordings.
  ///
  /// - Returns: the samples, and the entry with what the folder says.
  static func loadEventFolder(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, at location: DataLocator.Location,
    timeSteps: Int, seed: UInt64, cacheFolder: String
  ) throws(CounterspikeError) -> (DataParts, DataCatalog.Entry) {
    let folder = try ClassFolder(entry, .events, at: location, classes: settings.classes)
    let sensor = try folder.sensor()
    let entry = entry.described(by: folder, shape: [2, sensor.height, sensor.width])
    try settings.check(against: entry)
    let binning = try EventBinning(settings.events, sensor: sensor, timeSteps: timeSteps)
    let cache = PartCache(entry: entry, binning: binning, folder: cacheFolder, seed: seed)
    func set(
      _ samples: [ClassFolder.Sample], _ part: String
    ) throws(CounterspikeError) -> EventSet {
      try cache.set(RecordingList(samples, at: "\(location.folder)/\(part)"), part)
    }
    let training = try set(folder.training, "train")
    var parts = DataParts(
      training: EventSet(training, augmentation: settings.events.augmentation),
      plainTraining: training, test: try set(folder.test, "test"), settings: settings,
      folder: location.folder)
    parts.testNames = folder.testNames
    return (parts, entry)
  }
}

/// Makes the parts of a data set of their recordings.
private struct PartCache {
  let entry: DataCatalog.Entry
  let binning: EventBinning
  let folder: String
  let seed: UInt64

  /// The recordings of a part, without random transforms.
  ///
  /// - Throws: `unreadableFile`; `damagedFile`.
  func set(_ list: RecordingList, _ part: String) throws(CounterspikeError) -> EventSet {
    let (runs, labels) = try list.binned(
      binning, classCount: entry.classCount, cacheFolder: folder, name: "\(entry.name)-\(part)")
    return EventSet(
      runs, labels: labels, classCount: entry.classCount, shape: binning.shape, augmentation: nil,
      seed: seed)
  }
}

extension DataCatalog.Recordings {
  /// The recordings of `entry` at `location`; without official parts all are in the first list.
  func lists(
    _ entry: DataCatalog.Entry, at location: DataLocator.Location
  ) throws(CounterspikeError) -> (training: RecordingList, test: RecordingList?) {
    let form = forms[location.form ?? 0]
    return try form.recordings(in: location.folder, source: entry.source)
  }
}

extension ClassFolder {
  /// The smallest sensor that all recordings lie on.
  func sensor() throws(CounterspikeError) -> SensorSize {
    var size = SensorSize(width: 1, height: 1)
    for sample in training + test {
      let stream = try EventStream(contentsOf: sample.path)
      size.width = max(size.width, stream.width)
      size.height = max(size.height, stream.height)
    }
    return size
  }
}
