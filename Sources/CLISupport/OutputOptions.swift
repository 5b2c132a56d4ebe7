internal import ArgumentParser
package import Counterspike
package import CounterspikeData

/// Results only.
package struct QuietOption: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Prints results and errors only.")
  package var quiet = false

  package init() {}

  /// What shows downloads and unpacking, if anything.
  package var progress: (@Sendable (DownloadProgress) -> Void)? { quiet ? nil : DownloadLine.show }
}

/// What happens to a file that is there already.
package struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replaces a file that is there already.")
  var overwrite = false

  package init() {}

  /// Finds out whether a file can be written, before the work is done that it is for.
  ///
  /// - Throws: `unwritableFile`, also for a file that is there and not to be replaced, and for what is
  ///   no plain file.
  package func check(_ path: String?) throws(CounterspikeError) {
    guard let path else { return }
    if let status = WholeFile.status(of: path) {
      guard status.isPlain else {
        throw CounterspikeError(
          .unwritableFile, "“\(path.excerpt)” is a folder or a device; name another file",
          remedy: .nameOutputFile)
      }
      guard overwrite else {
        throw CounterspikeError(
          .unwritableFile,
          "“\(path.excerpt)” is there already; name another file, or have it replaced",
          remedy: .overwriteFile)
      }
    }
    try AtomicFile.checkWritable(path)
  }
}
