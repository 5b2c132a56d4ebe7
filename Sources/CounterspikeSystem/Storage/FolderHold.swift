/// A folder that only the owner of this value writes to, for as long as the value exists.
///
/// The operating system lets go of it when the process ends, in whatever way; nothing is left behind
/// that a later run would trip over.
package final class FolderHold: Sendable {
  private let file: SystemFile
  private let path: String

  /// - Parameters:
  ///   - use: what is done with the folder, as a participle.
  ///   - remedy: what to do when it is held already.
  /// - Throws: `unwritableFile` when it is held already; `unreadableFile`.
  package init(_ path: String, use: String, remedy: String) throws(CounterspikeError) {
    guard let file = try SystemFile.holding(folder: path) else {
      throw CounterspikeError(
        .unwritableFile,
        "“\(path.excerpt)” is \(use) by another run, of this or another process; \(remedy)")
    }
    self.file = file
    self.path = path
  }

  /// Whether the folder still has its name: it may have been removed or renamed, and another put in its
  /// place.
  package var isInPlace: Bool { file.isStill(at: path) }

  /// Whether somebody writes to the folder right now; `false` also where there is none.
  package static func isHeld(_ path: String) -> Bool { SystemFile.isHeld(folder: path) }
}
