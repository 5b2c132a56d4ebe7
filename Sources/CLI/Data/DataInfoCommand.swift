internal import ArgumentParser
internal import Counterspike
internal import CounterspikeData

struct DataInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "What a file of events, spikes or images holds.",
    discussion: """
      Recordings of events: .bin (N-MNIST), .dat (N-CARS), .aedat (2.0 and 3.1), .csv, .txt, .npy. \
      Images and labels: IDX files, gzipped or not; .png and .jpg. Recordings of spikes: the HDF5 files of SHD and \
      SSC, gzipped or not, where counterspike was built with the trait HDF5.
      """)

  @Argument(help: "A file.")
  var path: String

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func run() throws {
    let file = try DataFile(path)
    let line: JSONLine
    switch file {
    case .events(let format, let stream):
      let on = stream.polarities.count { $0 }
      line = [
        "format": .string(format.rawValue), "width": .integer(stream.width),
        "height": .integer(stream.height), "events": .integer(stream.count),
        "on": .integer(on), "start": .integer(Int(stream.times.first ?? 0)),
        "duration": .integer(Int(stream.duration)),
      ]
      if !json {
        let share = (Double(on) / Double(max(stream.count, 1))).percent
        Console.line(
          "\(format.rawValue): \(stream.count.grouped) events on \(stream.width)×\(stream.height) "
            + "pixels, \(share) of them ON")
        Console.line(
          "\(stream.duration.grouped) µs from the first event, at "
            + "\((stream.times.first ?? 0).grouped) µs, to the last")
      }
    case .spikes(let file):
      line = try summary(of: file)
    case .image(let image):
      let header = image.header
      let (low, high) = (image.pixels.min() ?? 0, image.pixels.max() ?? 0)
      line = [
        "format": .string(header.format.rawValue), "width": .integer(header.width),
        "height": .integer(header.height), "channels": .integer(header.channels),
        "smallest": .integer(Int(low)), "largest": .integer(Int(high)),
      ]
      if !json {
        Console.line(
          "\(header.format.rawValue): \(header.width)×\(header.height) pixels, "
            + "\(header.channels == 1 ? "grey" : "colour"), \(low) to \(high)")
      }
    case .idx(let file):
      line = [
        "format": .string("IDX"), "shape": .array(file.dimensions.map { .integer($0) }),
        "smallest": .integer(Int(file.elements.min() ?? 0)),
        "largest": .integer(Int(file.elements.max() ?? 0)),
      ]
      if !json {
        Console.line(
          "IDX: \(file.dimensions.map { "\($0)" }.joined(separator: "×")) bytes, "
            + "\(file.elements.min() ?? 0) to \(file.elements.max() ?? 0)")
      }
    }
    if json { Console.line(line.description) }
  }

  /// Reads a whole file of spikes, and says what is in it.
  private func summary(of file: SpikeFile) throws -> JSONLine {
    var spikes = 0
    var longest: Int64 = 0
    var units = 0
    var labels: Set<Int> = []
    while let (stream, label) = try file.next() {
      spikes += stream.count
      longest = max(longest, stream.times.last ?? 0)
      units = max(units, stream.x.max().map { Int($0) + 1 } ?? 0)
      labels.insert(label)
    }
    if !json {
      Console.line(
        "HDF5: \(file.count.grouped) recordings of \(labels.count) classes, \(spikes.grouped) spikes "
          + "of units 0 to \(max(units - 1, 0))")
      Console.line("the latest spike at \(longest.grouped) µs from its recording's beginning")
    }
    return [
      "format": .string("HDF5"), "recordings": .integer(file.count),
      "classes": .integer(labels.count), "spikes": .integer(spikes), "units": .integer(units),
      "latest": .integer(Int(longest)),
    ]
  }
}

/// A file of events, spikes, images or labels.
enum DataFile {
  case events(EventFormat, EventStream)
  case spikes(SpikeFile)
  case idx(IDXFile)
  case image(ImageFile)

  /// What the file can need, by its first bytes and its name.
  private static func kind(of path: String) throws(CounterspikeError) -> FileKind {
    let beginning = try WholeFile.beginning(of: path, count: 64)
    if Gzip.isCompressed(beginning) { return FileKind("a compressed file", limit: limit) }
    if ImageFile.Format(of: beginning) != nil { return .image }
    if beginning.starts(with: [0, 0, 8]), path.contains("idx") {
      return FileKind("an IDX file", limit: limit)
    }
    return try EventFormat(of: beginning, path: path).fileKind
  }

  /// The most bytes that a gzipped file of images may have, unpacked.
  private static let limit = 1 << 31

  init(_ path: String) throws(CounterspikeError) {
    if SpikeFile.isNamed(path) {
      self = .spikes(
        try SpikeFile(
          path, classCount: 1 << 16, scratchFolder: DataLocator().cacheFolder))
      return
    }
    var bytes = try WholeFile.bytes(of: path, as: Self.kind(of: path))
    if Gzip.isCompressed(bytes) {
      bytes = try Gzip.content(of: bytes, limit: Self.limit, file: path)
    }
    if ImageFile.Format(of: bytes) != nil {
      self = .image(try ImageFile(bytes, path: path))
    } else if bytes.starts(with: [0, 0, 8]), path.contains("idx") {
      self = .idx(
        try IDXFile(
          bytes: bytes, path: path, content: bytes.dropFirst(3).first == 1 ? .labels : .images))
    } else {
      let format = try EventFormat(of: bytes, path: path)
      self = .events(format, try format.read(bytes, path: path))
    }
  }
}
