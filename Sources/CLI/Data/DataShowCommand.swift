internal import ArgumentParser
internal import Counterspike
internal import CounterspikeData
internal import Foundation

struct DataShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Draws a sample: an image, or a recording frame by frame.",
    discussion: """
      ON events are blue, OFF events orange, both in the same frame white; below each frame stand \
      its time steps. Spikes of units in a row are one picture: time to the right, units upwards. In \
      `mnist#7`, 7 is the sample's index, counted from 0.
      """)

  enum Split: String, ExpressibleByArgument, CaseIterable {
    case test
    case training
  }

  @Argument(
    help: ArgumentHelp(
      "A file of events or images, or a data set's name; then perhaps # and an index.",
      valueName: "file or name"))
  var subject: String

  @OptionGroup var place: DataFolderOption

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Shows a data set's sample as a recipe with this setting does, data.encoding.kind=saccades for "
        + "example; can be given several times.", valueName: "key.path=value"))
  var settings: [String] = []

  @Option(help: "Which samples of a data set: test or training.")
  var split = Split.test

  @Option(help: "Frames that a recording is drawn in, at most.")
  var frames = 6

  @Option(
    help: ArgumentHelp(
      "Writes a drawing to this file instead: .svg, with the time steps, or .png, without.",
      valueName: "file.svg or .png"))
  var output: String?

  func validate() throws {
    if !(1...1000).contains(frames) {
      throw ValidationError("--frames is \(frames); allowed are 1 to 1000")
    }
    if let output, ![".svg", ".png"].contains(output.lowercased().suffix(4)) {
      throw ValidationError("--output is \(output); its name must end in .svg or .png")
    }
  }

  func run() throws {
    let (title, picture) = try drawn()
    if let output {
      let isPNG = output.lowercased().hasSuffix(".png")
      try AtomicFile.write(
        isPNG ? try png(picture) : Array(picture.svg(title: title).utf8), to: output)
      Console.line("wrote \(output)")
      return
    }
    Console.line(title)
    for line in picture.lines(columns: 80, isColoured: Console.isTerminal) { Console.line(line) }
  }

  private func png(_ picture: Picture) throws -> [UInt8] {
    #if ImageFiles
      let (pixels, width, height) = picture.raster()
      return try PNGFile.bytes(of: pixels, width: width, height: height)
    #else
      throw CounterspikeError(
        .missingData,
        "PNG files cannot be written: this Counterspike was built without the trait ImageFiles; name "
          + "a file that ends in .svg.")
    #endif
  }

  private func drawn() throws -> (String, Picture) {
    // The file itself first: a name may have a # of its own.
    if FileManager.default.fileExists(atPath: subject), settings.isEmpty {
      return try file(subject, index: nil)
    }
    var name = subject
    var index: Int?
    if let mark = subject.lastIndex(of: "#") {
      name = String(subject[..<mark])
      index = Int(subject[subject.index(after: mark)...])
      guard let index, index >= 0 else {
        throw ValidationError("“\(subject)” has no index from 0 after the #")
      }
    }
    if FileManager.default.fileExists(atPath: name), settings.isEmpty {
      return try file(name, index: index)
    }
    guard DataCatalog.names.contains(name) else {
      let near = name.nearest(in: DataCatalog.names).map { "did you mean \($0)? " } ?? ""
      throw CounterspikeError(
        .unreadableFile,
        "there is no file “\(name)” and no data set of that name; \(near)known are "
          + DataCatalog.names.joined(separator: ", "))
    }
    return try sample(of: name, index: index ?? 0)
  }

  private func sample(of name: String, index: Int) throws -> (String, Picture) {
    let entry = try DataCatalog.entry(named: name)
    if entry.kind == .folder(.images), settings.isEmpty {
      // Its images need not be of one size to be looked at.
      let folder = try ClassFolder(entry, .images, folder: place.data)
      let images = split == .test ? folder.test : folder.training
      try check(index, images.count, name)
      let image = images[index]
      return (
        "\(split.rawValue) sample \(index) of \(name), class \(image.label), "
          + "\(folder.classNames[image.label]), \(image.path)",
        Picture(try ImageFile(contentsOf: image.path))
      )
    }
    let data = try data(name)
    let source = split == .test ? data.test : data.training
    try check(index, source.count, name)
    let label = source.label(at: index)
    return (
      "\(split.rawValue) sample \(index) of \(name), class \(label), \(data.classNames[label])",
      Picture(source, index, tiles: frames)
    )
  }

  private func data(_ name: String) throws -> DataSet {
    if settings.isEmpty {
      return try DataSet.load(named: name, folder: place.data, progress: DownloadLine.show)
    }
    let recipe = try Recipe(
      yaml: "data: {set: \(name)}", source: "the settings", overrides: settings)
    return try DataSet.load(recipe, folder: place.data, progress: DownloadLine.show)
  }

  private func file(_ path: String, index: Int?) throws -> (String, Picture) {
    switch try DataFile(path) {
    case .events(let format, let stream):
      var settings = EventSettings()
      settings.slicing = .timeBins
      settings.downsampling = max(1, (max(stream.width, stream.height) + 63) / 64)
      let binning = try EventBinning(
        settings, sensor: SensorSize(width: stream.width, height: stream.height),
        timeSteps: frames)
      let set = EventSet([stream], labels: [0], classCount: 1, binning: binning)
      return (
        "\(path): \(format.rawValue), \(stream.count.grouped) events in "
          + "\(stream.duration.grouped) µs",
        Picture(set, 0, tiles: frames)
      )
    case .series(let table):
      let source = TensorSource(
        samples: Tensor(shape: [1, table.rows, table.columns, 1, 1], scalars: table.values),
        labels: [0], classCount: 1)
      return (
        "\(path.excerptOfPath): time series, \(table.rows.counted("step")) of "
          + table.columns.counted("channel"), Picture(source, 0, tiles: frames)
      )
    case .spikes(let file):
      return try recording(index ?? 0, of: file)
    case .image(let image):
      return (Self.title(image, path), Picture(image))
    case .arrays:
      throw CounterspikeError(
        .mismatch,
        "“\(path.excerptOfPath)” holds arrays; show a sample of a data set made of them, such as "
          + "array-folder#0", remedy: .nameDataFolder)
    case .idx(let file):
      guard file.dimensions.count == 3 else {
        throw CounterspikeError(
          .damagedFile, "\(path) holds labels and no images; show the file of images")
      }
      let index = index ?? 0
      try check(index, file.count, path)
      let size = file.dimensions[1] * file.dimensions[2]
      let pixels = file.elements.dropFirst(index * size).prefix(size).map { Float($0) }
      return (
        "image \(index) of \(path)",
        Picture(pixels, shape: [1, file.dimensions[1], file.dimensions[2]], tiles: 1)
      )
    }
  }

  /// Recording `index` of a file of spikes, from its beginning to its last spike.
  private func recording(_ index: Int, of file: SpikeFile) throws -> (String, Picture) {
    try check(index, file.count, file.path)
    for _ in 0..<index { _ = try file.next() }
    guard let (stream, label) = try file.next() else {
      throw CounterspikeError(.damagedFile, "\(file.path) has no recording \(index)")
    }
    var settings = EventSettings()
    settings.polarity = .merged
    let steps = Picture.rasterWidth
    settings.timeWindow = max(1, Int(stream.times.last ?? 0) / steps + 1)
    let binning = try EventBinning(
      settings, sensor: SensorSize(width: stream.width, height: 1), timeSteps: steps,
      origin: .recording)
    let set = EventSet([stream], labels: [0], classCount: 1, binning: binning)
    return (
      "recording \(index) of \(file.path), label \(label): \(stream.count.grouped) spikes in "
        + "\((stream.times.last ?? 0).grouped) µs",
      Picture(set, 0, tiles: frames)
    )
  }

  private static func title(_ image: ImageFile, _ path: String) -> String {
    let header = image.header
    return "\(path): \(header.format.rawValue), \(header.width)×\(header.height) pixels, "
      + (header.channels == 1 ? "grey" : "colour")
  }

  private func check(_ index: Int, _ count: Int, _ name: String) throws {
    guard index < count else {
      throw ValidationError(
        "the index is \(index), and \(name) has \(count) samples; allowed are 0 to \(count - 1)")
    }
  }
}
