internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats
internal import CounterspikeSamples
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
    let folder = try ClassFolder(
      entry, .images, at: location, classes: settings.classes, testShare: settings.testShare,
      seed: seed)
    let form = try ImageForm(settings.images, first: folder.first)
    let entry = entry.described(by: folder, shape: form.shape)
    try settings.check(against: entry)

    var transparent = 0
    let pixels = try decoded(folder.training, form, &transparent)
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
    let test = set(folder.test, try decoded(folder.test, form, &transparent))
    let validation = try decoded(folder.validation, form, &transparent)
    var remarks = folder.remarks + (try folder.remarksOnCopies())
    if transparent > 0 { remarks.append(ImageFile.remark(transparent: transparent)) }
    var parts = DataParts(
      training: ImageSet(plain, augmentation: settings.augmentation), plainTraining: plain,
      test: test, settings: found,
      validation: folder.validation.isEmpty ? nil : set(folder.validation, validation),
      folder: location.folder, remarks: remarks)
    parts.name(by: folder)
    return (parts, entry)
  }

  /// The pixels of all images, shape `[count, C, H, W]`, decoded on all processors.
  ///
  /// - Parameter transparent: what images with transparent pixels are added to.
  /// - Throws: what is wrong with the first image that something is wrong with.
  private static func decoded(
    _ images: [ClassFolder.Sample], _ form: ImageForm, _ transparent: inout Int
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
    let found = Mutex(0)
    let failure = Mutex<(index: Int, error: CounterspikeError)?>(nil)
    Parallel.perform(images.count) { index in
      guard failure.withLock({ $0.map { $0.index > index } ?? true }) else { return }
      do throws(CounterspikeError) {
        let image = try form.pixels(of: images[index])
        pixels.withLock {
          $0.replaceSubrange((index * size)..<((index + 1) * size), with: image.values)
        }
        if image.isTransparent { found.withLock { $0 += 1 } }
      } catch {
        failure.withLock { if $0.map({ $0.index > index }) ?? true { $0 = (index, error) } }
      }
    }
    if let error = failure.withLock({ $0?.error }) { throw error }
    transparent += found.withLock { $0 }
    return pixels.withLock { $0 }
  }
}

extension ImageFile {
  /// What is to be said of images with transparent pixels.
  static func remark(transparent count: Int) -> String {
    "\(count) \(count == 1 ? "image has" : "images have") transparent pixels, which lie on black"
  }
}
