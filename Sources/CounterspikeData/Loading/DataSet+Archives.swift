internal import Counterspike
package import CounterspikeCatalog
internal import CounterspikeFormats
internal import Foundation

extension DataSet {
  /// Unpacks the archives at `location` into the cache, once.
  ///
  /// - Returns: the folder in the cache that has the files.
  static func unpack(
    _ entry: DataCatalog.Entry, at location: DataLocator.Location, locator: DataLocator,
    progress: (@Sendable (DownloadProgress) -> Void)?
  ) throws(CounterspikeError) -> DataLocator.Location {
    let place = UnpackedFolder(entry, from: location.folder, locator: locator)
    if let found = place.found() { return found }
    let lock = try place.lock {
      progress?(
        DownloadProgress(
          activity: .waiting, file: entry.archives.map(\.name).joined(separator: ", "),
          receivedBytes: 0))
    }
    defer { withExtendedLifetime(lock) {} }
    // Another may have been as quick.
    if let found = place.found() { return found }
    place.cleanUp()
    var archives: [ArchiveFile] = []
    for archive in entry.archives {
      let path = "\(location.folder)/\(archive.name)"
      if let checksum = archive.checksum {
        let found = try Checksum.sha256(ofFile: path)
        guard found == checksum else {
          throw CounterspikeError(
            .damagedFile,
            "“\(path.excerpt)” is not \(archive.name) of \(entry.title), or damaged: its SHA-256 is "
              + "\(found), where \(checksum) is expected; remove it and fetch it again")
        }
      }
      archives.append(ArchiveFile(path, limits: entry.archiveLimits))
    }
    try ArchiveFile.unpack(
      archives, into: place.path, name: { entry.place(of: $0) }, progress: progress,
      finish: { (folder) throws(CounterspikeError) in
        guard locator.contents(of: entry, in: folder) != nil else {
          let names = entry.archives.map { "\(location.folder)/\($0.name)" }
          throw CounterspikeError(
            .damagedFile,
            "\(names.map { "“\($0.excerpt)”" }.joined(separator: ", ")) has not all of "
              + "\(locator.wanted(of: entry)) that \(entry.title) consists of; put the right archive "
              + "(from \(entry.source)) in its place")
        }
        // A power cut must not leave names without content.
        NewFile.synchronize()
      })
    guard let found = place.found() else {
      throw CounterspikeError(
        .missingData,
        "the files of \(entry.title) were unpacked into “\(place.path.excerpt)” and are no longer "
          + "there; something else removes them: name another cache by XDG_CACHE_HOME")
    }
    return found
  }
}

extension DataCatalog.Entry {
  /// What the data set's archives cannot exceed: files are written to the disk and read into memory
  /// as large as the archive says.
  var archiveLimits: ArchiveFile.Limits {
    var limits = ArchiveFile.Limits()
    limits.fileBytes = largestFile
    let samples = trainingCount + testCount + validationCount
    let (total, isTooLarge) = largestFile.multipliedReportingOverflow(by: max(samples, files.count))
    limits.totalBytes = isTooLarge ? limits.totalBytes : min(total, limits.totalBytes)
    return limits
  }

  /// The most bytes of one of the data set's files, unpacked.
  var largestFile: Int {
    // Other files may lie beside the images and labels.
    let spare = 1 << 20
    let image = shape.reduce(1, *)
    switch kind {
    case .images: return max(trainingCount, testCount) * image + spare
    case .imageBatches(let batches):
      return max(trainingCount, testCount) * (image + batches.labelBytes) + spare
    case .events(let recordings): return recordings.largestFile
    case .series(let files):
      return (trainingCount + testCount) * files.steps * max(image, 1) * 4 + spare
    case .spikes: return 1 << 32
    case .folder, .generated: return spare
    }
  }

  /// Where a file of an archive is put, or `nil` if it is none of the data set's.
  func place(of path: String) -> String? {
    for archive in archives {
      var rest = path
      if let folder = archive.folder {
        guard path.hasPrefix(folder + "/") else { continue }
        rest = String(path.dropFirst(folder.count + 1))
      }
      switch kind {
      case .images, .imageBatches, .series, .spikes:
        if files.contains(where: { $0.acceptedNames.contains(rest) }) { return rest }
      case .events(let recordings):
        if recordings.forms.contains(where: { $0.layout.has(rest) }) { return rest }
      case .folder, .generated: return nil
      }
    }
    return nil
  }
}

/// The folder of the cache that certain archives are unpacked into: named by where they are, how
/// long and how old, so that others are not taken for them.
package struct UnpackedFolder {
  package let path: String
  private let entry: DataCatalog.Entry
  private let locator: DataLocator
  /// What the names begin with of folders that the same archives were unpacked into before they
  /// were changed.
  private let prefix: String

  package init(_ entry: DataCatalog.Entry, from folder: String, locator: DataLocator) {
    self.entry = entry
    self.locator = locator
    var places = ""
    var states = ""
    for archive in entry.archives {
      let file = URL(fileURLWithPath: "\(folder)/\(archive.name)").standardizedFileURL.path
      let status = WholeFile.status(of: file)
      places += file + "\n"
      states += "\(status?.size ?? 0) \(status?.modified ?? 0)\n"
    }
    func digits(_ text: String) -> Substring { Checksum.sha256(Array(text.utf8)).prefix(12) }
    prefix = "\(entry.name)-\(digits(places))-"
    path = "\(Self.root(locator))/\(prefix)\(digits(states))"
  }

  private static func root(_ locator: DataLocator) -> String { locator.cacheFolder + "/unpacked" }

  /// Keeps others from unpacking the same archives; `waiting` is called where another does so now.
  ///
  /// - Throws: `unwritableFile`.
  func lock(waiting: () -> Void) throws(CounterspikeError) -> PlaceLock {
    let root = Self.root(locator)
    try ArchiveFile.makeFolder(root)
    return try PlaceLock("\(root)/.\(prefix.dropLast()).lock", waiting: waiting)
  }

  /// What is there, if it is all of the data set.
  func found() -> DataLocator.Location? { locator.contents(of: entry, in: path) }

  /// Removes what can no longer be of use: earlier states, and what was begun and given up. Only for
  /// whoever has the lock: nobody else is then busy unpacking.
  func cleanUp() {
    let root = Self.root(locator)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    for name in names where name.hasPrefix(prefix) {
      try? FileManager.default.removeItem(atPath: "\(root)/\(name)")
    }
  }
}
