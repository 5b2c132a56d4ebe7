internal import ArgumentParser
internal import Counterspike
internal import CounterspikeData

/// Results only.
struct QuietOption: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Prints results and errors only.")
  var quiet = false

  /// What shows downloads and unpacking, if anything.
  var progress: (@Sendable (DownloadProgress) -> Void)? { quiet ? nil : DownloadLine.show }
}

/// What happens to a file that is there already.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Replaces a file that is there already.")
  var overwrite = false

  /// Finds out whether a file can be written, before the work is done that it is for.
  ///
  /// - Throws: `unwritableFile`, also for a file that is there and not to be replaced, and for what is
  ///   no plain file.
  func check(_ path: String?) throws(CounterspikeError) {
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
