import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("SHD and SSC")
struct SpikeSetTests {
  static func load(
    _ folder: TemporaryFolder, named name: String = "shd", timeSteps: Int? = nil,
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    var settings = DataSettings()
    settings.set = name
    change(&settings)
    return try DataSet.load(
      settings, entry: DataCatalog.entry(named: name), timeSteps: timeSteps, seed: 1,
      locator: DataLocator(
        folder: folder.path,
        environment: ["HOME": folder.path, "XDG_CACHE_HOME": folder.path + "/cache"]))
  }

  @Test("have samples of one channel and one row, whatever the polarity")
  func shape() throws {
    let entry = try DataCatalog.entry(named: "shd")
    #expect(try entry.sampleShape(DataSettings(), timeSteps: 100) == [100, 1, 1, 700])
    var settings = DataSettings()
    settings.events.downsampling = 5
    settings.events.polarity = .channels
    #expect(try entry.sampleShape(settings, timeSteps: 50) == [50, 1, 1, 140])
    settings.events.downsampling = 3
    #expect(try entry.sampleShape(settings, timeSteps: 1) == [1, 1, 1, 234])
  }

  #if !HDF5
    @Test("say how to build for them, before anything else", arguments: ["shd", "ssc"])
    func missingLibrary(name: String) throws {
      let folder = try TemporaryFolder()
      let loading = #expect(throws: CounterspikeError.self) { try Self.load(folder, named: name) }
      let verifying = #expect(throws: CounterspikeError.self) {
        try DataSet.verify(named: name, folder: folder.path)
      }
      for error in [loading, verifying] {
        #expect(error?.code == .missingLibrary)
        #expect(error?.message.contains("needs HDF5, which this counterspike was built") == true)
        #expect(error?.message.contains("Scripts/setup --hdf5") == true)
        #expect(error?.message.hasSuffix("swift build -c release --traits default,HDF5.") == true)
      }
    }
  #else
    /// Two training recordings and one of test.
    static func write(to folder: TemporaryFolder, name: String = "shd") {
      var training = SpikeContent()
      training.times = [[0.0625, 0.5, 0.5, 0.9], [1.375]]
      training.units = [[0, 4, 5, 699], [10]]
      training.labels = [19, 2]
      training.timeSize = 8
      training.write(to: folder.path + "/\(name)_train.h5")
      var test = training
      (test.times, test.units, test.labels) = ([[0.25]], [[7]], [11])
      test.write(to: folder.path + "/\(name)_test.h5")
    }

    /// The bins that are not empty: step, unit and value.
    static func spikes(_ data: DataSet, _ index: Int) -> [[Int]] {
      data.training.values(index).enumerated().filter { $0.element != 0 }.map { bin, value in
        [bin / data.shape[3], bin % data.shape[3], Int(value)]
      }
    }

    @Test("are read from their files, steps counted from the recordings' beginnings")
    func reading() throws {
      let folder = try TemporaryFolder()
      Self.write(to: folder)
      let data = try Self.load(folder) { $0.events.timeWindow = 14_000 }
      #expect(data.shape == [100, 1, 1, 700] && data.classNames[11] == "eins")
      #expect(data.training.count == 2 && data.test.count == 1)
      #expect(data.training.label(at: 0) == 19 && data.test.label(at: 0) == 11)
      // ⌊62.5 / 14⌋, ⌊500 / 14⌋, ⌊900 / 14⌋, ⌊1375 / 14⌋.
      #expect(Self.spikes(data, 0) == [[4, 0, 1], [35, 4, 1], [35, 5, 1], [64, 699, 1]])
      #expect(Self.spikes(data, 1) == [[98, 10, 1]])
      let short = try Self.load(folder, timeSteps: 3) {
        $0.events.timeWindow = 300_000
        $0.events.downsampling = 5
        $0.events.values = .counts
      }
      #expect(short.shape == [3, 1, 1, 140])
      #expect(Self.spikes(short, 0) == [[0, 0, 1], [1, 0, 1], [1, 1, 1]])
      #expect(Self.spikes(short, 1) == [])
      // From 0 to 900 ms and to 1375 ms.
      let even = try Self.load(folder, timeSteps: 2) { $0.events.slicing = .timeBins }
      #expect(Self.spikes(even, 0) == [[0, 0, 1], [1, 4, 1], [1, 5, 1], [1, 699, 1]])
      #expect(Self.spikes(even, 1) == [[1, 10, 1]])
      let part = try Self.load(folder) { $0.trainingLimit = 1 }
      #expect(part.training.count == 1)
    }

    @Test("are read from the cache, and anew when a file was replaced")
    func caching() throws {
      let folder = try TemporaryFolder()
      Self.write(to: folder)
      let first = Self.spikes(try Self.load(folder, timeSteps: 500), 0)
      #expect(RecordingSetTests.cached(folder).count == 2)
      #expect(Self.spikes(try Self.load(folder, timeSteps: 500), 0) == first)
      var other = SpikeContent()
      other.labels[0] = 1
      other.write(to: folder.path + "/shd_train.h5")
      let again = try Self.load(folder, timeSteps: 500)
      #expect(again.training.count == 3 && again.training.label(at: 0) == 1)
      #expect(RecordingSetTests.cached(folder).count == 2)
    }

    @Test("shift along the units only, where training is augmented")
    func augmentation() throws {
      let folder = try TemporaryFolder()
      Self.write(to: folder)
      let plain = try Self.load(folder) { $0.events.timeWindow = 14_000 }
      let data = try Self.load(folder) {
        $0.events.timeWindow = 14_000
        $0.events.augmentation.shift = 4
      }
      var shifts: Set<Int> = []
      for epoch in 0..<50 {
        let values = data.training.values(1, epoch: epoch)
        let bins = values.indices.filter { values[$0] != 0 }
        #expect(bins.count == 1 && bins[0] / 700 == 98)
        shifts.insert(bins[0] % 700 - 10)
      }
      #expect(shifts == Set(-4...4))
      #expect(data.test.values(0, epoch: 3) == plain.test.values(0))
    }

    @Test("are verified recording by recording, the validation part too")
    func verification() throws {
      let folder = try TemporaryFolder()
      Self.write(to: folder, name: "ssc")
      #expect(throws: CounterspikeError.self) {
        try DataSet.verify(named: "ssc", folder: folder.path)
      }
      var content = SpikeContent()
      content.labels = [34, 0, 1]
      content.write(to: folder.path + "/ssc_valid.h5")
      let found = try DataSet.verify(named: "ssc", folder: folder.path)
      #expect(found.trainingCount == 2 && found.validationCount == 3 && found.testCount == 1)
      #expect(found.files == 3 && found.checkedFiles == 0)
      // Epochs are judged by the authors' validation part, or by a share of the training part.
      let data = try Self.load(folder, named: "ssc")
      #expect(data.classCount == 35 && data.validation?.count == 3)
      var many = SpikeContent()
      many.labels = [7, 7, 7]
      many.write(to: folder.path + "/ssc_train.h5")
      let held = try Self.load(folder, named: "ssc") { $0.validation = 0.3 }
      #expect(held.training.count == 2 && held.validation?.count == 1)
      Self.write(to: folder, name: "ssc")
      content.labels = [35, 0, 1]
      content.write(to: folder.path + "/ssc_valid.h5")
      let error = #expect(throws: CounterspikeError.self) {
        try DataSet.verify(named: "ssc", folder: folder.path)
      }
      #expect(
        error?.message.contains("ssc_valid.h5”, recording 0, has the label 35, where 0 … 34")
          == true
      )
    }

    @Test("that are missing, empty or too few for a limit are said to be")
    func missing() throws {
      let folder = try TemporaryFolder()
      func message(_ change: (inout DataSettings) -> Void = { _ in }) -> String {
        let error = #expect(throws: CounterspikeError.self) {
          try Self.load(folder, named: "shd", change)
        }
        return error?.message ?? ""
      }
      #expect(message().contains("lacks shd_train.h5.gz, shd_test.h5.gz of Spiking Heidelberg"))
      #expect(message().contains("https://zenkelab.org/datasets/"))
      Self.write(to: folder)
      #expect(message { $0.trainingLimit = 3 }.contains("it must be 1 … 2"))
      #expect(message { $0.mean = [1] }.contains("these are recordings of spikes"))
      var content = SpikeContent()
      (content.times, content.units, content.labels) = ([], [], [])
      content.write(to: folder.path + "/shd_test.h5")
      #expect(message().contains("shd_test.h5” has no recordings"))
    }
  #endif
}
