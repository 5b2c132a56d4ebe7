/// A plain file's bytes and size, asked of the operating system without detours: for data sets of
/// many small files.
package enum WholeFile {
  /// What a folder says about a file.
  package struct Status: Sendable, Equatable {
    /// The file's length in bytes.
    package var size: Int
    /// When it was last written to, in nanoseconds since 1970.
    package var modified: Int
    /// When its content or anything else about it last changed, which nobody can set, in nanoseconds
    /// since 1970.
    package var changed: Int
    /// The file's number on its disk.
    package var inode: UInt64
    package var isFolder: Bool
    /// Whether it is neither a folder nor a device, pipe or socket.
    package var isPlain: Bool
  }

  /// All bytes of the file at `path`.
  ///
  /// - Parameter kind: what such a file can need.
  /// - Throws: `unreadableFile`, also for folders, devices and pipes, and for files larger than the memory
  ///   that this process may have; `damagedFile` for a file that is larger than `kind` can be, or not of
  ///   text where that is.
  package static func bytes(
    of path: String, as kind: FileKind = .any
  ) throws(CounterspikeError) -> [UInt8] {
    let file = try SystemFile.reading(path)
    let size = try file.size()
    guard size <= kind.limit else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” has \(MemoryLimit.text(size)), more than the \(MemoryLimit.text(kind.limit)) "
          + "that \(kind.name) can have; check that it is the right file")
    }
    if kind.isText {
      // A file of its own: the other one has to be read from its beginning.
      let beginning = try SystemFile.reading(path).read(min(size, 4096))
      if let place = beginning.firstIndex(of: 0) {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)” has a byte of zero at byte \(place), and \(kind.name) is of text; check that "
            + "it is the right file, in UTF-8")
      }
    }
    return try file.read(size)
  }

  /// The first `count` bytes of the file at `path`, fewer if it has fewer.
  ///
  /// - Throws: `unreadableFile`, also for folders, devices and pipes.
  package static func beginning(
    of path: String, count: Int
  ) throws(CounterspikeError) -> [UInt8] {
    try SystemFile.reading(path).read(count)
  }

  /// The status of what `path` leads to, links followed; `nil`: there is nothing.
  package static func status(of path: String) -> Status? { SystemFile.status(of: path) }
}
