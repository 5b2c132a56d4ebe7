/// A file that is written in several goes, at its end.
package struct PartFile: ~Copyable, Sendable {
  private let file: SystemFile

  /// Opens the file to go on at its end; makes it where there is none.
  ///
  /// - Throws: `unwritableFile`, also for a link or a pipe.
  package init(_ path: String) throws(CounterspikeError) {
    file = try SystemFile.appending(path)
  }

  /// The number of bytes in the file.
  package func size() throws(CounterspikeError) -> Int { try file.size() }

  /// - Throws: `unwritableFile`.
  package func append(_ bytes: [UInt8]) throws(CounterspikeError) { try file.write(bytes.span) }

  /// Drops all that was written.
  ///
  /// - Throws: `unwritableFile`.
  package func empty() throws(CounterspikeError) { try file.empty() }

  /// Waits until the disk has what was written.
  ///
  /// - Throws: `unwritableFile`.
  package func synchronize() throws(CounterspikeError) { try file.synchronize() }
}
