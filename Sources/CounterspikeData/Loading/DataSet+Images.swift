internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats
internal import CounterspikeSamples
internal import Foundation

extension DataSet {
  /// Reads images from IDX files.
  static func loadImages(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ files: DataCatalog.ImageFiles,
    at location: DataLocator.Location, seed: UInt64
  ) throws(CounterspikeError) -> DataParts {
    let trainingPart = try Part(
      entry, images: files.trainingImages, at: location.path(of: files.trainingImages),
      labels: files.trainingLabels, at: location.path(of: files.trainingLabels),
      count: entry.trainingCount)
    let testPart = try Part(
      entry, images: files.testImages, at: location.path(of: files.testImages),
      labels: files.testLabels,
      at: location.path(of: files.testLabels), count: entry.testCount)

    let (found, mean, deviation) = try normalization(
      settings, entry, file: trainingPart.images.path
    ) {
      var statistics = PixelStatistics()
      statistics.add(trainingPart.images.elements)
      return [statistics]
    }
    func images(_ part: Part) -> ImageSet {
      // The whole file's bytes are shared; a copy without the header would double the memory.
      ImageSet(
        storage: entry.isTransposed ? Self.turned(part.images) : part.images.bytes,
        offset: entry.isTransposed ? 0 : part.images.headerSize, labels: part.labels,
        shape: entry.shape, classCount: entry.classCount, mean: mean,
        standardDeviation: deviation, augmentation: nil, seed: seed)
    }
    let training = images(trainingPart)
    return DataParts(
      training: ImageSet(training, augmentation: settings.augmentation), plainTraining: training,
      test: images(testPart), settings: found, folder: location.folder)
  }

  /// Mean and standard deviation of each channel from the settings, the catalog, or the training
  /// images; 0 and 1 where values are encoded as spikes. A channel that never changes gets a standard
  /// deviation of 1, and so becomes 0.
  ///
  /// - Parameters:
  ///   - file: where the training images are, for messages.
  ///   - statistics: of each channel.
  /// - Returns: the settings with these numbers, too.
  /// - Throws: `damagedFile` where no channel ever changes.
  static func normalization(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, file: String,
    _ statistics: () -> [PixelStatistics]
  ) throws(CounterspikeError) -> (
    settings: DataSettings, mean: [Float], standardDeviation: [Float]
  ) {
    guard settings.encoding.kind == .direct else { return (settings, [0], [1]) }
    var found = settings
    found.mean = settings.mean ?? entry.mean.map { [$0.decimal] }
    found.standardDeviation =
      settings.standardDeviation ?? entry.standardDeviation.map { [$0.decimal] }
    if found.mean == nil || found.standardDeviation == nil {
      let statistics = statistics()
      found.mean = found.mean ?? statistics.map(\.mean.decimal)
      if found.standardDeviation == nil {
        let deviations = statistics.map(\.standardDeviation)
        guard deviations.contains(where: { $0 > 0 }) else {
          throw CounterspikeError(
            .damagedFile,
            "every channel of the images in “\(file.excerpt)” has the same value everywhere, so that "
              + "nothing can be learnt from them; put the right files in their place, or set "
              + "data.standardDeviation")
        }
        found.standardDeviation = deviations.map { $0 > 0 ? $0.decimal : 1 }
      }
    }
    return (
      found, (found.mean ?? []).map { Float($0) }, (found.standardDeviation ?? []).map { Float($0) }
    )
  }

  /// The pixels of images that are stored column by column, row by row.
  private static func turned(_ images: IDXFile) -> [UInt8] {
    let height = images.dimensions[1]
    let width = images.dimensions[2]
    let size = height * width
    var pixels = Array(images.elements)

    // The sides of such images are equal; that is checked when they are read.
    for start in stride(from: 0, to: pixels.count, by: size) {
      for row in 0..<height {
        for column in 0..<row {
          pixels.swapAt(start + row * width + column, start + column * width + row)
        }
      }
    }
    return pixels
  }
}

/// The images and labels of the training or the test part, checked against each other and the
/// catalog.
private struct Part {
  let images: IDXFile
  /// Classes counted from 0.
  let labels: [UInt8]

  init(
    _ entry: DataCatalog.Entry, images imageFile: DataCatalog.File, at imagePath: String,
    labels labelFile: DataCatalog.File, at labelPath: String, count: Int
  ) throws(CounterspikeError) {
    let (height, width) = (entry.shape[1], entry.shape[2])
    let imageBytes = try Self.content(of: imagePath, expected: 16 + count * height * width)
    let images = try IDXFile(bytes: imageBytes, path: imagePath, content: .images)
    guard images.dimensions[1] == height, images.dimensions[2] == width else {
      throw CounterspikeError(
        .damagedFile,
        "“\(imagePath.excerpt)” has images of \(shapeText(images.dimensions[1...])) pixels, and those of "
          + "\(entry.title) have \(height)×\(width); put the right file in its place")
    }
    let labelBytes = try Self.content(of: labelPath, expected: 8 + count)
    let labels = try IDXFile(bytes: labelBytes, path: labelPath, content: .labels)
    guard images.count == labels.count else {
      throw CounterspikeError(
        .damagedFile,
        "“\(imagePath.excerpt)” has \(images.count) images and “\(labelPath.excerpt)” has \(labels.count) labels, "
          + "where \(entry.title) has \(count) of each; put the right files in their place")
    }
    guard images.count == count else {
      throw CounterspikeError(
        .damagedFile,
        "“\(imagePath.excerpt)” has \(images.count) images, and this part of \(entry.title) has \(count); "
          + "put the right file in its place, or use fewer images by data.trainingLimit and "
          + "data.testLimit")
    }
    let classes = entry.firstLabel..<(entry.firstLabel + entry.classCount)
    if let place = labels.elements.firstIndex(where: { !classes.contains(Int($0)) }) {
      throw CounterspikeError(
        .damagedFile,
        "“\(labelPath.excerpt)” has the label \(labels.bytes[place]) at byte \(place), and those of "
          + "\(entry.title) are \(classes.lowerBound) … \(classes.upperBound - 1); put the right "
          + "file in its place")
    }
    try imageFile.check(imageBytes, at: imagePath, entry)
    try labelFile.check(labelBytes, at: labelPath, entry)

    self.images = images
    let first = UInt8(entry.firstLabel)
    self.labels = labels.elements.map { $0 - first }
  }

  /// Reads and unpacks a file.
  private static func content(
    of path: String, expected: Int
  ) throws(CounterspikeError) -> [UInt8] {
    let bytes = try WholeFile.bytes(of: path, as: .content(of: expected))
    // Somewhat more than expected, so that a file that is a little too long is reported as such.
    return try Gzip.content(
      of: bytes, expected: expected, limit: 2 * expected + 4096, file: path)
  }
}

extension Float {
  /// The same number with the fewest decimal digits, as a recipe shows it.
  var decimal: Double {
    guard let value = Double("\(self)"), Float(value) == self else { return Double(self) }
    return value
  }
}

/// Mean and standard deviation of pixels divided by 255, exact up to the last rounding.
struct PixelStatistics {
  private var counts = [Int](repeating: 0, count: 256)

  /// - Complexity: O(pixels).
  mutating func add(_ pixels: ArraySlice<UInt8>) {
    for pixel in pixels { counts[Int(pixel)] += 1 }
  }

  private var total: Double { Double(counts.reduce(0, +)) }

  private var average: Double {
    Double(counts.enumerated().reduce(0) { $0 + $1.element * $1.offset }) / total
  }

  var mean: Float { Float(average / 255) }

  var standardDeviation: Float {
    let squares = counts.enumerated().reduce(0) { $0 + $1.element * $1.offset * $1.offset }
    let average = average
    return Float((Double(squares) / total - average * average).squareRoot() / 255)
  }
}
