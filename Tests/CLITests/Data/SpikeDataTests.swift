import Foundation
import Testing

@Suite("data, of spikes")
struct SpikeDataTests {
  /// A file of three recordings that h5py wrote.
  static func file(in folder: TemporaryFolder, _ names: String...) throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let fixture = tests.appendingPathComponent("CounterspikeDataTests/Fixtures/spikes/h5py.h5")
    let bytes = [UInt8](try Data(contentsOf: fixture))
    for name in names { try folder.write(bytes, to: name) }
  }

  @Test("the recipe shd is inspected without its data")
  func inspect() async throws {
    let small = try SmallRun()
    let outcome = try await small.run("inspect", "shd", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("shd: input 1×1×140, 100 time steps"), "\(outcome.output)")
  }

  #if HDF5
    @Test("info counts the recordings and spikes of a file")
    func info() async throws {
      let folder = try TemporaryFolder()
      try Self.file(in: folder, "a.h5")
      let text = try await DataTests.run("info", "a.h5", folder: folder)
      #expect(
        text.output == """
          HDF5: 3 recordings of 3 classes, 5 spikes of units 0 to 699
          the latest spike at 1,375,000 µs from its recording's beginning

          """, "\(text.errors)")
      let json = try await DataTests.run("info", "--json", "a.h5", folder: folder)
      let line =
        #"{"format":"HDF5","recordings":3,"classes":3,"spikes":5,"units":700,"latest":1375000}"#
      #expect(json.output == line + "\n")
      try folder.write("x", to: "b.h5")
      expectError(
        try await DataTests.run("info", "b.h5", folder: folder), .badData,
        "b.h5” has nothing that libhdf5 can open")
    }

    @Test("show draws a recording as time by unit")
    func show() async throws {
      let folder = try TemporaryFolder()
      try Self.file(in: folder, "a.h5", "shd_train.h5", "shd_test.h5")
      let outcome = try await DataTests.run("show", "a.h5", folder: folder)
      let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[0] == "recording 0 of a.h5, label 19: 3 spikes in 1,375,000 µs")
      #expect(lines.count == 39)
      #expect(lines[36] == "right: time (ms), 0 to 1375; up: unit, 0 to 699; 10 units a row")
      // Unit 699 at 62 ms is high up, unit 0 at 0 ms the lower half of the last line.
      #expect(lines[1].hasPrefix("   ▀ ") && lines[35].hasPrefix("▄ "), "\(outcome.output)")
      let last = try await DataTests.run("show", "a.h5#2", folder: folder)
      #expect(last.output.hasPrefix("recording 2 of a.h5, label 3: 2 spikes"))
      expectError(
        try await DataTests.run("show", "a.h5#3", folder: folder), .usage, "allowed are 0 to 2")
      let sample = try await DataTests.run(
        "show", "shd#2", "--data", ".", "--output", "a.svg", folder: folder)
      #expect(sample.output == "wrote a.svg\n", "\(sample.errors)")
      let svg = try folder.text("a.svg")
      let drawing = DrawnSVG(svg)
      #expect(drawing.title == "test sample 2 of shd, class 3, three")
      #expect(drawing.runs == ["#5ab4ff": 2])
      #expect(drawing.texts.map(\.text).contains("time step (each 14,000 µs)"))
    }

    @Test("verify and train read the files")
    func train() async throws {
      let folder = try TemporaryFolder()
      try Self.file(in: folder, "shd_train.h5", "shd_test.h5")
      let verified = try await DataTests.run("verify", "shd", "--data", ".", folder: folder)
      #expect(
        verified.output.contains("3 of 8,156 training and 3 of 2,264 test samples"),
        "\(verified.errors)")
      let trained = try await Command.run(
        [
          "train", "shd", "--data", ".", "--epochs", "1", "--output", "run", "--set",
          "network.layers=8-20", "--set", "network.timeSteps=20",
        ], in: folder, environment: ["XDG_CACHE_HOME": folder.path + "/cache"])
      #expect(trained.status == 0, "\(trained.errors)")
    }
  #else
    @Test("a build without HDF5 knows the sets, and says how to build for them")
    func missingLibrary() async throws {
      let folder = try TemporaryFolder()
      try Self.file(in: folder, "a.h5", "shd_train.h5", "shd_test.h5")
      let list = try await DataTests.run("list", "--data", ".", folder: folder)
      #expect(
        list.output.split(separator: "\n").contains { $0.hasPrefix("shd ") && $0.hasSuffix(" .") })
      for arguments in [
        ["data", "info", "a.h5"], ["data", "show", "a.h5"], ["data", "show", "shd"],
        ["data", "verify", "ssc"], ["train", "shd", "--data", "."],
      ] {
        expectError(
          try await Command.run(arguments, in: folder), .unavailable,
          "needs HDF5, which this counterspike was built without; install libhdf5 "
            + "(Scripts/setup --hdf5) and build with: swift build -c release --traits default,HDF5")
      }
    }
  #endif
}
