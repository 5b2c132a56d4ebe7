import Counterspike
import Foundation
import Testing

@Suite("JSON line")
struct JSONLineTests {
  // MARK: Text

  @Test("writes every kind of value", arguments: kinds)
  func encoding(value: JSONLine.Value, text: String) {
    #expect(JSONLine([.init("a", value)]).description == #"{"a":\#(text)}"#)
  }

  @Test("reads what it writes", arguments: kinds)
  func roundTrip(value: JSONLine.Value, text: String) throws {
    let line = JSONLine([.init("a", value)])
    let again = try JSONParser.object(line.encoded()[...])
    #expect(again.encoded() == line.encoded())
  }

  static let kinds: [(JSONLine.Value, String)] = [
    (.null, "null"), (.boolean(true), "true"), (.boolean(false), "false"),
    (.integer(0), "0"), (.integer(.min), "-9223372036854775808"),
    (.unsigned(.max), "18446744073709551615"), (.number(0.1), "0.1"), (.number(-0.0), "-0.0"),
    (.number(.leastNonzeroMagnitude), "5e-324"), (.number(1e300), "1e+300"), (.number(1), "1.0"),
    (.number(.nan), "null"), (.number(.infinity), "null"), (.number(-.infinity), "null"),
    (.string(""), #""""#), (.string("é “𝄞” /"), #""é “𝄞” /""#),
    (.string("\"\\\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}"), #""\"\\\b\t\n\f\r\u0000\u001f\#u{7F}""#),
    (.array([]), "[]"), (.array([.integer(1), .array([.null])]), "[1,[null]]"),
    (.object([:]), "{}"), (.object(["b": .integer(1), "a": .null]), #"{"b":1,"a":null}"#),
  ]

  @Test("keeps the order of its members")
  func order() {
    let line: JSONLine = ["step": .integer(3), "loss": .number(0.25), "best": .boolean(true)]
    #expect(line.description == #"{"step":3,"loss":0.25,"best":true}"#)
    #expect(line["loss"]?.doubleValue == 0.25)
    #expect(line["step"]?.integerValue == 3)
    #expect(line["none"] == nil)
  }

  @Test("writes numbers in the fewest digits that read back the same")
  func shortestNumbers() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      let line = try JSONParser.object(JSONLine([.init("a", .number(number))]).encoded()[...])
      #expect(line["a"] == .number(number))
    }
  }

  @Test("stops on a key that appears twice")
  func doubleKey() async {
    await #expect(processExitsWith: .failure) {
      _ = JSONLine([.init("a", .null), .init("a", .null)])
    }
  }

  // MARK: Parsing

  @Test(
    "reads what JSON allows",
    arguments: [
      (#"{"a":1} \#t\#n\#r"#, JSONLine.Value.integer(1)),
      (#"{ "a" : [ 1 , 2 ] }"#, .array([.integer(1), .integer(2)])),
      (#"{"a":-0}"#, .number(-0.0)), (#"{"a":1E+2}"#, .number(100)), (#"{"a":2.0}"#, .number(2)),
      (#"{"a":9223372036854775808}"#, .unsigned(1 << 63)),
      (#"{"a":18446744073709551616}"#, .number(18_446_744_073_709_551_616)),
      (#"{"a":"\u00e9\ud834\udd1e\/"}"#, .string("é𝄞/")),
      (#"{"\u0061":"\uFFFF"}"#, .string("\u{FFFF}")),
    ])
  func parsing(text: String, value: JSONLine.Value) throws {
    #expect(try JSONParser.object(Array(text.utf8)[...])["a"] == value)
  }

  @Test(
    "refuses what JSON does not allow, and says where",
    arguments: [
      ("", 0), (" {}", 0), ("[]", 0), ("{", 1), ("{}x", 2), ("{}\u{0}", 2), (#"{"a"}"#, 4),
      (#"{"a":}"#, 5), (#"{"a":1,}"#, 7), (#"{"a":[1,]}"#, 8), (#"{"a":[1 2]}"#, 8), (#"{a:1}"#, 1),
      (#"{"a":01}"#, 6), (#"{"a":+1}"#, 5), (#"{"a":.5}"#, 5), (#"{"a":1.}"#, 7), (#"{"a":1e}"#, 7),
      (#"{"a":-}"#, 6), (#"{"a":1e999}"#, 5), (#"{"a":NaN}"#, 5), (#"{"a":nul}"#, 5),
      (#"{"a":true1}"#, 9), (#"{"a":"\q"}"#, 6), (#"{"a":"\u12g4"}"#, 10), (#"{"a":"\ud800"}"#, 6),
      (#"{"a":"\ud800\u0041"}"#, 6), (#"{"a":"\udc00"}"#, 6), (#"{"a":"\ud800\n"}"#, 6),
      ("{\"a\":\"\n\"}", 6), (#"{"a":"b"#, 7), (#"{"a":"\"#, 7), (#"{"a":1,"a":2}"#, 7),
      (#"{"a":1,"\u0061":2}"#, 7), ("{\"\u{E9}\":1,\"e\u{301}\":2}", 8), ("\u{FEFF}{}", 0),
      (#"{"b":{"a":1,"a":2}}"#, 12),
    ])
  func refusal(text: String, offset: Int) {
    let failure = #expect(throws: JSONParser.Failure.self) {
      try JSONParser.object(Array(text.utf8)[...])
    }
    #expect(failure?.offset == offset, "\(text): \(failure?.reason ?? "")")
  }

  @Test("refuses text that is not UTF-8", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]])
  func notUTF8(text: [UInt8]) {
    let bytes = Array(#"{"a":""#.utf8) + text + Array(#""}"#.utf8)
    let failure = #expect(throws: JSONParser.Failure.self) {
      try JSONParser.object(bytes[...])
    }
    #expect(failure?.offset == 5 && failure?.reason == "the text is not UTF-8")
  }

  @Test("reads down to its depth limit, and no deeper")
  func depth() throws {
    func nested(_ depth: Int) -> ArraySlice<UInt8> {
      let opening = String(repeating: "[", count: depth - 1)
      let closing = String(repeating: "]", count: depth - 1)
      return Array((#"{"a":"# + opening + closing + "}").utf8)[...]
    }
    _ = try JSONParser.object(nested(JSONParser.depthLimit))
    #expect(throws: JSONParser.Failure.self) {
      try JSONParser.object(nested(JSONParser.depthLimit + 1))
    }
    #expect(throws: JSONParser.Failure.self) { try JSONParser.object(nested(1_000_000)) }
  }

  // MARK: Files

  @Test("appends lines to a file, which it creates")
  func appending() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    for step in 0..<3 { try line(step).appendLine(to: path) }
    #expect(String(decoding: try bytes(of: path), as: UTF8.self) == text(steps: 0..<3))
    #expect(try JSONLine.lines(in: path) == (0..<3).map(line))
    #expect(try JSONLine.lines(in: path) { $0["step"]?.integerValue != 2 }.count == 2)
  }

  @Test(
    "cuts a file off at the first line that is not wanted, and at an unfinished one",
    arguments: [
      (5, "", 0..<5), (3, "", 0..<3), (0, "", 0..<0), (9, #"{"step":5"#, 0..<5), (9, "{}", 0..<5),
      (3, "\u{0}\u{0}\n", 0..<3),
    ])
  func keeping(limit: Int, rest: String, kept: Range<Int>) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    try AtomicFile.write(Array((text(steps: 0..<5) + rest).utf8), to: path)
    try JSONLine.keepLines(in: path) { ($0["step"]?.integerValue ?? 0) < limit }
    #expect(String(decoding: try bytes(of: path), as: UTF8.self) == text(steps: kept))
    #expect(try folder.names == ["metrics.jsonl"])
  }

  @Test("names the line that is no JSON object, and keeps the file")
  func damagedLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    let content = Array((text(steps: 0..<2) + "{broken\n" + text(steps: 2..<3)).utf8)
    try AtomicFile.write(content, to: path)
    let error = #expect(throws: CounterspikeError.self) {
      try JSONLine.keepLines(in: path) { _ in true }
    }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains("line 3 of “\(path)”, at byte 23") == true)
    #expect(try bytes(of: path) == content)
  }

  @Test("says which file it cannot read or write")
  func missingFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("none/metrics.jsonl")
    let reading = #expect(throws: CounterspikeError.self) { try JSONLine.lines(in: path) }
    #expect(reading?.code == .unreadableFile && reading?.message.contains(path) == true)
    let writing = #expect(throws: CounterspikeError.self) { try line(1).appendLine(to: path) }
    #expect(writing?.code == .unwritableFile && writing?.message.contains(path) == true)
  }

  #if os(Linux)
    @Test("does not wait at a pipe that nobody reads from", .timeLimit(.minutes(30)))
    func pipe() throws {
      let folder = try TemporaryFolder()
      let path = folder.file("metrics.jsonl")
      #expect(mkfifo(path, 0o600) == 0)
      let error = #expect(throws: CounterspikeError.self) { try line(1).appendLine(to: path) }
      #expect(error?.code == .unwritableFile && error?.message.contains(path) == true)
    }

    @Test("says when the disk is full")
    func fullDisk() {
      let error = #expect(throws: CounterspikeError.self) {
        try line(1).appendLine(to: "/dev/full")
      }
      #expect(error?.code == .unwritableFile)
      #expect(error?.message.contains("“/dev/full”: No space left on device") == true)
    }
  #endif

  private func line(_ step: Int) -> JSONLine { ["step": .integer(step)] }

  private func text(steps: Range<Int>) -> String {
    steps.map { line($0).description + "\n" }.joined()
  }
}
