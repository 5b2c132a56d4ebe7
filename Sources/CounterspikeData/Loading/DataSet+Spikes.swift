internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeSamples
internal import Foundation

extension DataSet {
  /// Reads recordings of spikes from HDF5 files, or what the cache has of them.
  static func loadSpikes(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ kind: DataCatalog.SpikeFiles,
    at location: DataLocator.Location, timeSteps: Int, seed: UInt64, cacheFolder: String
  ) throws(CounterspikeError) -> DataParts {
    let binning = try kind.binning(settings.events, timeSteps: timeSteps)
    var tally = RecordingTally()
    var names: [String] = []
    func part(_ file: DataCatalog.File) throws(CounterspikeError) -> EventSet {
      let content = try binned(
        location.path(of: file), entry, kind, binning, cacheFolder: cacheFolder)
      tally.add(content.tally)
      names += content.labels.indices.map { "\(file.name), recording \($0)" }
      return EventSet(
        content.runs, labels: content.labels, classCount: entry.classCount, shape: binning.shape,
        augmentation: nil, seed: seed)
    }
    let training = try part(kind.trainingFile)
    let test = try part(kind.testFile)
    let validation = try kind.validationFile.map(part)
    return DataParts(
      training: EventSet(training, augmentation: settings.events.augmentation),
      plainTraining: training, test: test, settings: settings, validation: validation,
      folder: location.folder,
      remarks: entry.remarks(training: training.count, test: test.count)
        + tally.remarks(binning.settings) { names[$0] })
  }

  /// All recordings of a file, binned; from the cache if that has them.
  ///
  /// - Throws: as ``SpikeFile``; `missingData` for a file without recordings.
  private static func binned(
    _ path: String, _ entry: DataCatalog.Entry, _ kind: DataCatalog.SpikeFiles,
    _ binning: EventBinning, cacheFolder: String
  ) throws(CounterspikeError) -> BinnedCache.Content {
    guard let status = WholeFile.status(of: path) else {
      throw CounterspikeError(
        .unreadableFile, "cannot read “\(path.excerpt)”; check the path and its permissions")
    }
    let name = URL(fileURLWithPath: path).lastPathComponent
    let cache = BinnedCache(
      folder: cacheFolder, name: "\(entry.name)-\(name)", binning, format: "HDF5 spikes",
      path: path,
      sources: [try BinnedCache.sourceText(status, path: path)])
    return try cache.recordings(binning, classCount: entry.classCount) {
      () throws(CounterspikeError) -> BinnedCache.NextRecording in
      let file = try SpikeFile(
        path, unitCount: kind.unitCount, classCount: entry.classCount, scratchFolder: cacheFolder)
      guard file.count > 0 else {
        throw CounterspikeError(
          .missingData,
          "“\(path.excerpt)” has no recordings; get \(entry.title) from \(entry.source)")
      }
      return { () throws(CounterspikeError) -> (stream: EventStream, label: Int)? in
        try file.next().map { ($0.0, $0.1) }
      }
    }
  }

  /// Reads all recordings of a file with every check that there is.
  ///
  /// - Returns: how many there are.
  static func verify(
    _ path: String, _ entry: DataCatalog.Entry, _ kind: DataCatalog.SpikeFiles,
    scratchFolder: String
  ) throws(CounterspikeError) -> Int {
    let file = try SpikeFile(
      path, unitCount: kind.unitCount, classCount: entry.classCount, scratchFolder: scratchFolder)
    while try file.next() != nil {}
    return file.count
  }
}

extension DataCatalog.SpikeFiles {
  /// How recordings are binned: from their beginning on, and without polarity, which spikes do not
  /// have.
  func binning(
    _ settings: EventSettings, timeSteps: Int
  ) throws(CounterspikeError) -> EventBinning {
    var settings = settings
    settings.polarity = .merged
    return try EventBinning(
      settings, sensor: SensorSize(width: unitCount, height: 1), timeSteps: timeSteps,
      origin: .recording)
  }
}
