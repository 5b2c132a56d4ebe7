/// A file that is written from its beginning and must not exist before: for many small files in a
/// folder that counts only when it is complete and has got its name.
package struct NewFile: ~Copyable {
  private let file: SystemFile

  /// - Throws: `unwritableFile`, also where there is a file or a link of that name.
  package init(_ path: String) throws(CounterspikeError) {
    file = try SystemFile.creating(path, as: path)
  }

  /// Writes the bytes of all `scalars` after what was written before.
  ///
  /// - Throws: `unwritableFile`.
  package func append<Scalar: BitwiseCopyable>(
    _ scalars: Span<Scalar>
  ) throws(CounterspikeError) {
    try file.write(scalars)
  }

  /// Waits until the disks have all files that were written.
  package static func synchronize() {
    SystemFile.synchronizeAll()
  }

  /// Gives a folder of such files its name.
  ///
  /// - Throws: `unwritableFile`, also where there is a folder of the new name that is not empty.
  package static func rename(
    folder path: String, to newPath: String
  ) throws(CounterspikeError) {
    try SystemFile.rename(path, to: newPath)
  }
}
