package import Counterspike
package import CounterspikeCatalog
package import CounterspikeFormats

/// The user's own files, a sample each, in a folder for each class: `train/CLASS/*.png` and
/// `test/CLASS/*.png`, say, or `CLASS/*.png` alone.
///
/// Classes are matched by the names of their folders as people read them: composed and decomposed
/// letters are the same. Without a folder for testing, a share of each class is drawn by the seed.
package struct ClassFolder {
  package struct Sample: Sendable {
    package let path: String
    package let name: String
    package let label: Int
    let status: WholeFile.Status
  }

  /// Labels are bytes.
  private static let classLimit = 256

  package let path: String
  /// The names of the folders in the training part, in the order of their bytes.
  package let classNames: [String]
  /// In the order of the bytes of their names and, for equal names, classes.
  package private(set) var training: [Sample]
  package private(set) var validation: [Sample] = []
  package private(set) var test: [Sample]
  /// The sample that decides the form of all others.
  let first: Sample
  /// What lies there and is no sample.
  package let leftOut: LeftOut
  /// What is to be said of how the samples are divided.
  private let division: String?

  /// Lists the folder that `location` has of `entry`.
  ///
  /// - Parameters:
  ///   - classes: those of a run, in the order of its labels: folders are matched by name, classes may
  ///     be missing, and there may be no training part. `nil`: the training part's.
  ///   - testShare, seed: what is drawn from each class where there is no part for testing.
  /// - Throws: `missingData` where a part, or a class in training, has no samples; `damagedFile` for
  ///   a class that only another part has, and for too many; `mismatch` for a class that is none of
  ///   `classes`; `invalidRecipe` for a share that leaves nothing; `unreadableFile`.
  package init(
    _ entry: DataCatalog.Entry, _ content: DataCatalog.FolderContent,
    at location: DataLocator.Location, classes: [String]? = nil,
    testShare: Float = DataSettings().testShare, seed: UInt64 = 1
  ) throws(CounterspikeError) {
    path = location.folder
    let endings = content.fileExtensions
    var leftOut = LeftOut()
    let top = try FolderListing(location.folder)
    leftOut.add(misplaced: top, endings: endings)
    var listings: [Part: FolderListing] = [:]
    for part in Part.allCases {
      guard let name = location.names[part.rawValue] else { continue }
      let listing = try FolderListing("\(location.folder)/\(name)")
      leftOut.add(misplaced: listing, endings: endings)
      listings[part] = listing
    }
    if listings.isEmpty {
      listings[.training] = top
    } else {
      for folder in top.folders where !location.names.values.contains(folder.name) {
        leftOut.add(folder: folder)
      }
    }
    classNames = try Self.classNames(listings, classes, entry)
    var samples: [Part: [Sample]] = [:]
    for (part, listing) in listings {
      samples[part] = try Self.samples(
        content, in: listing, classNames, areAllNeeded: part == .training && classes == nil,
        &leftOut)
    }
    training = samples[.training] ?? []
    validation = samples[.validation] ?? []
    test = samples[.test] ?? []
    first = training.first ?? test[0]
    self.leftOut = leftOut
    guard listings[.test] == nil else {
      division = nil
      return
    }
    let all = training
    let (rest, held) = ClassDivision(
      labels: all.map(\.label), classCount: classNames.count, seed: seed, part: .test
    ).holdingBack(testShare, leavingSome: true)
    guard !held.isEmpty else {
      throw CounterspikeError(
        .invalidRecipe,
        "“\(path.excerpt)” has no folder test, and data.testShare is \(testShare), which leaves none "
          + "of \(all.count) samples to test with; set it to the share of each class that is to be "
          + "tested with, and let a class have 2 samples or more")
    }
    training = rest.map { all[$0] }
    test = held.map { all[$0] }
    division =
      "no folder test: \(held.count) of \(all.count) samples are for testing, drawn by the seed "
      + "(data.testShare: \(testShare))"
  }

  /// Lists the folder that the user names, or that the environment does.
  ///
  /// - Throws: as ``init(_:_:at:classes:testShare:seed:)``; `missingData` where there is none.
  package init(
    _ entry: DataCatalog.Entry, _ content: DataCatalog.FolderContent, folder: String?,
    classes: [String]? = nil, testShare: Float = DataSettings().testShare
  ) throws(CounterspikeError) {
    var locator = DataLocator(folder: folder)
    locator.needsTraining = classes == nil
    let location = try DataSet.find(entry, locator: locator, progress: nil)
    self = try ClassFolder(
      entry, content, at: location, classes: classes, testShare: testShare)
  }

  /// The samples' paths in the folder.
  func names(of samples: [Sample]) -> [String] {
    samples.map { String($0.path.dropFirst(path.count + 1)) }
  }

  /// What a user should know of the folder.
  package var remarks: [String] {
    var remarks = leftOut.remarks + [division].compactMap(\.self)
    if classNames.count == 1 {
      remarks.append(
        "there is one class only, “\(classNames[0].excerpt)”, so that every prediction is right")
    }
    var counts = [Int](repeating: 0, count: classNames.count)
    for sample in training { counts[sample.label] += 1 }
    let single = classNames.indices.filter { counts[$0] == 1 }
    if !single.isEmpty {
      remarks.append(
        "one training sample only of \(single.count == 1 ? "the class" : "the classes") "
          + single.map { classNames[$0] }.excerpt)
    }
    return remarks
  }

  /// The classes: those of a run or, without one, the folders of the training part.
  private static func classNames(
    _ listings: [Part: FolderListing], _ classes: [String]?, _ entry: DataCatalog.Entry
  ) throws(CounterspikeError) -> [String] {
    let others = Part.allCases.compactMap { listings[$0] }
    if let classes {
      for listing in others {
        try check(listing.folders.map(\.name), in: listing.path, against: classes)
      }
      return classes
    }
    guard let training = listings[.training] else { return [] }
    let names = training.folders.map(\.name)
    guard (1...classLimit).contains(names.count) else {
      throw CounterspikeError(
        .missingData,
        "“\(training.path.excerpt)” has \(names.count) folders, where one for each class is "
          + "expected, 1 to \(classLimit); use \(entry.source)")
    }
    for listing in others {
      guard let other = listing.folders.first(where: { !names.contains($0.name) }) else { continue }
      throw CounterspikeError(
        .damagedFile,
        "“\(listing.path.excerpt)” has the folder “\(other.name.excerpt)”, and "
          + "“\(training.path.excerpt)” has none of that name; the classes are those of the "
          + "training part: add some, or remove it")
    }
    return names
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

  private static func samples(
    _ content: DataCatalog.FolderContent, in part: FolderListing, _ classNames: [String],
    areAllNeeded: Bool, _ leftOut: inout LeftOut
  ) throws(CounterspikeError) -> [Sample] {
    var samples: [Sample] = []
    var all = LeftOut()
    for (label, name) in classNames.enumerated() {
      // The folder's own bytes make the path: the class may be written in others.
      guard let folder = part.folders.first(where: { $0.name == name }) else { continue }
      var own = LeftOut()
      let files = own.samples(
        in: try FolderListing(folder.path), endings: content.fileExtensions)
      guard !areAllNeeded || !files.isEmpty else { throw empty(folder.path, content, own) }
      all.add(own)
      samples += files.map {
        Sample(path: $0.path, name: $0.name, label: label, status: $0.status)
      }
    }
    guard !samples.isEmpty else { throw empty(part.path, content, all) }
    leftOut.add(all)
    return samples.sorted {
      $0.name.utf8.elementsEqual($1.name.utf8)
        ? $0.label < $1.label : FolderListing.precedes($0.name, $1.name)
    }
  }

  private static func empty(
    _ path: String, _ content: DataCatalog.FolderContent, _ leftOut: LeftOut
  ) -> CounterspikeError {
    let found = leftOut.remarks.map { "; \($0)" }.joined()
    return CounterspikeError(
      .missingData,
      "“\(path.excerpt)” has no \(content.what), which are files *."
        + content.fileExtensions.joined(separator: ", *.") + "\(found); add some, or remove it")
  }
}
