import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("N-MNIST")
struct RecordingSetTests {
  /// Recordings of made-up events in the folders of N-MNIST.
  static func write(to folder: TemporaryFolder, under prefix: String = "") throws {
    for (number, label) in [7, 0, 7, 3].enumerated() {
      let stream = EventFiles.random(300, seed: UInt64(number))
      try folder.write(
        EventFiles.atisBinary(stream), to: "\(prefix)Train/\(label)/0000\(number + 1).bin")
    }
    try folder.write(EventFiles.atisBinary(EventFiles.random(50)), to: "\(prefix)Test/2/00001.bin")
  }

  static func load(
    _ folder: TemporaryFolder, timeSteps: Int? = nil, in name: String = "",
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    var settings = DataSettings()
    settings.set = "nmnist"
    change(&settings)
    return try DataSet.load(
      settings, entry: DataCatalog.entry(named: "nmnist"), timeSteps: timeSteps, seed: 1,
      locator: DataLocator(
        folder: folder.path + name,
        environment: ["HOME": folder.path, "XDG_CACHE_HOME": folder.path + "/cache"]))
  }

  /// The files that the cache has.
  static func cached(_ folder: TemporaryFolder) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
    return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".runs") }.sorted()
  }

  static func values(_ data: DataSet) -> [[Float]] {
    (0..<data.training.count).map { data.training.values($0) }
  }

  @Test("is read from its folders, in the order of the recordings' names")
  func reading() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    try folder.write([], to: "Train/7/.DS_Store")
    let data = try Self.load(folder)
    #expect(data.shape == [30, 2, 34, 34] && data.classNames[7] == "7")
    #expect(data.training.count == 4 && data.test.count == 1)
    #expect((0..<4).map { data.training.label(at: $0) } == [7, 0, 7, 3])
    #expect(data.test.label(at: 0) == 2)
    let binning = try EventBinning(
      EventSettings(), sensor: SensorSize(width: 34, height: 34), timeSteps: 30)
    let streams = (0..<4).map { EventFiles.random(300, seed: UInt64($0)) }
    let plain = EventSet(streams, labels: [7, 0, 7, 3], classCount: 10, binning: binning)
    #expect(Self.values(data) == (0..<4).map { plain.values($0) })
    #expect(try Self.load(folder, timeSteps: 7).shape == [7, 2, 34, 34])
  }

  @Test("is read from the cache as from its files")
  func caching() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    let first = try Self.load(folder)
    #expect(Self.cached(folder).count == 2)
    // Other settings have other files.
    let counts = try Self.load(folder) { $0.events.values = .counts }
    #expect(Self.cached(folder).count == 4)
    #expect(Self.values(try Self.load(folder)) == Self.values(first))
    let again = try Self.load(folder) { $0.events.values = .counts }
    #expect(Self.values(again) == Self.values(counts))
    #expect((0..<4).map { again.training.label(at: $0) } == [7, 0, 7, 3])
    #expect(Self.cached(folder).count == 4)
  }

  @Test("is read anew when a recording was replaced")
  func staleness() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    let first = try Self.load(folder)
    let other = EventFiles.random(300, seed: 99)
    try folder.write(EventFiles.atisBinary(other), to: "Train/0/00002.bin")
    let second = try Self.load(folder)
    #expect(second.training.values(1) != first.training.values(1))
    #expect(second.training.values(2) == first.training.values(2))
    try folder.write(EventFiles.atisBinary(other), to: "Train/9/00005.bin")
    #expect(try Self.load(folder).training.count == 5)
    #expect(Self.cached(folder).count == 2)
  }

  @Test("is read anew when a recording was changed in place and given its old size and time")
  func sameSizeAndTime() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    let path = folder.path + "/Train/0/00002.bin"
    let date = Date(timeIntervalSince1970: 1_000_000_000)
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
    // Whether the files are young or not.
    for pause in [0, 0.3] {
      Thread.sleep(forTimeInterval: pause)
      let first = try Self.load(folder)
      let other = EventFiles.random(300, seed: 50 + UInt64(pause * 10))
      try folder.write(EventFiles.atisBinary(other), to: "Train/0/00002.bin")
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
      let second = try Self.load(folder)
      #expect(second.training.values(1) != first.training.values(1), "after \(pause) s")
    }
  }

  @Test("says how many events find no time step, and in which recordings, from files and cache")
  func eventsBeyond() throws {
    let folder = try TemporaryFolder()
    for part in ["Train", "Test"] {
      for (number, last) in [30_000, 100_000].enumerated() {
        let stream = EventStream(
          width: 34, height: 34, times: [0, 10, 20, Int64(last)], x: [1, 1, 1, 1], y: [1, 1, 1, 1],
          polarities: [true, true, true, true])
        try folder.write(EventFiles.atisBinary(stream), to: "\(part)/1/\(number).bin")
      }
    }
    for _ in 0..<2 {
      let remarks = try Self.load(folder).remarks.dropFirst()
      #expect(
        remarks.first?.hasPrefix(
          "13 % of the events lie beyond the last time step, in 2 of 4 recordings (such as “")
          == true)
      #expect(remarks.first?.contains("/Train/1/1.bin”); raise network.timeSteps or") == true)
      #expect(remarks.count == 1)
    }
    let all = try Self.load(folder) { $0.events.slicing = .timeBins }
    #expect(all.remarks.count == 1)
    let few = try Self.load(folder) {
      $0.events.slicing = .eventCount
      $0.events.eventCount = 1
    }
    #expect(few.remarks.count == 1)
  }

  @Test("leaves out an empty recording, and says which have no event in any time step")
  func emptyRecordings() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    // Nothing but the marker of an overflow.
    try folder.write([0, 240, 0, 0, 0], to: "Train/5/00009.bin")
    let all = try Self.load(folder)
    let remarks = all.remarks
    #expect(
      remarks.contains {
        $0.hasPrefix("1 of 6 recordings (such as “")
          && $0.contains("/Train/5/00009.bin”): no event in any time step; ")
      }, "\(remarks)")
    try folder.write([], to: "Train/5/00009.bin")
    let left = try Self.load(folder)
    #expect(left.remarks.contains { $0.hasPrefix("1 empty file was left out (“") })
    #expect(left.training.count == all.training.count - 1)
  }

  @Test("is read anew when the cache is damaged, wherever")
  func damagedCache() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    // The key of files this young is that of their content as well, and another one later.
    Thread.sleep(forTimeInterval: 0.2)
    let expected = Self.values(try Self.load(folder))
    let name = try #require(Self.cached(folder).first { $0.contains("training") })
    let sound = try folder.read(name)
    // Magic, key, recordings, the table of four entries, what became of events, the number of
    // recordings, the sum.
    let tally = sound.count - 64 - 8 - 8 * (2 + 3 * 10)
    let table = tally - 4 * 6
    for place in [0, 10, 80, table - 1, table, table + 4, tally, sound.count - 72, sound.count - 1]
    {
      var bytes = sound
      bytes[place] ^= 0x55
      try folder.write(bytes, to: name)
      #expect(Self.values(try Self.load(folder)) == expected, "byte \(place)")
      #expect(try folder.read(name) == sound, "byte \(place)")
    }
    for length in [0, 100, 144, sound.count - 1] {
      try folder.write(Array(sound[..<length]), to: name)
      #expect(Self.values(try Self.load(folder)) == expected, "\(length) bytes")
    }
    // With a sum that is right: a gap, a length, a label and the numbers of recordings are not.
    for place in [90, table, table + 4, tally, sound.count - 72] {
      var bytes = sound
      bytes[place] = 254
      let end = sound.count - 64
      bytes.replaceSubrange(end..., with: Checksum.sha256(Array(bytes[72..<end])).utf8)
      try folder.write(bytes, to: name)
      if place != 90 { #expect(Self.values(try Self.load(folder)) == expected, "byte \(place)") }
      _ = try Self.load(folder)
    }
  }

  @Test("is written and read in portions, of which memory need not hold all")
  func portions() throws {
    let folder = try TemporaryFolder()
    // About 1.3 MB packed, more than is kept until it is written.
    let streams = (0..<24).map {
      EventFiles.random(60_000, duration: 300_000, seed: UInt64($0))
    }
    for (number, stream) in streams.enumerated() {
      try folder.write(
        EventFiles.atisBinary(stream), to: "Train/\(number % 10)/\(10 + number).bin")
    }
    try folder.write(EventFiles.atisBinary(streams[0]), to: "Test/0/1.bin")
    for _ in 0..<2 {
      let data = try Self.load(folder, timeSteps: 100) { $0.events.timeWindow = 3000 }
      let binning = try EventBinning(
        EventSettings(), sensor: SensorSize(width: 34, height: 34), timeSteps: 100)
      data.training.willLoad([23, 0, 7])
      for index in [0, 7, 23] {
        let plain = EventSet([streams[index]], labels: [0], classCount: 1, binning: binning)
        #expect(data.training.values(index) == plain.values(0))
        #expect(data.training.label(at: index) == index % 10)
      }
    }
    let name = try #require(Self.cached(folder).first { $0.contains("training") })
    #expect(try folder.read(name).count > 1 << 20)
  }

  @Test("is read where the cache cannot be written")
  func noCache() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    try folder.write([], to: "cache")
    #expect(try Self.load(folder).training.count == 4)
  }

  @Test("can be used in part")
  func limits() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    let all = try Self.load(folder)
    let some = try Self.load(folder) { $0.trainingLimit = 3 }
    #expect(some.training.count == 3 && some.test.count == 1)
    #expect(some.training.values(2) == all.training.values(2))
    let error = #expect(throws: CounterspikeError.self) {
      try Self.load(folder) { $0.trainingLimit = 5 }
    }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message.hasPrefix("data.trainingLimit is 5; with N-MNIST ") == true)
    #expect(error?.message.contains("it must be 1 … 4") == true)
  }

  @Test("transforms training recordings only")
  func augmentation() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    let plain = try Self.load(folder)
    let data = try Self.load(folder) { $0.events.augmentation.shift = 3 }
    #expect(Self.values(data) != Self.values(plain))
    #expect(data.test.values(0, epoch: 4) == plain.test.values(0))
    #expect(Self.cached(folder).count == 2)
  }

  @Test("refuses the settings of images, and images those of recordings")
  func unfit() throws {
    let folder = try TemporaryFolder()
    let cases: [(String, (inout DataSettings) -> Void)] = [
      ("data.mean is set; with N-MNIST it must be left out: it is for values", { $0.mean = [0.5] }),
      (
        "data.standardDeviation is set; with N-MNIST it must be left out",
        { $0.standardDeviation = [2] }
      ),
      (
        "data.augmentation is set; with N-MNIST it must be left out: it is for images",
        { $0.augmentation.flip = true }
      ),
    ]
    for (text, change) in cases {
      let error = #expect(throws: CounterspikeError.self) { try Self.load(folder, change) }
      #expect(error?.code == .invalidRecipe)
      #expect(error?.message.hasPrefix(text) == true, "\(error?.message ?? "")")
    }
    let image = #expect(throws: CounterspikeError.self) {
      try DataSetTests.load { $0.events.timeWindow = 7 }
    }
    #expect(image?.message.contains("data.events is set; with Toy it must be left out") == true)
  }

  @Test("that is missing or empty is asked for")
  func missing() throws {
    func message(_ folder: TemporaryFolder, in name: String = "") -> String {
      let error = #expect(throws: CounterspikeError.self) { try Self.load(folder, in: name) }
      #expect(error?.code == .missingData)
      return error?.message ?? ""
    }
    let folder = try TemporaryFolder()
    #expect(
      message(folder).contains(
        "lacks the folders Train and Test, each with folders 0, 1, … 9 of N-MNIST"))
    #expect(message(folder).contains("or Train.zip and Test.zip, looked for there"))
    #expect(message(folder, in: "/none").contains("there is no data folder"))
    try folder.write([1], to: "Train.zip")
    #expect(message(folder).contains("lacks the folders Train and Test"))
    #if !Archives
      try folder.write([1], to: "Test.zip")
      #expect(message(folder).contains("Train.zip is not unpacked, and this"))
      #expect(message(folder).contains("unzip -q Train.zip"))
    #endif
    let empty = try TemporaryFolder()
    try empty.write([1], to: "nmnist/Train/0/other.txt")
    try empty.write([1], to: "nmnist/Test/0/other.txt")
    #expect(message(empty).contains("/nmnist/Train” has no recordings *.bin"))

    let error = #expect(throws: CounterspikeError.self) {
      try DataSet.load(
        DataSettings(), entry: DataCatalog.entry(named: "nmnist"), seed: 1,
        locator: DataLocator(environment: [
          "HOME": folder.path, "XDG_CACHE_HOME": folder.path + "/none",
        ]))
    }
    #expect(error?.code == .missingData)
    #expect(error?.message.contains("https://www.garrickorchard.com/datasets/n-mnist") == true)
  }

  @Test("with a damaged recording is refused by its name and byte")
  func damage() throws {
    let folder = try TemporaryFolder()
    try Self.write(to: folder)
    try folder.write([1, 2, 0, 0, 0, 34, 0, 0, 0, 0], to: "Train/0/00002.bin")
    let error = #expect(throws: CounterspikeError.self) { try Self.load(folder) }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains("Train/0/00002.bin”, byte 5: the event is at x 34") == true)
    #expect(Self.cached(folder).isEmpty)
  }

  @Test(
    "as it was recorded is read whole, in the order of MNIST",
    .enabled(
      if: RealData.has("nmnist-samples"),
      "N-MNIST is absent; name a folder with nmnist-samples/ in it by COUNTERSPIKE_TEST_DATA"))
  func real() throws {
    let folder = try TemporaryFolder()
    var settings = DataSettings()
    settings.set = "nmnist"
    let data = try DataSet.load(
      settings, entry: DataCatalog.entry(named: "nmnist"), seed: 1,
      locator: DataLocator(
        folder: RealData.folder + "/nmnist-samples", environment: ["HOME": folder.path]))
    #expect(data.training.count == 1000 && data.test.count == 100)
    // MNIST's own order.
    #expect((0..<10).map { data.training.label(at: $0) } == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect((0..<10).map { data.test.label(at: $0) } == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
  }
}
