public import Counterspike
package import CounterspikeCatalog
public import CounterspikeFormats
internal import CounterspikeSamples
internal import Foundation

/// A training set and a test set of labelled samples, ready for a run.
public struct DataSet: Sendable {
  /// The name in recipes.
  public let name: String
  /// The name in reports.
  public let title: String
  /// One name per class, in the order of the labels.
  public let classNames: [String]
  /// The samples to train on, with the random transforms that the settings ask for.
  public let training: any SampleSource
  /// Samples to judge epochs by, never transformed: training samples that were held back, or those that
  /// the data set has for it; `nil`: none.
  public let validation: (any SampleSource)?
  /// The samples to test with, never transformed.
  public let test: any SampleSource
  /// The folder that the files were read from; `nil` if there were none.
  public let folder: String?
  /// What a user should know of the files, such as that only a part of them is there.
  public let remarks: [String]
  /// The settings that the data was loaded by, with what was found in the data where they left it open:
  /// class names, mean and standard deviation, the form of images, the sensor's size. Loading by them
  /// gives samples the same meaning, whatever other files lie beside. Of a data set of any sources of
  /// samples: its name and classes.
  public var settings: DataSettings { recipeSettings(nil) }
  /// `nil` for a data set of any sources of samples.
  private let loadedSettings: DataSettings?
  /// A SHA-256 of the training samples before limits, validation share and random transforms: of
  /// labels and content, as `DataFingerprint` says. Equal samples have equal ones.
  public let fingerprint: String
  /// Likewise of the test samples.
  public let testFingerprint: String
  /// The names of the samples' files in ``folder``, in the samples' order; `nil`: they have none.
  public let trainingNames, validationNames, testNames: [String]?
  /// The names of the channels before values are encoded, as headings of tables have them; `nil`: they
  /// have none.
  public let channelNames: [String]?

  /// The shape of one sample, `[C, H, W]` of static inputs, `[T, C, H, W]` of spike trains.
  public var shape: [Int] { training.shape }
  /// The number of classes.
  public var classCount: Int { classNames.count }

  /// A data set of any sources of samples.
  ///
  /// - Parameters:
  ///   - settings: what it was loaded by; `nil`: its name and classes.
  ///   - fingerprint, testFingerprint: `nil`: computed.
  ///   - trainingNames, validationNames, testNames: one a sample of that part.
  ///   - channelNames: one a channel.
  /// - Precondition: all have samples of one shape, and as many classes as there are names.
  public init(
    name: String, title: String, classNames: [String], training: any SampleSource,
    validation: (any SampleSource)? = nil, test: any SampleSource, folder: String? = nil,
    remarks: [String] = [], settings: DataSettings? = nil, fingerprint: String? = nil,
    testFingerprint: String? = nil, trainingNames: [String]? = nil,
    validationNames: [String]? = nil, testNames: [String]? = nil, channelNames: [String]? = nil
  ) {
    let sources = [training, test] + (validation.map { [$0] } ?? [])
    precondition(
      sources.allSatisfy { $0.shape == training.shape },
      "samples of the shapes \(sources.map(\.shape))")
    precondition(
      sources.allSatisfy { $0.classCount == classNames.count },
      "\(classNames.count) class names for \(sources.map(\.classCount)) classes")
    self.name = name
    self.title = title
    self.classNames = classNames
    self.training = training
    self.validation = validation
    self.test = test
    self.folder = folder
    self.remarks = remarks
    self.trainingNames = trainingNames
    self.validationNames = validationNames
    self.testNames = testNames
    self.channelNames = channelNames
    loadedSettings = settings
    self.fingerprint = fingerprint ?? DataFingerprint.text(of: training)
    self.testFingerprint = testFingerprint ?? DataFingerprint.text(of: test)
  }

  /// What a recipe that has `given` is to say of this data: what it was loaded by or, of a data set of
  /// any sources of samples, the same with its class names.
  package func recipeSettings(_ given: DataSettings?) -> DataSettings {
    if let loadedSettings { return loadedSettings }
    var settings = given ?? DataSettings()
    if given == nil { settings.set = name }
    settings.classes = classNames
    return settings
  }

  /// Reads a recipe's data set, with transforms drawn by the recipe's seed.
  ///
  /// - Parameters: as in ``load(_:timeSteps:seed:folder:progress:)``.
  /// - Throws: as ``load(_:timeSteps:seed:folder:progress:)``.
  public static func load(
    _ recipe: Recipe, folder: String? = nil,
    progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) throws(CounterspikeError) -> DataSet {
    try load(
      recipe.data, timeSteps: recipe.network.timeSteps, seed: recipe.seed, folder: folder,
      progress: progress)
  }

  /// Reads a known data set; downloads it first if it is not on this machine and can be, and unpacks
  /// it into the cache where it is in its archives.
  ///
  /// Blocks until the files are there and read. They are searched as ``DataLocator`` says.
  ///
  /// - Parameters:
  ///   - settings: which data set, its normalization, how much of it, which transforms.
  ///   - timeSteps: T of what comes in time steps; `nil`: as many as are usual. Static inputs have
  ///     none, unless they are encoded as spikes.
  ///   - seed: the seed of random transforms, of random spikes, and of what is drawn from the data.
  ///   - folder: the folder that must hold the files; `nil`: the usual places are searched.
  ///   - progress: called while a file is downloaded, from another thread, or unpacked.
  /// - Throws: `invalidRecipe` for settings that cannot be used; `missingData`, `failedDownload`
  ///   or `unwritableFile` if the files are not to be had; `unreadableFile` or `damagedFile` for
  ///   files that are not what they should be; `missingLibrary` for HDF5 files in a build without
  ///   the package trait HDF5.
  public static func load(
    _ settings: DataSettings, timeSteps: Int? = nil, seed: UInt64 = 1, folder: String? = nil,
    progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) throws(CounterspikeError) -> DataSet {
    if let data = try DataRegistry.load(settings, timeSteps, seed: seed, folder: folder) {
      return data
    }
    return try load(
      settings, entry: DataCatalog.entry(named: settings.set), timeSteps: timeSteps, seed: seed,
      locator: DataLocator(folder: folder), progress: progress)
  }

  /// Reads the known data set called `name`, all of it, without random transforms.
  ///
  /// - Throws: as ``load(_:timeSteps:seed:folder:progress:)``.
  public static func load(
    named name: String, folder: String? = nil,
    progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) throws(CounterspikeError) -> DataSet {
    var settings = DataSettings()
    settings.set = name
    if case .spikes(let files) = try DataCatalog.entry(named: name).kind {
      settings.events.timeWindow = files.timeWindow
    }
    return try load(settings, folder: folder, progress: progress)
  }

  /// Reads the data set that `entry` describes from where `locator` finds it.
  package static func load(
    _ settings: DataSettings, entry: DataCatalog.Entry, timeSteps: Int? = nil, seed: UInt64,
    locator: DataLocator,
    progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) throws(CounterspikeError) -> DataSet {
    try settings.validate()
    if let timeSteps { try NetworkSettings.validate(timeSteps: timeSteps) }
    // First of all: nobody should fetch files that then cannot be read.
    if case .spikes = entry.kind { try HDF5Tree.requireLibrary(for: entry.title) }
    // A folder of the user's own says what it is when it is read.
    if !entry.kind.isOwnFolder { try settings.check(against: entry) }
    var locator = locator
    // The settings of a run say what training samples would have to say.
    locator.needsTraining = settings.classes == nil
    let timeSteps = timeSteps ?? entry.kind.timeSteps
    func location() throws(CounterspikeError) -> DataLocator.Location {
      try find(entry, locator: locator, progress: progress)
    }
    var entry = entry
    let parts: DataParts
    switch entry.kind {
    case .images(let files):
      parts = try loadImages(settings, entry, files, at: location(), seed: seed)
    case .imageBatches(let batches):
      parts = try loadBatches(
        settings, entry, batches, at: location(), isNamed: locator.folder != nil, seed: seed)
    case .events(let recordings):
      parts = try loadRecordings(
        settings, entry, recordings, at: location(), timeSteps: timeSteps, seed: seed,
        cacheFolder: locator.cacheFolder)
    case .spikes(let files):
      parts = try loadSpikes(
        settings, entry, files, at: location(), timeSteps: timeSteps, seed: seed,
        cacheFolder: locator.cacheFolder)
    case .folder(.images):
      (parts, entry) = try loadImageFolder(settings, entry, at: location(), seed: seed)
    case .folder(.events):
      (parts, entry) = try loadEventFolder(
        settings, entry, at: location(), timeSteps: timeSteps, seed: seed,
        cacheFolder: locator.cacheFolder)
    case .folder(.series):
      (parts, entry) = try loadSeriesFolder(
        settings, entry, at: location(), timeSteps: timeSteps, seed: seed)
    case .folder(.arrays):
      (parts, entry) = try loadArrayFolder(
        settings, entry, at: location(), timeSteps: timeSteps, seed: seed)
    case .series(let files):
      parts = try loadSeries(settings, entry, files, at: location(), timeSteps: timeSteps)
    case .generated(let kind):
      parts = generate(settings, entry, kind, timeSteps: timeSteps)
    }
    return try parts.encoded(settings.encoding, timeSteps: timeSteps, seed: seed)
      .dataSet(entry, settings, seed: seed)
  }

  /// Where the files of `entry` are, downloaded and unpacked if need be.
  static func find(
    _ entry: DataCatalog.Entry, locator: DataLocator,
    progress: (@Sendable (DownloadProgress) -> Void)?
  ) throws(CounterspikeError) -> DataLocator.Location {
    let location =
      if let found = try locator.locate(entry) {
        found
      } else {
        try fetch(entry, locator: locator, progress: progress)
      }
    guard location.isPacked else { return location }
    return try unpack(entry, at: location, locator: locator, progress: progress)
  }

  /// Downloads the files, or archives, that the cache lacks.
  private static func fetch(
    _ entry: DataCatalog.Entry, locator: DataLocator,
    progress: (@Sendable (DownloadProgress) -> Void)?
  ) throws(CounterspikeError) -> DataLocator.Location {
    if entry.kind.isOwnFolder {
      throw CounterspikeError(
        .missingData,
        "data.set is \(entry.name), which is \(entry.source); name that folder",
        remedy: .nameDataFolder)
    }
    let folder = locator.downloadFolder(of: entry)
    func canFetch(_ files: [DataCatalog.File]) -> Bool {
      !files.isEmpty && files.allSatisfy { $0.url != nil && $0.downloadChecksum != nil }
    }
    let missing = locator.missingFiles(of: entry, in: folder)
    let archives = entry.archives.map(\.file)
    guard canFetch(missing) || canFetch(archives) else {
      let names = (archives.isEmpty ? missing : archives).map(\.name)
      throw CounterspikeError(
        .missingData,
        "\(entry.title) is not on this machine and cannot be downloaded by Counterspike; get "
          + "\(names.joined(separator: ", ")) from \(entry.source), and put them "
          + "into “\(folder.excerpt)”, or into a folder of your own that you name",
        remedy: .nameDataFolder)
    }
    let isWhole = canFetch(missing)
    // What is downloaded is packed, and no larger than what it unpacks to but for headers.
    let largest = isWhole ? entry.largestFile : entry.archiveLimits.totalBytes
    for file in isWhole ? missing : archives {
      try Download(file: file, folder: folder, largestSize: Int64(largest) + 1 << 20)
        .run(progress: progress)
    }
    guard let location = try locator.locate(entry) else {
      throw CounterspikeError(
        .missingData,
        "the files of \(entry.title) were downloaded to “\(folder.excerpt)” and are no longer there; "
          + "something else removes them: name another cache by XDG_CACHE_HOME")
    }
    return location
  }
}
