package import Counterspike
internal import Foundation

/// What lies in a folder: the only code that lists data folders.
///
/// Names are the bytes that the file system has. Hidden files (`.x`, `._x`) and what systems leave
/// behind (`Thumbs.db`, `__MACOSX`) are passed over. Links are followed; those that lead nowhere or in
/// a circle are listed apart. The order is that of the names' bytes.
package struct FolderListing: Sendable {
  package struct Item: Sendable {
    package let name: String
    /// Made of the name's own bytes.
    package let path: String
    package let status: WholeFile.Status
  }

  package let path: String
  package private(set) var folders: [Item] = []
  package private(set) var files: [Item] = []
  /// The paths of links that lead to nothing that can be reached, and of names that are not UTF-8.
  package private(set) var unreachable: [String] = []

  /// - Throws: `unreadableFile`; `damagedFile` for two folders whose names differ in bytes only.
  package init(_ path: String) throws(CounterspikeError) {
    self.path = path
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw CounterspikeError(
        .unreadableFile,
        "cannot list the folder “\(path.excerpt)”; check that it exists and its permissions",
        cause: error)
    }
    for name in names.sorted(by: Self.precedes) where !Self.isPassedOver(name) {
      let place = "\(path)/\(name)"
      guard let status = WholeFile.status(of: place) else {
        unreachable.append(place)
        continue
      }
      let item = Item(name: name, path: place, status: status)
      if status.isFolder { folders.append(item) } else { files.append(item) }
    }
    // Swift compares text by canonical equivalence, as people read it.
    var seen: Set<String> = []
    if let twice = folders.first(where: { !seen.insert($0.name).inserted }) {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” has two folders called “\(twice.name.excerpt)”, one with composed and one "
          + "with decomposed letters; put their files into one of them")
    }
  }

  /// Whether a file or folder of this name is no part of any data.
  package static func isPassedOver(_ name: String) -> Bool {
    name.utf8.first == UInt8(ascii: ".") || leftBehind.contains(name.lowercased())
  }

  /// What systems leave behind, in lower case.
  private static let leftBehind: Set<String> = [
    "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin",
    "system volume information", "lost+found",
  ]

  /// The order of names: that of their bytes, as the order of text depends on the system's tables.
  package static func precedes(_ name: String, _ other: String) -> Bool {
    name.utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// How a file's name ends, in lower case and without the dot; `nil` without one.
  package static func ending(of name: String) -> String? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 ? parts.last?.lowercased() : nil
  }
}

/// What lies in a data set's folder and is not read, to be told.
package struct LeftOut: Sendable, Equatable {
  /// Files that end otherwise, by their endings.
  private var endings: [String: Int] = [:]
  private var empty: [String] = []
  private var unreachable: [String] = []
  /// Files that would be samples and lie outside of the folders for them.
  private var misplaced: [String] = []
  private var folders: [String] = []

  package init() {}

  /// Takes the files that end as one of `endings` from `listing` and notes all else.
  package mutating func samples(
    in listing: FolderListing, endings wanted: [String]
  ) -> [FolderListing.Item] {
    add(folders: listing)
    unreachable += listing.unreachable
    return listing.files.filter { file in
      let ending = FolderListing.ending(of: file.name)
      guard let ending, wanted.contains(ending) else {
        endings[ending.map { ".\($0)" } ?? "without ending", default: 0] += 1
        return false
      }
      guard file.status.size > 0 else {
        empty.append(file.path)
        return false
      }
      return true
    }
  }

  /// Notes files that lie beside the folders for samples and end as samples do.
  package mutating func add(misplaced listing: FolderListing, endings wanted: [String]) {
    unreachable += listing.unreachable
    misplaced += listing.files.filter { file in
      FolderListing.ending(of: file.name).map { wanted.contains($0) } ?? false
    }.map(\.path)
  }

  /// Notes folders that are not looked into.
  package mutating func add(folders listing: FolderListing) {
    folders += listing.folders.map(\.path)
  }

  package mutating func add(folder: FolderListing.Item) { folders.append(folder.path) }

  package mutating func add(_ other: LeftOut) {
    endings.merge(other.endings) { $0 + $1 }
    empty += other.empty
    unreachable += other.unreachable
    misplaced += other.misplaced
    folders += other.folders
  }

  /// The number of files and folders.
  package var count: Int {
    endings.values.reduce(0, +) + empty.count + unreachable.count + misplaced.count
      + folders.count
  }

  /// One for each reason.
  package var remarks: [String] {
    func remark(_ count: Int, _ one: String, _ many: String, _ detail: String) -> String? {
      guard count > 0 else { return nil }
      return
        "\(count) \(count == 1 ? one : many) \(count == 1 ? "was" : "were") left out (\(detail))"
    }
    func remark(_ paths: [String], _ one: String, _ many: String) -> String? {
      remark(
        paths.count, one, many, "“\((paths.first ?? "").excerpt)”\(paths.count > 1 ? ", …" : "")")
    }
    let names = endings.keys.sorted(by: FolderListing.precedes)
    return [
      remark(
        endings.values.reduce(0, +), "file with another ending", "files with other endings",
        names.prefix(5).map(\.excerpt).joined(separator: ", ") + (names.count > 5 ? ", …" : "")),
      remark(empty, "empty file", "empty files"),
      remark(unreachable, "link that leads nowhere", "links that lead nowhere"),
      remark(misplaced, "file outside of the class folders", "files outside of the class folders"),
      remark(folders, "folder where none belongs", "folders where none belong"),
    ].compactMap(\.self)
  }
}
