internal import Counterspike
internal import Foundation

extension DataSet {
  /// Reads recordings of event cameras, or what the cache has of them.
  static func loadRecordings(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ kind: DataCatalog.Recordings,
    at location: DataLocator.Location, timeSteps: Int, seed: UInt64, cacheFolder: String
  ) throws(CounterspikeError) -> DataParts {
    let binning = try EventBinning(settings.events, sensor: kind.sensor, timeSteps: timeSteps)
    func part(_ name: String) throws(CounterspikeError) -> EventSet {
      let folder = try RecordingFolder("\(location.folder)/\(name)", entry, kind)
      let (runs, labels) = try folder.binned(
        binning, kind, classCount: entry.classCount,
        cache: folder.cache(
          in: cacheFolder, name: "\(entry.name)-\(name)", binning, kind.format))
      return EventSet(
        runs, labels: labels, classCount: entry.classCount, shape: binning.shape,
        augmentation: nil, seed: seed)
    }
    let training = try part(kind.trainingFolder)
    let test = try part(kind.testFolder)
    return DataParts(
      training: EventSet(training, augmentation: settings.events.augmentation),
      plainTraining: training, test: test, folder: location.folder,
      remarks: entry.remarks(training: training.count, test: test.count))
  }
}
