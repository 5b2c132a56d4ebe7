internal import Counterspike

extension DataCatalog.File {
  /// Compares the content of this file at `path` with the checksum that is known of it, if any is.
  ///
  /// - Throws: `damagedFile`.
  func check(
    _ content: [UInt8], at path: String, _ entry: DataCatalog.Entry
  ) throws(CounterspikeError) {
    guard let contentChecksum else { return }
    let found = Checksum.sha256(content)
    guard found != contentChecksum else { return }
    if let other = DataCatalog.entry(holding: found) {
      throw CounterspikeError(
        .damagedFile,
        "\(path) is a file of \(other.title) and not \(name) of \(entry.title); put each data "
          + "set into a sub-folder of its own, \(entry.name) and \(other.name).")
    }
    throw CounterspikeError(
      .damagedFile,
      "\(path) is not \(name) of \(entry.title), or damaged: the SHA-256 of its content is "
        + "\(found), where \(contentChecksum) is expected; remove it and fetch it again.")
  }
}
