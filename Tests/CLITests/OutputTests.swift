import Counterspike
import Foundation
import Testing

@testable import CLIDrawing

@Suite("Output")
struct OutputTests {
  /// A title of the terminal, red, a cleared screen, text from right to left, and a second line.
  static let hostile = "\u{1B}]0;pwned\u{07}\u{1B}[31m\u{1B}[2J\u{9B}31m\u{202E}txt\u{2066}\n\r"

  private func expectHarmless(_ outcome: Command.Outcome, _ note: String) {
    for text in [outcome.output, outcome.errors] {
      let acting = text.unicodeScalars.filter {
        $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value)
          || (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
      }
      #expect(acting.isEmpty, "\(note): \(text.debugDescription)")
    }
  }

  @Test(
    "has no control characters, whatever is quoted from arguments",
    arguments: [
      [hostile], ["train", hostile], ["train", "--" + hostile], ["train", "--set", hostile + "=1"],
      ["train", "--set", "name=" + hostile], ["train", "--set", "seed: [" + hostile],
      ["train", "--resume", hostile], ["train", "--data", hostile], ["evaluate", hostile],
      ["evaluate", hostile + ".safetensors"], ["inspect", "--set", "network.layers=" + hostile],
      ["inspect", "--set", "data.set=" + hostile], ["audit", "--rules", hostile],
      ["data", "info", hostile], ["data", "show", hostile + "#1"], ["data", "fetch", hostile],
      ["data", "list", "--data", hostile], ["conformance", hostile], ["recipe", "keys", hostile],
      ["recipe", "diff", hostile, hostile], ["bench", "--sample", hostile],
    ])
  func arguments(arguments: [String]) async throws {
    let outcome = try await Command.run(arguments, in: TemporaryFolder())
    #expect(outcome.status != 0)
    expectHarmless(outcome, arguments.joined(separator: " "))
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
  }

  @Test("has no control characters of names and texts in safetensors files")
  func tensors() async throws {
    let folder = try TemporaryFolder()
    func write(_ header: String, _ data: [UInt8], _ name: String) throws {
      let count = UInt64(header.utf8.count)
      let length = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) }
      try folder.write(length + Array(header.utf8) + data, to: name)
    }
    let escapes = #"\u001b]0;pwned\u0007\u001b[31m\u001b[2J\u202e"#
    let tensor = #"{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#
    try write(#"{"\#(escapes)":\#(tensor.replacing("[1]", with: "[2]"))}"#, [0], "name")
    try write(#"{"x":\#(tensor.replacing("U8", with: escapes))}"#, [0], "type")
    try write(#"{"\#(escapes)":\#(tensor)}"#, [0], "tensors")
    try write(
      #"{"__metadata__":{"format":"counterspike checkpoint","version":"\#(escapes)"}}"#, [],
      "version")
    for name in ["name", "type", "tensors", "version"] {
      for command in ["conformance", "evaluate"] {
        let outcome = try await Command.run([command, name], in: folder)
        expectHarmless(outcome, "\(command) \(name)")
      }
    }
    let outcome = try await Command.run(["evaluate", "version"], in: folder)
    #expect(outcome.errors.contains(#"version \u{1B}]0;pwned\u{07}"#), "\(outcome.errors)")
  }

  @Test(
    "a message has a readable length",
    arguments: [["train"], ["evaluate"], ["--"], ["recipe", "keys"]])
  func length(words: [String]) async throws {
    let long = String(repeating: "x", count: 30_000)
    let outcome = try await Command.run(words + [long], in: TemporaryFolder())
    #expect(outcome.errors.count < 2500)
  }

  @Test("JSON stays JSON where a name must be escaped")
  func json() async throws {
    let folder = try TemporaryFolder()
    try folder.write("name: x\n", to: "r\u{202E}\n.yaml")
    let outcome = try await Command.run(
      ["recipe", "show", "r\u{202E}\n.yaml", "--json"], in: folder)
    #expect(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) is [String: Any])
  }

  @Test(
    "a file that is there is replaced only where that is asked for",
    arguments: [
      ["data", "show", "yin-yang", "--output", "there.svg"],
      [
        "experiment", "single-neuron", "--rounds", "1", "--updates", "10", "--rules", "na-exact",
        "--svg", "there.svg",
      ],
      [
        "audit", "yin-yang", "--samples", "2", "--flips", "2", "--perturbations", "1", "--threads",
        "1",
        "--html", "there.svg",
      ],
    ])
  func overwriting(arguments: [String]) async throws {
    let folder = try TemporaryFolder()
    try folder.write("mine", to: "there.svg")
    let refused = try await Command.run(arguments, in: folder)
    expectError(refused, .cannotCreate, "“there.svg” is there already")
    #expect(refused.errors.contains("--overwrite"))
    #expect(try folder.text("there.svg") == "mine")
    let replaced = try await Command.run(arguments + ["--overwrite", "--quiet"], in: folder)
    #expect(replaced.status == 0, "\(replaced.errors)")
    #expect(!replaced.output.contains("wrote"))
    #expect(try folder.text("there.svg") != "mine")
    // What is no file cannot be replaced by one.
    let folders = arguments.dropLast() + ["there.svg"]
    try folder.remove("there.svg")
    try folder.makeFolder("there.svg")
    let outcome = try await Command.run(Array(folders) + ["--overwrite"], in: folder)
    expectError(outcome, .cannotCreate, "is a folder or a device")
  }

  @Test(
    "colours follow the terminal and the conventions of the environment",
    arguments: [
      (false, [:], .none), (true, [:], .sixteen), (true, ["COLORTERM": "truecolor"], .all),
      (true, ["COLORTERM": "24bit"], .all), (false, ["COLORTERM": "truecolor"], .none),
      (true, ["NO_COLOR": "1", "COLORTERM": "truecolor"], .none),
      (true, ["NO_COLOR": ""], .sixteen),
      (true, ["CLICOLOR": "0"], .none), (true, ["CLICOLOR": "1"], .sixteen),
      (false, ["CLICOLOR_FORCE": "1"], .sixteen), (false, ["CLICOLOR_FORCE": "0"], .none),
      (true, ["CLICOLOR": "0", "CLICOLOR_FORCE": "1"], .sixteen),
      (true, ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], .none),
    ] as [(Bool, [String: String], TerminalColours)])
  func colours(isTerminal: Bool, environment: [String: String], expected: TerminalColours) {
    #expect(TerminalColours(isTerminal: isTerminal, environment: environment) == expected)
  }

  @Test("sixteen colours are the nearest ones")
  func sixteen() {
    let colours = TerminalColours.sixteen
    #expect(colours.sequence((0, 0, 0), on: (255, 255, 255)) == "\u{1B}[30;107m")
    #expect(colours.sequence((170, 0, 0), on: (0, 0, 170)) == "\u{1B}[31;44m")
    #expect(colours.sequence((85, 85, 85), on: (170, 170, 170)) == "\u{1B}[90;47m")
    #expect(
      TerminalColours.all.sequence((1, 2, 3), on: (4, 5, 6)) == "\u{1B}[38;2;1;2;3;48;2;4;5;6m")
    #expect(TerminalColours.none.sequence((1, 2, 3), on: (4, 5, 6)) == "")
  }

  @Test("a drawing has colours where they are forced, and none where they are not wanted")
  func drawing() async throws {
    func output(_ environment: [String: String]) async throws -> String {
      try await Command.run(
        ["data", "show", "yin-yang", "--quiet"], in: TemporaryFolder(), environment: environment
      ).output
    }
    let plain = ["NO_COLOR": "", "CLICOLOR_FORCE": "", "COLORTERM": ""]
    #expect(try await !output(plain).contains("\u{1B}"))
    #expect(try await output(plain.merging(["CLICOLOR_FORCE": "1"]) { $1 }).contains("\u{1B}["))
    #expect(
      try await output(plain.merging(["CLICOLOR_FORCE": "1", "COLORTERM": "truecolor"]) { $1 })
        .contains("\u{1B}[38;2;"))
  }

  @Test("a wide table is divided, and loses nothing")
  func table() {
    let header = ["layer"] + (1...9).map { "column\($0)" }
    let rows = [header, ["one"] + (1...9).map { "a\($0)" }, ["two", "b1"]]
    let lines = TextTable(rows: rows).lines(width: 40)
    #expect(lines.allSatisfy { $0.count <= 40 })
    #expect(
      lines == [
        "layer  column1  column2  column3", "one         a1       a2       a3", "two         b1",
        "",
        "layer  column4  column5  column6", "one         a4       a5       a6", "",
        "layer  column7  column8  column9", "one         a7       a8       a9",
      ])
    #expect(TextTable(rows: rows).lines(width: 200).count == 3)
    #expect(TextTable(rows: []).lines(width: 20) == [])
  }

  @Test("tables fit the columns that there are", arguments: [60, 80, 200])
  func width(columns: Int) async throws {
    let outcome = try await Command.run(
      ["inspect", "cifar-10"], in: TemporaryFolder(), environment: ["COLUMNS": "\(columns)"])
    #expect(outcome.status == 0)
    for line in outcome.output.split(separator: "\n").dropFirst() {
      #expect(line.count <= columns, "\(line)")
    }
  }
}
