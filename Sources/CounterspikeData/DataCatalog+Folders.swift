public import Counterspike
public import CounterspikeCatalog
internal import CounterspikeFormats

extension DataCatalog.Entry {
  /// This entry with what only its files say: classes, shape and numbers of a folder of the user's
  /// own. Of other data sets, the entry itself.
  ///
  /// - Parameters:
  ///   - settings: decide the shape, too.
  ///   - folder: the folder that must hold the files; `nil`: the usual places are searched.
  /// - Throws: `missingData`, `unreadableFile` or `damagedFile` where the folder is not what it
  ///   should be; as many of its files are looked at as it takes.
  public func described(
    _ settings: DataSettings, folder: String? = nil
  ) throws(CounterspikeError) -> DataCatalog.Entry {
    guard case .folder(let content) = kind else { return self }
    if case .arrays = content {
      var locator = DataLocator(folder: folder)
      locator.needsTraining = settings.classes == nil
      let location = try DataSet.find(self, locator: locator, progress: nil)
      return try described(by: ArrayFolder(settings, at: location.folder))
    }
    let samples = try ClassFolder(
      self, content, folder: folder, classes: settings.classes, testShare: settings.testShare)
    switch content {
    case .images:
      let form = try ImageForm(settings.images, first: samples.first)
      return described(by: samples, shape: form.shape)
    case .events:
      let sensor = try FoundSensor(settings.events, in: samples).size
      return described(by: samples, shape: [2, sensor.height, sensor.width])
    case .series:
      let table = try CSVTable(contentsOf: samples.first.path)
      return described(by: samples, shape: [table.columns, 1, 1])
    case .arrays: return self
    }
  }

  func described(by folder: ArrayFolder) -> DataCatalog.Entry {
    var entry = self
    entry.kind = .folder(.arrays(folder.axes))
    entry.classNames = folder.classNames
    entry.shape = folder.shape
    entry.trainingCount = folder.training?.labels.count ?? 0
    entry.testCount = folder.test.labels.count
    return entry
  }

  func described(by folder: ClassFolder, shape: [Int]) -> DataCatalog.Entry {
    var entry = self
    entry.classNames = folder.classNames
    entry.shape = shape
    entry.trainingCount = folder.training.count
    entry.testCount = folder.test.count
    entry.validationCount = folder.validation.count
    return entry
  }
}
