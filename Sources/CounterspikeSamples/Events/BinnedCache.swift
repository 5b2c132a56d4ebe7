package import Counterspike
internal import CounterspikeFormats
internal import Foundation

/// Binned recordings on disk, so that the files of events are read once and not for every run.
///
///     offset 0     "CSPKRUN3"
///     offset 8     key: SHA-256, as text, of everything that the content depends on
///     offset 72    the recordings as ``SpikeRuns`` packs them
///     then         of each recording, 4 bytes of its length and 2 of its label, in the same order
///     then         the numbers of a ``RecordingTally``, 8 bytes each, least significant first
///     then         number of recordings, likewise
///     last         SHA-256, as text, of what stands between the key and this
///
/// A file with another key or sum is as good as none, and is written anew. It is written and read
/// in portions: recordings need not fit into memory.
package struct BinnedCache {
  private static let magic = Array("CSPKRUN3".utf8)
  private static let headerSize = 72
  private static let sumSize = 64
  /// Packed bytes that are kept until they are written.
  private static let portion = 1 << 20

  package let path: String
  /// 64 hexadecimal digits.
  let key: String

  package init(path: String, key: String) {
    self.path = path
    self.key = key
  }

  /// The place in a cache, and the key under which it is good.
  ///
  /// - Parameters:
  ///   - format: of the files of events, with whatever else decides how they are read.
  ///   - path: where they are.
  ///   - sources: the files, by what changes when they do: ``sourceText(_:path:)``.
  package init(
    folder: String, name: String, _ binning: EventBinning, format: String, path: String,
    sources: [String]
  ) {
    let settings = binning.settings
    let form = [
      "2", format, "\(binning.sensor.width)x\(binning.sensor.height)",
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

  /// What changes whenever the content of a file does.
  ///
  /// Size and time of the last change of the content are not enough: a copy may be given both. The time
  /// of the last change of the file's status cannot be set by hand, and changes with every write. It
  /// says nothing about a file that was written in the same tick of the clock; of a file that young,
  /// the content itself is looked at.
  ///
  /// - Throws: `unreadableFile`.
  package static func sourceText(
    _ status: WholeFile.Status, path: String
  ) throws(CounterspikeError) -> String {
    let text = "\(status.size) \(status.modified) \(status.changed) \(status.inode)"
    // Some file systems count whole seconds.
    let tick = status.changed.isMultiple(of: 1_000_000_000) ? 2_000_000_000 : 100_000_000
    let age = Int(Date().timeIntervalSince1970 * 1e9) - status.changed
    guard age < tick else { return text }
    return try text + " " + Checksum.sha256(WholeFile.bytes(of: path))
  }

  /// Recordings, binned.
  package struct Content {
    package var runs: SpikeRuns
    package var labels: [UInt16]
    package var tally: RecordingTally
  }

  /// The recordings that the file holds, in memory only as far as they are looked at; `nil` where
  /// there is no file that can be used.
  package func read(isBinary: Bool, size: Int, classCount: Int) -> Content? {
    let url = URL(fileURLWithPath: path)
    guard let data = try? Data(contentsOf: url, options: .alwaysMapped) else { return nil }
    let end = data.count - Self.sumSize
    guard end >= Self.headerSize + 8 + RecordingTally.byteCount, data.starts(with: Self.magic),
      data[8..<Self.headerSize].elementsEqual(key.utf8),
      data[end...].elementsEqual(Checksum.sha256(data[Self.headerSize..<end]).utf8)
    else { return nil }

    let count = Int(littleEndian: data[(end - 8)..<end])
    let tallyStart = end - 8 - RecordingTally.byteCount
    guard count <= (tallyStart - Self.headerSize) / 6 else { return nil }
    let numbers = stride(from: tallyStart, to: end - 8, by: 8).map {
      Int(littleEndian: data[$0..<($0 + 8)])
    }
    let tableStart = tallyStart - 6 * count
    var ends: [Int] = []
    var labels: [UInt16] = []
    var place = Self.headerSize
    for entry in stride(from: tableStart, to: tallyStart, by: 6) {
      place += Int(littleEndian: data[entry..<(entry + 4)])
      ends.append(place)
      labels.append(UInt16(Int(littleEndian: data[(entry + 4)..<(entry + 6)])))
    }
    guard place == tableStart, labels.allSatisfy({ Int($0) < classCount }),
      let tally = RecordingTally(numbers), tally.recordings == count,
      let runs = SpikeRuns(
        isBinary: isBinary, size: size, bytes: data, start: Self.headerSize, ends: ends)
    else { return nil }
    return Content(runs: runs, labels: labels, tally: tally)
  }

  /// One recording after the other; `nil` after the last one.
  package typealias NextRecording = () throws(CounterspikeError) -> (
    stream: EventStream, label: Int
  )?

  /// The recordings, binned: those of the file if it can be used, else made, by way of the file or,
  /// where that cannot be written, in memory.
  ///
  /// - Parameter open: begins with the first recording; called a second time where the file could not
  ///   be written.
  /// - Throws: what `open` and what it returns throw.
  package func recordings(
    _ binning: EventBinning, classCount: Int,
    open: () throws(CounterspikeError) -> NextRecording
  ) throws(CounterspikeError) -> Content {
    let isBinary = binning.settings.values == .binary
    func found() -> Content? {
      read(isBinary: isBinary, size: binning.size, classCount: classCount)
    }
    if let found = found() { return found }
    do {
      try write(binning, try open())
      if let found = found() { return found }
    } catch {
      guard error.code == .unwritableFile else { throw error }
    }
    var runs = SpikeRuns(isBinary: isBinary, size: binning.size)
    var labels: [UInt16] = []
    var tally = RecordingTally()
    var counts = [UInt8](repeating: 0, count: binning.size)
    let next = try open()
    while let (stream, label) = try next() {
      tally.add(stream.notes, binning.count(stream, into: &counts))
      runs.append(counts)
      labels.append(UInt16(label))
    }
    return Content(runs: runs, labels: labels, tally: tally)
  }

  private func write(
    _ binning: EventBinning, _ next: NextRecording
  ) throws(CounterspikeError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let empty = SpikeRuns(
      isBinary: binning.settings.values == .binary, size: binning.size)
    try AtomicFile.write(to: path) { (file) throws(CounterspikeError) in
      try file.append((Self.magic + Array(key.utf8)).span)
      var sum = RunningChecksum()
      var table: [UInt8] = []
      var tally = RecordingTally()
      var counts = [UInt8](repeating: 0, count: binning.size)
      var isOver = false
      while !isOver {
        var portion = empty
        while portion.byteCount < Self.portion {
          guard let (stream, label) = try next() else {
            isOver = true
            break
          }
          let before = portion.byteCount
          tally.add(stream.notes, binning.count(stream, into: &counts))
          portion.append(counts)
          table += Self.bytes(of: UInt64(portion.byteCount - before), 4)
          table += Self.bytes(of: UInt64(label), 2)
        }
        let packed = portion.packed
        sum.add(packed)
        try file.append(packed.span)
      }
      for number in tally.numbers + [tally.recordings] {
        table += Self.bytes(of: UInt64(number), 8)
      }
      sum.add(table)
      try file.append(table.span)
      try file.append(Array(sum.text.utf8).span)
    }
  }

  private static func bytes(of number: UInt64, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
  }
}

extension Int {
  /// The number that a few bytes are, least significant byte first; at most seven of them count.
  fileprivate init(littleEndian bytes: Data) {
    self = bytes.prefix(7).reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
