import Counterspike
import CounterspikeData
import Testing

@Suite("Folders of arrays")
struct ArrayFolderTests {
  static func bytes(_ values: [UInt8], _ shape: String) -> [UInt8] {
    EventFiles.numPy("'|u1'", shape: shape, values)
  }

  static func floats(_ values: [Float], _ shape: String, order: String = "False") -> [UInt8] {
    EventFiles.numPy(
      "'<f4'", shape: shape, order: order,
      values.flatMap { EventFiles.little(Int64($0.bitPattern), 4) })
  }

  static func labels(_ values: [Int64], _ shape: String? = nil) -> [UInt8] {
    EventFiles.numPy(
      "'<i8'", shape: shape ?? "(\(values.count),)", values.flatMap { EventFiles.little($0, 8) })
  }

  static func load(
    _ files: [(String, [UInt8])], timeSteps: Int = 2,
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    let folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(bytes, to: name) }
    var settings = DataSettings()
    settings.set = "array-folder"
    change(&settings)
    return try DataSet.load(
      settings, entry: DataCatalog.entry(named: "array-folder"), timeSteps: timeSteps, seed: 1,
      locator: DataLocator(folder: folder.path, environment: [:]))
  }

  static func files(_ training: [UInt8], _ test: [UInt8]) -> [(String, [UInt8])] {
    [
      ("x_train.npy", training), ("y_train.npy", labels([0, 1])), ("X_test.npy", test),
      ("y_test.npy", labels([1], "(1, 1)")),
    ]
  }

  @Test("of bytes are images, channels first or last, normalized as images are")
  func images() throws {
    // Red 0 and 255, green 10 and 20, blue 7 always; of 1×2 pixels.
    let first = Self.files(
      Self.bytes([0, 255, 10, 20, 7, 7, 255, 0, 20, 10, 7, 7], "(2, 3, 1, 2)"),
      Self.bytes([0, 0, 10, 10, 7, 7], "(1, 3, 1, 2)"))
    let last = Self.files(
      Self.bytes([0, 10, 7, 255, 20, 7, 255, 20, 7, 0, 10, 7], "(2, 1, 2, 3)"),
      Self.bytes([0, 10, 7, 0, 10, 7], "(1, 1, 2, 3)"))
    let fortran = Self.files(
      EventFiles.numPy(
        "'|u1'", shape: "(2, 3, 1, 2)", order: "True", [0, 255, 10, 20, 7, 7, 255, 0, 20, 10, 7, 7]),
      Self.bytes([0, 0, 10, 10, 7, 7], "(1, 3, 1, 2)"))
    let expected: [Float] = [-1, 1, -1, 1, 0, 0]
    // A height of 1 could be one channel.
    for (files, axes) in [(first, .auto), (last, .imagesChannelsLast), (fortran, .auto)]
      as [([(String, [UInt8])], ArraySettings.Axes)]
    {
      let data = try Self.load(files) { $0.arrays.axes = axes }
      #expect(data.shape == [3, 1, 2] && data.classNames == ["0", "1"])
      #expect(zip(data.training.values(0), expected).allSatisfy { abs($0 - $1) < 1e-5 })
      #expect(data.training.label(at: 1) == 1 && data.test.label(at: 0) == 1)
      #expect(data.settings.arrays.axes != .auto && data.settings.mean?.count == 3)
    }
    let grey = try Self.load(
      Self.files(Self.bytes([0, 255, 255, 0], "(2, 1, 2)"), Self.bytes([0, 0], "(1, 1, 2)"))
    ) { $0.encoding.kind = .latency }
    #expect(grey.shape == [2, 1, 1, 2] && grey.training.values(0) == [0, 1, 0, 0])
  }

  @Test("of other numbers are images, points and series, standardized channel by channel")
  func numbers() throws {
    let images = try Self.load(
      Self.files(
        Self.floats([0.5, 1.5, 10, 30, 1.5, 0.5, 30, 10], "(2, 2, 1, 2)"),
        Self.floats([1, 1, 20, 20], "(1, 2, 1, 2)"))
    ) { $0.arrays.axes = .images }
    #expect(images.training.values(0) == [-1, 1, -1, 1] && images.test.values(0) == [0, 0, 0, 0])
    let points = try Self.load(
      Self.files(Self.floats([1, 10, 3, 30], "(2, 2)"), Self.floats([2, 20], "(1, 2)")))
    #expect(points.shape == [2, 1, 1] && points.training.values(1) == [1, 1])
    #expect(points.settings.arrays.axes == .points)
    // Two steps of four; columns one after the other.
    let series = try Self.load(
      Self.files(
        Self.floats([0, 4, 0, 4, 0, 4, 0, 4], "(2, 4, 1)", order: "True"),
        Self.floats([2, 2, 2, 2], "(1, 4, 1)"))
    ) { $0.arrays.axes = .series }
    #expect(series.shape == [2, 1, 1, 1])
    #expect(series.training.values(0) == [-1, -1] && series.training.values(1) == [1, 1])
  }

  @Test("of frames are used as they are")
  func frames() throws {
    let frames = Self.files(
      EventFiles.numPy("'|b1'", shape: "(2, 2, 1, 1, 2)", [0, 1, 1, 0, 1, 1, 0, 0]),
      EventFiles.numPy("'<i2'", shape: "(1, 2, 1, 1, 2)", [3, 0, 0, 0, 0, 0, 1, 0]))
    let data = try Self.load(frames)
    #expect(data.shape == [2, 1, 1, 2])
    #expect(data.training.values(0) == [0, 1, 1, 0] && data.test.values(0) == [3, 0, 0, 1])
    let error = #expect(throws: CounterspikeError.self) { try Self.load(frames, timeSteps: 3) }
    #expect(error?.message.contains("set network.timeSteps to 2") == true)
    let mean = #expect(throws: CounterspikeError.self) { try Self.load(frames) { $0.mean = [1] } }
    #expect(mean?.message.contains("data.mean is set") == true)
  }

  #if Archives
    @Test("may be one archive, of which other arrays are passed over")
    func archive() throws {
      let members = Self.files(
        Self.bytes([0, 255, 255, 0], "(2, 1, 2)"), Self.bytes([0, 0], "(1, 1, 2)"))
      let data = try Self.load([("mnist.npz", Archives.zip(members + [("other.npy", [1, 2])]))])
      #expect(data.shape == [1, 1, 2] && data.training.count == 2)
      let error = #expect(throws: CounterspikeError.self) {
        try Self.load([("mnist.npz", Archives.zip(Array(members.dropLast())))])
      }
      #expect(error?.code == .missingData)
      #expect(
        error?.message.contains("mnist.npz” lacks some of the arrays x_train, y_train") == true)
    }
  #endif

  @Test("can be evaluated on without a training part, by the settings of a run")
  func withoutTraining() throws {
    let test = Array(
      Self.files([], Self.bytes([0, 255], "(1, 1, 2)")).dropFirst(2))
    #expect(throws: CounterspikeError.self) { try Self.load(test) }
    let data = try Self.load(test) {
      $0.classes = ["0", "1", "2"]
      $0.mean = [0.5]
      $0.standardDeviation = [0.5]
    }
    #expect(data.test.values(0) == [-1, 1] && data.classCount == 3)
    let error = #expect(throws: CounterspikeError.self) {
      try Self.load(test) { $0.classes = ["0", "1"] }
    }
    #expect(error?.message.contains("set data.mean and data.standardDeviation") == true)
  }

  @Test("that do not belong together are refused with what they are and what to do")
  func refused() throws {
    let pixels = Self.bytes([0, 255, 255, 0], "(2, 1, 2)")
    let test = Self.bytes([0, 0], "(1, 1, 2)")
    typealias Change = (inout DataSettings) -> Void
    let cases: [([(String, [UInt8])], Change, String)] = [
      (
        Self.files(Self.floats([1, 2, 3, 4], "(2, 1, 2)"), test), { $0.arrays.axes = .greyImages },
        "X_test.npy” is of uint8, and "
      ),
      (
        Self.files(Self.floats([1, 2, 3, 4], "(2, 1, 2)"), test), { _ in },
        "images (NHW) or time series (NTC); set data.arrays.axes"
      ),
      (
        Self.files(Self.bytes([1, 2, 3, 4, 5, 6, 7, 8], "(2, 2, 1, 2)"), test), { _ in },
        "images (NCHW) or images (NHWC)"
      ),
      (
        Self.files(Self.bytes([1, 2], "(2,)"), test), { _ in },
        "has the shape [2], where the samples' array has 2 to 5"
      ),
      (
        Self.files(Self.bytes([1, 2], "(1, 1, 2)"), test), { _ in }, "has the shape [1, 1, 2], and "
      ),
      (
        Self.files(pixels, Self.bytes([1, 2, 3], "(1, 1, 3)")), { _ in },
        "all axes but the first must be equal"
      ),
      (Self.files(pixels, test), { $0.arrays.axes = .frames }, "data.arrays.axes is NTCHW, 5 axes"),
      (
        Self.files(pixels, test).dropLast() + [("y_test.npy", Self.labels([2]))], { _ in },
        "have the label 2, and the training's are 0 … 1"
      ),
      (
        Self.files(pixels, test).dropLast() + [("y_test.npy", Self.labels([-1]))], { _ in },
        "has the label -1 at place 0"
      ),
      (
        Self.files(pixels, test).dropLast() + [("y_test.npy", Self.floats([0.5], "(1,)"))],
        { _ in }, "the value is 0.5, no whole number"
      ),
      (
        Self.files(pixels, test).dropLast() + [("y_test.npy", Self.labels([0, 1], "(1, 2)"))],
        { _ in }, "of one-hot labels, save the argmax"
      ),
      (
        Self.files(pixels, test).dropLast(), { _ in },
        "lacks x_train.npy, y_train.npy, x_test.npy, y_test.npy, or one .npz"
      ),
      (
        Self.files(Self.bytes([0, 255, 255], "(2, 1, 2)"), test), { _ in },
        "the file is truncated or too long"
      ),
      (
        Self.files(Self.floats([.nan, 2, 3, 4], "(2, 1, 2)"), Self.floats([1, 2], "(1, 1, 2)")),
        { $0.arrays.axes = .greyImages },
        "the value is nan, no finite number"
      ),
      (
        Self.files(Self.floats([1, 2, 3, 4], "(2, 1, 2)"), Self.floats([1, 2], "(1, 1, 2)")),
        {
          $0.arrays.axes = .greyImages
          $0.augmentation.flip = true
        }, "data.augmentation is set; with arrays of float32"
      ),
      (Self.files(pixels, test), { $0.images.size = 1 }, "data.images is set"),
      (
        [
          ("x_train.npy", pixels), ("y_train.npy", Self.labels([0, 90])), ("x_test.npy", test),
          ("y_test.npy", Self.labels([0])),
        ], { _ in }, "has 2 samples with labels up to 90"
      ),
    ]
    for (files, change, text) in cases {
      let error = #expect(throws: CounterspikeError.self, "\(text)") {
        try Self.load(files, change)
      }
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("\n") == false)
    }
  }
}

@Suite("Arrays with numbers as targets")
struct ArrayTargetTests {
  private func load(
    _ targets: [UInt8], _ tested: [UInt8], _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    try ArrayFolderTests.load([
      ("x_train.npy", ArrayFolderTests.bytes([0, 255, 10, 20], "(2, 1, 1, 2)")),
      ("y_train.npy", targets),
      ("x_test.npy", ArrayFolderTests.bytes([0, 1], "(1, 1, 1, 2)")),
      ("y_test.npy", tested),
    ]) {
      $0.arrays.targets = .numbers
      change(&$0)
    }
  }

  private func target(_ source: any SampleSource, _ index: Int) -> [Float] {
    var values = [Float](repeating: .nan, count: source.targetShape.reduce(1, *))
    var span = values.mutableSpan
    source.loadTarget(index, into: &span)
    return values
  }

  @Test("have a number for each output neuron, or one a time step")
  func shapes() throws {
    let vectors = try load(
      ArrayFolderTests.floats([1, -2, 0.5, 3, 4, 5], "(2, 3)"),
      ArrayFolderTests.floats([7, 8, 9], "(1, 3)"))
    #expect(vectors.training.targetShape == [3] && vectors.training.classCount == 3)
    #expect(target(vectors.training, 1) == [3, 4, 5] && target(vectors.test, 0) == [7, 8, 9])
    #expect(vectors.remarks.isEmpty)
    let single = try load(
      ArrayFolderTests.floats([1, 2], "(2,)"), ArrayFolderTests.labels([3]))
    #expect(single.training.targetShape == [1] && target(single.test, 0) == [3])
    let trains = try load(
      ArrayFolderTests.floats([1, 2, 3, 4, 5, 6, 7, 8], "(2, 2, 2)"),
      ArrayFolderTests.floats([1, 2, 3, 4], "(1, 2, 2)"))
    #expect(trains.training.targetShape == [2, 2] && target(trains.training, 1) == [5, 6, 7, 8])
    // Other targets are other data.
    let other = try load(
      ArrayFolderTests.floats([1, 2.5], "(2,)"), ArrayFolderTests.labels([3]))
    #expect(other.fingerprint != single.fingerprint)
    #expect(other.testFingerprint == single.testFingerprint)
  }

  @Test("are chosen and encoded with their samples")
  func choice() throws {
    let data = try load(
      ArrayFolderTests.floats([1, 2], "(2,)"), ArrayFolderTests.labels([3])
    ) {
      $0.trainingLimit = 1
      $0.encoding.kind = .rate
    }
    #expect(data.training.count == 1 && target(data.training, 0) == [1])
    #expect(data.training.shape.count == 4)
  }

  @Test("of other shapes are refused")
  func refusal() {
    for (one, two) in [
      (ArrayFolderTests.floats([1, 2, 3], "(3,)"), ArrayFolderTests.labels([3])),
      (ArrayFolderTests.floats([1, 2], "(2, 1)"), ArrayFolderTests.floats([1, 2], "(1, 2)")),
    ] {
      let error = #expect(throws: CounterspikeError.self) { try load(one, two) }
      #expect(error?.code == .mismatch)
    }
    let error = #expect(throws: CounterspikeError.self) {
      try load(
        ArrayFolderTests.floats([1, 2], "(2, 1)"), ArrayFolderTests.floats([1, 2], "(1, 2)")
      ) {
        $0.arrays.targets = .classes
      }
    }
    #expect(error != nil)
  }
}
