public import Counterspike
internal import Foundation

/// What a run remembers that changes no result, `run.json`; it is no part of recipe or checkpoints.
extension RunFolder {
  /// Where it stands.
  public var notesPath: String { path + "/run.json" }

  /// Remembers the folder that the data were read from.
  ///
  /// - Throws: `unwritableFile`.
  public func remember(dataFolder: String) throws(CounterspikeError) {
    try checkInPlace()
    let absolute = URL(fileURLWithPath: dataFolder).standardizedFileURL.path
    let notes: JSONLine = ["data": .string(absolute)]
    try AtomicFile.write(notes.encoded() + [UInt8(ascii: "\n")], to: notesPath)
  }

  /// The folder that the data were read from, if the run remembers one.
  ///
  /// - Throws: `missingData` when it is no longer there; `unreadableFile`, `damagedFile`.
  public func rememberedDataFolder() throws(CounterspikeError) -> String? {
    guard FileManager.default.fileExists(atPath: notesPath) else { return nil }
    guard let folder = try JSONLine.lines(in: notesPath).first?["data"]?.stringValue else {
      return nil
    }
    guard FileManager.default.fileExists(atPath: folder) else {
      throw CounterspikeError(
        .missingData,
        "the run's data were in “\(folder.excerpt)”, as “\(notesPath.excerpt)” says, and this is no longer "
          + "there; name the folder that they are in now",
        remedy: .nameDataFolder)
    }
    return folder
  }
}
