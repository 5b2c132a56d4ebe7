#if Archives
  import CArchive
  import Counterspike

  /// Archives made for tests: by hand, where they must be hostile, and by libarchive.
  enum Archives {
    struct Failure: Error {}

    /// A member of a tar archive; `kind` is the type of the format.
    static func tar(
      _ name: String, _ content: [UInt8] = [], kind: Character = "0", link: String = "",
      size: Int? = nil
    ) -> [UInt8] {
      func field(_ text: String, _ length: Int) -> [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 0, count: length - text.utf8.count)
      }
      func octal(_ number: Int, _ length: Int) -> [UInt8] {
        let digits = String(number, radix: 8)
        return field(String(repeating: "0", count: length - 1 - digits.count) + digits, length)
      }
      var header = field(name, 100) + octal(0o644, 8) + octal(0, 8) + octal(0, 8)
      header += octal(size ?? content.count, 12) + octal(0, 12) + Array("        ".utf8)
      header += [kind.asciiValue ?? 0] + field(link, 100) + field("ustar", 6) + Array("00".utf8)
      header += [UInt8](repeating: 0, count: 512 - header.count)
      header.replaceSubrange(148..<156, with: octal(header.reduce(0) { $0 + Int($1) }, 7) + [32])
      return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// A member of GNU's tar that consists of one hole, of `size` bytes as it says.
    static func sparse(_ name: String, size: Int) -> [UInt8] {
      var header = Array(tar(name, kind: "S")[..<512])
      header.replaceSubrange(257..<265, with: Array("ustar  ".utf8) + [0])
      let digits = String(size, radix: 8)
      let field = String(repeating: "0", count: 11 - digits.count) + digits
      header.replaceSubrange(386..<397, with: Array(field.utf8))
      header.replaceSubrange(398..<409, with: Array("00000000000".utf8))
      header.replaceSubrange(483..<494, with: Array(field.utf8))
      header.replaceSubrange(148..<156, with: [UInt8](repeating: 32, count: 8))
      let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
      let sumField = String(repeating: "0", count: 6 - sum.count) + sum
      header.replaceSubrange(148..<156, with: Array(sumField.utf8) + [0, 32])
      return header
    }

    static let tarEnd = [UInt8](repeating: 0, count: 1024)

    /// A zip archive of stored members, each with the size that it says it has.
    static func zip(
      _ members: [(name: String, content: [UInt8])], size: Int? = nil, mode: Int64 = 0o100644,
      flags: Int64 = 0x0800
    ) -> [UInt8] {
      var bytes: [UInt8] = []
      var directory: [UInt8] = []
      for (name, content) in members {
        let place = bytes.count
        let common =
          EventFiles.little(20, 2) + EventFiles.little(flags, 2) + EventFiles.little(0, 2)
          + EventFiles.little(0x21_0000, 4) + EventFiles.little(Int64(checksum(content)), 4)
          + EventFiles.little(Int64(content.count), 4)
          + EventFiles.little(Int64(size ?? content.count), 4)
          + EventFiles.little(Int64(name.utf8.count), 2) + EventFiles.little(0, 2)
        bytes += EventFiles.little(0x0403_4B50, 4) + common + Array(name.utf8) + content
        directory += EventFiles.little(0x0201_4B50, 4) + [20, 3] + common
        directory += EventFiles.little(0, 6) + EventFiles.little(mode << 16, 4)
        directory += EventFiles.little(Int64(place), 4) + Array(name.utf8)
      }
      let count = EventFiles.little(Int64(members.count), 2)
      return bytes + directory + EventFiles.little(0x0605_4B50, 4) + EventFiles.little(0, 4)
        + count + count + EventFiles.little(Int64(directory.count), 4)
        + EventFiles.little(Int64(bytes.count), 4) + EventFiles.little(0, 2)
    }

    private static func checksum(_ content: [UInt8]) -> UInt32 {
      let packed = gzip(content)
      return packed.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// An archive that libarchive writes.
    ///
    /// - Parameters:
    ///   - format: as libarchive calls it: `zip`, `7zip` or `paxr`.
    ///   - filter: `none`, `gzip`, `bzip2` or `xz`.
    static func packed(
      _ members: [(name: String, content: [UInt8])], format: String, filter: String = "none"
    ) throws -> [UInt8] {
      guard let archive = archive_write_new() else { throw Failure() }
      defer { archive_write_free(archive) }
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      // libarchive keeps the address, and writes there until it is closed.
      let used = UnsafeMutablePointer<Int>.allocate(capacity: 1)
      defer { used.deallocate() }
      guard archive_write_set_format_by_name(archive, format) == ARCHIVE_OK,
        filter == "none" || archive_write_add_filter_by_name(archive, filter) == ARCHIVE_OK,
        archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK
      else { throw Failure() }
      try bytes.withUnsafeMutableBytes { target in
        guard
          archive_write_open_memory(archive, target.baseAddress, target.count, used)
            == ARCHIVE_OK
        else { throw Failure() }
        for (name, content) in members {
          guard let entry = archive_entry_new() else { throw Failure() }
          defer { archive_entry_free(entry) }
          let isFolder = name.hasSuffix("/")
          archive_entry_set_pathname(entry, name)
          archive_entry_set_filetype(entry, isFolder ? 0o040000 : 0o100000)
          archive_entry_set_perm(entry, isFolder ? 0o755 : 0o644)
          archive_entry_set_size(entry, Int64(content.count))
          guard archive_write_header(archive, entry) == ARCHIVE_OK,
            content.isEmpty
              || archive_write_data(archive, content, content.count) == content.count
          else { throw Failure() }
        }
        guard archive_write_close(archive) == ARCHIVE_OK else { throw Failure() }
      }
      return Array(bytes.prefix(used.pointee))
    }
  }
#endif
