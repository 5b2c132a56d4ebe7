internal import Foundation
internal import Synchronization

/// A file that appears under its name all at once, when everything is written and on the disk.
///
/// The bytes go to a temporary file in the same folder, which then takes the name over: whoever
/// reads the name finds the old file or the new one, never a part of one, whatever happens to the
/// program or the machine in between. A program that is killed in between leaves the temporary
/// file, `.counterspike-….tmp`, behind; the next one that writes to the folder removes it. A link of
/// that name is replaced, not followed.
package struct AtomicFile: ~Copyable {
  private let file: SystemFile
  /// The file's path until it gets its name.
  private let temporary: String

  /// A temporary file that is to become `path`.
  private init(for path: String) throws(CounterspikeError) {
    let folder = Self.folder(of: path)
    Self.clearLeftovers(in: folder)
    while true {
      let temporary = Self.temporary(in: folder)
      if let file = try SystemFile.creatingHeld(temporary, as: path) {
        self.file = file
        self.temporary = temporary
        return
      }
    }
  }

  /// Writes the bytes of all `scalars` after what was written before, without copying them.
  ///
  /// - Throws: `unwritableFile`.
  package func append<Scalar: BitwiseCopyable>(
    _ scalars: Span<Scalar>
  ) throws(CounterspikeError) {
    try file.write(scalars)
  }

  /// Replaces the file at `path` by what `body` appends, or leaves it untouched if that throws.
  ///
  /// - Throws: `unwritableFile`, or what `body` throws.
  package static func write(
    to path: String, _ body: (borrowing AtomicFile) throws(CounterspikeError) -> Void
  ) throws(CounterspikeError) {
    let file = try AtomicFile(for: path)
    do {
      try body(file)
      try file.file.synchronize()
      try SystemFile.rename(file.temporary, to: path)
    } catch {
      SystemFile.remove(file.temporary)
      throw error
    }
    try SystemFile.synchronize(folder: folder(of: path))
  }

  /// Replaces the file at `path` by `bytes`.
  ///
  /// - Throws: `unwritableFile`.
  package static func write(_ bytes: [UInt8], to path: String) throws(CounterspikeError) {
    try write(to: path) { (file) throws(CounterspikeError) in
      try file.append(bytes.span)
    }
  }

  /// Finds out whether something can be written to `path`, before the work is done that it is for.
  ///
  /// - Throws: `unwritableFile`.
  package static func checkWritable(_ path: String) throws(CounterspikeError) {
    let file = try AtomicFile(for: path)
    SystemFile.remove(file.temporary)
  }

  private static let prefix = ".counterspike-"
  private static let suffix = ".tmp"

  /// A name that no file has.
  private static func temporary(in folder: String) -> String {
    "\(folder)/\(prefix)\(String(UInt64.random(in: .min ... .max), radix: 16))\(suffix)"
  }

  /// The folders that were looked through.
  private static let cleared = Mutex<Set<String>>([])

  /// Removes temporary files that no living process holds from a folder; once for each folder in the
  /// life of this process.
  package static func clearLeftovers(in folder: String) {
    guard cleared.withLock({ $0.insert(folder).inserted }) else { return }
    // A folder that cannot be listed may still be written to.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
      SystemFile.removeUnheld("\(folder)/\(name)")
    }
  }

  private static func folder(of path: String) -> String {
    // By bytes: a slash with a combining mark behind it is another character to Swift.
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
