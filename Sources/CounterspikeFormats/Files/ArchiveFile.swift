package import Counterspike
internal import Foundation

/// A file that holds other files: .zip, .7z, .tar, .tar.gz, .tar.bz2 or .tar.xz, from wherever.
package struct ArchiveFile: Sendable {
  /// What no sound archive exceeds; checked before a member is written and while it is.
  package struct Limits: Sendable, Equatable {
    /// Files and folders.
    package var members = 1_000_000
    /// Bytes of one file, unpacked.
    package var fileBytes = 1 << 32
    /// Bytes of all files, unpacked.
    package var totalBytes = 1 << 34

    package init() {}
  }

  package let path: String
  package let limits: Limits

  package init(_ path: String, limits: Limits = Limits()) {
    self.path = path
    self.limits = limits
  }

  /// Unpacks into a folder, all of it or nothing: the files go to a temporary folder beside it,
  /// which takes its name in the end, so that under that name everything is there.
  ///
  /// Only folders and plain files are taken, and none that is named twice; a name that leads out of
  /// the folder, a link and whatever exceeds the limits make the whole archive be refused.
  ///
  /// - Parameters:
  ///   - archives: unpacked into the same folder.
  ///   - folder: what stands there is replaced.
  ///   - name: from a file's path in the archive, the one that it gets in the folder; `nil`: it is
  ///     left out.
  ///   - progress: called now and then, with bytes of an archive.
  ///   - finish: called with the temporary folder before it gets its name.
  /// - Throws: `unreadableFile`; `damagedFile`, naming archive and member; `unwritableFile`; what
  ///   `finish` throws; `missingData` where Counterspike was built without libarchive.
  package static func unpack(
    _ archives: [ArchiveFile], into folder: String, name: (String) -> String? = { $0 },
    progress: (@Sendable (DownloadProgress) -> Void)? = nil,
    finish: (_ temporaryFolder: String) throws(CounterspikeError) -> Void = { _ in }
  ) throws(CounterspikeError) {
    let number = String(UInt64.random(in: .min ... .max), radix: 16)
    let temporary = "\(folder)-\(number).tmp"
    try makeFolder(temporary)
    do {
      for archive in archives {
        try archive.unpack(to: temporary, name: name, progress: progress)
      }
      try finish(temporary)
      try? FileManager.default.removeItem(atPath: folder)
      try NewFile.rename(folder: temporary, to: folder)
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      throw error
    }
  }

  package static func makeFolder(_ path: String) throws(CounterspikeError) {
    do {
      try NewFolder.make(path)
    } catch {
      throw CounterspikeError(
        .unwritableFile,
        "the folder “\(path.excerpt)” cannot be made; check permissions and free space, or name "
          + "another cache by XDG_CACHE_HOME", cause: error)
    }
  }

  #if Archives
    private func unpack(
      to folder: String, name: (String) -> String?,
      progress: (@Sendable (DownloadProgress) -> Void)?
    ) throws(CounterspikeError) {
      let size = WholeFile.status(of: path)?.size ?? 0
      var shown = DownloadProgress(
        activity: .unpacking, file: URL(fileURLWithPath: path).lastPathComponent,
        receivedBytes: 0, totalBytes: Int64(size))
      var reader = try ArchiveReader.open(path, name: path, limits: limits)
      var folders: Set<String> = []
      while let member = try reader.next() {
        guard !member.isFolder, let target = name(member.path) else { continue }
        let file = "\(folder)/\(target)"
        let parent = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
        if folders.insert(parent).inserted { try Self.makeFolder(parent) }
        let output = try NewFile(file)
        while true {
          let bytes = try reader.read()
          if bytes.isEmpty { break }
          try output.append(bytes.span)
        }
        // Zip archives are read from their end first.
        let position = Int64(min(reader.position, size - 1))
        if position - shown.receivedBytes > max(Int64(size) / 500, 1 << 16) {
          shown.receivedBytes = position
          progress?(shown)
        }
      }
      shown.receivedBytes = Int64(size)
      progress?(shown)
    }
  #else
    private func unpack(
      to folder: String, name: (String) -> String?,
      progress: (@Sendable (DownloadProgress) -> Void)?
    ) throws(CounterspikeError) {
      let url = URL(fileURLWithPath: path)
      let command =
        switch url.pathExtension {
        case "zip": "unzip -q"
        case "7z": "7z x"
        default: "tar -xf"
        }
      throw CounterspikeError(
        .missingData,
        "“\(path.excerpt)” is not unpacked, and this Counterspike was built without the trait "
          + "Archives; unpack it by \(command) \(url.lastPathComponent.excerpt) in the folder "
          + "“\(url.deletingLastPathComponent().path.excerpt)”")
    }
  #endif
}
