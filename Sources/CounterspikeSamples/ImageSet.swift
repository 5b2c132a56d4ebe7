public import Counterspike
internal import CounterspikeFormats

/// Labelled images in memory, one byte per pixel; normalized and transformed when read.
///
/// A raw pixel v, 0 … 255, of channel c is read as (v/255 − mean[c])/standardDeviation[c]. Copies
/// share the storage.
public struct ImageSet: SampleSource {
  /// The shape of one image, `[C, H, W]`.
  public let shape: [Int]
  /// The number of classes.
  public let classCount: Int
  /// Subtracted from pixels divided by 255, shape `[C]`; dimensionless.
  public let mean: [Float]
  /// What the difference is divided by, shape `[C]`; dimensionless.
  public let standardDeviation: [Float]
  /// The random transforms, if there are any.
  public private(set) var augmentation: AugmentationSettings?
  /// The seed of the random transforms.
  public let seed: UInt64

  /// Raw pixels, shape `[count, C, H, W]`, from `offset` on; before them a file's header may stand.
  private let pixels: [UInt8]
  private let offset: Int
  private let labels: [UInt8]
  /// The normalized value of each raw pixel value, shape `[C, 256]`.
  private let table: [Float]
  private let channels: Int
  private let height: Int
  private let width: Int
  private let size: Int

  /// - Parameters:
  ///   - pixels: raw pixels, shape `[count, C, H, W]`.
  ///   - labels: the classes, shape `[count]`, each in `0 ..< classCount`.
  ///   - shape: the shape of one image, `[C, H, W]`.
  ///   - classCount: the number of classes, at most 256.
  ///   - mean: subtracted from pixels divided by 255; one number for each channel, or one for all.
  ///   - standardDeviation: what the difference is divided by; positive; as many.
  ///   - augmentation: random transforms; `nil`, or all of them off: none.
  ///   - seed: the seed of the random transforms.
  /// - Precondition: the numbers of pixels and labels fit the shape, labels are below
  ///   `classCount`, and `standardDeviation` is positive.
  public init(
    pixels: [UInt8], labels: [UInt8], shape: [Int], classCount: Int, mean: [Float] = [0],
    standardDeviation: [Float] = [1], augmentation: AugmentationSettings? = nil, seed: UInt64 = 0
  ) {
    self.init(
      storage: pixels, offset: 0, labels: labels, shape: shape, classCount: classCount,
      mean: mean, standardDeviation: standardDeviation, augmentation: augmentation, seed: seed)
  }

  /// The images of another set, with random transforms.
  package init(_ images: ImageSet, augmentation: AugmentationSettings) {
    self = images
    self.augmentation = augmentation == AugmentationSettings() ? nil : augmentation
  }

  /// The pixels are those of `storage` from `offset` on; everything else as in the public one.
  package init(
    storage: [UInt8], offset: Int, labels: [UInt8], shape: [Int], classCount: Int, mean: [Float],
    standardDeviation: [Float], augmentation: AugmentationSettings?, seed: UInt64
  ) {
    precondition(
      shape.count == 3 && shape.allSatisfy { $0 > 0 }, "an image's shape is [C, H, W], not \(shape)"
    )
    precondition(
      storage.count - offset == labels.count * shape[0] * shape[1] * shape[2],
      "\(storage.count - offset) pixels are not \(labels.count) images of shape \(shape)")
    precondition(
      labels.allSatisfy { Int($0) < classCount }, "a label is not in 0 ..< \(classCount)")
    precondition(
      [mean, standardDeviation].allSatisfy { $0.count == 1 || $0.count == shape[0] },
      "\(mean.count) means and \(standardDeviation.count) deviations for \(shape[0]) channels")
    precondition(
      standardDeviation.allSatisfy { $0 > 0 },
      "the standard deviations \(standardDeviation) are not all > 0")
    pixels = storage
    self.offset = offset
    self.labels = labels
    self.shape = shape
    self.classCount = classCount
    let mean = mean.count == 1 ? Array(repeating: mean[0], count: shape[0]) : mean
    let deviation =
      standardDeviation.count == 1
      ? Array(repeating: standardDeviation[0], count: shape[0]) : standardDeviation
    self.mean = mean
    self.standardDeviation = deviation
    self.augmentation = augmentation.flatMap { $0 == AugmentationSettings() ? nil : $0 }
    self.seed = seed
    channels = shape[0]
    height = shape[1]
    width = shape[2]
    size = shape[0] * shape[1] * shape[2]
    table = zip(mean, deviation).flatMap { mean, deviation in
      (0...255).map { (Float($0) / 255 - mean) / deviation }
    }
  }

  /// The number of images.
  public var count: Int { labels.count }

  /// The class of image `index`.
  ///
  /// - Precondition: `index` is in `0 ..< count`.
  public func label(at index: Int) -> Int {
    Int(labels[index])
  }

  /// The raw pixels of image `index`, neither normalized nor transformed, shape `[C, H, W]`.
  ///
  /// - Precondition: `index` is in `0 ..< count`.
  public func pixels(at index: Int) -> [UInt8] {
    Array(pixels[(offset + index * size)..<(offset + (index + 1) * size)])
  }

  /// The raw pixels of all images, shape `[count, C, H, W]`.
  var rawPixels: ArraySlice<UInt8> { pixels[offset...] }

  /// Writes image `index`, normalized and, if there is an augmentation, transformed.
  ///
  /// - Parameters:
  ///   - index: in `0 ..< count`.
  ///   - epoch: the epoch, counted from 0, that transforms are drawn for; the result depends on
  ///     seed, epoch and index alone.
  ///   - values: shape `[C, H, W]`; every element is written.
  /// - Precondition: `index` is in range and `values` has C·H·W elements.
  /// - Complexity: O(C·H·W), no allocation.
  public func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    precondition(
      index >= 0 && index < labels.count, "image \(index) is not in 0 ..< \(labels.count)")
    precondition(
      values.count == size, "\(values.count) elements cannot hold an image of shape \(shape)")
    let pixels = pixels.span
    let table = table.span
    let start = offset + index * size
    if let augmentation {
      ImageTransform(augmentation, seed: seed, epoch: epoch, index: index).apply(
        to: pixels, from: start, channels: channels, height: height, width: width, table: table,
        into: &values)
    } else {
      let plane = height * width
      for channel in 0..<channels {
        for element in (channel * plane)..<((channel + 1) * plane) {
          values[element] = table[channel << 8 + Int(pixels[start + element])]
        }
      }
    }
  }
}
