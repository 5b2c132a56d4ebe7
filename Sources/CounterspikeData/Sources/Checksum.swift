package import Counterspike
internal import Crypto
internal import Foundation

/// SHA-256 sums, written as 64 lower-case hexadecimal digits.
package enum Checksum {
  /// The sum of `bytes`.
  package static func sha256(_ bytes: [UInt8]) -> String {
    text(SHA256.hash(data: bytes))
  }

  /// The sum of `data`, which may be a mapped file's.
  static func sha256(_ data: Data) -> String {
    text(SHA256.hash(data: data))
  }

  /// The sum of a file's content, read in portions.
  ///
  /// - Throws: `unreadableFile`.
  package static func sha256(ofFile path: String) throws(CounterspikeError) -> String {
    var hasher = SHA256()
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      while let portion = try handle.read(upToCount: 1 << 20), !portion.isEmpty {
        hasher.update(data: portion)
      }
    } catch {
      throw CounterspikeError(
        .unreadableFile, "\(path) cannot be read; check that it exists and its permissions.",
        cause: error)
    }
    return text(hasher.finalize())
  }

  fileprivate static func text(_ digest: SHA256Digest) -> String {
    digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// A SHA-256 sum of bytes that come in portions.
struct RunningChecksum {
  private var hasher = SHA256()

  mutating func add(_ bytes: [UInt8]) { hasher.update(data: bytes) }

  /// 64 lower-case hexadecimal digits.
  var text: String { Checksum.text(hasher.finalize()) }
}
