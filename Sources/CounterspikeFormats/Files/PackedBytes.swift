package import Counterspike

#if Archives
  internal import CArchive
#endif

/// Unpacking of bytes in memory: single frames of LZ4 and Zstandard, and the members of zip files.
///
/// It is libarchive's work, so that a build without the package trait Archives cannot do it, and says so.
package enum PackedBytes {
  package enum Packing: String {
    case lz4 = "LZ4"
    case zstandard = "Zstandard"
    case zip
  }

  /// What a file packs, by which messages call it.
  package struct Source {
    package let path: String
    /// Where in the file it begins.
    package let offset: Int

    package init(path: String, offset: Int) {
      self.path = path
      self.offset = offset
    }
  }

  /// The content of a frame of LZ4 or Zstandard.
  ///
  /// - Parameter limit: the most bytes that the content may have.
  /// - Throws: `damagedFile`; `missingLibrary`.
  package static func content(
    of bytes: ArraySlice<UInt8>, _ packing: Packing, limit: Int, _ source: Source
  ) throws(CounterspikeError) -> [UInt8] {
    var content: [UInt8] = []
    try read(bytes, packing, source) { (_, portion) throws(Problem) in
      guard content.count + portion.count <= limit else {
        throw Problem(text: "more than the \(limit) bytes that it may have")
      }
      content += portion
    }
    return content
  }

  /// The files in a zip file, in its order.
  ///
  /// - Parameter limit: the most bytes that all of them may have.
  /// - Throws: `damagedFile`; `missingLibrary`.
  package static func members(
    of bytes: [UInt8], limit: Int, path: String
  ) throws(CounterspikeError) -> [(name: String, content: [UInt8])] {
    var members: [(name: String, content: [UInt8])] = []
    var total = 0
    try read(bytes[...], .zip, Source(path: path, offset: 0)) { (name, portion) throws(Problem) in
      total += portion.count
      guard total <= limit else {
        throw Problem(text: "more than the \(limit) bytes that it may have")
      }
      guard let name else {
        members[members.count - 1].content += portion
        return
      }
      guard members.count < 4096 else { throw Problem(text: "more than 4096 members") }
      guard !members.contains(where: { $0.name == name }) else {
        throw Problem(text: "“\(name.excerptOfFile)” twice")
      }
      members.append((name, Array(portion)))
    }
    return members
  }

  /// What is wrong, continuing “has”.
  private struct Problem: Error {
    let text: String
  }

  #if Archives
    private static let portion = 1 << 16

    /// Calls `take` with each portion of the content; with a name where a member begins.
    private static func read(
      _ bytes: ArraySlice<UInt8>, _ packing: Packing, _ source: Source,
      _ take: (String?, ArraySlice<UInt8>) throws(Problem) -> Void
    ) throws(CounterspikeError) {
      var isMissing = false
      var problem: Problem?
      unsafe bytes.withUnsafeBytes { content in
        guard let archive = unsafe archive_read_new() else {
          isMissing = true
          return
        }
        defer { _ = unsafe archive_read_free(archive) }
        // Where libarchive would run another program for it, it warns.
        let status =
          switch packing {
          case .lz4:
            unsafe min(
              archive_read_support_filter_lz4(archive), archive_read_support_format_raw(archive))
          case .zstandard:
            unsafe min(
              archive_read_support_filter_zstd(archive), archive_read_support_format_raw(archive))
          case .zip: unsafe archive_read_support_format_zip_seekable(archive)
          }
        guard status == ARCHIVE_OK else {
          isMissing = true
          return
        }
        do throws(Problem) {
          guard
            unsafe archive_read_open_memory(archive, content.baseAddress, content.count)
              == ARCHIVE_OK
          else { throw Problem(text: "nothing that can be unpacked") }
          try unsafe readMembers(archive, isFrame: packing != .zip, take)
        } catch {
          problem = error
        }
      }
      if isMissing { throw missing(packing, source) }
      guard let problem else { return }
      throw .damagedEvents(
        source.path, at: source.offset,
        "the data packed by \(packing.rawValue) have \(problem.text)",
        "the file is damaged: put a sound copy in its place")
    }

    private static func readMembers(
      _ archive: OpaquePointer, isFrame: Bool,
      _ take: (String?, ArraySlice<UInt8>) throws(Problem) -> Void
    ) throws(Problem) {
      var buffer = [UInt8](repeating: 0, count: portion)
      var entry: OpaquePointer?
      while true {
        let status = unsafe archive_read_next_header(archive, &entry)
        if status == ARCHIVE_EOF { return }
        guard status >= ARCHIVE_WARN, let entry = unsafe entry else {
          throw Problem(text: "no sound beginning")
        }
        // Unpacked by no filter, a frame would be handed out as it is.
        let filter = unsafe archive_filter_code(archive, 0)
        guard !isFrame || filter != ARCHIVE_FILTER_NONE else {
          throw Problem(text: "no sound beginning")
        }
        if !isFrame {
          guard let text = unsafe archive_entry_pathname(entry),
            let name = unsafe String(validatingCString: text)
          else { throw Problem(text: "a member whose name cannot be read") }
          try take(name, [])
        }
        while true {
          let count = unsafe buffer.withUnsafeMutableBytes { target in
            unsafe Int(archive_read_data(archive, target.baseAddress, target.count))
          }
          guard count >= 0 else { throw Problem(text: "corrupt or truncated content") }
          if count == 0 { break }
          try take(nil, buffer[..<count])
        }
      }
    }
  #else
    private static func read(
      _ bytes: ArraySlice<UInt8>, _ packing: Packing, _ source: Source,
      _ take: (String?, ArraySlice<UInt8>) throws(Problem) -> Void
    ) throws(CounterspikeError) {
      throw missing(packing, source)
    }
  #endif

  private static func missing(_ packing: Packing, _ source: Source) -> CounterspikeError {
    CounterspikeError(
      .missingLibrary,
      "“\(source.path.excerpt)” has data packed by \(packing.rawValue), which this build cannot "
        + "unpack; build with the package trait Archives and a libarchive that knows it, or store the "
        + "data unpacked")
  }
}
