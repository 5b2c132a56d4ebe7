#if !os(Linux)
  internal import Foundation
#endif

/// How much more memory this process may take, and what sets that limit.
///
/// On Linux the least of: the memory that the system could give without swapping; the limits of the
/// control groups that the process belongs to, less what they use; the limits of the process's address
/// space and data (`ulimit -v`, `-d`), less what it has. Elsewhere the physical memory.
public struct MemoryLimit: Sendable, Equatable {
  /// Bytes that can still be taken.
  public var bytes: Int
  /// What sets the limit, as it is named in messages.
  public var source: String
  /// Whether addresses count that are reserved and not used.
  var countsReservations = false

  public init(bytes: Int, source: String) {
    self.bytes = bytes
    self.source = source
  }

  /// The limit now; `Int.max` where nothing says one.
  public static func current() -> MemoryLimit {
    #if os(Linux)
      LinuxMemory().limits.min { $0.bytes < $1.bytes }
        ?? MemoryLimit(bytes: Int.max, source: "nothing")
    #else
      MemoryLimit(
        bytes: Int(clamping: ProcessInfo.processInfo.physicalMemory),
        source: "the machine's memory")
    #endif
  }

  /// Refuses what is larger.
  ///
  /// - Parameters:
  ///   - purpose: what the memory is for, as the subject of a sentence.
  ///   - remedy: what to do.
  /// - Throws: `invalidRecipe` with both sizes.
  package func require(
    _ needed: Int, for purpose: String, remedy: String
  ) throws(CounterspikeError) {
    guard needed > bytes else { return }
    throw CounterspikeError(
      .invalidRecipe,
      "\(purpose) would take \(Self.text(needed)) of memory, and this process may take "
        + "\(Self.text(bytes)) more (\(source)); \(remedy)",
      remedy: .changeSetting)
  }

  /// `12.3 MB`, `4.5 GB`; decimal multiples, as disks and data sets are measured.
  package static func text(_ bytes: Int) -> String {
    let value = Double(bytes)
    if value < 1e6 { return "\(bytes / 1000) kB" }
    if value < 1e9 { return "\((value / 1e5).rounded() / 10) MB" }
    if value < 1e15 { return "\((value / 1e8).rounded() / 10) GB" }
    return "over a million GB"
  }
}
