/// A file that appears under its name all at once, when everything is written and on the disk.
///
/// The bytes go to a temporary file in the same folder, which then takes the name over: whoever
/// reads the name finds the old file or the new one, never a part of one, whatever happens to the
/// program or the machine in between. A program that is killed in between leaves the temporary
/// file, `.counterspike-….tmp`, behind. A link of that name is replaced, not followed.
package struct AtomicFile: ~Copyable {
  private let file: SystemFile

  private init(_ file: consuming SystemFile) {
    self.file = file
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
    let folder = folder(of: path)
    let temporary = temporary(in: folder)
    let file = AtomicFile(try SystemFile.creating(temporary, as: path))
    do {
      try body(file)
      try file.file.synchronize()
      try SystemFile.rename(temporary, to: path)
    } catch {
      SystemFile.remove(temporary)
      throw error
    }
    try SystemFile.synchronize(folder: folder)
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
    let temporary = temporary(in: folder(of: path))
    _ = try SystemFile.creating(temporary, as: path)
    SystemFile.remove(temporary)
  }

  /// A name that no file has.
  private static func temporary(in folder: String) -> String {
    "\(folder)/.counterspike-\(String(UInt64.random(in: .min ... .max), radix: 16)).tmp"
  }

  private static func folder(of path: String) -> String {
    // By bytes: a slash with a combining mark behind it is another character to Swift.
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
