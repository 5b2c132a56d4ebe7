public import Counterspike
internal import Foundation
internal import Synchronization

extension DataSet {
  /// Reads the user's own images.
  static func loadImageFolder(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, at location: DataLocator.Location,
    seed: UInt64
  ) throws(CounterspikeError) -> DataSet {
    let folder = try ImageFolder(entry, at: location)
    let form = try ImageForm(settings.images, first: folder.training[0])
    let entry = entry.described(by: folder, shape: form.shape)
    try settings.check(against: entry)

    // All of them even where fewer are used, as with other data sets: the statistics are theirs.
    let pixels = try decoded(folder.training, form)
    let (means, deviations) = try normalization(of: pixels, settings, entry, folder.path)
    let trainingCount = settings.trainingLimit ?? folder.training.count
    let training = folder.training.prefix(trainingCount)
    let test = folder.test.prefix(settings.testLimit ?? folder.test.count)
    func set(
      _ images: ArraySlice<ImageFolder.Image>, _ pixels: [UInt8],
      _ augmentation: AugmentationSettings?
    ) -> ImageSet {
      ImageSet(
        storage: pixels, offset: 0, labels: images.map { UInt8($0.label) }, shape: form.shape,
        classCount: entry.classCount, means: means, standardDeviations: deviations,
        augmentation: augmentation, seed: seed)
    }
    let size = form.shape.reduce(1, *)
    return DataSet(
      name: entry.name, title: entry.title, classNames: entry.classNames,
      training: set(
        training,
        trainingCount == folder.training.count
          ? pixels : Array(pixels.prefix(trainingCount * size)),
        settings.augmentation),
      test: set(test, try decoded(Array(test), form), nil), folder: location.folder)
  }

  /// Mean and standard deviation of each channel, from the settings or the training images.
  private static func normalization(
    of pixels: [UInt8], _ settings: DataSettings, _ entry: DataCatalog.Entry, _ path: String
  ) throws(CounterspikeError) -> (means: [Float], standardDeviations: [Float]) {
    let plane = entry.shape[1] * entry.shape[2]
    var means: [Float] = []
    var deviations: [Float] = []
    for channel in 0..<entry.shape[0] {
      let statistics = PixelStatistics(
        pixels, planes: entry.shape[0], plane: plane, channel: channel)
      let deviation = settings.standardDeviation ?? statistics.standardDeviation
      guard deviation > 0 else {
        throw CounterspikeError(
          .damagedFile,
          "All pixels of the training images in \(path) have the same value in channel \(channel), "
            + "so that their standard deviation is 0; set data.standardDeviation, or data.images.channels "
            + "to 1.")
      }
      means.append(settings.mean ?? statistics.mean)
      deviations.append(deviation)
    }
    return (means, deviations)
  }

  /// The pixels of all images, shape `[count, C, H, W]`, decoded on all processors.
  ///
  /// - Throws: what is wrong with the first image that something is wrong with.
  private static func decoded(
    _ images: [ImageFolder.Image], _ form: ImageForm
  ) throws(CounterspikeError) -> [UInt8] {
    let size = form.shape.reduce(1, *)
    let (count, isTooMuch) = images.count.multipliedReportingOverflow(by: size)
    guard !isTooMuch else { return [] }
    let pixels = Mutex([UInt8](repeating: 0, count: count))
    let failure = Mutex<(index: Int, error: CounterspikeError)?>(nil)
    DispatchQueue.concurrentPerform(iterations: images.count) { index in
      guard failure.withLock({ $0.map { $0.index > index } ?? true }) else { return }
      do throws(CounterspikeError) {
        let image = try form.pixels(of: images[index])
        pixels.withLock { $0.replaceSubrange((index * size)..<((index + 1) * size), with: image) }
      } catch {
        failure.withLock { if $0.map({ $0.index > index }) ?? true { $0 = (index, error) } }
      }
    }
    if let error = failure.withLock({ $0?.error }) { throw error }
    return pixels.withLock { $0 }
  }
}

extension DataCatalog.Entry {
  /// This entry with what only its files say: classes, shape and numbers of a folder of images. Of
  /// other data sets, the entry itself.
  ///
  /// - Parameters:
  ///   - settings: decide the shape, too.
  ///   - folder: the folder that must hold the files; `nil`: the usual places are searched.
  /// - Throws: `missingData`, `unreadableFile` or `damagedFile` where the folder is not what it
  ///   should be; one image of it is looked at.
  public func described(
    _ settings: DataSettings, folder: String? = nil
  ) throws(CounterspikeError) -> DataCatalog.Entry {
    guard kind == .imageFolder else { return self }
    let images = try ImageFolder(self, folder: folder)
    let form = try ImageForm(settings.images, first: images.training[0])
    return described(by: images, shape: form.shape)
  }

  func described(by folder: ImageFolder, shape: [Int]) -> DataCatalog.Entry {
    var entry = self
    entry.classNames = folder.classNames
    entry.shape = shape
    entry.trainingCount = folder.training.count
    entry.testCount = folder.test.count
    return entry
  }
}
