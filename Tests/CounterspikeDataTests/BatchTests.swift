import Counterspike
import CounterspikeData
import CounterspikeKernels
import Foundation
import Testing

@Suite("Images in batches of records")
struct BatchTests {
  /// Records of two label bytes, of which the second is the class, and images of 3×2×2.
  static let batches = [
    [9, 0] + randomBytes(12, seed: 1) + [9, 2] + randomBytes(12, seed: 2),
    [7, 1] + randomBytes(12, seed: 3),
    [7, 2] + randomBytes(12, seed: 4),
  ]

  static func entry(checksums: [String?] = [nil, nil, nil]) -> DataCatalog.Entry {
    let files = ["one.bin", "two.bin", "test.bin"].enumerated().map { index, name in
      DataCatalog.File(name: name, contentChecksum: checksums[index])
    }
    return DataCatalog.Entry(
      name: "batches", title: "Batches", classNames: ["a", "b", "c"], shape: [3, 2, 2],
      trainingCount: 3, testCount: 1,
      kind: .imageBatches(.init(training: Array(files[..<2]), test: [files[2]], labelBytes: 2)),
      source: "nowhere", licence: "none", citation: "none", folders: ["as-unpacked"])
  }

  static func load(
    _ files: [String: [UInt8]], entry: DataCatalog.Entry = entry(), isNamed: Bool = true,
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    let folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(bytes, to: "as-unpacked/" + name) }
    var settings = DataSettings()
    change(&settings)
    return try DataSet.load(
      settings, entry: entry, seed: 1,
      locator: isNamed
        ? DataLocator(folder: folder.path, environment: [:])
        : DataLocator(environment: [DataLocator.environmentVariable: folder.path]))
  }

  static let files = ["one.bin": batches[0], "two.bin": batches[1], "test.bin": batches[2]]

  @Test("are read in the order of the files, each channel normalized by itself")
  func content() throws {
    let data = try Self.load(Self.files)
    #expect(data.remarks.isEmpty && data.folder?.hasSuffix("/as-unpacked") == true)
    let (training, test) = try data.images()
    #expect((0..<3).map { training.label(at: $0) } == [0, 2, 1] && test.label(at: 0) == 2)
    #expect(training.pixels(at: 1) == randomBytes(12, seed: 2))
    #expect(training.pixels(at: 2) == randomBytes(12, seed: 3))
    for channel in 0..<3 {
      let values = (1...3).flatMap { seed in
        randomBytes(12, seed: UInt64(seed))[(4 * channel)..<(4 * channel + 4)].map {
          Double($0) / 255
        }
      }
      let mean = values.reduce(0, +) / 12
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12
      #expect(abs(Double(training.mean[channel]) - mean) < 1e-6)
      #expect(abs(Double(training.standardDeviation[channel]) - variance.squareRoot()) < 1e-6)
    }
    #expect(test.mean == training.mean)
  }

  @Test("may be a part, or others, in a folder that was named, with a remark")
  func part() throws {
    let some = ["one.bin": Self.batches[0], "test.bin": Self.batches[2]]
    let data = try Self.load(some)
    #expect(data.training.count == 2)
    #expect(
      data.remarks == ["a part of Batches: 2 of 3 training and 1 of 1 test samples"])
    #expect(throws: CounterspikeError.self) { try Self.load(some, isNamed: false) }

    // Memory is worked out for the part, and for the whole set where there are no files.
    let temporary = try TemporaryFolder()
    for (name, bytes) in some { try temporary.write(bytes, to: name) }
    #expect(
      try Self.entry().residentBytes(DataSettings(), timeSteps: 5, folder: temporary.path) == 3 * 13
    )
    #expect(
      try Self.entry().residentBytes(
        DataSettings(), timeSteps: 5, folder: temporary.file("none")) == 4 * 13)

    let sums = [Checksum.sha256(Self.batches[0]), String(repeating: "0", count: 64), nil]
    let others = try Self.load(Self.files, entry: Self.entry(checksums: sums))
    #expect(others.remarks.count == 1)
    #expect(others.remarks[0].hasPrefix("two.bin is not the published file"))
    let error = #expect(throws: CounterspikeError.self) {
      try Self.load(Self.files, entry: Self.entry(checksums: sums), isNamed: false)
    }
    #expect(error?.code == .damagedFile)
  }

  @Test("that are truncated, empty or have unknown classes are refused")
  func damage() {
    let cases: [([UInt8], String)] = [
      (Array(Self.batches[0].dropLast()), "has 27 bytes, where a whole number of records of 14"),
      ([], "has 0 bytes"),
      ([0, 3] + randomBytes(12), "byte 1: the label is 3, where 0 … 2 are expected"),
    ]
    for (bytes, text) in cases {
      var files = Self.files
      files["two.bin"] = bytes
      let error = #expect(throws: CounterspikeError.self) { try Self.load(files) }
      #expect(error?.code == .damagedFile)
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("two.bin") == true)
    }
  }

  @Test("survive damage of any kind")
  func fuzzing() {
    Fuzzing.run([Self.batches[0], Self.batches[1]], number: 41) { bytes, path in
      _ = try ImageBatchFile(bytes, path: path, labelBytes: 2, imageSize: 12, classCount: 3)
    }
  }

  @Test(
    "of the CIFAR-10 subset are read, with the remark that they are one",
    .enabled(
      if: RealData.has("cifar10-subset/data_batch_1.bin"),
      "no CIFAR-10 images; name a folder with cifar10-subset/ in it by COUNTERSPIKE_TEST_DATA"))
  func real() throws {
    var settings = DataSettings()
    settings.set = "cifar-10"
    let data = try DataSet.load(settings, folder: RealData.folder + "/cifar10-subset")
    #expect(data.training.count == 10_000 && data.test.count == 2000)
    #expect(data.remarks.last?.contains("10000 of 50000 training and 2000 of 10000 test") == true)
    // Near the mean and standard deviation that are customary for the whole set.
    let images = try data.images().training
    for (channel, mean) in [0.4914, 0.4822, 0.4465].enumerated() {
      #expect(abs(Double(images.mean[channel]) - mean) < 0.01)
    }
    for label in 0..<10 {
      #expect((0..<10_000).count { data.training.label(at: $0) == label } == 1000)
    }
  }
}
