/// A place that one process, or one thread, at a time works on; the others wait.
///
/// The lock is the operating system's, on a small file that stays: it ends with this value or with
/// the process, in whatever way that ends. Where a file system has no locks, nobody is kept out.
package final class PlaceLock: Sendable {
  private let file: SystemFile

  /// Takes the lock, as soon as nobody else has it.
  ///
  /// - Parameters:
  ///   - path: of the lock's file, which is made if need be; its folder must be there.
  ///   - waiting: called once where another has the lock now.
  /// - Throws: `unwritableFile`.
  package init(_ path: String, waiting: () -> Void = {}) throws(CounterspikeError) {
    let file = try SystemFile.appending(path)
    if file.hold(isWaiting: false) == .no {
      waiting()
      _ = file.hold(isWaiting: true)
    }
    self.file = file
  }
}
