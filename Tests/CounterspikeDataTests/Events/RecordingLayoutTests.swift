import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Recordings, laid out as they are published")
struct RecordingLayoutTests {
  static func load(
    _ name: String, _ folder: TemporaryFolder, timeSteps: Int = 4, seed: UInt64 = 1,
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    var settings = DataSettings()
    settings.set = name
    settings.events.slicing = .timeBins
    settings.events.downsampling = 16
    change(&settings)
    return try DataSet.load(
      settings, entry: DataCatalog.entry(named: name), timeSteps: timeSteps, seed: seed,
      locator: DataLocator(
        folder: folder.path,
        environment: ["HOME": folder.path, "XDG_CACHE_HOME": folder.path + "/cache"]))
  }

  static func binned(_ stream: EventStream, like data: DataSet) throws -> [Float] {
    var settings = EventSettings()
    settings.slicing = .timeBins
    settings.downsampling = 16
    let binning = try EventBinning(
      settings, sensor: SensorSize(width: 128, height: 128), timeSteps: data.shape[0])
    return EventSet([stream], labels: [0], classCount: 1, binning: binning).values(0)
  }

  static func gesture(_ seed: UInt64) -> EventStream {
    EventFiles.random(3000, width: 128, height: 128, duration: 1_000_000, seed: seed)
  }

  @Test("DVS128 Gesture is cut into its trials, by its lists and label files")
  func gestureTrials() throws {
    let folder = try TemporaryFolder()
    let heading = "class,startTime_usec,endTime_usec\n"
    for (name, seed) in [("user02_led", 2), ("user01_fluorescent", 1), ("user29_lab", 3)] {
      try folder.write(
        EventFiles.aedat3(Self.gesture(UInt64(seed))), to: "DvsGesture/\(name).aedat")
      try folder.write(
        Array("\(heading)1,100000,400000\n11,400000,900000\n".utf8),
        to: "DvsGesture/\(name)_labels.csv")
    }
    try folder.write(
      Array("user02_led.aedat\r\nuser01_fluorescent.aedat\nuser09_gone.aedat\n\n".utf8),
      to: "DvsGesture/trials_to_train.txt")
    try folder.write(Array("user29_lab.aedat".utf8), to: "DvsGesture/trials_to_test.txt")
    let data = try Self.load("dvs-gesture", folder)
    #expect(data.shape == [4, 2, 8, 8] && data.classNames[10] == "other gestures")
    #expect((0..<4).map { data.training.label(at: $0) } == [0, 10, 0, 10])
    #expect(data.test.count == 2)
    #expect(
      data.remarks == [
        "a part of DVS128 Gesture: 4 of 1176 training and 2 of 288 test samples"
      ])
    let whole = Self.gesture(1)
    let first = try Self.binned(whole.part(from: 100_000, to: 400_000), like: data)
    let second = try Self.binned(whole.part(from: 400_000, to: 900_000), like: data)
    #expect(data.training.values(0) == first && data.training.values(1) == second)
    // Once more, from the cache; then with another label file.
    #expect(try Self.load("dvs-gesture", folder).training.values(1) == second)
    try folder.write(
      Array("1,100000,300000\n".utf8), to: "DvsGesture/user01_fluorescent_labels.csv")
    #expect(try Self.load("dvs-gesture", folder).training.count == 3)

    try folder.write(Array("../user01.aedat\n".utf8), to: "DvsGesture/trials_to_test.txt")
    let error = #expect(throws: CounterspikeError.self) { try Self.load("dvs-gesture", folder) }
    #expect(error?.message.contains("has the line “../user01.aedat”") == true)
    try folder.write(Array("user29_lab.aedat".utf8), to: "DvsGesture/trials_to_test.txt")
    try folder.write(Array("12,1,2\n".utf8), to: "DvsGesture/user29_lab_labels.csv")
    let other = #expect(throws: CounterspikeError.self) { try Self.load("dvs-gesture", folder) }
    #expect(other?.message.contains("has the class 12, where 1 … 11 are expected") == true)
  }

  @Test("DVS128 Gesture is read as Tonic passes it on")
  func numberedTrials() throws {
    let folder = try TemporaryFolder()
    for (place, seed) in [("ibmGestureTrain/user01_lab/3", 1), ("ibmGestureTest/user24_led/0", 2)] {
      let stream = Self.gesture(UInt64(seed))
      let rows = EventFiles.events(stream).flatMap { event in
        [Int64(event.x), Int64(event.y), event.isOn ? 1 : 0, event.time / 1000].flatMap {
          EventFiles.little(Int64(bitPattern: Double($0).bitPattern), 8)
        }
      }
      try folder.write(
        EventFiles.numPy("'<f8'", shape: "(\(stream.count), 4)", rows), to: "\(place).npy")
    }
    try folder.write([1], to: "ibmGestureTrain/user01_lab/notes.npy")
    let data = try Self.load("dvs-gesture", folder)
    #expect(data.training.count == 1 && data.training.label(at: 0) == 3)
    let stream = Self.gesture(1)
    let rounded = EventStream(
      width: 128, height: 128, times: stream.times.map { $0 / 1000 * 1000 }, x: stream.x,
      y: stream.y, polarities: stream.polarities)
    #expect(try data.training.values(0) == Self.binned(rounded, like: data))
  }

  static let classes = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  @Test("CIFAR10-DVS, which has no parts, is divided by the seed, class by class")
  func undivided() throws {
    let folder = try TemporaryFolder()
    for (label, name) in Self.classes.enumerated() {
      for number in 0..<4 {
        let stream = EventFiles.random(
          150, width: 128, height: 128, seed: UInt64(10 * label + number))
        try folder.write(EventFiles.aedat2(stream), to: "\(name)/cifar10_\(name)_\(number).aedat")
      }
    }
    func load(_ seed: UInt64) throws -> DataSet {
      try Self.load("cifar10-dvs", folder, seed: seed) { $0.testShare = 0.25 }
    }
    let data = try load(1)
    #expect(data.training.count == 30 && data.test.count == 10)
    #expect((0..<10).map { data.test.label(at: $0) }.sorted() == Array(0..<10))
    func samples(_ source: any SampleSource) -> Set<[Float]> {
      Set((0..<source.count).map { source.values($0) })
    }
    #expect(samples(data.training).isDisjoint(with: samples(data.test)))
    #expect(samples(data.training).union(samples(data.test)).count == 40)
    #expect(try samples(load(1).test) == samples(data.test))
    #expect(try samples(load(2).test) != samples(data.test))
    #expect(data.remarks.first == "a part of CIFAR10-DVS: 40 of 10000 recordings")
  }

  @Test("N-CARS is read from its folders")
  func cars() throws {
    let folder = try TemporaryFolder()
    for (part, label) in [
      ("n-cars_train", "cars"), ("n-cars_train", "background"), ("n-cars_test", "cars"),
    ] {
      let stream = EventFiles.random(200, width: 100, height: 90, seed: 3)
      try folder.write(EventFiles.atisDat(stream), to: "\(part)/\(label)/obj_000001_td.dat")
    }
    let data = try Self.load("n-cars", folder)
    #expect(data.shape == [4, 2, 7, 8])
    #expect((0..<2).map { data.training.label(at: $0) } == [0, 1] && data.test.label(at: 0) == 1)
  }

  @Test("a folder of one's own has the classes and the sensor that its files say")
  func ownFolder() throws {
    let folder = try TemporaryFolder()
    let wide = EventFiles.random(300, width: 50, height: 20, seed: 4)
    let high = EventFiles.random(300, width: 20, height: 40, seed: 5)
    try folder.write(EventFiles.csv(wide), to: "train/left/b.csv")
    try folder.write(EventFiles.numPy(high), to: "train/right/a.npy")
    try folder.write(EventFiles.csv(high), to: "test/right/c.csv")
    let data = try Self.load("event-folder", folder) { $0.events.downsampling = 1 }
    #expect(data.classNames == ["left", "right"])
    #expect(data.shape == [4, 2, 40, 50])
    // By name: a.npy, b.csv.
    #expect((0..<2).map { data.training.label(at: $0) } == [1, 0])
    #expect(data.training.values(0) == data.test.values(0))
    let entry = try DataCatalog.entry(named: "event-folder").described(
      DataSettings(), folder: folder.path)
    #expect(entry.shape == [2, 40, 50] && entry.trainingCount == 2 && entry.testCount == 1)
    let verification = try DataSet.verify(named: "event-folder", folder: folder.path)
    #expect(verification.trainingCount == 2 && verification.files == 3)
  }

  @Test("the sensor of one's own recordings is stated, in the files, or said to be taken from them")
  func sensor() throws {
    let folder = try TemporaryFolder()
    let small = EventFiles.random(300, width: 20, height: 10, seed: 4)
    for place in ["train/a/1.csv", "train/b/2.csv", "test/a/3.csv"] {
      try folder.write(EventFiles.csv(small), to: place)
    }
    let guessed = try Self.load("event-folder", folder) { $0.events.downsampling = 1 }
    #expect(guessed.shape == [4, 2, 10, 20])
    #expect(guessed.remarks.contains { $0.contains("is taken to have 20×10 pixels") })
    let stated = try Self.load("event-folder", folder) {
      $0.events.downsampling = 1
      $0.events.sensor = SensorSize(width: 34, height: 30)
    }
    #expect(stated.shape == [4, 2, 30, 34])
    #expect(!stated.remarks.contains { $0.contains("sensor") })

    // The training part decides; what lies beyond it is refused by file and place.
    let wide = EventFiles.random(300, width: 21, height: 10, seed: 4)
    try folder.write(EventFiles.csv(wide), to: "test/a/3.csv")
    let error = #expect(throws: CounterspikeError.self) {
      try Self.load("event-folder", folder) { $0.events.downsampling = 1 }
    }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains("/test/a/3.csv”, byte ") == true)
    #expect(error?.message.contains("the event is at x 20, y ") == true)
    #expect(error?.message.contains("; set data.events.sensor to ") == true)

    // Files that say it need no guess.
    for place in ["train/a/1.csv", "train/b/2.csv", "test/a/3.csv"] {
      try FileManager.default.removeItem(atPath: folder.path + "/" + place)
      let header = "% Version 2\n% Width 60\n% Height 40\n"
      try folder.write(
        EventFiles.atisDat(small, header: header), to: place.replacing(".csv", with: ".dat"))
    }
    let known = try Self.load("event-folder", folder) { $0.events.downsampling = 1 }
    #expect(known.shape == [4, 2, 40, 60])
    #expect(!known.remarks.contains { $0.contains("sensor") })
  }

  @Test("a sensor that one wrong coordinate would make is asked for")
  func wrongCoordinate() throws {
    let folder = try TemporaryFolder()
    let small = EventFiles.csv(EventFiles.random(300, width: 20, height: 10, seed: 4))
    for place in ["train/a/1.csv", "test/a/3.csv"] { try folder.write(small, to: place) }
    for (event, text) in [
      ("400000,4999,3,1\n", "has an event at x 4999, and no recording has one at x 20 … 4998; "),
      ("400000,3,65535,1\n", "has an event at y 65535, and no recording has one at y 10 … 65534"),
    ] {
      try folder.write(small + Array(event.utf8), to: "train/b/2.csv")
      let error = #expect(throws: CounterspikeError.self) {
        try Self.load("event-folder", folder) { $0.events.downsampling = 1024 }
      }
      #expect(error?.code == .mismatch)
      #expect(error?.message.contains("/train/b/2.csv” " + text) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("data.events.sensor: [width, height]") == true)
    }
    // Stated, it is read, and isolated events take memory by their number, not by the sensor's size.
    let data = try Self.load("event-folder", folder) {
      $0.events.downsampling = 1024
      $0.events.sensor = SensorSize(width: 65536, height: 65536)
      $0.events.denoise = 1000
    }
    #expect(data.shape == [4, 2, 64, 64])
  }

  @Test("a sensor that is not the data set's is refused")
  func otherSensor() throws {
    let folder = try TemporaryFolder()
    try RecordingSetTests.write(to: folder)
    _ = try RecordingSetTests.load(folder) {
      $0.events.sensor = SensorSize(width: 34, height: 34)
    }
    let error = #expect(throws: CounterspikeError.self) {
      try RecordingSetTests.load(folder) { $0.events.sensor = SensorSize(width: 34, height: 28) }
    }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message.hasPrefix("data.events.sensor is [34, 28], and ") == true)
  }

  @Test(
    "a real recording of N-CARS lies on the sensor",
    .enabled(
      if: RealData.has("other-event-samples/NCARS_obj_004397_td.dat"),
      "no recording of N-CARS; name a folder with other-event-samples/ by COUNTERSPIKE_TEST_DATA"))
  func realCars() throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](
      try Data(
        contentsOf: URL(
          fileURLWithPath: RealData.folder + "/other-event-samples/NCARS_obj_004397_td.dat")))
    for place in ["n-cars_train/cars/a.dat", "n-cars_test/background/b.dat"] {
      try folder.write(bytes, to: place)
    }
    let data = try Self.load("n-cars", folder)
    #expect(data.training.values(0).contains(1))
  }
}
