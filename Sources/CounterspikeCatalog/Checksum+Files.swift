package import Counterspike

extension DataCatalog.File {
  /// Compares the content of this file at `path` with the checksum that is known of it, or, where none
  /// is, with those of other data sets, whose files have the same names and form.
  ///
  /// - Throws: `damagedFile`.
  package func check(
    _ content: [UInt8], at path: String, _ entry: DataCatalog.Entry
  ) throws(CounterspikeError) {
    let found = Checksum.sha256(content)
    guard found != contentChecksum else { return }
    if let other = DataCatalog.entry(holding: found) {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” is a file of \(other.title) and not \(name) of \(entry.title); put each "
          + "data set into a sub-folder of its own, \(entry.name) and \(other.name)")
    }
    guard let contentChecksum else { return }
    throw CounterspikeError(
      .damagedFile,
      "“\(path.excerpt)” is not \(name) of \(entry.title), or damaged: the SHA-256 of its content is "
        + "\(found), where \(contentChecksum) is expected; remove it and fetch it again")
  }
}
