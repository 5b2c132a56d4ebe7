#if ImageFiles
  import Counterspike
  import CounterspikeData
  import Foundation
  import Testing

  @Suite("Folders of images")
  struct ImageFolderTests {
    /// The toy data set as PNG files, in the order of its own.
    static func writeToy(to folder: TemporaryFolder, training: String = "train") throws {
      for (part, pixels, labels) in [
        (training, Toy.trainingImages, Toy.trainingLabels),
        ("test", Toy.testImages, Toy.testLabels),
      ] {
        for (index, label) in labels.enumerated() {
          let image = Array(pixels[(index * 16)..<(index * 16 + 16)])
          try folder.write(
            Images.png(image, width: 4, height: 4),
            to: "\(part)/\("abc"[label])/0\(index).png")
        }
      }
    }

    static func load(
      _ folder: TemporaryFolder, in name: String = "", environment: [String: String]? = nil,
      _ change: (inout DataSettings) -> Void = { _ in }
    ) throws -> DataSet {
      var settings = DataSettings()
      settings.set = "image-folder"
      change(&settings)
      return try DataSet.load(
        settings, entry: DataCatalog.entry(named: "image-folder"), seed: 3,
        locator: DataLocator(
          folder: environment == nil ? folder.path + name : nil, environment: environment ?? [:]))
    }

    static func message(
      _ folder: TemporaryFolder, _ code: CounterspikeError.Code,
      sourceLocation: SourceLocation = #_sourceLocation,
      _ change: (inout DataSettings) -> Void = { _ in }
    ) -> String {
      let error = #expect(throws: CounterspikeError.self, sourceLocation: sourceLocation) {
        try Self.load(folder, change)
      }
      #expect(error?.code == code, "\(error?.message ?? "")", sourceLocation: sourceLocation)
      #expect(error?.message.contains("\n") == false, sourceLocation: sourceLocation)
      return error?.message ?? ""
    }

    @Test("are the same samples as the IDX files with the same pixels")
    func toy() throws {
      let folder = try TemporaryFolder()
      try Self.writeToy(to: folder)
      // What is no image, or hidden, is passed over.
      try folder.write([1], to: "train/a/notes.txt")
      try folder.write([1], to: "train/b/.hidden.png")
      try folder.write([1], to: "train/.DS_Store")
      try folder.write([1], to: "train/.cache/x.png")
      try folder.write([1], to: "train/readme.png")
      try folder.write([1], to: "train/c/png")
      let data = try Self.load(folder) { $0.augmentation.cropPadding = 2 }
      let expected = try DataSetTests.load { $0.augmentation.cropPadding = 2 }
      #expect(data.classNames == ["a", "b", "c"] && data.shape == [1, 4, 4])
      #expect(data.training.count == 6 && data.test.count == 2)
      for index in 0..<6 {
        #expect(data.training.values(index, epoch: 4) == expected.training.values(index, epoch: 4))
        #expect(data.training.label(at: index) == expected.training.label(at: index))
      }
      for index in 0..<2 {
        #expect(data.test.values(index) == expected.test.values(index))
        #expect(data.test.label(at: index) == expected.test.label(at: index))
      }
      let images = try data.images()
      #expect(images.training.mean == (try expected.images().training.mean))
      #expect(images.test.mean == images.training.mean && data.folder == folder.path)
    }

    @Test("are found by name, environment and other names of their parts")
    func places() throws {
      let folder = try TemporaryFolder()
      try Self.writeToy(to: folder, training: "image-folder/training")
      try FileManager.default.moveItem(
        atPath: folder.path + "/test", toPath: folder.path + "/image-folder/testing")
      #expect(try Self.load(folder).folder == folder.path + "/image-folder")
      let found = try Self.load(folder, environment: ["COUNTERSPIKE_DATA": folder.path])
      #expect(found.training.count == 6)
      let absent = #expect(throws: CounterspikeError.self) {
        try Self.load(folder, environment: ["HOME": folder.path])
      }
      #expect(absent?.code == .missingData)
      #expect(absent?.message.hasSuffix("; name it") == true && absent?.remedy == .nameDataFolder)
    }

    @Test("are in the order of the bytes of names, whatever the class and the ending")
    func order() throws {
      let folder = try TemporaryFolder()
      for (name, grey) in [("b/2.jpg", 2), ("a/10.PNG", 1), ("ä/1.png", 0), ("B/2.jpeg", 3)] {
        let pixels = [UInt8](repeating: UInt8(grey * 50), count: 64)
        let bytes =
          name.hasSuffix("g") && name.contains(".jp")
          ? try Images.jpeg(pixels, width: 8, height: 8)
          : try Images.png(pixels, width: 8, height: 8)
        try folder.write(bytes, to: "train/" + name)
        try folder.write(bytes, to: "test/" + name)
      }
      let data = try Self.load(folder)
      #expect(data.classNames == ["B", "a", "b", "ä"])
      #expect((0..<4).map { data.training.label(at: $0) } == [3, 1, 0, 2])
      let images = try data.images().training
      #expect((0..<4).map { images.pixels(at: $0)[0] } == [0, 50, 150, 100])
    }

    @Test("of colours are normalized channel by channel")
    func normalization() throws {
      let folder = try TemporaryFolder()
      let pixels = randomBytes(3 * 4 * 4)
      for part in ["train", "test"] {
        try folder.write(
          Images.png(pixels, width: 4, height: 4, kind: .colour), to: "\(part)/x/1.png")
      }
      let data = try Self.load(folder)
      #expect(data.shape == [3, 4, 4])
      let set = try data.images().training
      let values = data.training.values(0)
      for channel in 0..<3 {
        let own = stride(from: channel, to: 48, by: 3).map { Double(pixels[$0]) / 255 }
        let mean = own.reduce(0, +) / 16
        let deviation = (own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 16).squareRoot()
        #expect(abs(Double(set.mean[channel]) - mean) < 1e-6)
        #expect(abs(Double(set.standardDeviation[channel]) - deviation) < 1e-6)
        for place in 0..<16 {
          let expected = (own[place] - mean) / deviation
          #expect(abs(Double(values[channel * 16 + place]) - expected) < 1e-5)
        }
      }
      // Nothing moved and nothing turned is the same image, channel by channel.
      let turned = try Self.load(folder) { $0.augmentation.flip = true }.training
      let mirrored: [Float] = (0..<48).map { place in
        let row = place / 4
        return values[row * 4 + 3 - place % 4]
      }
      let drawn = (0..<20).map { turned.values(0, epoch: $0) }
      #expect(drawn.allSatisfy { $0 == values || $0 == mirrored })
      #expect(drawn.contains(mirrored))
      let given = try Self.load(folder) {
        $0.mean = [0.5]
        $0.standardDeviation = [0.25]
      }
      #expect(try given.images().training.mean == [0.5, 0.5, 0.5])
    }

    @Test("of different sizes and colours are brought to those of the recipe")
    func form() throws {
      let folder = try TemporaryFolder()
      try folder.write(Images.png(randomBytes(64), width: 8, height: 8), to: "train/x/1.png")
      try folder.write(
        Images.png(randomBytes(36), width: 4, height: 3, kind: .colour), to: "train/x/2.png")
      try folder.write(
        Images.jpeg(randomBytes(48), width: 4, height: 4, channels: 3), to: "test/x/1.jpg")
      func change(_ settings: inout DataSettings) {
        settings.images.size = 3
        settings.images.channels = 1
      }
      #expect(
        Self.message(folder, .damagedFile).contains(
          "train/x/2.png has 4×3 pixels, and \(folder.path)/train/x/1.png has 8×8; set "
            + "data.images.size"))
      #expect(
        Self.message(folder, .damagedFile) { $0.images.size = 3 }.contains(
          "train/x/2.png has 3 channels, and \(folder.path)/train/x/1.png has 1; set "
            + "data.images.channels"))
      #expect(
        Self.message(folder, .damagedFile) {
          change(&$0)
          $0.images.size = 4
        }.contains("train/x/2.png has 4×3 pixels, less than data.images.size (4)"))
      let data = try Self.load(folder, change)
      #expect(data.shape == [1, 3, 3] && data.training.count == 2)
      #expect(
        try Self.load(folder) {
          change(&$0)
          $0.images.channels = 3
        }.shape == [3, 3, 3])

      var settings = DataSettings()
      change(&settings)
      let entry = try DataCatalog.entry(named: "image-folder")
        .described(settings, folder: folder.path)
      #expect(entry.shape == [1, 3, 3] && entry.classNames == ["x"])
      #expect(entry.trainingCount == 2 && entry.testCount == 1)
      #expect(try entry.sampleShape(settings, timeSteps: 5) == [1, 3, 3])
    }

    @Test("can be used in part")
    func limits() throws {
      let folder = try TemporaryFolder()
      try Self.writeToy(to: folder)
      let all = try Self.load(folder)
      let some = try Self.load(folder) {
        $0.trainingLimit = 2
        $0.testLimit = 1
      }
      #expect(some.training.count == 2 && some.test.count == 1)
      #expect(some.training.values(1) == all.training.values(1))
      #expect(
        Self.message(folder, .invalidRecipe) { $0.trainingLimit = 7 }.contains(
          "data.trainingLimit is 7; with the folder of images it must be 1 … 6"))
      #expect(
        Self.message(folder, .invalidRecipe) { $0.events.timeWindow = 7 }.contains("data.events"))
      let other = #expect(throws: CounterspikeError.self) {
        try DataSetTests.load { $0.images.size = 3 }
      }
      #expect(other?.message.contains("data.images is set; with Toy it must be left out") == true)
    }

    @Test("that lack something are told of by name and remedy")
    func damage() throws {
      func changed(_ change: (TemporaryFolder) throws -> Void) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try Self.writeToy(to: folder)
        try change(folder)
        return folder
      }
      let files = FileManager.default
      let noTest = try changed { try files.removeItem(atPath: $0.path + "/test") }
      #expect(
        Self.message(noTest, .missingData).contains(
          "\(noTest.path) lacks the folders train and test of the folder of images"))
      let noClasses = try changed {
        try files.removeItem(atPath: $0.path + "/train")
        try $0.write([1], to: "train/1.png")
      }
      #expect(Self.message(noClasses, .missingData).contains("/train has 0 folders, where one"))
      let empty = try changed { try $0.write([1], to: "train/d/1.txt") }
      #expect(Self.message(empty, .missingData).contains("/train/d has no images, which are files"))
      let other = try changed { try $0.write([1], to: "test/d/1.png") }
      #expect(Self.message(other, .damagedFile).contains("/test has the folder d, and "))
      let damaged = try changed { try $0.write([1], to: "train/c/zz.jpg") }
      #expect(
        Self.message(damaged, .damagedFile).contains("/train/c/zz.jpg has a beginning that is"))
      let grey = try changed { folder in
        for (index, label) in Toy.trainingLabels.enumerated() {
          try folder.write(
            Images.png([UInt8](repeating: 4, count: 16), width: 4, height: 4),
            to: "train/\("abc"[label])/0\(index).png")
        }
      }
      #expect(
        Self.message(grey, .damagedFile).contains(
          "every channel of the images in “\(grey.path.excerpt)” has the same value everywhere"))
      _ = try Self.load(grey) { $0.standardDeviation = [1] }
    }

    @Test("with two damaged files are refused by the first, however many threads decode")
    func first() throws {
      let folder = try TemporaryFolder()
      try Self.writeToy(to: folder)
      for name in ["b/005.png", "a/009.png"] { try folder.write([1], to: "train/" + name) }
      for _ in 0..<20 {
        #expect(Self.message(folder, .damagedFile).contains("train/b/005.png has a beginning"))
      }
    }
  }

  extension String {
    fileprivate subscript(_ index: UInt8) -> Character { Array(self)[Int(index)] }
  }
#endif
