#if Archives
  internal import CArchive
  internal import Counterspike
  internal import Foundation

  /// Goes through the members of an archive, which nothing is believed of: each name, kind and size
  /// is checked before it is handed out. The only file that speaks to libarchive.
  ///
  /// Of what libarchive can read, only zip, 7-zip and tar are switched on, the latter plain or packed
  /// by gzip, bzip2 or xz: others are not needed, and some (mtree) open more files.
  ///
  /// - Note: libarchive compares the checksums of zip and 7-zip, and not that of gzip. Names other
  ///   than ASCII are refused: it reads them by the language of the process, which has none.
  @safe struct ArchiveReader: ~Copyable {
    /// A folder or a plain file.
    struct Member {
      /// Relative, of plain names between single slashes.
      let path: String
      let isFolder: Bool
    }

    private static let portion = 1 << 16

    /// What errors call the archive.
    private let name: String
    private let limits: ArchiveFile.Limits
    private let archive: OpaquePointer
    private var members = 0
    /// Paths so far, in lower case: many file systems take names for the same that differ in case only.
    private var files: Set<String> = []
    private var folders: Set<String> = []
    /// Bytes of content up to here: of members that were read, and what others say they have.
    private var bytes = 0
    /// The member that is read: its name for messages, its size if it says one, what came of it.
    private var current = ""
    private var declared: Int?
    private var produced = 0
    private var buffer = [UInt8](repeating: 0, count: portion)

    private init(_ archive: OpaquePointer, name: String, limits: ArchiveFile.Limits) {
      unsafe self.archive = unsafe archive
      self.name = name
      self.limits = limits
    }

    /// Opens the file at `path`; errors call it `name`.
    ///
    /// - Throws: `unreadableFile`, also for folders, pipes and devices; `damagedFile`.
    static func open(
      _ path: String, name: String, limits: ArchiveFile.Limits
    ) throws(CounterspikeError) -> ArchiveReader {
      // Pipes and devices never end, and libarchive would read on.
      _ = try WholeFile.beginning(of: path, count: 1)
      guard let archive = unsafe archive_read_new() else {
        throw CounterspikeError(
          .libraryFailure,
          "libarchive cannot be started to unpack “\(name.excerpt)”; free some memory")
      }
      let reader = unsafe ArchiveReader(archive, name: name, limits: limits)
      unsafe archive_read_support_format_zip_seekable(archive)
      unsafe archive_read_support_format_7zip(archive)
      unsafe archive_read_support_format_tar(archive)
      unsafe archive_read_support_filter_gzip(archive)
      unsafe archive_read_support_filter_bzip2(archive)
      unsafe archive_read_support_filter_xz(archive)
      guard unsafe archive_read_open_filename(archive, path, portion) == ARCHIVE_OK else {
        throw reader.damaged("no sound beginning of a .zip, .7z or .tar", reader.reason)
      }
      return reader
    }

    deinit { _ = unsafe archive_read_free(archive) }

    /// Bytes of the archive's file that were read so far.
    var position: Int { Int(unsafe archive_filter_bytes(archive, -1)) }

    /// The next folder or file; `nil`: there are no more.
    ///
    /// - Throws: `damagedFile` for members that no sound archive has.
    mutating func next() throws(CounterspikeError) -> Member? {
      try passOver()
      var entry: OpaquePointer?
      let status = unsafe archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { return nil }
      guard status >= ARCHIVE_WARN, let entry = unsafe entry else {
        throw damaged(
          members == 0 ? "a damaged beginning" : "damaged data after “\(current)”", reason)
      }
      members += 1
      guard members <= limits.members else {
        throw damaged("more members than the \(limits.members) that are expected")
      }
      guard let text = unsafe archive_entry_pathname(entry),
        let full = unsafe String(validatingCString: text)
      else { throw damaged("a member whose name cannot be read, after “\(current)”") }
      current = full.excerpt

      let isFolder = try unsafe isFolder(entry)
      let path = try checked(full, isFolder: isFolder)
      declared = nil
      produced = 0
      if unsafe archive_entry_size_is_set(entry) != 0, !isFolder {
        let size = Int(unsafe archive_entry_size(entry))
        try check(size: size)
        declared = size
      }
      return Member(path: path, isFolder: isFolder)
    }

    /// The next bytes of the member that ``next()`` gave last; none at its end.
    ///
    /// - Throws: `damagedFile` for data that are corrupt, break off or are more than allowed.
    mutating func read() throws(CounterspikeError) -> ArraySlice<UInt8> {
      let count = unsafe buffer.withUnsafeMutableBytes { target in
        unsafe Int(archive_read_data(archive, target.baseAddress, target.count))
      }
      guard count >= 0 else { throw damaged("damaged data in “\(current)”", reason) }
      produced += count
      if let declared {
        guard count > 0 ? produced <= declared : produced == declared else {
          throw damaged("\(produced) bytes of “\(current)”, where it says \(declared)")
        }
      } else {
        try check(size: produced)
      }
      if count == 0 { close() }
      return buffer[..<count]
    }

    /// Ends with the current member, counting what it has or says it has.
    private mutating func close() {
      bytes += declared ?? produced
      declared = nil
      produced = 0
      isOpen = false
    }

    private var isOpen = false

    private mutating func passOver() throws(CounterspikeError) {
      guard isOpen else { return }
      // What says no size has to be read to know how much it is.
      if declared == nil {
        while try !read().isEmpty {}
      } else {
        close()
      }
    }

    private func check(size: Int) throws(CounterspikeError) {
      guard size >= 0, size <= limits.fileBytes else {
        throw damaged(
          "\(size) bytes or more in “\(current)”, where at most \(limits.fileBytes) are expected")
      }
      guard size <= limits.totalBytes - bytes else {
        throw damaged(
          "more than \(limits.totalBytes) bytes up to “\(current)”, which are all that is expected")
      }
    }

    private func isFolder(_ entry: OpaquePointer) throws(CounterspikeError) -> Bool {
      let type = unsafe Int(archive_entry_filetype(entry)) & 0o170000
      let isLink =
        unsafe archive_entry_hardlink(entry) != nil || archive_entry_symlink(entry) != nil
      guard !isLink, type == 0o100000 || type == 0o040000 else {
        let kind =
          isLink || type == 0o120000 ? "a link" : "a device or something else that is no file"
        throw damaged("“\(current)”, \(kind), where only folders and plain files are expected")
      }
      return type == 0o040000
    }

    /// The path without empty and idle parts, if it stays inside of the folder and is a new one.
    private mutating func checked(
      _ full: String, isFolder: Bool
    ) throws(CounterspikeError) -> String {
      guard full.utf8.first != UInt8(ascii: "/") else {
        throw damaged("“\(current)”, an absolute path, where paths inside a folder are expected")
      }
      let parts = full.utf8.split(separator: UInt8(ascii: "/")).map { String($0) ?? ".." }
        .filter { $0 != "." }
      guard !parts.contains("..") else {
        throw damaged("“\(current)”, a path that leads out, where paths inside are expected")
      }
      // What most file systems hold.
      guard full.utf8.count <= 1000, parts.allSatisfy({ $0.utf8.count <= 255 }) else {
        throw damaged("“\(current)”, a longer name than files can have")
      }
      guard !parts.isEmpty || isFolder else {
        throw damaged("“\(current)”, a file without a name")
      }
      var path = ""
      for part in parts.dropLast().map({ $0.lowercased() }) {
        path += path.isEmpty ? part : "/" + part
        guard !files.contains(path) else { throw twice() }
        folders.insert(path)
      }
      if let last = parts.last?.lowercased() { path += path.isEmpty ? last : "/" + last }
      // A folder may be named again, and after what is in it.
      guard !files.contains(path), isFolder || !folders.contains(path) else { throw twice() }
      if isFolder { folders.insert(path) } else { files.insert(path) }
      isOpen = !isFolder
      return parts.joined(separator: "/")
    }

    private func twice() -> CounterspikeError {
      damaged(
        "“\(current)” twice, as files or as file and folder, where each name is expected once, "
          + "in upper or lower case")
    }

    private func damaged(_ what: String, _ cause: String? = nil) -> CounterspikeError {
      CounterspikeError(
        .damagedFile,
        "“\(name.excerpt)” has \(what)\(cause.map { " (\($0))" } ?? ""); it is not the archive it should "
          + "be: remove it and fetch it again")
    }

    /// libarchive's words for what it just refused.
    private var reason: String {
      guard let text = unsafe archive_error_string(archive) else { return "no reason is given" }
      return unsafe String(cString: text).excerpt
    }
  }
#endif
