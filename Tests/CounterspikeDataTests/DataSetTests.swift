import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Data sets")
struct DataSetTests {
  /// Loads the toy data set from a folder with the given files replaced.
  static func load(
    replacing: [String: [UInt8]] = [:], entry: DataCatalog.Entry = Toy.entry(),
    timeSteps: Int? = nil,
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    let folder = try TemporaryFolder()
    try Toy.write(to: folder, replacing: replacing)
    var settings = DataSettings()
    change(&settings)
    return try DataSet.load(
      settings, entry: entry, timeSteps: timeSteps, seed: 3,
      locator: DataLocator(folder: folder.path, environment: [:]))
  }

  @Test("are read with the mean and standard deviation of their own training images")
  func statistics() throws {
    let data = try Self.load()
    #expect(data.training.count == 6 && data.test.count == 2)
    #expect(data.shape == [1, 4, 4] && data.classCount == 3)
    let (training, test) = try data.images()
    let values = Toy.trainingImages.map { Double($0) / 255 }
    let mean = values.reduce(0, +) / 96
    let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 96
    #expect(abs(Double(training.mean[0]) - mean) < 1e-7)
    #expect(abs(Double(training.standardDeviation[0]) - variance.squareRoot()) < 1e-7)
    #expect(test.mean == training.mean)
    #expect(training.pixels(at: 5) == Array(Toy.trainingImages[80...]))
    #expect((0..<6).map { UInt8(training.label(at: $0)) } == Toy.trainingLabels)
  }

  @Test("keep the statistics of all training images when only some are used")
  func limits() throws {
    let all = try Self.load()
    let some = try Self.load {
      $0.trainingLimit = 2
      $0.testLimit = 1
    }
    #expect(some.training.count == 2 && some.test.count == 1)
    #expect((0..<2).allSatisfy { some.training.values($0) == all.training.values($0) })
    #expect(some.test.values(0) == all.test.values(0))
  }

  @Test("transform training images only")
  func augmentation() throws {
    let plain = try Self.load()
    let data = try Self.load { $0.augmentation.cropPadding = 2 }
    let (training, test) = try data.images()
    #expect(training.augmentation?.cropPadding == 2 && training.seed == 3)
    #expect(test.augmentation == nil)
    #expect(data.test.values(0, epoch: 5) == plain.test.values(0))
    #expect((0..<6).contains { data.training.values($0) != plain.training.values($0) })
  }

  @Test("turn over transposed images, and count classes from 0")
  func emnist() throws {
    let labels: [UInt8] = [1, 2, 3, 3, 2, 1]
    let data = try Self.load(
      replacing: [
        "train-labels-idx1-ubyte.gz": gzip(idx([6], labels)),
        "t10k-labels-idx1-ubyte.gz": gzip(idx([2], [3, 1])),
      ], entry: Toy.entry(firstLabel: 1, isTransposed: true))
    #expect((0..<6).map { data.training.label(at: $0) } == [0, 1, 2, 2, 1, 0])
    let file = Toy.trainingImages
    let turned = (0..<4).flatMap { y in (0..<4).map { x in file[16 + x * 4 + y] } }
    #expect(try data.images().training.pixels(at: 1) == turned)
  }

  @Test(
    "with damaged files are refused in one line that names the file",
    arguments: [
      (
        "train-images-idx3-ubyte.gz", Array(gzip(idx([6, 4, 4], Toy.trainingImages)).dropLast(30)),
        "is truncated"
      ),
      (
        "train-images-idx3-ubyte.gz", gzip(idx([6, 4, 4], Toy.trainingImages.dropLast())),
        "truncated: it has 111 bytes, and 112 are expected"
      ),
      ("train-images-idx3-ubyte.gz", idx([6, 4, 4], Toy.trainingImages + [1]), "too long"),
      (
        "train-images-idx3-ubyte.gz", gzip([UInt8](repeating: 0, count: 5000)),
        "unpacks to more than the 4320 bytes"
      ),
      ("train-images-idx3-ubyte.gz", idx([6], Toy.trainingLabels), "has 1 dimensions"),
      (
        "train-images-idx3-ubyte.gz", idx([5, 4, 4], Toy.trainingImages.dropLast(16)),
        "has 5 images and "
      ),
      (
        "train-images-idx3-ubyte.gz", idx([6, 2, 8], Toy.trainingImages),
        "images of 2×8 pixels, and those of Toy have 4×4"
      ),
      ("t10k-images-idx3-ubyte.gz", idx([2, 8, 2], Toy.testImages), "images of 8×2 pixels"),
      (
        "train-labels-idx1-ubyte.gz", idx([6], [0, 1, 2, 3, 1, 0]),
        "has the label 3 at byte 11, and those of Toy are 0 … 2"
      ),
      ("t10k-labels-idx1-ubyte.gz", idx([3], [0, 1, 2]), "has 3 labels, where Toy has 2"),
      ("t10k-labels-idx1-ubyte.gz", [], "truncated: it has 0 bytes"),
    ] as [(String, [UInt8], String)])
  func damage(name: String, bytes: [UInt8], message: String) {
    let error = #expect(throws: CounterspikeError.self) {
      try Self.load(replacing: [name: bytes])
    }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains(name) == true)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test("with sound files of another size are refused")
  func otherSize() {
    let error = #expect(throws: CounterspikeError.self) {
      try Self.load(replacing: [
        "train-images-idx3-ubyte.gz": idx([1, 4, 4], randomBytes(16)),
        "train-labels-idx1-ubyte.gz": idx([1], [0]),
      ])
    }
    #expect(error?.message.contains("has 1 images, and this part of Toy has 6") == true)
  }

  @Test("with another content than the catalog's are refused with both checksums")
  func checksum() throws {
    var entry = Toy.entry()
    let expected = String(repeating: "0", count: 64)
    func expect(_ checksum: String) {
      guard case .images(var files) = entry.kind else { return }
      files.testLabels.contentChecksum = checksum
      entry.kind = .images(files)
    }
    expect(expected)
    let error = #expect(throws: CounterspikeError.self) { try Self.load(entry: entry) }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains(Checksum.sha256(idx([2], Toy.testLabels))) == true)
    #expect(error?.message.contains(expected) == true)

    expect(Checksum.sha256(idx([2], Toy.testLabels)))
    _ = try Self.load(entry: entry)
  }

  @Test("with one grey only cannot be normalized by their own standard deviation")
  func uniform() throws {
    let grey = idx([6, 4, 4], [UInt8](repeating: 9, count: 96))
    let error = #expect(throws: CounterspikeError.self) {
      try Self.load(replacing: ["train-images-idx3-ubyte.gz": grey])
    }
    #expect(error?.message.contains("has the same value everywhere") == true)
    _ = try Self.load(replacing: ["train-images-idx3-ubyte.gz": grey]) {
      $0.standardDeviation = [0.5]
    }
  }

  @Test("refuse settings that they cannot be used with, by key and allowed values")
  func settings() {
    let cases: [(String, (inout DataSettings) -> Void)] = [
      ("“data.mean” is .nan; allowed: number", { $0.mean = [.nan] }),
      ("“data.standardDeviation” is 0.0; allowed: number > 0", { $0.standardDeviation = [0] }),
      ("data.trainingLimit is 7; with Toy it must be 1 … 6", { $0.trainingLimit = 7 }),
      ("“data.trainingLimit” is 0; allowed: whole number ≥ 1", { $0.trainingLimit = 0 }),
      ("“data.testLimit” is -1; allowed: whole number ≥ 1", { $0.testLimit = -1 }),
      (
        "data.augmentation.cropPadding is 4; with Toy it must be 0 … 3 pixels",
        { $0.augmentation.cropPadding = 4 }
      ),
      ("“data.augmentation.rotation” is -1.0", { $0.augmentation.rotation = -1 }),
      ("“data.augmentation.rotation” is .nan", { $0.augmentation.rotation = .nan }),
    ]
    for (message, change) in cases {
      let error = #expect(throws: CounterspikeError.self) { try Self.load(change) }
      #expect(error?.code == .invalidRecipe)
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test("that are unknown are refused")
  func unknown() {
    var settings = DataSettings()
    settings.set = "fashion"
    let error = #expect(throws: CounterspikeError.self) { try DataSet.load(settings) }
    #expect(error?.code == .invalidRecipe)
  }
}

/// Complete copies of real data sets; the tests that need one are skipped where it is absent.
@Suite("Real data")
struct RealDataTests {
  static func isPresent(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + "/train-images-idx3-ubyte.gz")
  }

  @Test(
    "of MNIST are read, and have the mean and standard deviation that the catalog says",
    .enabled(
      if: isPresent(RealData.folder + "/mnist"),
      "MNIST is absent; name a folder with mnist/ in it by COUNTERSPIKE_TEST_DATA"))
  func mnist() throws {
    let data = try DataSet.load(named: "mnist", folder: RealData.folder)
    #expect(data.folder == RealData.folder + "/mnist")
    #expect(data.training.count == 60_000 && data.test.count == 10_000)
    #expect((0..<10).map { data.training.label(at: $0) } == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect((0..<10).map { data.test.label(at: $0) } == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    try Self.checkStatistics(data)
  }

  @Test(
    "of Fashion-MNIST are read from where Debian's package puts them",
    .enabled(
      if: isPresent("/usr/share/datasets/fashion-mnist"),
      "Fashion-MNIST is absent; install Debian's package dataset-fashion-mnist"))
  func fashionMNIST() throws {
    let data = try DataSet.load(
      DataSettings(), entry: DataCatalog.entry(named: "fashion-mnist"), seed: 1,
      locator: DataLocator(environment: [:]))
    #expect(data.folder == "/usr/share/datasets/fashion-mnist")
    #expect(data.classNames[data.test.label(at: 0)] == "Ankle boot")
    #expect((0..<10).map { data.training.label(at: $0) } == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5])
    for label in 0..<10 {
      #expect((0..<60_000).count { data.training.label(at: $0) == label } == 6000)
    }
    try Self.checkStatistics(data)
  }

  @Test(
    "of another data set are recognized",
    .enabled(
      if: isPresent("/usr/share/datasets/fashion-mnist"),
      "Fashion-MNIST is absent; install Debian's package dataset-fashion-mnist"))
  func wrongFolder() {
    let error = #expect(throws: CounterspikeError.self) {
      try DataSet.load(named: "mnist", folder: "/usr/share/datasets/fashion-mnist")
    }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains("is a file of Fashion-MNIST and not train-images") == true)
    // Also where nothing is known of the files that it should be.
    let unknown = #expect(throws: CounterspikeError.self) {
      try DataSet.load(named: "kmnist", folder: "/usr/share/datasets/fashion-mnist")
    }
    #expect(unknown?.code == .damagedFile)
    #expect(unknown?.message.contains("is a file of Fashion-MNIST and not train-images") == true)
  }

  /// The catalog's mean and standard deviation are those of the images, rounded to four digits.
  static func checkStatistics(_ data: DataSet) throws {
    let images = try data.images().training
    var counts = [Int](repeating: 0, count: 256)
    for index in 0..<images.count {
      let pixels = images.pixels(at: index)
      pixels.withUnsafeBufferPointer { for i in 0..<784 { counts[Int($0[i])] += 1 } }
    }
    let sum = counts.enumerated().reduce(0) { $0 + $1.element * $1.offset }
    let squares = counts.enumerated().reduce(0) { $0 + $1.element * $1.offset * $1.offset }
    let total = Double(images.count * 784)
    let mean = Double(sum) / total
    let deviation = (Double(squares) / total - mean * mean).squareRoot()
    #expect(abs(mean / 255 - Double(images.mean[0])) < 5.1e-5)
    #expect(abs(deviation / 255 - Double(images.standardDeviation[0])) < 5.1e-5)
  }
}
