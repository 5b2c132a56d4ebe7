import CounterspikeData
import Foundation
import Testing

@Suite("data")
struct DataTests {
  /// Made-up recordings in the folders of N-MNIST: a line that climbs, and one that falls.
  static func recordings() throws -> TemporaryFolder {
    let folder = try TemporaryFolder("events")
    for (path, label) in [("Train", 0), ("Train", 1), ("Test", 1)] {
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(path)/\(label)", withIntermediateDirectories: true)
      let events: [[UInt8]] = (0..<30).map { step in
        let row = UInt8(label == 0 ? step : 33 - step)
        // Every second one is ON; a millisecond between two.
        let time = step * 1000
        let word = (step % 2 == 0 ? 0x80 : 0) | time >> 16
        return [UInt8(step), row, UInt8(word), UInt8(time >> 8 & 255), UInt8(time & 255)]
      }
      try folder.write(Array(events.joined()), to: "\(path)/\(label)/00001.bin")
    }
    return folder
  }

  static func run(_ arguments: String..., folder: TemporaryFolder) async throws -> Command.Outcome {
    try await Command.run(
      ["data"] + arguments, in: folder,
      environment: ["XDG_CACHE_HOME": folder.path + "/cache", "HOME": folder.path])
  }

  @Test("list says which data sets there are and where")
  func list() async throws {
    let folder = try Self.recordings()
    let outcome = try await Self.run("list", "--data", ".", folder: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == DataCatalog.entries.count + 1)
    #expect(lines.contains { $0.hasPrefix("nmnist ") && $0.hasSuffix(" .") })
    #expect(lines.contains { $0.hasPrefix("mnist ") && $0.hasSuffix(" not here") })
    #expect(lines.contains { $0.hasPrefix("yin-yang ") && $0.hasSuffix(" made when needed") })

    let json = try await Self.run("list", "--json", folder: folder)
    let objects = try json.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    #expect(objects.count == DataCatalog.entries.count)
    let recordings = try #require(objects.first { $0["name"] as? String == "nmnist" })
    #expect(recordings["shape"] as? [Int] == [2, 34, 34])
    #expect((recordings["citation"] as? String)?.hasPrefix("Orchard") == true)
  }

  @Test("a data set that is made needs no files, and is drawn and verified like the others")
  func made() async throws {
    let folder = try TemporaryFolder()
    let fetched = try await Self.run("fetch", "yin-yang", folder: folder)
    #expect(fetched.output == "yin-yang needs no files\n", "\(fetched.errors)")
    let verified = try await Self.run("verify", "yin-yang", folder: folder)
    #expect(
      verified.output == "5,000 training and 1,000 test samples of Yin-Yang, made without files\n")
    let shown = try await Self.run("show", "yin-yang#2", folder: folder)
    #expect(shown.output.hasPrefix("test sample 2 of yin-yang, class 2, dot\n"), "\(shown.errors)")
    #expect(shown.output.contains("\n· yang, ▒ yin, o dot, X the sample (0."))
    let drawn = try await Self.run("show", "yin-yang#2", "--output", "a.svg", folder: folder)
    #expect(drawn.output == "wrote a.svg\n", "\(drawn.errors)")
    let texts = DrawnSVG(try folder.text("a.svg")).texts.map(\.text)
    #expect(["yin", "yang", "dot", "x", "y"].allSatisfy(texts.contains))
  }

  @Test("fetch says where a data set is that need not be downloaded")
  func fetch() async throws {
    let folder = try Self.recordings()
    let found = try await Command.run(
      ["data", "fetch", "nmnist"], in: folder, environment: ["COUNTERSPIKE_DATA": folder.path])
    #expect(found.status == 0 && found.output == folder.path + "\n")
    expectError(
      try await Self.run("fetch", "nmnist", folder: try TemporaryFolder()), .unavailable,
      "get Train.zip, Test.zip from https://www.garrickorchard.com")
    expectError(
      try await Self.run("fetch", "nmnits", folder: folder), .badConfiguration,
      "did you mean nmnist?")
  }

  @Test("verify reads every recording, whatever the cache has")
  func verify() async throws {
    let folder = try Self.recordings()
    let outcome = try await Self.run("verify", "nmnist", "--data", ".", folder: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("2 of 60,000 training and 1 of 10,000 test samples"))
    #expect(outcome.output.contains("3 files well-formed; no SHA-256 of them is known"))
    try folder.write([1, 2, 3] as [UInt8], to: "Test/1/00001.bin")
    expectError(
      try await Self.run("verify", "nmnist", "--data", ".", folder: folder), .badData,
      "Test/1/00001.bin”, byte 0: the last event has 3 of 5 bytes")
    expectError(
      try await Self.run("verify", "mnist", "--data", ".", folder: folder), .unavailable,
      "lacks train-images-idx3-ubyte.gz")
  }

  @Test("info tells what arrays, series and odd recordings hold")
  func infoOfOthers() async throws {
    let folder = try TemporaryFolder()
    func numPy(_ description: String, _ shape: String, _ numbers: [UInt8]) -> [UInt8] {
      let text = "{'descr': \(description), 'fortran_order': False, 'shape': \(shape), }\n"
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
        + numbers
    }
    try folder.write(numPy("'|u1'", "(2, 1, 3)", [1, 2, 3, 4, 5, 200]), to: "x.npy")
    try folder.write(Array("speed;force\n0;1\n2;3.5\n".utf8), to: "s.csv")
    try folder.write(Array("0,1,1,1\n5,1,1,1\n9,1,2,7\n".utf8), to: "wrong.csv")
    let halves = (0..<40).map { "\(1000 * ($0 % 20)),1,\($0 % 3),1\n" }.joined()
    try folder.write(Array(halves.utf8), to: "halves.csv")
    try folder.write([] as [UInt8], to: "empty.bin")
    // As many bytes as a multiple of five, and an odd path.
    try folder.write([0, 0, 8, 1, 0, 0, 0, 2, 7, 9] as [UInt8], to: "labels")
    try folder.write([1, 2, 0, 0, 5] as [UInt8], to: "idx.bin")

    for (name, text) in [
      ("x.npy", "NumPy: uint8 of shape [2, 1, 3], 1.0 to 200.0\n"),
      ("s.csv", "time series: 2 steps of 2 channels (speed, force), 0.0 to 3.5\n"),
      (
        "halves.csv",
        "the clock is set back once; the time before was added to the times that follow\n"
      ),
      ("labels", "IDX: 2 bytes, 7 to 9\n"), ("idx.bin", "ATIS .bin: 1 events on 2×3 pixels"),
    ] {
      let outcome = try await Self.run("info", name, folder: folder)
      #expect(outcome.output.contains(text), "\(name): \(outcome.output)\(outcome.errors)")
    }
    expectError(
      try await Self.run("info", "wrong.csv", folder: folder), .badData,
      "line 3: the polarity is 7")
    expectError(try await Self.run("info", "empty.bin", folder: folder), .badData, "is empty")
  }

  @Test("info tells what a file of events or images holds")
  func info() async throws {
    let folder = try Self.recordings()
    let text = try await Self.run("info", "Train/0/00001.bin", folder: folder)
    #expect(
      text.output == """
        ATIS .bin: 30 events on 30×30 pixels, 50.00 % of them ON
        29,000 µs from the first event, at 0 µs, to the last

        """)
    let json = try await Self.run("info", "--json", "Train/0/00001.bin", folder: folder)
    let line =
      #"{"format":"ATIS .bin","width":30,"height":30,"events":30,"on":15,"start":0,"#
      + #""duration":29000,"notes":[]}"# + "\n"
    #expect(json.output == line)
    try folder.write([0, 0, 8, 1, 0, 0, 0, 2, 9, 4] as [UInt8], to: "a-idx1-ubyte")
    let labels = try await Self.run("info", "a-idx1-ubyte", folder: folder)
    #expect(labels.output == "IDX: 2 bytes, 4 to 9\n")
    try folder.write("x", to: "a.mat")
    expectError(
      try await Self.run("info", "a.mat", folder: folder), .badData, "is no recording of events")
    expectError(try await Self.run("info", "none.bin", folder: folder), .noInput, "none.bin")
  }

  @Test("show draws a recording frame by frame")
  func show() async throws {
    let folder = try Self.recordings()
    let outcome = try await Self.run(
      "show", "Train/0/00001.bin", "--frames", "2", folder: folder)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "Train/0/00001.bin: ATIS .bin, 30 events in 29,000 µs")
    // A line of text is two rows: the line falls, ON above, in the first half of the first frame.
    #expect(lines[1].hasPrefix("▀▄  "))
    #expect(lines[2].hasPrefix("  ▀▄  "))
    #expect(lines[15].hasSuffix("▀▄"))
    #expect(lines[16].hasPrefix("0–14,501 µs ") && lines[16].contains("14,501–29,001 µs"))
    #expect(lines[17...] == ["█ ON, OFF, both", "each frame 30×30 pixels", ""])

    try folder.write("t,x,y,p\n5,70,1,1\n", to: "one.csv")
    let one = try await Self.run("show", "one.csv", folder: folder)
    #expect(one.output.hasPrefix("one.csv: CSV, 1 event in 0 µs\n"), "\(one.errors)")
    #expect(
      one.output.hasSuffix(
        "\n0–1 µs" + String(repeating: " ", count: 30) + "\n█ ON, OFF, both\n"
          + "each frame 36×1 pixels, a pixel for 2×2 pixels of the sensor\n"), "\(one.output)")

    let sample = try await Self.run(
      "show", "nmnist#1", "--split", "training", "--data", ".", folder: folder)
    #expect(sample.output.hasPrefix("training sample 1 of nmnist, class 1, 1\n"))
    #expect(sample.output.contains("\nsteps 1–5 ") && sample.output.contains("steps 26–30"))
    #expect(sample.output.contains("75,000–90,000 µs"))
    let drawing = try await Self.run(
      "show", "nmnist", "--data", ".", "--output", "a.svg", folder: folder)
    #expect(drawing.output == "wrote a.svg\n")
    let svg = try folder.text("a.svg")
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
    // Ten bins of 3 ms hold all 30 events.
    let found = DrawnSVG(svg)
    #expect(found.isWellFormed && found.overlap == nil && found.outside == [])
    #expect(found.runs == ["#5ab4ff": 15, "#f08c28": 15])
    #expect(found.title == "test sample 0 of nmnist, class 1, 1")
    #expect(found.texts.map(\.text).contains(found.title))
    #expect(["ON", "OFF", "both"].allSatisfy(found.texts.map(\.text).contains))
  }

  @Test("show draws a time series as lines, in a terminal of any width and colours")
  func series() async throws {
    let folder = try TemporaryFolder()
    let rows = (0..<8).map { "\($0);\(7 - $0)\n" }.joined()
    try folder.write("speed;<\u{338}b>\n" + rows, to: "s.csv")
    let drawn = try await Self.run("show", "s.csv", "--output", "a.svg", folder: folder)
    #expect(drawn.output == "wrote a.svg\n", "\(drawn.errors)")
    let drawing = DrawnSVG(try folder.text("a.svg"))
    #expect(drawing.isWellFormed && drawing.overlap == nil && drawing.outside == [])
    let texts = drawing.texts.map(\.text)
    #expect(["speed", "value", "time step", "0", "8"].allSatisfy(texts.contains), "\(texts)")

    let environment = ["COLUMNS": "40", "CLICOLOR_FORCE": "1", "NO_COLOR": ""]
    let coloured = try await Command.run(
      ["data", "show", "s.csv"], in: folder, environment: environment)
    #expect(coloured.output.contains("▁▂▃▄▅▆▇█"), "\(coloured.errors)")
    #expect(coloured.output.contains("\u{1B}["))
    let plain = coloured.output.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
    #expect(plain.split(separator: "\n").allSatisfy { $0.count <= 40 })
    let uncoloured = try await Command.run(
      ["data", "show", "s.csv"], in: folder,
      environment: environment.merging(["NO_COLOR": "1"]) { $1 })
    #expect(uncoloured.output == plain)
  }

  @Test("show draws an image")
  func image() async throws {
    let folder = try TemporaryFolder()
    let pixels: [UInt8] = [255, 0, 0, 255, 255, 0]
    try folder.write([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3] + pixels, to: "a-idx3-ubyte")
    let outcome = try await Self.run("show", "a-idx3-ubyte#0", folder: folder)
    #expect(
      outcome.output == """
        image 0 of a-idx3-ubyte
        █▄\u{20}
        3×2 pixels
        dark to bright: 0 to 255, value

        """)
  }

  @Test(
    "what cannot be shown is refused",
    arguments: [
      ("show nmnist#1 --data .", .usage, "allowed are 0 to 0"),
      ("show nmnist#x --data .", .usage, "has no index from 0"),
      ("show nmnits", .noInput, "did you mean nmnist?"),
      ("show Train/0/00001.bin --frames 0", .usage, "allowed are 1 to 1000"),
      ("show nmnist --output a.gif", .usage, "must end in .svg or .png"),
      ("show nmnist --data . --output none/a.svg", .cannotCreate, "none/a.svg"),
      ("show yin-yang --output Train/0/00001.bin.svg", .cannotCreate, "is there already"),
      ("info", .usage, "counterspike data info --help"),
    ] as [(String, Status, String)])
  func refusals(line: String, status: Status, text: String) async throws {
    let folder = try Self.recordings()
    try folder.write("mine", to: "Train/0/00001.bin.svg")
    let outcome = try await Command.run(
      ["data"] + line.split(separator: " ").map(String.init), in: folder,
      environment: ["XDG_CACHE_HOME": folder.path + "/cache", "HOME": folder.path])
    expectError(outcome, status, text)
    #expect(try folder.text("Train/0/00001.bin.svg") == "mine")
  }

  @Test("show draws a sample as a recipe's settings make it")
  func settings() async throws {
    let folder = try TemporaryFolder()
    let rate = try await Self.run(
      "show", "yin-yang#0", "--set", "data.encoding.kind=rate", "--set", "network.timeSteps=20",
      folder: folder)
    // Four units, two a line, and 20 steps; the last two mirror the first two.
    let lines = rate.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[1].count == 20 && lines[2].count == 20, "\(rate.errors)")
    #expect(lines[3...] == ["right: time step, 1 to 20; up: unit, 0 to 3", "█ spike", ""])
    let wrong = try await Self.run(
      "show", "yin-yang", "--set", "data.encoding.kind=saccades", folder: folder)
    #expect(wrong.status != 0 && wrong.errors.contains("it must be direct, rate, latency, delta"))
    let series = try await Self.run("show", "randman#1", "--output", "a.svg", folder: folder)
    #expect(series.status == 0, "\(series.errors)")
    let svg = try String(contentsOfFile: folder.path + "/a.svg", encoding: .utf8)
    // 100 units and steps: many pixels with a spike, not one row.
    let drawing = DrawnSVG(svg)
    #expect(drawing.runs["#5ab4ff", default: 0] > 40)
    #expect(drawing.texts.map(\.text).contains("time step"))
  }
}
