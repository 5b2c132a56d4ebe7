public import Counterspike
internal import Foundation

extension DataSet {
  /// Reads recordings of event cameras, or what the cache has of them.
  static func loadRecordings(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ kind: DataCatalog.Recordings,
    at location: DataLocator.Location, timeSteps: Int, seed: UInt64, cacheFolder: String
  ) throws(CounterspikeError) -> DataSet {
    let binning = try EventBinning(settings.events, sensor: kind.sensor, timeSteps: timeSteps)
    func part(
      _ name: String, limit: Int?, key: String, _ augmentation: EventAugmentationSettings?
    ) throws(CounterspikeError) -> EventSet {
      let folder = try RecordingFolder("\(location.folder)/\(name)", entry, kind)
      let (runs, labels) = try folder.binned(
        binning, kind, classCount: entry.classCount,
        cache: folder.cache(
          in: cacheFolder, name: "\(entry.name)-\(name)", binning, kind.format))
      let count = limit ?? runs.count
      guard (1...runs.count).contains(count) else {
        throw CounterspikeError(
          .invalidRecipe,
          "data.\(key) is \(count); with the recordings in \(folder.path) it must be 1 … "
            + "\(runs.count), or left out for all of them.")
      }
      return EventSet(
        runs.prefix(count), labels: Array(labels.prefix(count)), classCount: entry.classCount,
        shape: binning.shape, augmentation: augmentation, seed: seed)
    }
    return DataSet(
      name: entry.name, title: entry.title, classNames: entry.classNames,
      training: try part(
        kind.trainingFolder, limit: settings.trainingLimit, key: "trainingLimit",
        settings.events.augmentation),
      test: try part(kind.testFolder, limit: settings.testLimit, key: "testLimit", nil),
      folder: location.folder)
  }
}

extension DataSettings {
  /// Refuses settings that mean nothing to recordings.
  ///
  /// - Throws: `invalidRecipe`, with the recipe's key path.
  func checkRecordings(_ entry: DataCatalog.Entry) throws(CounterspikeError) {
    let unfit =
      mean != nil
      ? "mean"
      : standardDeviation != nil
        ? "standardDeviation" : augmentation != AugmentationSettings() ? "augmentation" : nil
    guard let unfit else { return }
    throw CounterspikeError(
      .invalidRecipe,
      "data.\(unfit) is for still images, and \(entry.title) has recordings of events; leave it "
        + "out" + (unfit == "augmentation" ? ", or set data.events.augmentation." : "."))
  }
}

extension DataCatalog.Entry {
  /// The shape of a sample as a recipe uses it: `[C, H, W]` of still images, `[T, C, H, W]` of
  /// recordings.
  ///
  /// - Throws: `invalidRecipe` for settings that cannot be used.
  public func sampleShape(
    _ settings: DataSettings, timeSteps: Int
  ) throws(CounterspikeError) -> [Int] {
    switch kind {
    case .images, .imageFolder, .generated: shape
    case .events(let recordings):
      try EventBinning(settings.events, sensor: recordings.sensor, timeSteps: timeSteps).shape
    }
  }
}
