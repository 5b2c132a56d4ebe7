internal import Counterspike
internal import Foundation

/// One file of events, held open; what is added is on the disk after a flush.
final class EventFile {
  private let file: NewFile
  private let folder: String
  /// Bytes of the disk that are left to others.
  private let reserve: Int
  private var pending: [UInt8] = []

  /// The next file of a folder. The names rise, as TensorBoard reads the files in the order of their
  /// names.
  ///
  /// - Parameter reserve: bytes that must be free on the disk after a flush.
  /// - Throws: `unwritableFile`.
  init(in folder: String, reserve: Int = 0) throws(CounterspikeError) {
    self.folder = folder
    self.reserve = reserve
    file = try NewFile(Self.nextPath(in: folder))
  }

  static let prefix = "events.out.tfevents."

  private static func nextPath(in folder: String) -> String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let numbers = names.compactMap { name in
      name.hasPrefix(prefix)
        ? name.dropFirst(prefix.count).split(separator: ".").first.flatMap { Int($0) } : nil
    }
    let number = String((numbers.max() ?? 0) &+ 1)
    let digits = String(repeating: "0", count: max(0, 10 - number.count)) + number
    return "\(folder)/\(prefix)\(digits).counterspike"
  }

  func add(_ message: [UInt8]) {
    pending += EventRecord.framed(message)
  }

  /// - Throws: `unwritableFile`, also where too little of the disk is free.
  func flush() throws(CounterspikeError) {
    let records = pending
    pending = []
    let disk = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    if let free = (disk?[.systemFreeSize] as? NSNumber)?.int64Value,
      free < Int64(reserve) + Int64(records.count)
    {
      throw CounterspikeError(
        .unwritableFile,
        "the disk of “\(folder.excerpt)” has \(free >> 10) KiB left, which checkpoints need; make room on "
          + "the disk")
    }
    try file.append(records.span)
  }
}
