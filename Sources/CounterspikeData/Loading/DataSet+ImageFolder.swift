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
    let folder = try ClassFolder(entry, .images, at: location, classes: settings.classes)
    let form = try ImageForm(settings.images, first: folder.first)
    let entry = entry.described(by: folder, shape: form.shape)
    try settings.check(against: entry)

    let pixels = try decoded(folder.training, form)
    if settings.encoding.kind == .direct { try settings.requireStatistics(of: folder) }
    var (found, mean, deviation) = try normalization(settings, entry, file: folder.path) {
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
    // So that other images later get this form.
    found.images.channels = form.shape[0]
    if form.shape[1] == form.shape[2] { found.images.size = form.shape[1] }
    func set(_ images: [ClassFolder.Sample], _ pixels: [UInt8]) -> ImageSet {
      ImageSet(
        pixels: pixels, labels: images.map { UInt8($0.label) }, shape: form.shape,
        classCount: entry.classCount, mean: mean, standardDeviation: deviation, seed: seed)
    }
    let plain = set(folder.training, pixels)
    var parts = DataParts(
      training: ImageSet(plain, augmentation: settings.augmentation), plainTraining: plain,
      test: set(folder.test, try decoded(folder.test, form)), settings: found,
      folder: location.folder)
    parts.testNames = folder.testNames
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
