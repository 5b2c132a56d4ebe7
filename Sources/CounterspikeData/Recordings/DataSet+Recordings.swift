internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeSamples

extension DataSet {
  /// Reads recordings of event cameras, or what the cache has of them.
  static func loadRecordings(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ kind: DataCatalog.Recordings,
    at location: DataLocator.Location, timeSteps: Int, seed: UInt64, cacheFolder: String
  ) throws(CounterspikeError) -> DataParts {
    let binning = try EventBinning(settings.events, sensor: kind.sensor, timeSteps: timeSteps)
    var cache = PartCache(entry: entry, binning: binning, folder: cacheFolder, seed: seed)
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
      parts.remarks += training.leftOut.remarks + cache.remarks
      return parts
    }
    let tested = try cache.set(test, "test")
    return DataParts(
      training: transformed, plainTraining: plain, test: tested, settings: settings,
      folder: location.folder,
      remarks: entry.remarks(training: plain.count, test: tested.count)
        + RecordingList.remarks(training, test) + cache.remarks)
  }

  /// Reads the user's own recordings.
  ///
  /// - Returns: the samples, and the entry with what the folder says.
  static func loadEventFolder(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, at location: DataLocator.Location,
    timeSteps: Int, seed: UInt64, cacheFolder: String
  ) throws(CounterspikeError) -> (DataParts, DataCatalog.Entry) {
    let folder = try ClassFolder(
      entry, .events, at: location, classes: settings.classes, testShare: settings.testShare,
      seed: seed)
    let sensor = try FoundSensor(settings.events, in: folder)
    let entry = entry.described(by: folder, shape: [2, sensor.size.height, sensor.size.width])
    try settings.check(against: entry)
    let binning = try EventBinning(settings.events, sensor: sensor.size, timeSteps: timeSteps)
    var cache = PartCache(entry: entry, binning: binning, folder: cacheFolder, seed: seed)
    let training = try cache.set(
      RecordingList(folder.training, at: "\(location.folder)/train"), "train")
    let test = try cache.set(RecordingList(folder.test, at: "\(location.folder)/test"), "test")
    let validation =
      folder.validation.isEmpty
      ? nil
      : try cache.set(
        RecordingList(folder.validation, at: "\(location.folder)/val"), "validation")
    // So that other recordings later lie on this sensor.
    var found = settings
    found.events.sensor = sensor.size
    var parts = DataParts(
      training: EventSet(training, augmentation: settings.events.augmentation),
      plainTraining: training, test: test, settings: found, validation: validation,
      folder: location.folder,
      remarks: folder.remarks + [sensor.remark].compactMap(\.self) + cache.remarks)
    parts.name(by: folder)
    return (parts, entry)
  }
}

/// Makes the parts of a data set of their recordings.
private struct PartCache {
  let entry: DataCatalog.Entry
  let binning: EventBinning
  let folder: String
  let seed: UInt64
  private var names: [String] = []
  private var tally = RecordingTally()

  init(entry: DataCatalog.Entry, binning: EventBinning, folder: String, seed: UInt64) {
    self.entry = entry
    self.binning = binning
    self.folder = folder
    self.seed = seed
  }

  /// What a user should know of all parts up to here.
  var remarks: [String] { tally.remarks(binning.settings) { names[$0] } }

  /// The recordings of a part, without random transforms.
  ///
  /// - Throws: `unreadableFile`; `damagedFile`.
  mutating func set(_ list: RecordingList, _ part: String) throws(CounterspikeError) -> EventSet {
    let content = try list.binned(
      binning, classCount: entry.classCount, cacheFolder: folder, name: "\(entry.name)-\(part)")
    tally.add(content.tally)
    names += list.recordings.map(\.path)
    return EventSet(
      content.runs, labels: content.labels, classCount: entry.classCount, shape: binning.shape,
      augmentation: nil, seed: seed)
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
