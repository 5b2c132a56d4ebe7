internal import ArgumentParser
internal import CLIDrawing
internal import Counterspike
internal import CounterspikeData

extension DataFile {
  /// What a file is, in words, and its picture.
  ///
  /// - Parameters:
  ///   - index: of an image or recording, where the file holds several.
  ///   - frames: the most frames that a recording is drawn in.
  static func shown(_ path: String, index: Int?, frames: Int) throws -> (String, any Picture) {
    switch try DataFile(path) {
    case .events(let format, let stream):
      // No frame is shorter than a microsecond.
      let count = Int(min(Int64(frames), stream.duration + 1))
      var settings = EventSettings()
      settings.slicing = .timeBins
      settings.downsampling = max(1, (max(stream.width, stream.height) + 63) / 64)
      let binning = try EventBinning(
        settings, sensor: SensorSize(width: stream.width, height: stream.height),
        timeSteps: count)
      let set = EventSet([stream], labels: [0], classCount: 1, binning: binning)
      return (
        "\(path): \(format.rawValue), \(stream.count.counted("event")) in "
          + "\(stream.duration.grouped) µs",
        FramesPicture(
          set.values(at: 0), shape: set.shape, frames: count,
          time: .division(Double(stream.duration + 1) / Double(count)),
          downsampling: settings.downsampling)
      )
    case .series(let table):
      return (
        "\(path.excerpt): time series, \(table.rows.counted("step")) of "
          + table.columns.counted("channel"),
        SeriesPicture(table.values, channels: table.columns, names: table.names)
      )
    case .spikes(let file):
      return try recording(index ?? 0, of: file)
    case .image(let image):
      return (Self.title(image, path), ImagePicture(image))
    case .arrays:
      throw CounterspikeError(
        .mismatch,
        "“\(path.excerpt)” holds arrays; show a sample of a data set made of them, such as "
          + "array-folder#0", remedy: .nameDataFolder)
    case .idx(let file):
      guard file.dimensions.count == 3 else {
        throw CounterspikeError(
          .damagedFile, "“\(path.excerpt)” holds labels and no images; show the file of images")
      }
      let index = index ?? 0
      try DataShowCommand.check(index, file.count, path)
      let size = file.dimensions[1] * file.dimensions[2]
      let pixels = file.elements.dropFirst(index * size).prefix(size).map { Float($0) }
      return (
        "image \(index) of \(path)",
        ImagePicture(pixels, shape: [1, file.dimensions[1], file.dimensions[2]])
      )
    }
  }

  /// Recording `index` of a file of spikes, from its beginning to its last spike.
  private static func recording(_ index: Int, of file: SpikeFile) throws -> (String, any Picture) {
    try DataShowCommand.check(index, file.count, file.path)
    for _ in 0..<index { _ = try file.next() }
    guard let (stream, label) = try file.next() else {
      throw CounterspikeError(
        .damagedFile,
        "“\(file.path.excerpt)” has no recording \(index); put the whole file in its place")
    }
    var settings = EventSettings()
    settings.polarity = .merged
    // Five for each column of a terminal.
    let steps = 5 * UnitsPicture.terminalColumns
    settings.timeWindow = max(1, Int(stream.times.last ?? 0) / steps + 1)
    let binning = try EventBinning(
      settings, sensor: SensorSize(width: stream.width, height: 1), timeSteps: steps,
      origin: .recording)
    let set = EventSet([stream], labels: [0], classCount: 1, binning: binning)
    return (
      "recording \(index) of \(file.path), label \(label): \(stream.count.counted("spike")) in "
        + "\((stream.times.last ?? 0).grouped) µs",
      UnitsPicture(
        set.values(at: 0), shape: set.shape, time: .division(Double(settings.timeWindow)))
    )
  }

  private static func title(_ image: ImageFile, _ path: String) -> String {
    let header = image.header
    return "\(path): \(header.format.rawValue), \(header.width)×\(header.height) pixels, "
      + (header.channels == 1 ? "grey" : "colour")
  }
}
