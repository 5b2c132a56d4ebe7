#if ImageFiles
  import CounterspikeData
  import Foundation
  import Testing

  @Suite("A folder of images")
  struct ImageFolderTests {
    /// Bars that stand or lie, 12 pixels wide and high.
    static func folder() throws -> TemporaryFolder {
      let folder = try TemporaryFolder("images")
      for (part, count) in [("train", 8), ("test", 3)] {
        for (label, name) in ["lying", "standing"].enumerated() {
          try FileManager.default.createDirectory(
            atPath: "\(folder.path)/\(part)/\(name)", withIntermediateDirectories: true)
          for index in 0..<count {
            let pixels = (0..<144).flatMap { place -> [UInt8] in
              let isBar = (label == 0 ? place / 12 : place % 12) == index + 1
              return isBar ? [250, 240, 230] : [UInt8(index), 5, 10]
            }
            try folder.write(
              PNGFile.bytes(of: pixels, width: 12, height: 12), to: "\(part)/\(name)/\(index).png")
          }
        }
      }
      return folder
    }

    static func run(
      _ arguments: String..., folder: TemporaryFolder
    ) async throws -> Command.Outcome {
      try await Command.run(
        arguments, in: folder,
        environment: ["XDG_CACHE_HOME": folder.path + "/cache", "HOME": folder.path])
    }

    @Test("is listed, verified, shown and told of")
    func looking() async throws {
      let folder = try Self.folder()
      let list = try await Self.run("data", "list", "--data", ".", folder: folder)
      let words = list.output.split(separator: "\n").first { $0.hasPrefix("image-folder") }?
        .split(separator: " ")
      #expect(words == ["image-folder", "3×12×12", "16", "6", "2", "your", "own", "."])
      let none = try await Self.run("data", "list", folder: folder)
      #expect(none.output.contains("the one you name"))
      let verified = try await Self.run(
        "data", "verify", "image-folder", "--data", ".", folder: folder)
      #expect(
        verified.output.hasPrefix(".: 16 of 16 training and 6 of 6 test samples"),
        "\(verified.errors)")
      let shown = try await Self.run(
        "data", "show", "image-folder#3", "--data", ".", folder: folder)
      #expect(
        shown.output.hasPrefix(
          "test sample 3 of image-folder, class 1, standing, ./test/standing/1.png\n  █"),
        "\(shown.output)")
      let info = try await Self.run("data", "info", "test/lying/1.png", folder: folder)
      #expect(info.output == "PNG: 12×12 pixels, colour, 1 to 250\n")
      let json = try await Self.run("data", "info", "--json", "test/lying/1.png", folder: folder)
      let line =
        #"{"format":"PNG","width":12,"height":12,"channels":3,"smallest":1,"largest":250}"# + "\n"
      #expect(json.output == line)
      let file = try await Self.run("data", "show", "test/lying/1.png", folder: folder)
      #expect(file.output.hasPrefix("test/lying/1.png: PNG, 12×12 pixels, colour\n"))
      expectError(
        try await Self.run("data", "verify", "image-folder", folder: folder), .unavailable,
        "name that folder (--data FOLDER, or COUNTERSPIKE_DATA)")
    }

    @Test("is drawn as PNG, small images enlarged, large ones made smaller for the terminal")
    func drawing() async throws {
      let folder = try Self.folder()
      let drawn = try await Self.run(
        "data", "show", "test/standing/1.png", "--output", "a.png", folder: folder)
      #expect(drawn.output == "wrote a.png\n", "\(drawn.errors)")
      let image = try ImageFile(contentsOf: folder.path + "/a.png")
      // 21 is the largest factor with which 12 pixels are at most 256 units, of two pixels each;
      // around them are axes and title.
      #expect(image.header == .init(format: .png, width: 636, height: 682, channels: 3))
      let small = try ImageFile(contentsOf: folder.path + "/test/standing/1.png")
      let isEnlarged = (0..<504 * 504).allSatisfy { place in
        let (row, column) = (place / 504, place % 504)
        // The lines of the axes lie over the edges.
        guard (2..<502).contains(row), (2..<502).contains(column) else { return true }
        let source = row / 42 * 12 + column / 42
        let shown = (90 + row) * 636 + 64 + column
        return (0..<3).allSatisfy { image.pixels[shown * 3 + $0] == small.pixels[source * 3 + $0] }
      }
      #expect(isEnlarged)
      let shown = try await Self.run("data", "show", "a.png", folder: folder)
      let lines = shown.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[0] == "a.png: PNG, 636×682 pixels, colour")
      // Squares of eight pixels become one, and two rows a line: 80 columns and 43 lines.
      #expect(lines.count == 1 + 43 + 2 && lines[1].count == 80)
      #expect(lines[44] == "636×682 pixels")

      let recordings = try DataTests.recordings()
      let frames = try await Self.run(
        "data", "show", "Train/0/00001.bin", "--frames", "8", "--output", "b.PNG",
        folder: recordings)
      #expect(frames.output == "wrote b.PNG\n", "\(frames.errors)")
      let header = try ImageFile(contentsOf: recordings.path + "/b.PNG").header
      // Two rows of six tiles, 120 units wide and high; title, captions and key.
      #expect(header.width == 2 * (20 + 6 * 134 - 14) && header.height == 2 * 361)
    }

    @Test("is inspected, trained on and evaluated")
    func training() async throws {
      let folder = try Self.folder()
      try folder.write(
        """
        name: bars
        data: {set: image-folder, images: {size: 6}}
        network: {layers: 4C3-P2-2, timeSteps: 3}
        training: {epochs: 1, batchSize: 4}
        """, to: "bars.yaml")
      let inspected = try await Self.run("inspect", "bars.yaml", "--data", ".", folder: folder)
      #expect(inspected.output.contains("bars: input 3×6×6"), "\(inspected.errors)")
      expectError(
        try await Self.run("inspect", "bars.yaml", folder: folder), .unavailable,
        "data.set is image-folder, which is your own folder")
      let trained = try await Self.run(
        "train", "bars.yaml", "--data", ".", "--output", "run", "--threads", "1", folder: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("image-folder: 16 training and 6 test samples"))
      let evaluated = try await Self.run("evaluate", "run", "--data", ".", folder: folder)
      #expect(evaluated.output.contains("1 standing"), "\(evaluated.errors)")
      expectError(
        try await Self.run(
          "train", "bars.yaml", "--data", ".", "--set", "data.images.size=13", folder: folder),
        .badData, "has 12×12 pixels, less than data.images.size (13)")
    }
  }
#endif
