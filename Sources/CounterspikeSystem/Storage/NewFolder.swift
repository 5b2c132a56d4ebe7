internal import Foundation

/// Folders that are made.
package enum NewFolder {
  /// Makes a folder, and those that it is in, where they are not there.
  ///
  /// - Throws: what the system says; and for a path with a zero byte, of which Foundation would make the part
  ///   before it.
  package static func make(_ path: String) throws {
    guard !path.utf8.contains(0) else { throw POSIXError(.EINVAL) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
}
