internal import Counterspike
internal import Foundation

/// Binned recordings on disk, so that the files of events are read once and not for every run.
///
///     offset 0     "CSPKRUN1"
///     offset 8     key: SHA-256, as text, of everything that the content depends on
///     offset 72    SHA-256, as text, of what follows
///     offset 136   number of recordings, 8 bytes, least significant first
///     then         of each recording, 4 bytes of its length and 2 of its label, in the same order
///     then         the recordings as ``SpikeRuns`` packs them; the file ends behind the last one
///
/// A file with another key or sum is as good as none, and is written anew.
struct BinnedCache {
  private static let magic = Array("CSPKRUN1".utf8)
  private static let headerSize = 144

  let path: String
  /// 64 hexadecimal digits.
  let key: String

  /// What a file holds, or `nil` where there is none that can be used.
  func read(isBinary: Bool, size: Int, classCount: Int) -> (runs: SpikeRuns, labels: [UInt16])? {
    guard let bytes = try? WholeFile.bytes(of: path) else { return nil }
    guard bytes.count >= Self.headerSize, bytes.starts(with: Self.magic),
      bytes[8..<72].elementsEqual(key.utf8),
      bytes[72..<136].elementsEqual(Checksum.sha256(Array(bytes[136...])).utf8)
    else { return nil }

    let count = Int(bytes.littleEndian32(at: 136))
    let start = Self.headerSize + 6 * count
    guard bytes.littleEndian32(at: 140) == 0, start <= bytes.count else { return nil }
    var ends: [Int] = []
    var labels: [UInt16] = []
    var end = 0
    for index in 0..<count {
      let place = Self.headerSize + 6 * index
      end += Int(bytes.littleEndian32(at: place))
      ends.append(end)
      labels.append(bytes.littleEndian16(at: place + 4))
    }
    guard labels.allSatisfy({ Int($0) < classCount }),
      let runs = SpikeRuns(
        isBinary: isBinary, size: size, bytes: Array(bytes[start...]), ends: ends)
    else { return nil }
    return (runs, labels)
  }

  /// Writes a file, if that is possible: without one, the next run reads the recordings again.
  func write(_ runs: SpikeRuns, labels: [UInt16]) {
    var content = Self.bytes(of: UInt64(runs.count), 8)
    for index in 0..<runs.count {
      content += Self.bytes(of: UInt64(runs.range(of: index).count), 4)
      content += Self.bytes(of: UInt64(labels[index]), 2)
    }
    content += runs.bytes
    let header = Self.magic + Array(key.utf8) + Array(Checksum.sha256(content).utf8)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try? AtomicFile.write(header + content, to: path)
  }

  private static func bytes(of number: UInt64, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
  }
}
