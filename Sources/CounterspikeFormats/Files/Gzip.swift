internal import CZlib
package import Counterspike
internal import Foundation

/// Unpacking of gzip files; the only file of this target that touches raw memory.
///
/// - Note: RFC 1952. A file may consist of several members, whose contents are joined.
package enum Gzip {
  /// Whether `bytes` begin with the magic number of a gzip file.
  package static func isCompressed(_ bytes: [UInt8]) -> Bool {
    hasMagic(bytes, at: 0)
  }

  /// The content of a file, unpacked if it is a gzip file and as it is if not.
  ///
  /// - Parameters:
  ///   - bytes: the file as it is on disk.
  ///   - expected: the bytes that the content should have; with more, memory is taken by doubling.
  ///   - limit: the most bytes that the content may have; a file that expands to more is refused
  ///     before it fills the memory.
  ///   - file: the file's path, for messages.
  /// - Throws: `damagedFile` for gzip data that are truncated, corrupt, expand beyond `limit` or
  ///   are followed by anything that is not another member; `libraryFailure` if zlib cannot start.
  /// - Complexity: O(content); the content is held once.
  package static func content(
    of bytes: [UInt8], expected: Int = 1 << 20, limit: Int, file: String
  ) throws(CounterspikeError) -> [UInt8] {
    guard isCompressed(bytes) else { return bytes }

    var stream = unsafe z_stream()
    // 15: the largest window; 16: a gzip wrapper is demanded and its CRC-32 checked.
    guard
      unsafe inflateInit2_(
        &stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else {
      throw CounterspikeError(
        .libraryFailure, "zlib cannot be started to unpack “\(file.excerpt)”; free some memory")
    }
    defer { _ = unsafe inflateEnd(&stream) }

    // Somewhat more, because zlib may need another call to see that the end was the end.
    var content = [UInt8](repeating: 0, count: expected + 64)
    var consumed = 0
    var produced = 0

    while true {
      if produced == content.count {
        // Whatever is appended is overwritten; this is the quickest, in debug builds too.
        content += content
      }

      let step = unsafe inflateStep(
        &stream, from: bytes, at: consumed, into: &content, at: produced)
      consumed += step.consumed
      produced += step.produced
      guard produced <= limit else {
        throw CounterspikeError(
          .damagedFile,
          "“\(file.excerpt)” unpacks to more than the \(limit) bytes that are expected of it; "
            + "it is not the file it should be: remove it and fetch it again")
      }

      switch step.status {
      case Z_STREAM_END:
        if consumed == bytes.count {
          content.removeLast(content.count - produced)
          return content
        }
        guard hasMagic(bytes, at: consumed) else {
          throw CounterspikeError(
            .damagedFile,
            "“\(file.excerpt)” has \(bytes.count - consumed) bytes after the end of its gzip data, at byte "
              + "\(consumed); it is damaged: remove it and fetch it again")
        }
        guard unsafe inflateReset(&stream) == Z_OK else {
          throw CounterspikeError(
            .libraryFailure, "zlib cannot go on unpacking “\(file.excerpt)”; try again")
        }
      case Z_OK where step.consumed > 0 || step.produced > 0:
        continue
      case Z_OK, Z_BUF_ERROR:
        throw CounterspikeError(
          .damagedFile,
          "“\(file.excerpt)” is truncated: its gzip data break off at byte \(bytes.count), after "
            + "\(produced) bytes of content; remove it and fetch it again")
      case Z_MEM_ERROR:
        throw CounterspikeError(
          .libraryFailure,
          "zlib found no memory to unpack “\(file.excerpt)”; free some and try again")
      default:
        throw CounterspikeError(
          .damagedFile,
          "“\(file.excerpt)” is corrupt: its gzip data cannot be unpacked beyond byte \(consumed), after "
            + "\(produced) bytes of content; remove it and fetch it again")
      }
    }
  }

  /// Unpacks a file to another one, in portions.
  ///
  /// - Parameters:
  ///   - target: a path at which there is no file yet.
  ///   - limit: the most bytes that the content may have.
  /// - Throws: as ``content(of:expected:limit:file:)``; `unreadableFile`; `unwritableFile`.
  package static func unpack(
    _ path: String, to target: String, limit: Int
  ) throws(CounterspikeError) {
    guard let source = unsafe gzopen(path, "rb") else {
      throw CounterspikeError(
        .unreadableFile,
        "“\(path.excerpt)” cannot be read; check that it exists and its permissions")
    }
    defer { _ = unsafe gzclose(source) }
    guard FileManager.default.createFile(atPath: target, contents: nil),
      let output = FileHandle(forWritingAtPath: target)
    else {
      throw CounterspikeError(
        .unwritableFile,
        "“\(target.excerpt)”, which “\(path.excerpt)” is to be unpacked to, cannot be written; check "
          + "permissions and free space, or put the unpacked file into a folder of your own")
    }
    defer { try? output.close() }
    var produced = 0
    var portion = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe portion.withUnsafeMutableBytes { bytes in
        Int(unsafe gzread(source, bytes.baseAddress, UInt32(bytes.count)))
      }
      var status = Z_OK
      _ = unsafe gzerror(source, &status)
      guard count >= 0, status == Z_OK || status == Z_STREAM_END else {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)” has gzip data that \(status == Z_BUF_ERROR ? "break off" : "are corrupt") after "
            + "\(produced) bytes of content or more; remove it and fetch it again")
      }
      guard count > 0 else { return }
      produced += count
      guard produced <= limit else {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)” has more than the \(limit) bytes, unpacked, that are expected of it; it is not the "
            + "file it should be: remove it and fetch it again")
      }
      do {
        try output.write(contentsOf: portion[..<count])
      } catch {
        throw CounterspikeError(
          .unwritableFile,
          "“\(target.excerpt)”, which “\(path.excerpt)” is unpacked to, cannot be written; make room there",
          cause: error)
      }
    }
  }

  private struct Step {
    var status: Int32
    var consumed: Int
    var produced: Int
  }

  /// Lets zlib go on from `input[consumed…]` into `output[produced…]`, as far as it gets.
  private static func inflateStep(
    _ stream: inout z_stream, from input: [UInt8], at consumed: Int,
    into output: inout [UInt8], at produced: Int
  ) -> Step {
    let available = min(input.count - consumed, Int(UInt32.max))
    let room = min(output.count - produced, Int(UInt32.max))
    return unsafe input.withUnsafeBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        guard let first = source.baseAddress, let start = target.baseAddress else {
          return Step(status: Z_BUF_ERROR, consumed: 0, produced: 0)
        }
        // zlib's interface is not const-correct; it does not write to its input.
        unsafe stream.next_in = UnsafeMutablePointer(mutating: first + consumed)
        unsafe stream.avail_in = UInt32(available)
        unsafe stream.next_out = start + produced
        unsafe stream.avail_out = UInt32(room)
        let status = unsafe inflate(&stream, Z_NO_FLUSH)
        return unsafe Step(
          status: status, consumed: available - Int(stream.avail_in),
          produced: room - Int(stream.avail_out))
      }
    }
  }

  private static func hasMagic(_ bytes: [UInt8], at offset: Int) -> Bool {
    bytes.count >= offset + 2 && bytes[offset] == 0x1F && bytes[offset + 1] == 0x8B
  }
}
