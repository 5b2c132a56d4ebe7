package import Counterspike
internal import Foundation

/// The user's own files, a sample each: in a folder, `train/CLASS/*.png` and `test/CLASS/*.png`, say.
package struct ClassFolder {
  package struct Sample: Sendable {
    package let path: String
    package let name: String
    package let label: Int
  }

  /// The names of the two parts, and those that their folders may have.
  static let partNames = [("train", ["train", "training"]), ("test", ["test", "testing"])]

  /// Labels are bytes.
  private static let classLimit = 256

  package let path: String
  /// The names of the folders in the training part, in the order of their bytes.
  package let classNames: [String]
  /// In the order of the bytes of their names and, for equal names, classes.
  package let training: [Sample]
  package let test: [Sample]
  /// The test samples' paths in the folder.
  var testNames: [String] { test.map { String($0.path.dropFirst(path.count + 1)) } }
  /// The sample that decides the form of all others.
  var first: Sample { training.first ?? test[0] }

  /// Lists the folder that `location` has of `entry`.
  ///
  /// - Parameter classes: those of a run, in the order of its labels: folders are matched by name,
  ///   classes may be missing, and there may be no training part. `nil`: the training part's.
  /// - Throws: `missingData` where a part, or a class in training, has no samples; `damagedFile` for
  ///   a class that only the test part has, and for too many; `mismatch` for a class that is none of
  ///   `classes`; `unreadableFile`.
  package init(
    _ entry: DataCatalog.Entry, _ content: DataCatalog.FolderContent,
    at location: DataLocator.Location, classes: [String]? = nil
  ) throws(CounterspikeError) {
    path = location.folder
    func folder(_ part: Int) -> String {
      let (name, _) = Self.partNames[part]
      return "\(location.folder)/\(location.names[name] ?? name)"
    }
    if let classes {
      let hasTraining = location.names[Self.partNames[0].0] != nil
      for part in hasTraining ? [0, 1] : [1] {
        try Self.check(try Self.folders(in: folder(part)), in: folder(part), against: classes)
      }
      classNames = classes
      training =
        hasTraining
        ? try Self.samples(content, in: folder(0), classes, areAllNeeded: false) : []
      test = try Self.samples(content, in: folder(1), classes, areAllNeeded: false)
      return
    }
    classNames = try Self.folders(in: folder(0))
    guard (1...Self.classLimit).contains(classNames.count) else {
      throw CounterspikeError(
        .missingData,
        "\(folder(0)) has \(classNames.count) folders, where one for each class is expected, 1 to "
          + "\(Self.classLimit); use \(entry.source).")
    }
    let other = try Self.folders(in: folder(1)).first { [classNames] in !classNames.contains($0) }
    if let other {
      throw CounterspikeError(
        .damagedFile,
        "\(folder(1)) has the folder \(other.excerpt), and \(folder(0)) has none of that name; the "
          + "classes are those of the training part: add some, or remove it.")
    }
    training = try Self.samples(content, in: folder(0), classNames, areAllNeeded: true)
    test = try Self.samples(content, in: folder(1), classNames, areAllNeeded: false)
  }

  /// Lists the folder that the user names, or that the environment does.
  ///
  /// - Throws: as ``init(_:_:at:classes:)``; `missingData` where there is none.
  package init(
    _ entry: DataCatalog.Entry, _ content: DataCatalog.FolderContent, folder: String?,
    classes: [String]? = nil
  ) throws(CounterspikeError) {
    var locator = DataLocator(folder: folder)
    locator.needsTraining = classes == nil
    let location = try DataSet.find(entry, locator: locator, progress: nil)
    self = try ClassFolder(entry, content, at: location, classes: classes)
  }

  /// - Throws: `mismatch` naming the folders that are none of `classes`, and the classes that have none.
  private static func check(
    _ folders: [String], in path: String, against classes: [String]
  ) throws(CounterspikeError) {
    let other = folders.filter { !classes.contains($0) }
    guard !other.isEmpty else { return }
    let missing = classes.filter { !folders.contains($0) }
    throw CounterspikeError(
      .mismatch,
      "“\(path.excerpt)” has the classes \(other.excerpt), which are none of those the network was "
        + "trained on"
        + (missing.isEmpty ? "" : "; it has no \(missing.excerpt)")
        + "; rename the folders to the classes of data.classes, or take them away")
  }

  /// The names of the folders in `path`, hidden ones left out.
  private static func folders(in path: String) throws(CounterspikeError) -> [String] {
    try names(in: path).filter {
      !$0.hasPrefix(".") && WholeFile.status(of: "\(path)/\($0)")?.isFolder == true
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func names(in path: String) throws(CounterspikeError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw CounterspikeError(
        .unreadableFile, "\(path) cannot be read; check its permissions.", cause: error)
    }
  }

  private static func samples(
    _ content: DataCatalog.FolderContent, in path: String, _ classNames: [String],
    areAllNeeded: Bool
  ) throws(CounterspikeError) -> [Sample] {
    let endings = content.fileExtensions
    var samples: [Sample] = []
    for (label, folder) in classNames.enumerated() {
      let place = "\(path)/\(folder)"
      guard areAllNeeded || WholeFile.status(of: place) != nil else { continue }
      let before = samples.count
      for name in try names(in: place) where !name.hasPrefix(".") {
        let ending = name.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
        if name.contains("."), endings.contains(ending.lowercased()) {
          samples.append(Sample(path: "\(place)/\(name)", name: name, label: label))
        }
      }
      guard !areAllNeeded || samples.count > before else { throw empty(place, content) }
    }
    guard !samples.isEmpty else { throw empty(path, content) }
    // By bytes: the order of text depends on the system's tables.
    return samples.sorted {
      $0.name == $1.name
        ? $0.label < $1.label : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
  }

  private static func empty(
    _ path: String, _ content: DataCatalog.FolderContent
  ) -> CounterspikeError {
    CounterspikeError(
      .missingData,
      "\(path) has no \(content.what), which are files *."
        + content.fileExtensions.joined(separator: ", *.") + "; add some, or remove it.")
  }
}

extension DataCatalog.FolderContent {
  /// How the names of such files end, without the dot.
  var fileExtensions: [String] {
    switch self {
    case .images: ImageFile.fileExtensions
    case .events: ["csv", "txt", "npy", "bin", "dat", "aedat"]
    case .series: ["csv", "txt"]
    }
  }

  /// The samples, for messages.
  var what: String {
    switch self {
    case .images: "images"
    case .events: "recordings of events"
    case .series: "time series"
    }
  }
}
