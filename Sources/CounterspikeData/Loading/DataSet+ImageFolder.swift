internal import Counterspike
internal import Foundation
internal import Synchronization

extension DataSet {
  /// Reads the user's own images.
  ///
  /// - Returns: the samples, and the entry with what the folder says.
  static func loadImageFolder(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, at location: DataLocator.Location,
    seed: UInt64
  ) throws(CounterspikeError) -> (DataParts, DataCatalog.Entry) {
    let folder = try ClassFolder(entry, .images, at: location)
    let form = try ImageForm(settings.images, first: folder.training[0])
    let entry = entry.described(by: folder, shape: form.shape)
    try settings.check(against: entry)

    let pixels = try decoded(folder.training, form)
    let (mean, deviation) = try normalization(settings, entry, file: folder.path) {
      let plane = form.shape[1] * form.shape[2]
      return (0..<form.shape[0]).map { channel in
        var statistics = PixelStatistics()
        for image in stride(
          from: channel * plane, to: pixels.count, by: form.shape[0] * plane)
        {
          statistics.add(pixels[image..<(image + plane)])
        }
        return statistics
      }
    }
    func set(_ images: [ClassFolder.Sample], _ pixels: [UInt8]) -> ImageSet {
      ImageSet(
        pixels: pixels, labels: images.map { UInt8($0.label) }, shape: form.shape,
        classCount: entry.classCount, mean: mean, standardDeviation: deviation, seed: seed)
    }
    let plain = set(folder.training, pixels)
    let parts = DataParts(
      training: ImageSet(plain, augmentation: settings.augmentation), plainTraining: plain,
      test: set(folder.test, try decoded(folder.test, form)), folder: location.folder)
    return (parts, entry)
  }

  /// The pixels of all images, shape `[count, C, H, W]`, decoded on all processors.
  ///
  /// - Throws: what is wrong with the first image that something is wrong with.
  private static func decoded(
    _ images: [ClassFolder.Sample], _ form: ImageForm
  ) throws(CounterspikeError) -> [UInt8] {
    let size = form.shape.reduce(1, *)
    let (count, isTooMuch) = images.count.multipliedReportingOverflow(by: size)
    guard !isTooMuch else { return [] }
    try MemoryLimit.current().require(
      count,
      for: "\(images.count) images of \(form.shape[1])×\(form.shape[2]) pixels and "
        + "\(form.shape[0]) channels",
      remedy: "set data.images.size to a smaller side")
    let pixels = Mutex([UInt8](repeating: 0, count: count))
    let failure = Mutex<(index: Int, error: CounterspikeError)?>(nil)
    Parallel.perform(images.count) { index in
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
