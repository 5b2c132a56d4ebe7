import Counterspike
import CounterspikeData
import Testing

@Suite("The catalog of data sets")
struct DataCatalogTests {
  @Test("finds every data set by its name", arguments: DataCatalog.names)
  func names(name: String) throws {
    let entry = try DataCatalog.entry(named: name)
    #expect(entry.name == name)
    let shapes = [
      "nmnist": [2, 34, 34], "image-folder": [], "event-folder": [], "array-folder": [],
      "series-folder": [], "dvs-gesture": [2, 128, 128], "cifar10-dvs": [2, 128, 128],
      "n-cars": [2, 100, 120], "yin-yang": [4, 1, 1], "randman": [100, 1, 1],
      "braille": [12, 1, 1],
      "cifar-10": [3, 32, 32], "cifar-100": [3, 32, 32],
      "shd": [1, 1, 700], "ssc": [1, 1, 700],
    ]
    #expect(entry.shape == shapes[name, default: [1, 28, 28]])
    #expect(Set(entry.classNames).count == entry.classCount)
    for file in entry.files {
      // What can be downloaded can be checked.
      #expect((file.url == nil) == (file.downloadChecksum == nil))
      #expect(file.url?.hasSuffix("/" + file.name) != false)
      for checksum in [file.downloadChecksum, file.contentChecksum].compactMap(\.self) {
        #expect(checksum.count == 64)
        #expect(checksum.allSatisfy { "0123456789abcdef".contains($0) })
      }
    }
  }

  @Test("can check the archives that it downloads")
  func archives() throws {
    let archives = DataCatalog.entries.flatMap(\.archives)
    for archive in archives {
      #expect((archive.url == nil) == (archive.checksum == nil))
      #expect(archive.url?.hasSuffix("/" + archive.name) != false)
      #expect(archive.checksum.map { $0.wholeMatch(of: /[0-9a-f]{64}/) != nil } != false)
    }
    let recordings = try DataCatalog.entry(named: "nmnist").archives
    #expect(recordings.map(\.name) == ["Train.zip", "Test.zip"])
    #expect(archives.compactMap(\.url).count == 2)
  }

  @Test("has no checksum twice")
  func checksums() {
    let files = DataCatalog.entries.flatMap(\.files)
    let checksums = files.flatMap { [$0.downloadChecksum, $0.contentChecksum] }.compactMap(\.self)
    #expect(Set(checksums).count == checksums.count)
    #expect(checksums.count == 31)
  }

  @Test("has the classes that the data sets' authors give")
  func classes() throws {
    #expect(
      DataCatalog.entries.map(\.classCount) == [
        10, 10, 10, 10, 26, 10, 47, 10, 100, 10, 11, 10, 2, 20, 35, 27, 3, 10, 0, 0, 0, 0,
      ])
    #expect(try DataCatalog.entry(named: "fashion-mnist").classNames[9] == "Ankle boot")
    let digits = try DataCatalog.entry(named: "shd")
    #expect(
      digits.classNames[9...11] == ["nine", "null", "eins"] && digits.classNames[15] == "fünf")
    #expect(digits.trainingCount == 8156 && digits.testCount == 2264)
    let words = try DataCatalog.entry(named: "ssc")
    #expect(words.classNames == words.classNames.sorted() && words.validationCount == 9981)
    #expect(try DataCatalog.entry(named: "emnist-balanced").classNames[46] == "t")
  }

  @Test(
    "answers an unknown name with the known ones and the nearest",
    arguments: [
      ("fashion-mnits", "did you mean fashion-mnist?"), ("MNIST", "did you mean mnist?"),
      ("emnist-letter", "did you mean emnist-letters?"), ("imagenet-1k", "known are mnist"),
      ("", "array-folder"),
    ])
  func unknown(name: String, ending: String) {
    let error = #expect(throws: CounterspikeError.self) { try DataCatalog.entry(named: name) }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message.hasPrefix("data.set is “\(name)”") == true)
    #expect(error?.message.contains("mnist, fashion-mnist, kmnist") == true)
    #expect(error?.message.contains(ending) == true, "\(error?.message ?? "")")
  }

  @Test("accepts files packed or not, and with a dot before idx")
  func acceptedNames() {
    #expect(
      DataCatalog.File(name: "train-images-idx3-ubyte.gz").acceptedNames == [
        "train-images-idx3-ubyte.gz", "train-images-idx3-ubyte", "train-images.idx3-ubyte.gz",
        "train-images.idx3-ubyte",
      ])
    #expect(
      DataCatalog.File(name: "shd_test.h5.gz").acceptedNames == ["shd_test.h5", "shd_test.h5.gz"])
  }
}
