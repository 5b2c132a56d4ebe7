public import Counterspike
internal import CounterspikeFormats
internal import Foundation

/// The formats of files with events.
public enum EventFormat: String, Sendable, CaseIterable {
  /// N-MNIST and N-Caltech101: events of five bytes.
  case atisBinary = "ATIS .bin"
  /// N-CARS: ATIS and Prophesee cameras.
  case atisDat = "ATIS .dat"
  /// CIFAR10-DVS.
  case aedat2 = "AEDAT 2.0"
  /// DVS128 Gesture.
  case aedat3 = "AEDAT 3.1"
  /// iniVation's cameras and programs.
  case aedat4 = "AEDAT 4.0"
  case csv = "CSV"
  case numPy = "NumPy"
  /// Arrays t, x, y and p in one file, as spikingjelly and scripts by numpy.savez write them.
  case numPyArchive = "NumPy .npz"
  /// DVS128 Gesture as Tonic passes it on: NumPy arrays with the columns x, y, p and t in milliseconds.
  case gestureNumPy = "NumPy (x, y, p, ms)"

  /// The format of a file, by its first bytes or else by its name.
  ///
  /// - Throws: `damagedFile` for a file that is of no format that is read.
  package init(of bytes: [UInt8], path: String) throws(CounterspikeError) {
    if bytes.has("#!AER-DAT2") {
      self = .aedat2
    } else if bytes.has("#!AER-DAT3") {
      self = .aedat3
    } else if bytes.has("#!AER-DAT4") {
      self = .aedat4
    } else if bytes.has("#!AER-DAT") {
      throw .damagedEvents(
        path, at: 9, "the version of AEDAT is none of 2.0, 3.1 and 4.0",
        "convert the recording to CSV or .npy")
    } else if bytes.has("NUMPY", at: 1) {
      self = .numPy
    } else if bytes.has("PK\u{3}\u{4}") {
      self = .numPyArchive
    } else if let format = Self.named(path) {
      self = format
    } else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” is no recording of events by its name or first bytes; .bin (N-MNIST), "
          + ".dat (N-CARS), .aedat (2.0 and 3.1), .aedat4, .csv, .txt, .npy and .npz are read")
    }
  }

  /// What the name of a file says.
  private static func named(_ path: String) -> EventFormat? {
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "bin", "bs2": .atisBinary
    case "dat": .atisDat
    case "csv", "txt", "tsv": .csv
    case "npy": .numPy
    case "npz": .numPyArchive
    case "aedat": .aedat3
    case "aedat4": .aedat4
    default: nil
    }
  }

  /// What files of this format can need.
  package var fileKind: FileKind { self == .csv ? .table : .recording }

  /// Reads the content of a file of this format.
  package func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize? = nil
  ) throws(CounterspikeError) -> EventStream {
    switch self {
    case .atisBinary: try ATISBinaryFile.read(bytes, path: path, sensor: sensor)
    case .atisDat: try ATISDatFile.read(bytes, path: path, sensor: sensor)
    case .aedat2: try AEDAT2File.read(bytes, path: path, sensor: sensor)
    case .aedat3: try AEDAT3File.read(bytes, path: path, sensor: sensor)
    case .aedat4: try AEDAT4File.read(bytes, path: path, sensor: sensor)
    case .csv: try CSVEventFile.read(bytes, path: path, sensor: sensor)
    case .numPy: try NumPyEventFile.read(bytes, path: path, sensor: sensor)
    case .numPyArchive: try NumPyEventArchive.read(bytes, path: path, sensor: sensor)
    case .gestureNumPy:
      try NumPyEventFile.read(
        bytes, path: path, sensor: sensor, order: [.x, .y, .polarity, .time], microseconds: 1000)
    }
  }
}

extension EventStream {
  /// Reads a recording, of whichever format.
  ///
  /// - Parameters:
  ///   - path: `.bin` (N-MNIST), `.dat` (N-CARS), `.aedat` (2.0 and 3.1), `.aedat4`, `.csv`, `.txt`,
  ///     `.npy` or `.npz`.
  ///   - format: `nil`: found by the file's first bytes and name.
  ///   - sensor: what all events must lie on; `nil`: what the file says or, where it says nothing,
  ///     the smallest that holds them.
  /// - Throws: `unreadableFile`; `damagedFile`, naming the byte where the file is not what its
  ///   format demands.
  public init(
    contentsOf path: String, format: EventFormat? = nil, sensor: SensorSize? = nil
  ) throws(CounterspikeError) {
    let beginning = try WholeFile.beginning(of: path, count: 64)
    guard !beginning.isEmpty else {
      throw .damagedEvents(
        path, at: 0, "the file is empty", "remove it, or put the recording in its place")
    }
    let format = if let format { format } else { try EventFormat(of: beginning, path: path) }
    let bytes = try WholeFile.bytes(of: path, as: format.fileKind)
    self = try format.read(bytes, path: path, sensor: sensor)
  }
}
