package import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeSamples

/// Images in the binary form of CIFAR-10 and CIFAR-100: records without a header.
///
///     label bytes   1 (CIFAR-10), or 2: the coarse class and the fine one (CIFAR-100)
///     C·H·W bytes   the pixels, channel by channel (red, green, blue) and in each row by row
///
/// - Note: Krizhevsky, “Learning multiple layers of features from tiny images”, 2009; its web page
///   for the format.
package struct ImageBatchFile {
  /// Shape `[count, C, H, W]`.
  package let pixels: [UInt8]
  /// The last label byte of each record.
  package let labels: [UInt8]

  /// - Throws: `damagedFile`.
  package init(
    _ bytes: [UInt8], path: String, labelBytes: Int, imageSize: Int, classCount: Int
  ) throws(CounterspikeError) {
    let size = labelBytes + imageSize
    guard !bytes.isEmpty, bytes.count.isMultiple(of: size) else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” has \(bytes.count) bytes, where a whole number of records of \(size) bytes, at "
          + "least one, is expected; it is truncated or another file: fetch it again")
    }
    let count = bytes.count / size
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    pixels.reserveCapacity(count * imageSize)
    labels.reserveCapacity(count)
    for start in stride(from: 0, to: bytes.count, by: size) {
      let label = bytes[start + labelBytes - 1]
      guard label < classCount else {
        throw CounterspikeError(
          .damagedFile,
          "“\(path.excerpt)”, byte \(start + labelBytes - 1): the label is \(label), where 0 … "
            + "\(classCount - 1) are expected; put the right file in its place")
      }
      labels.append(label)
      pixels += bytes[(start + labelBytes)..<(start + size)]
    }
    self.pixels = pixels
    self.labels = labels
  }
}

extension DataSet {
  /// Reads images from batches of records.
  ///
  /// - Parameter isNamed: whether the caller named the folder; then a part of the files, or others
  ///   of the same form, are read, with a remark.
  static func loadBatches(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ batches: DataCatalog.ImageBatches,
    at location: DataLocator.Location, isNamed: Bool, seed: UInt64
  ) throws(CounterspikeError) -> DataParts {
    var remarks: [String] = []
    let imageSize = entry.shape.reduce(1, *)
    func part(
      _ files: [DataCatalog.File]
    ) throws(CounterspikeError) -> (pixels: [UInt8], labels: [UInt8]) {
      var pixels: [UInt8] = []
      var labels: [UInt8] = []
      for file in files where location.names[file.name] != nil {
        let path = location.path(of: file)
        let bytes = try WholeFile.bytes(
          of: path, as: .content(of: 65_536 * (batches.labelBytes + imageSize)))
        do {
          try file.check(bytes, at: path, entry)
        } catch {
          guard isNamed else { throw error }
          remarks.append(
            "\(file.name) is not the published file: its SHA-256 is another; results are not "
              + "comparable with published ones")
        }
        let batch = try ImageBatchFile(
          bytes, path: path, labelBytes: batches.labelBytes, imageSize: imageSize,
          classCount: entry.classCount)
        pixels += batch.pixels
        labels += batch.labels
      }
      return (pixels, labels)
    }
    let training = try part(batches.training)
    let test = try part(batches.test)

    let plane = entry.shape[1] * entry.shape[2]
    let (found, mean, deviation) = try normalization(
      settings, entry, file: location.path(of: batches.training[0])
    ) {
      (0..<entry.shape[0]).map { channel in
        var statistics = PixelStatistics()
        for image in stride(from: channel * plane, to: training.pixels.count, by: imageSize) {
          statistics.add(training.pixels[image..<(image + plane)])
        }
        return statistics
      }
    }
    func images(_ part: (pixels: [UInt8], labels: [UInt8])) -> ImageSet {
      ImageSet(
        pixels: part.pixels, labels: part.labels, shape: entry.shape, classCount: entry.classCount,
        mean: mean, standardDeviation: deviation, seed: seed)
    }
    let plain = images(training)
    return DataParts(
      training: ImageSet(plain, augmentation: settings.augmentation), plainTraining: plain,
      test: images(test), settings: found, folder: location.folder,
      remarks: remarks
        + entry.remarks(training: training.labels.count, test: test.labels.count))
  }
}
