internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats

extension ClassFolder {
  /// What the samples of a folder are for.
  package enum Part: String, CaseIterable, Sendable {
    case training
    case validation
    case test

    /// What the part's folder may be called, in whatever case.
    var names: [String] {
      switch self {
      case .training: ["train", "training"]
      case .validation: ["val", "valid", "validation", "dev"]
      case .test: ["test", "testing"]
      }
    }
  }

  /// The names that the folders of the parts have in `folder`; none where the classes lie directly in
  /// it. `nil`: it is laid out in neither way.
  ///
  /// - Parameter needsTraining: whether a folder with a test part alone is none.
  static func parts(
    of folder: String, _ content: DataCatalog.FolderContent, needsTraining: Bool
  ) -> [String: String]? {
    guard let listing = try? FolderListing(folder) else { return nil }
    let folders = Dictionary(
      listing.folders.map { ($0.name.lowercased(), $0.name) }, uniquingKeysWith: { _, last in last }
    )
    var parts: [String: String] = [:]
    for part in Part.allCases {
      parts[part.rawValue] = part.names.compactMap { folders[$0] }.first
    }
    if parts[Part.training.rawValue] != nil { return parts }
    if parts[Part.test.rawValue] != nil { return needsTraining ? nil : parts }
    guard parts.isEmpty else { return nil }
    let hasSamples = listing.folders.contains { folder in
      guard let inside = try? FolderListing(folder.path) else { return false }
      var leftOut = LeftOut()
      return !leftOut.samples(in: inside, endings: content.fileExtensions).isEmpty
    }
    return hasSamples ? [:] : nil
  }

  /// A folder that is laid out in no way that is understood: what is, and what was found.
  static func unclear(
    _ folder: String, _ entry: DataCatalog.Entry, _ content: DataCatalog.FolderContent
  ) -> CounterspikeError {
    var found = "it cannot be listed"
    if let listing = try? FolderListing(folder) {
      let folders = listing.folders.map(\.name)
      let count = listing.files.count
      let inside = folders.isEmpty ? "no folders" : "the folders \(folders.excerpt)"
      found = "it has \(inside) and \(count) \(count == 1 ? "file" : "files")"
    }
    let endings = content.fileExtensions.map { "*.\($0)" }.joined(separator: ", ")
    return CounterspikeError(
      .missingData,
      "“\(folder.excerpt)” is not laid out as a folder of \(content.what), and neither is its "
        + "sub-folder \(entry.name): \(found); understood are train/CLASS/FILE and test/CLASS/FILE "
        + "(perhaps with val/CLASS/FILE), or CLASS/FILE alone, with files \(endings); to evaluate a run, "
        + "test/CLASS/FILE is enough",
      remedy: .nameDataFolder)
  }
}
