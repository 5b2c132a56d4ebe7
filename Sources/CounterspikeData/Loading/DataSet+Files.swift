public import Counterspike
internal import CounterspikeCatalog
public import CounterspikeFormats
internal import CounterspikeSamples

extension DataSet {
  /// What was found when a data set's files were checked.
  public struct Verification: Sendable, Equatable {
    /// The folder that the files are in.
    ///
    /// Nothing for a data set that is made and not read.
    public var folder: String
    /// Training and test samples that are there.
    public var trainingCount: Int
    public var testCount: Int
    /// Validation samples that are there; only few data sets have any.
    public var validationCount = 0
    /// Files that have the SHA-256 that the catalog knows, packed or unpacked.
    public var checkedFiles: Int
    /// Files of which the catalog knows one.
    public var checkableFiles = 0
    /// Files, or recordings, that there are.
    public var files: Int
    /// Files and folders that lie there and are not read, as ``remarks`` say.
    public var leftOutFiles = 0
    /// What is to be said about them: that they are not the published ones, say.
    public var remarks: [String] = []
  }

  /// Finds the files of a known data set, or downloads and unpacks them; does not read them.
  ///
  /// - Parameters: as in ``load(_:timeSteps:seed:folder:progress:)``.
  /// - Returns: the folder that the files are in, or nothing for a data set that has none.
  /// - Throws: `invalidRecipe` for an unknown name; `missingData`, `failedDownload` or
  ///   `unwritableFile` if the files are not to be had.
  public static func fetch(
    named name: String, folder: String? = nil,
    progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) throws(CounterspikeError) -> String {
    let entry = try DataCatalog.entry(named: name)
    if case .generated = entry.kind { return "" }
    return try find(
      entry, locator: DataLocator(folder: folder), progress: progress
    ).folder
  }

  /// The most bytes that a packed file of a known data set may hold.
  private static let largestFile = 1 << 31

  /// Reads all files of a known data set, with every check that there is, past the cache of binned
  /// recordings. Downloads nothing, but unpacks archives.
  ///
  /// - Throws: as ``load(_:timeSteps:seed:folder:progress:)``.
  public static func verify(
    named name: String, folder: String? = nil,
    progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) throws(CounterspikeError) -> Verification {
    let entry = try DataCatalog.entry(named: name)
    func location() throws(CounterspikeError) -> DataLocator.Location {
      let locator = DataLocator(folder: folder)
      if let location = try locator.locate(entry) {
        guard location.isPacked else { return location }
        return try unpack(entry, at: location, locator: locator, progress: progress)
      }
      throw CounterspikeError(
        .missingData,
        "\(entry.title) is not on this machine; download it, or get it from \(entry.source), and name "
          + "the folder that it is in", remedy: .nameDataFolder)
    }
    switch entry.kind {
    case .generated:
      let data = try load(named: name)
      return Verification(
        folder: "", trainingCount: data.training.count, testCount: data.test.count,
        checkedFiles: 0, files: 0)
    case .images, .imageBatches, .series:
      let location = try location()
      let data = try load(named: name, folder: location.folder)
      var checked = 0
      var checkable = 0
      for file in entry.files where location.names[file.name] != nil && file.isChecksumKnown {
        let path = location.path(of: file)
        let bytes = try WholeFile.bytes(
          of: path, as: FileKind("a file of \(entry.title)", limit: Self.largestFile))
        checkable += 1
        if file.contentChecksum == nil {
          checked += Checksum.sha256(bytes) == file.downloadChecksum ? 1 : 0
          continue
        }
        let content = try Gzip.content(of: bytes, limit: Self.largestFile, file: path)
        checked += Checksum.sha256(content) == file.contentChecksum ? 1 : 0
      }
      return Verification(
        folder: location.folder, trainingCount: data.training.count, testCount: data.test.count,
        checkedFiles: checked, checkableFiles: checkable, files: location.names.count,
        remarks: data.remarks)
    case .spikes(let files):
      try HDF5Tree.requireLibrary(for: entry.title)
      let location = try location()
      func count(_ file: DataCatalog.File) throws(CounterspikeError) -> Int {
        try verify(
          location.path(of: file), entry, files,
          scratchFolder: DataLocator(folder: folder).cacheFolder)
      }
      return Verification(
        folder: location.folder, trainingCount: try count(files.trainingFile),
        testCount: try count(files.testFile),
        validationCount: try files.validationFile.map(count) ?? 0, checkedFiles: 0,
        files: files.all.count)
    case .folder(.arrays):
      let location = try location()
      let data = try load(named: name, folder: location.folder)
      return Verification(
        folder: location.folder, trainingCount: data.training.count, testCount: data.test.count,
        checkedFiles: 0, files: try ArrayFolder(DataSettings(), at: location.folder).fileCount,
        remarks: data.remarks)
    case .folder(let content):
      let folder = try ClassFolder(entry, content, folder: folder)
      let samples = folder.training + folder.validation + folder.test
      var transparent = 0
      for sample in samples {
        switch content {
        case .images:
          transparent += try ImageFile(contentsOf: sample.path).isTransparent ? 1 : 0
        case .events: _ = try EventStream(contentsOf: sample.path)
        case .series: _ = try CSVTable(contentsOf: sample.path)
        case .arrays: break
        }
      }
      var remarks = folder.remarks + (try folder.remarksOnCopies())
      if transparent > 0 { remarks.append(ImageFile.remark(transparent: transparent)) }
      return Verification(
        folder: folder.path, trainingCount: folder.training.count, testCount: folder.test.count,
        validationCount: folder.validation.count, checkedFiles: 0, files: samples.count,
        leftOutFiles: folder.leftOut.count, remarks: remarks)
    case .events(let recordings):
      let location = try location()
      let (training, test) = try recordings.lists(entry, at: location)
      for list in [training, test].compactMap(\.self) {
        let reader = list.reader(recordings.sensor)
        while try reader.next() != nil {}
      }
      let (trained, tested) = (training.recordings.count, test?.recordings.count ?? 0)
      return Verification(
        folder: location.folder, trainingCount: trained, testCount: tested, checkedFiles: 0,
        files: trained + tested, leftOutFiles: training.leftOut.count + (test?.leftOut.count ?? 0),
        remarks: RecordingList.remarks(training, test))
    }
  }
}
