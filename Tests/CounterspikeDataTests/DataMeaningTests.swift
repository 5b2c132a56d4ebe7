import Counterspike
import CounterspikeData
import Foundation
import Testing

/// What is found in the data when it is loaded, and what a later load does with it.
@Suite("What samples mean")
struct DataMeaningTests {
  @Test("is kept: class names, mean and standard deviation of images")
  func images() throws {
    let data = try DataSetTests.load()
    let (training, _) = try data.images()
    #expect(data.settings.classes == ["a", "b", "c"])
    #expect(data.settings.mean?.map { Float($0) } == training.mean)
    #expect(data.settings.standardDeviation?.map { Float($0) } == training.standardDeviation)
    let known = try DataSetTests.load { $0.mean = [0.25] }
    #expect(known.settings.mean == [0.25] && known.settings.standardDeviation?.count == 1)
    let encoded = try DataSetTests.load(timeSteps: 3) { $0.encoding.kind = .rate }
    #expect(encoded.settings.mean == nil && encoded.settings.classes == ["a", "b", "c"])
  }

  @Test("does not depend on the training samples that lie beside the test samples later")
  func otherTraining() throws {
    let before = try DataSetTests.load()
    let brighter = idx([6, 4, 4], Toy.trainingImages.map { $0 / 2 + 127 })
    let replaced = ["train-images-idx3-ubyte.gz": brighter]
    let after = try DataSetTests.load(replacing: replaced) { $0 = before.settings }
    #expect(after.test.values(0) == before.test.values(0))
    #expect(try DataSetTests.load(replacing: replaced).test.values(0) != before.test.values(0))
    #expect(after.settings == before.settings)
  }

  @Test("tells other samples by their fingerprints, and equal ones whatever the settings")
  func fingerprints() throws {
    let data = try DataSetTests.load()
    #expect(data.fingerprint.count == 64 && data.fingerprint != data.testFingerprint)
    let limited = try DataSetTests.load {
      $0.trainingLimit = 2
      $0.mean = [0]
      $0.augmentation.flip = true
    }
    #expect(limited.fingerprint == data.fingerprint)
    #expect(limited.testFingerprint == data.testFingerprint)
    var changed = Toy.trainingImages
    changed[95] ^= 1
    let pixel = try DataSetTests.load(
      replacing: ["train-images-idx3-ubyte.gz": idx([6, 4, 4], changed)])
    #expect(pixel.fingerprint != data.fingerprint && pixel.testFingerprint == data.testFingerprint)
    let label = try DataSetTests.load(
      replacing: ["t10k-labels-idx1-ubyte.gz": idx([2], [2, 1])])
    #expect(label.fingerprint == data.fingerprint && label.testFingerprint != data.testFingerprint)
  }

  @Test("of any sources of samples is told by their fingerprints, too")
  func ownSources() {
    func data(_ value: Float) -> DataSet {
      var scalars = [Float](repeating: 0, count: 8)
      scalars[7] = value
      let source = TensorSource(
        samples: Tensor(shape: [2, 1, 2, 2], scalars: scalars), labels: [0, 1], classCount: 2)
      return DataSet(
        name: "own", title: "Own", classNames: ["no", "yes"], training: source, test: source)
    }
    #expect(data(1).fingerprint == data(1).fingerprint)
    #expect(data(1).fingerprint != data(2).fingerprint)
    #expect(data(1).settings.classes == ["no", "yes"] && data(1).settings.set == "own")
  }

  @Test("of time series is kept, also of those that are encoded as spikes")
  func series() throws {
    for kind in [EncodingSettings.Kind.direct, .delta] {
      let before = try SeriesTests.load { $0.encoding.kind = kind }
      // A channel that never changes counts as one of standard deviation 1.
      #expect(before.settings.mean?[1] == Double(Float(10) / 255))
      #expect(before.settings.standardDeviation?[1] == 1)
      var other = SeriesTests.values
      for place in 0..<16 { other[place] = other[place] * 2 }
      let after = try SeriesTests.load(values: idx([4, 4, 2], other)) { $0 = before.settings }
      #expect(after.test.values(0) == before.test.values(0))
      #expect(after.training.values(0) != before.training.values(0))
    }
  }

  @Test("refuses a list of another number of channels")
  func channels() {
    let error = #expect(throws: CounterspikeError.self) {
      _ = try DataSetTests.load { $0.mean = [0.1, 0.2] }
    }
    #expect(
      error?.message == "data.mean is a list of 2 numbers; with Toy it must be one number")
  }

  @Test("is refused where a known data set has other classes")
  func otherClasses() {
    let error = #expect(throws: CounterspikeError.self) {
      _ = try DataSetTests.load { $0.classes = ["a", "b", "zebra"] }
    }
    #expect(error?.code == .mismatch)
    #expect(
      error?.message.hasPrefix(
        "Toy has other classes than data.classes names, those the network was trained on: “c” only "
          + "in the data, “zebra” only in data.classes; ") == true, "\(error?.message ?? "")")
  }

  #if ImageFiles
    @Test("matches the classes of a folder by name, in any order, some missing, with a remark")
    func foldersByName() throws {
      let folder = try TemporaryFolder()
      try ImageFolderTests.writeToy(to: folder)
      let before = try ImageFolderTests.load(folder)
      #expect(before.settings.images.size == 4 && before.settings.images.channels == 1)
      let again = try ImageFolderTests.load(folder) { $0 = before.settings }
      #expect(again.fingerprint == before.fingerprint)
      #expect(again.remarks == ["no test samples of the classes “b”"])
      #expect((0..<6).allSatisfy { again.training.values($0) == before.training.values($0) })
      let turned = try ImageFolderTests.load(folder) { $0.classes = ["c", "x", "b", "a"] }
      #expect(turned.classNames == ["c", "x", "b", "a"])
      let labels = (0..<6).map { turned.training.label(at: $0) }
      #expect(labels == (0..<6).map { [3, 2, 0][before.training.label(at: $0)] })
      #expect(turned.remarks == ["no test samples of the classes “x”, “b”"])
    }

    @Test("refuses a folder with another class, naming it")
    func folderOfAnotherClass() throws {
      let folder = try TemporaryFolder()
      try ImageFolderTests.writeToy(to: folder)
      let settings = try ImageFolderTests.load(folder).settings
      try FileManager.default.moveItem(
        atPath: folder.path + "/test/c", toPath: folder.path + "/test/zebra")
      let message = ImageFolderTests.message(folder, .mismatch) { $0 = settings }
      #expect(
        message.hasPrefix(
          "“\((folder.path + "/test").excerpt)” has the classes “zebra”, which are none of those the "
            + "network was trained on; it has no “b”, “c”; "), "\(message)")
    }

    @Test("lets a folder do without a training part, where it says what that would")
    func testPartOnly() throws {
      let folder = try TemporaryFolder()
      try ImageFolderTests.writeToy(to: folder)
      let before = try ImageFolderTests.load(folder)
      try FileManager.default.removeItem(atPath: folder.path + "/train")
      let data = try ImageFolderTests.load(folder) { $0 = before.settings }
      #expect(data.training.count == 0 && data.test.count == 2)
      #expect(data.test.values(1) == before.test.values(1))
      #expect(data.testFingerprint == before.testFingerprint)
      #expect(
        ImageFolderTests.message(folder, .missingData) {
          $0 = before.settings
          $0.mean = nil
        }.contains("no training part to take mean and standard deviation from"))
      #expect(
        ImageFolderTests.message(folder, .missingData).contains("is not laid out as a folder of"))
    }
  #endif
}
