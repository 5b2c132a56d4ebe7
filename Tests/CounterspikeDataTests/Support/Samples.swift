import Counterspike
import CounterspikeData
import CounterspikeKernels
import Foundation
import Testing

/// Reproducible bytes.
func randomBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = RandomStream(seed: seed, purpose: .noise)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next32()) }
}

/// The content of an IDX file.
func idx(_ dimensions: [Int], _ elements: [UInt8], type: UInt8 = 0x08) -> [UInt8] {
  let sizes = dimensions.flatMap { size in
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
  }
  return [0, 0, type, UInt8(dimensions.count)] + sizes + elements
}

/// One gzip member that holds `content` in stored (not compressed) blocks.
func gzip(_ content: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
  var start = 0
  repeat {
    let length = min(content.count - start, 0xFFFF)
    let isLast: UInt8 = start + length == content.count ? 1 : 0
    bytes += [isLast, UInt8(length & 0xFF), UInt8(length >> 8)]
    bytes += [UInt8(~length & 0xFF), UInt8((~length >> 8) & 0xFF)]
    bytes += content[start..<(start + length)]
    start += length
  } while start < content.count
  var sum = UInt32.max
  for byte in content {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }
  for word in [~sum, UInt32(content.count)] {
    bytes += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> $0) }
  }
  return bytes
}

/// A little data set of made-up images for tests: three classes, 4 × 4 pixels.
enum Toy {
  static let trainingImages = randomBytes(6 * 16, seed: 2)
  static let trainingLabels: [UInt8] = [0, 1, 2, 2, 1, 0]
  static let testImages = randomBytes(2 * 16, seed: 3)
  static let testLabels: [UInt8] = [2, 0]

  /// - Parameter url: the folder, ending in `/`, that the files can be downloaded from.
  static func entry(
    firstLabel: Int = 0, isTransposed: Bool = false, systemFolder: String? = nil,
    url: String? = nil
  ) -> DataCatalog.Entry {
    func file(_ name: String) -> DataCatalog.File {
      DataCatalog.File(
        name: name, url: url.map { $0 + name },
        downloadChecksum: url == nil ? nil : Checksum.sha256(files[name] ?? []))
    }
    return DataCatalog.Entry(
      name: "toy", title: "Toy", classNames: ["a", "b", "c"], shape: [1, 4, 4], trainingCount: 6,
      testCount: 2,
      kind: .images(
        .init(
          trainingImages: file("train-images-idx3-ubyte.gz"),
          trainingLabels: file("train-labels-idx1-ubyte.gz"),
          testImages: file("t10k-images-idx3-ubyte.gz"),
          testLabels: file("t10k-labels-idx1-ubyte.gz"))),
      systemFolder: systemFolder, source: "the toy shop", licence: "none", citation: "none",
      firstLabel: firstLabel, isTransposed: isTransposed)
  }

  /// The four packed files by name.
  static let files: [String: [UInt8]] = [
    "train-images-idx3-ubyte.gz": gzip(idx([6, 4, 4], trainingImages)),
    "train-labels-idx1-ubyte.gz": gzip(idx([6], trainingLabels)),
    "t10k-images-idx3-ubyte.gz": gzip(idx([2, 4, 4], testImages)),
    "t10k-labels-idx1-ubyte.gz": gzip(idx([2], testLabels)),
  ]

  /// Writes the four files, some of them replaced, and one perhaps left out.
  static func write(
    to folder: TemporaryFolder, under prefix: String = "", replacing: [String: [UInt8]] = [:],
    leavingOut missing: String? = nil
  ) throws {
    for (name, bytes) in files where name != missing {
      try folder.write(replacing[name] ?? bytes, to: prefix + name)
    }
  }
}

extension DataSet {
  /// The training images and the test images; fails the test where they are of another kind.
  func images() throws -> (training: ImageSet, test: ImageSet) {
    (try #require(training as? ImageSet), try #require(test as? ImageSet))
  }
}

extension SampleSource {
  /// Sample `index` as it is loaded.
  func values(_ index: Int, epoch: Int = 0) -> [Float] {
    var values = [Float](repeating: .nan, count: shape.reduce(1, *))
    var span = values.mutableSpan
    load(index, epoch: epoch, into: &span)
    return values
  }
}
