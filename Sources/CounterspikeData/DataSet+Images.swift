internal import Counterspike
internal import Foundation

extension DataSet {
  /// Reads still images from IDX files.
  static func loadImages(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ files: DataCatalog.ImageFiles,
    at location: DataLocator.Location, seed: UInt64
  ) throws(CounterspikeError) -> DataSet {
    let trainingPart = try Part(
      entry, images: files.trainingImages, at: location.path(of: files.trainingImages),
      labels: files.trainingLabels, at: location.path(of: files.trainingLabels),
      count: entry.trainingCount)
    let testPart = try Part(
      entry, images: files.testImages, at: location.path(of: files.testImages),
      labels: files.testLabels,
      at: location.path(of: files.testLabels), count: entry.testCount)

    let (mean, deviation) = try normalization(of: trainingPart.images, settings, entry)
    func images(_ part: Part, limit: Int?, _ augmentation: AugmentationSettings?) -> ImageSet {
      let count = limit ?? part.labels.count
      // The whole file's bytes are shared; a copy without the header would double the memory.
      let isWhole = count == part.labels.count && !entry.isTransposed
      return ImageSet(
        storage: isWhole
          ? part.images.bytes
          : pixels(of: part.images, count: count, isTransposed: entry.isTransposed),
        offset: isWhole ? part.images.headerSize : 0,
        labels: Array(part.labels.prefix(count)), shape: entry.shape,
        classCount: entry.classCount, means: [mean], standardDeviations: [deviation],
        augmentation: augmentation, seed: seed)
    }
    return DataSet(
      name: entry.name, title: entry.title, classNames: entry.classNames,
      training: images(trainingPart, limit: settings.trainingLimit, settings.augmentation),
      test: images(testPart, limit: settings.testLimit, nil),
      folder: location.folder)
  }

  /// Mean and standard deviation from the settings, the catalog, or the training images.
  private static func normalization(
    of images: IDXFile, _ settings: DataSettings, _ entry: DataCatalog.Entry
  ) throws(CounterspikeError) -> (mean: Float, standardDeviation: Float) {
    if let mean = settings.mean ?? entry.mean,
      let deviation = settings.standardDeviation ?? entry.standardDeviation
    {
      return (mean, deviation)
    }
    let statistics = PixelStatistics(images.elements)
    let deviation = settings.standardDeviation ?? statistics.standardDeviation
    guard deviation > 0 else {
      throw CounterspikeError(
        .damagedFile,
        "All pixels of \(images.path) are equal, so that their standard deviation is 0; put the "
          + "right file in its place, or set data.standardDeviation.")
    }
    return (settings.mean ?? statistics.mean, deviation)
  }

  /// The pixels of the first `count` images, row by row.
  private static func pixels(of images: IDXFile, count: Int, isTransposed: Bool) -> [UInt8] {
    let height = images.dimensions[1]
    let width = images.dimensions[2]
    let size = height * width
    var pixels = Array(images.elements.prefix(count * size))
    guard isTransposed else { return pixels }

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
        "\(imagePath) has images of \(shapeText(images.dimensions[1...])) pixels, and those of "
          + "\(entry.title) have \(height)×\(width); put the right file in its place.")
    }
    let labelBytes = try Self.content(of: labelPath, expected: 8 + count)
    let labels = try IDXFile(bytes: labelBytes, path: labelPath, content: .labels)
    guard images.count == labels.count else {
      throw CounterspikeError(
        .damagedFile,
        "\(imagePath) has \(images.count) images and \(labelPath) has \(labels.count) labels, "
          + "where \(entry.title) has \(count) of each; put the right files in their place.")
    }
    guard images.count == count else {
      throw CounterspikeError(
        .damagedFile,
        "\(imagePath) has \(images.count) images, and this part of \(entry.title) has \(count); "
          + "put the right file in its place, or use fewer images by data.trainingLimit and "
          + "data.testLimit.")
    }
    let classes = entry.firstLabel..<(entry.firstLabel + entry.classCount)
    if let place = labels.elements.firstIndex(where: { !classes.contains(Int($0)) }) {
      throw CounterspikeError(
        .damagedFile,
        "\(labelPath) has the label \(labels.bytes[place]) at byte \(place), and those of "
          + "\(entry.title) are \(classes.lowerBound) … \(classes.upperBound - 1); put the right "
          + "file in its place.")
    }
    try Self.verify(imageBytes, of: imageFile, at: imagePath, entry)
    try Self.verify(labelBytes, of: labelFile, at: labelPath, entry)

    self.images = images
    let first = UInt8(entry.firstLabel)
    self.labels = labels.elements.map { $0 - first }
  }

  /// Reads and unpacks a file.
  private static func content(
    of path: String, expected: Int
  ) throws(CounterspikeError) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw CounterspikeError(
        .unreadableFile, "\(path) cannot be read; check that it exists and its permissions.",
        cause: error)
    }
    // Somewhat more than expected, so that a file that is a little too long is reported as such.
    return try Gzip.content(
      of: bytes, expected: expected, limit: 2 * expected + 4096, file: path)
  }

  /// Compares the content's checksum with the catalog's, if that has one.
  private static func verify(
    _ bytes: [UInt8], of file: DataCatalog.File, at path: String, _ entry: DataCatalog.Entry
  ) throws(CounterspikeError) {
    guard let expected = file.contentChecksum else { return }
    let found = Checksum.sha256(bytes)
    guard found != expected else { return }
    if let other = DataCatalog.entry(holding: found) {
      throw CounterspikeError(
        .damagedFile,
        "\(path) is a file of \(other.title) and not \(file.name) of \(entry.title); put each data "
          + "set into a sub-folder of its own, \(entry.name) and \(other.name).")
    }
    throw CounterspikeError(
      .damagedFile,
      "\(path) is not \(file.name) of \(entry.title), or damaged: the SHA-256 of its content is "
        + "\(found), where \(expected) is expected; remove it and fetch it again.")
  }
}

/// Mean and standard deviation of pixels divided by 255, exact up to the last rounding.
struct PixelStatistics {
  let mean: Float
  let standardDeviation: Float

  /// - Complexity: O(pixels).
  init(_ pixels: ArraySlice<UInt8>) {
    var counts = [Int](repeating: 0, count: 256)
    for pixel in pixels { counts[Int(pixel)] += 1 }
    self.init(counts: counts, total: pixels.count)
  }

  /// Of one channel of images of `planes` channels, each of `plane` pixels.
  ///
  /// - Complexity: O(pixels).
  init(_ pixels: [UInt8], planes: Int, plane: Int, channel: Int) {
    var counts = [Int](repeating: 0, count: 256)
    let span = pixels.span
    for start in stride(from: channel * plane, to: span.count, by: planes * plane) {
      for place in start..<(start + plane) { counts[Int(span[place])] += 1 }
    }
    self.init(counts: counts, total: span.count / planes)
  }

  /// - Parameter counts: how often each value occurs; together `total` times.
  private init(counts: [Int], total count: Int) {
    var sum = 0
    var squares = 0
    for (value, count) in counts.enumerated() {
      sum += count * value
      squares += count * value * value
    }
    let total = Double(count)
    let average = Double(sum) / total
    mean = Float(average / 255)
    standardDeviation = Float((Double(squares) / total - average * average).squareRoot() / 255)
  }
}

extension DataSettings {
  /// Refuses settings that `entry` cannot be loaded with.
  ///
  /// - Throws: `invalidRecipe`, with the recipe's key path and the allowed values.
  func check(against entry: DataCatalog.Entry) throws(CounterspikeError) {
    func require(
      _ isAllowed: Bool, _ key: String, _ value: some Any, _ allowed: String
    ) throws(CounterspikeError) {
      guard !isAllowed else { return }
      throw CounterspikeError(
        .invalidRecipe,
        "data.\(key) is \(value); with \(entry.title) it must be \(allowed).")
    }
    if let mean { try require(mean.isFinite, "mean", mean, "a finite number") }
    if let standardDeviation {
      try require(
        standardDeviation.isFinite && standardDeviation > 0, "standardDeviation",
        standardDeviation, "a positive number")
    }
    if let trainingLimit {
      try require(
        (1...entry.trainingCount).contains(trainingLimit), "trainingLimit", trainingLimit,
        "1 … \(entry.trainingCount), or left out for all training images")
    }
    if let testLimit {
      try require(
        (1...entry.testCount).contains(testLimit), "testLimit", testLimit,
        "1 … \(entry.testCount), or left out for all test images")
    }
    try require(
      events == EventSettings(), "events", "set",
      "left out: it is for recordings of event cameras, and these are still images")
    let side = min(entry.shape[1], entry.shape[2])
    try require(
      (0..<side).contains(augmentation.cropPadding), "augmentation.cropPadding",
      augmentation.cropPadding, "0 … \(side - 1) pixels")
    try require(
      augmentation.rotation >= 0 && augmentation.rotation <= 180, "augmentation.rotation",
      augmentation.rotation, "0 … 180 degrees")
  }
}
