package import Foundation

#if canImport(CryptoKit)
  internal import CryptoKit
#else
  internal import CCrypto
#endif

/// SHA-256 sums, written as 64 lower-case hexadecimal digits.
package enum Checksum {
  /// The sum of `bytes`.
  package static func sha256(_ bytes: [UInt8]) -> String {
    var sum = RunningChecksum()
    sum.add(bytes)
    return sum.text
  }

  /// The sum of `data`, which may be a mapped file's.
  package static func sha256(_ data: Data) -> String {
    var sum = RunningChecksum()
    sum.add(data)
    return sum.text
  }

  /// The sum of a file's content, read in portions.
  ///
  /// - Throws: `unreadableFile`.
  package static func sha256(ofFile path: String) throws(CounterspikeError) -> String {
    var sum = RunningChecksum()
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      while let portion = try handle.read(upToCount: 1 << 20), !portion.isEmpty {
        sum.add(portion)
      }
    } catch {
      throw CounterspikeError(
        .unreadableFile,
        "“\(path.excerpt)” cannot be read; check that it exists and its permissions",
        cause: error)
    }
    return sum.text
  }
}

#if canImport(CryptoKit)
  /// A SHA-256 sum of bytes that come in portions, by CryptoKit.
  package struct RunningChecksum: ~Copyable {
    private var hasher = SHA256()

    package init() {}

    package mutating func add(_ bytes: some DataProtocol) { hasher.update(data: bytes) }

    /// 64 lower-case hexadecimal digits, of all bytes so far.
    package var text: String { hasher.finalize().hexadecimal }
  }
#else
  /// A SHA-256 sum of bytes that come in portions, by OpenSSL's libcrypto.
  @safe package struct RunningChecksum: ~Copyable {
    private let context: OpaquePointer

    package init() {
      guard let context = unsafe EVP_MD_CTX_new(),
        unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
      else { preconditionFailure("libcrypto offers no SHA-256") }
      unsafe self.context = unsafe context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func add(_ bytes: some ContiguousBytes) {
      unsafe bytes.withUnsafeBytes { buffer in
        guard let start = buffer.baseAddress else { return }
        let done = unsafe EVP_DigestUpdate(context, start, buffer.count)
        precondition(done == 1, "libcrypto refused to add to a SHA-256 sum")
      }
    }

    /// 64 lower-case hexadecimal digits, of all bytes so far.
    package var text: String {
      var digest = [UInt8](repeating: 0, count: 32)
      unsafe digest.withUnsafeMutableBufferPointer { buffer in
        // A copy is finished, so that more can be added.
        let copy = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(copy) }
        let done =
          unsafe EVP_MD_CTX_copy_ex(copy, context) == 1
          && EVP_DigestFinal_ex(copy, buffer.baseAddress, nil) == 1
        precondition(done, "libcrypto refused to finish a SHA-256 sum")
      }
      return digest.hexadecimal
    }
  }
#endif

extension Sequence<UInt8> {
  /// Two lower-case digits a byte.
  fileprivate var hexadecimal: String {
    map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
