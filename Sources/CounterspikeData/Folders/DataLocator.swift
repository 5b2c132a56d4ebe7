public import Counterspike
public import CounterspikeCatalog
internal import Foundation

/// Where the files of data sets are looked for, and where downloads go.
///
/// The folders, in this order; in each, first a sub-folder named like the data set and then the
/// folder itself, because several data sets give their files the same names:
///
/// 1. the folder that the caller names; if there is one, the files must be in it,
/// 2. the folder in the environment variable `COUNTERSPIKE_DATA`,
/// 3. the folder of the system's package, `/usr/share/datasets/fashion-mnist` for example,
/// 4. the user's cache, which downloads go to.
///
/// A folder of the user's own images is looked for in the first two only.
public struct DataLocator: Sendable {
  /// The environment variable that names a folder with data sets.
  public static let environmentVariable = "COUNTERSPIKE_DATA"

  /// The folder that the caller names.
  public let folder: String?
  /// The folder that the environment names.
  public let environmentFolder: String?
  /// The user's cache.
  public let cacheFolder: String
  /// Whether a folder of the user's own must have a training part; without one, networks can be
  /// evaluated on it.
  package var needsTraining = true

  /// Where the files of one data set are.
  public struct Location: Sendable, Equatable {
    /// The folder they are all in.
    public var folder: String
    /// Whether they are still packed in the data set's archives.
    public var isPacked = false
    /// The name that each of the files has there, by the name that it is published under.
    package var names: [String: String] = [:]
    /// Which of the forms of recordings they have.
    var form: Int?

    /// The path of `file`, one of the data set's.
    public func path(of file: DataCatalog.File) -> String {
      folder + "/" + (names[file.name] ?? file.name)
    }
  }

  /// - Parameters:
  ///   - folder: the folder that must hold the files; `nil`: the usual places are searched.
  ///   - environment: the variables that are heeded; `nil`: those of the process.
  public init(folder: String? = nil, environment: [String: String]? = nil) {
    let environment = environment ?? ProcessInfo.processInfo.environment
    self.folder = folder
    environmentFolder = environment[Self.environmentVariable].flatMap { $0.isEmpty ? nil : $0 }
    let home = environment["HOME"] ?? NSHomeDirectory()
    #if os(macOS)
      cacheFolder = home + "/Library/Caches/counterspike"
    #else
      // The specification of XDG_CACHE_HOME asks to ignore paths that are not absolute.
      let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      cacheFolder = (cache ?? home + "/.cache") + "/counterspike"
    #endif
  }

  /// The folder that downloads of `entry` go to.
  public func downloadFolder(of entry: DataCatalog.Entry) -> String {
    cacheFolder + "/" + entry.name
  }

  /// All folders that `entry` is looked for in, in order.
  public func searchedFolders(of entry: DataCatalog.Entry) -> [String] {
    let known = entry.kind.isOwnFolder ? [] : [entry.systemFolder, cacheFolder]
    let usual = ([environmentFolder] + known).compactMap(\.self)
    let roots = folder.map { [$0] } ?? usual
    return roots.flatMap { root in
      ([entry.name] + entry.folders).map { root + "/" + $0 } + [root]
    }
  }

  /// The first folder that has all files of `entry`, or the archives they are packed in; `nil` if
  /// they may be downloaded.
  ///
  /// - Throws: `missingData`, naming the folder and the missing files, if the caller named a
  ///   folder and they are not all in it.
  public func locate(_ entry: DataCatalog.Entry) throws(CounterspikeError) -> Location? {
    if case .generated = entry.kind { return nil }
    if folder == nil, let environmentFolder, Self.type(of: environmentFolder) != .typeDirectory {
      throw CounterspikeError(
        .missingData,
        "$\(Self.environmentVariable) names “\(environmentFolder.excerpt)”, which is no folder; correct "
          + "it, or unset it")
    }
    for folder in searchedFolders(of: entry) {
      if let location = contents(of: entry, in: folder) { return location }
      if hasArchives(of: entry, in: folder) {
        return UnpackedFolder(entry, from: folder, locator: self).found()
          ?? Location(folder: folder, isPacked: true)
      }
    }
    guard let folder else { return nil }

    guard Self.type(of: folder) == .typeDirectory else {
      throw CounterspikeError(
        .missingData,
        "there is no data folder “\(folder.excerpt)”; name one that has the files of \(entry.title), "
          + "or none, so that the usual places are searched")
    }
    let archives = entry.archives.map(\.name).joined(separator: " and ")
    let packed = archives.isEmpty ? "" : " or \(archives)"
    switch entry.kind {
    case .images, .imageBatches, .series, .spikes, .generated: break
    case .folder(.images), .folder(.events), .folder(.series):
      guard case .folder(let content) = entry.kind else { break }
      throw ClassFolder.unclear(folder, entry, content)
    case .events, .folder(.arrays):
      throw CounterspikeError(
        .missingData,
        "the data folder “\(folder.excerpt)” lacks \(wanted(of: entry)) of \(entry.title)\(packed), "
          + "looked for there and in its sub-folder \(entry.name); put them there"
          + (entry.kind.isOwnFolder
            ? ", or name another folder"
            : " (from \(entry.source)), or name no folder, so that the usual places are searched"))
    }
    // Report on the folder that comes nearest.
    let missing = searchedFolders(of: entry).map { missingFiles(of: entry, in: $0) }
      .min { $0.count < $1.count }
    let names = (missing ?? []).map(\.name).joined(separator: ", ")
    throw CounterspikeError(
      .missingData,
      "the data folder “\(folder.excerpt)” lacks \(names)\(packed) of "
        + "\(entry.title), looked for with and without .gz, there and in its sub-folder "
        + "\(entry.name); put them there (from \(entry.source)), or name no folder, so that the "
        + "usual places are searched")
  }

  /// Where the unpacked files of `entry` are in `folder`, if all of them are.
  func contents(of entry: DataCatalog.Entry, in folder: String) -> Location? {
    var location = Location(folder: folder)
    switch entry.kind {
    case .images, .imageBatches, .series, .spikes:
      for file in entry.files { location.names[file.name] = name(of: file, in: folder) }
      let isWhole = location.names.count == entry.files.count
      return isWhole || isPart(location, of: entry) ? location : nil
    case .events(let recordings):
      location.form = recordings.forms.firstIndex { $0.layout.isIn(folder) }
      return location.form == nil ? nil : location
    case .folder(.arrays):
      return ArrayFolder.isIn(folder, needsTraining: needsTraining) ? location : nil
    case .folder(let content):
      let parts = ClassFolder.parts(of: folder, content, needsTraining: needsTraining)
      guard let parts else { return nil }
      location.names = parts
      return location
    case .generated: return nil
    }
  }

  /// Whether the caller named a folder that has some of a data set's files, enough to train and test
  /// with.
  private func isPart(_ location: Location, of entry: DataCatalog.Entry) -> Bool {
    guard folder != nil, case .imageBatches(let batches) = entry.kind else { return false }
    return [batches.training, batches.test].allSatisfy { location.names[$0[0].name] != nil }
  }

  /// What ``contents(of:in:)`` looks for, for messages.
  func wanted(of entry: DataCatalog.Entry) -> String {
    switch entry.kind {
    case .events(let recordings): recordings.forms.map(\.layout.text).joined(separator: ", or ")
    case .folder(.arrays):
      ArrayFolder.names.map { $0 + ".npy" }.joined(separator: ", ")
        + ", or one .npz of these arrays,"
    case .folder: "folders of classes"
    case .images, .imageBatches, .series, .spikes, .generated:
      entry.files.map(\.name).joined(separator: ", ")
    }
  }

  /// Whether all archives that `entry` is published in are in `folder`.
  private func hasArchives(of entry: DataCatalog.Entry, in folder: String) -> Bool {
    !entry.archives.isEmpty
      && entry.archives.allSatisfy { Self.type(of: "\(folder)/\($0.name)") == .typeRegular }
  }

  /// The files of `entry` that `folder` lacks.
  package func missingFiles(of entry: DataCatalog.Entry, in folder: String) -> [DataCatalog.File] {
    entry.files.filter { name(of: $0, in: folder) == nil }
  }

  /// The name that a copy of `file` has in `folder`, if there is one.
  private func name(of file: DataCatalog.File, in folder: String) -> String? {
    file.acceptedNames.first { Self.type(of: folder + "/" + $0) == .typeRegular }
  }

  /// Whether `path`, or what it is a link to, is a file or a folder; `nil`: there is nothing.
  private static func type(of path: String) -> FileAttributeType? {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: target)
    return attributes?[.type] as? FileAttributeType
  }
}
