internal import Counterspike
internal import CounterspikeData
internal import Foundation

/// A file of events, spikes, images, labels, arrays or a time series.
enum DataFile {
  case events(EventFormat, EventStream)
  case spikes(SpikeFile)
  case idx(IDXFile)
  case image(ImageFile)
  /// The arrays of a `.npy` or `.npz`, by name.
  case arrays([(name: String, array: NumPyArray)])
  /// A time series in text.
  case series(CSVTable)

  /// The most bytes that a gzipped file of images may have, unpacked.
  private static let limit = 1 << 31

  init(_ path: String) throws(CounterspikeError) {
    if SpikeFile.isNamed(path) {
      self = .spikes(
        try SpikeFile(
          path, classCount: 1 << 16, scratchFolder: DataLocator().cacheFolder))
      return
    }
    var bytes = try WholeFile.bytes(of: path)
    if Gzip.isCompressed(bytes) {
      bytes = try Gzip.content(of: bytes, limit: Self.limit, file: path)
    }
    guard !bytes.isEmpty else {
      throw CounterspikeError(
        .damagedFile, "“\(path.excerptOfPath)” is empty; put a file with content in its place")
    }
    if ImageFile.Format(of: bytes) != nil {
      self = .image(try ImageFile(bytes, path: path))
      return
    }
    if IDXFile.isMeant(bytes), !Self.isNamedAsEvents(path) {
      self = .idx(
        try IDXFile(
          bytes: bytes, path: path, content: bytes[3] == 1 ? .labels : .images))
      return
    }
    let format = try EventFormat(of: bytes, path: path)
    if format == .csv, try CSVTable.isLikely(bytes, path: path) {
      self = .series(try CSVTable(bytes, path: path))
      return
    }
    do {
      self = .events(format, try format.read(bytes, path: path))
    } catch {
      guard let other = Self.other(bytes, format, path) else { throw error }
      self = other
    }
  }

  /// Whether the name is that of a recording, whatever the first bytes.
  private static func isNamedAsEvents(_ path: String) -> Bool {
    ["bin", "bs2", "dat"].contains(URL(fileURLWithPath: path).pathExtension.lowercased())
  }

  /// What else a file may hold whose name or first bytes are those of events; `nil`: nothing, and what is
  /// wrong with the events should be said.
  private static func other(_ bytes: [UInt8], _ format: EventFormat, _ path: String) -> DataFile? {
    switch format {
    case .numPy:
      return (try? NumPyArray(bytes, path: path)).map { .arrays([("", $0)]) }
    case .numPyArchive:
      guard let members = try? NumPyArray.members(of: bytes, path: path) else { return nil }
      let arrays = members.compactMap { member in
        (try? NumPyArray(member.bytes, path: member.path)).map { (member.name, $0) }
      }
      let isEvents = Set(arrays.map(\.0)).isSuperset(of: ["t", "x", "y", "p"])
      return arrays.isEmpty || isEvents ? nil : .arrays(arrays)
    default: return nil
    }
  }
}

extension IDXFile {
  /// Whether a file begins as an IDX file of bytes does, and has as many bytes as that says.
  fileprivate static func isMeant(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 8, bytes.starts(with: [0, 0, 8]), (1...8).contains(bytes[3]) else {
      return false
    }
    let start = 4 + 4 * Int(bytes[3])
    guard bytes.count >= start else { return true }
    var size = 1
    for place in stride(from: 4, to: start, by: 4) {
      let length = bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
      let (product, isTooLarge) = size.multipliedReportingOverflow(by: length)
      if isTooLarge { return false }
      size = product
    }
    // A truncated one is one, too, and is said to be truncated.
    return bytes.count - start <= size
  }
}
