public import Counterspike
internal import Foundation

/// What a run remembers of the machine, `run.json`; it is no part of the recipe, and nothing depends on it:
///
///     data              the folder that the data were read from
///     instructionSets   those that the run was trained with, as checkpoints say them
///     kernels           the processors that the kernels in use were compiled for, last
///     machines          those that the run was trained on, one after the other
extension RunFolder {
  /// Where it stands.
  public var notesPath: String { path + "/run.json" }

  /// Remembers the folder that the data were read from.
  ///
  /// - Throws: `unwritableFile`.
  public func remember(dataFolder: String) throws(CounterspikeError) {
    let absolute = URL(fileURLWithPath: dataFolder).standardizedFileURL.path
    try remember(["data": .string(absolute)])
  }

  /// Remembers what a checkpoint was trained with.
  ///
  /// - Throws: `unwritableFile`.
  func remember(instructionSetsOf checkpoint: Checkpoint) throws(CounterspikeError) {
    try remember([
      "instructionSets": .array(checkpoint.instructionSets.map { .string($0) }),
      "kernels": .string(InstructionSet.kernels),
    ])
  }

  /// Remembers the machine that this process trains on.
  ///
  /// - Throws: `unwritableFile`.
  func rememberMachine(workers: Int) throws(CounterspikeError) {
    let machine = TrainingMachine(workers: workers).notes
    let before = remembered.flatMap(TrainingMachine.all) ?? []
    guard before.last != machine else { return }
    try remember([
      "machines": .array(
        (before.suffix(TrainingMachine.remembered - 1) + [machine]).map { .object($0) })
    ])
  }

  /// What stands there; `nil` where nothing can be read.
  private var remembered: JSONLine? { (try? JSONLine.lines(in: notesPath))?.first }

  /// Puts notes in the place of those of the same keys.
  private func remember(_ notes: JSONLine) throws(CounterspikeError) {
    try checkInPlace()
    let keys = notes.members.map(\.key)
    // What cannot be read is written anew.
    let old = remembered?.members ?? []
    let line = JSONLine(old.filter { !keys.contains($0.key) } + notes.members)
    try AtomicFile.write(line.encoded() + [UInt8(ascii: "\n")], to: notesPath)
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
