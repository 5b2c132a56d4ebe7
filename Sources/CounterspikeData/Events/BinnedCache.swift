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

  init(path: String, key: String) {
    self.path = path
    self.key = key
  }

  /// The place in a cache, and the key under which it is good.
  ///
  /// - Parameters:
  ///   - format: of the files of events, with whatever else decides how they are read.
  ///   - path: where they are.
  ///   - sources: the files, by what changes when they do.
  init(
    folder: String, name: String, _ binning: EventBinning, format: String, path: String,
    sources: [String]
  ) {
    let settings = binning.settings
    let form = [
      "1", format, "\(binning.sensor.width)x\(binning.sensor.height)",
      shapeText(binning.shape), settings.slicing.rawValue, "\(settings.timeWindow)",
      "\(settings.eventCount)", settings.polarity.rawValue, settings.values.rawValue,
      settings.centerCrop.map { "\($0)" } ?? "-", "\(settings.downsampling)",
      settings.denoise.map { "\($0)" } ?? "-", path,
    ]
    let place = Checksum.sha256(Array(form.joined(separator: "\n").utf8)).prefix(16)
    let content = (form + sources).joined(separator: "\n")
    self.init(
      path: "\(folder)/binned/\(name)-\(place).runs", key: Checksum.sha256(Array(content.utf8)))
  }

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
