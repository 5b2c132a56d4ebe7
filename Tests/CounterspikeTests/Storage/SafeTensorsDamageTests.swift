import Counterspike
import Foundation
import Testing

@Suite("Damaged safetensors files")
struct SafeTensorsDamageTests {
  /// A file's bytes: the header's true length, the header, and as many zero bytes of data.
  private func file(_ header: String, data: Int) -> [UInt8] {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
    return length + Array(header.utf8) + [UInt8](repeating: 0, count: data)
  }

  /// The description of a tensor of bytes.
  private static func bytes(_ shape: String, _ start: Int, _ end: Int) -> String {
    #"{"dtype":"U8","shape":\#(shape),"data_offsets":[\#(start),\#(end)]}"#
  }

  private static let two = bytes("[2]", 0, 2)

  @Test(
    "are not those that only look unusual",
    arguments: [
      ("{}", 0, 0), (#"{"a":\#(two)}"#, 2, 1), ("{\"a\":\(two)} \n\t   ", 2, 1),
      (#"{"":\#(two)}"#, 2, 1), (#"{"\ud83d\ude00":\#(two)}"#, 2, 1),
      (#"{"a":\#(bytes("[]", 0, 1))}"#, 1, 1), (#"{"a":\#(bytes("[3,0]", 0, 0))}"#, 0, 1),
      (#"{"a":\#(bytes("[0,4294967296,4294967296]", 0, 0))}"#, 0, 1),
      (#"{"b":\#(bytes("[1]", 2, 3)),"a":\#(two)}"#, 3, 2),
      (#"{"b":\#(bytes("[0]", 2, 2)),"a":\#(two),"c":\#(bytes("[0]", 0, 0))}"#, 2, 3),
      (#"{"__metadata__":{},"a":\#(two)}"#, 2, 1), (#"{"__metadata__":null,"a":\#(two)}"#, 2, 1),
      (#"{"a":{"dtype":"U8","note":[1.5,{"b":null}],"shape":[2],"data_offsets":[0,2]}}"#, 2, 1),
    ])
  func acceptance(header: String, data: Int, count: Int) throws {
    #expect(try SafeTensorsFile(bytes: file(header, data: data), name: "a").entries.count == count)
  }

  @Test(
    "are refused for their header, by what it says",
    arguments: [
      ("", 0, "does not begin with “{”"), (" {}", 0, "at byte 8"), ("[]", 0, "begin with “{”"),
      ("{}\u{0}", 0, "at byte 10"), (#"{"a":\#(two),}"#, 2, "at byte 61"),
      (#"{"a":\#(two),"a":\#(two)}"#, 2, "“a” appears a second time"),
      (#"{"a":\#(two),"\u0061":\#(two)}"#, 2, "“a” appears a second time"),
      (#"{"a":[]}"#, 0, "of “a”: its description is no object"),
      (#"{"a":{}}"#, 0, "it has no dtype"),
      (#"{"a":{"dtype":7,"shape":[2],"data_offsets":[0,2]}}"#, 2, "it has no dtype"),
      (#"{"a":{"dtype":"u8","shape":[2],"data_offsets":[0,2]}}"#, 2, "its dtype “u8” is none"),
      (#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, 8, "its dtype “C64” is none"),
      (#"{"a":{"dtype":"U8","data_offsets":[0,2]}}"#, 2, "it has no shape"),
      (#"{"a":{"dtype":"U8","shape":2,"data_offsets":[0,2]}}"#, 2, "it has no shape"),
      (#"{"a":{"dtype":"U8","shape":[2]}}"#, 2, "it has no data_offsets"),
      (#"{"a":{"dtype":"U8","dtype":"U8"}}"#, 2, "“dtype” appears a second time"),
      (#"{"a":\#(bytes("[-2]", 0, 2))}"#, 2, "no integer of 0"),
      (#"{"a":\#(bytes("[2.0]", 0, 2))}"#, 2, "no integer of 0"),
      (#"{"a":\#(bytes("[9223372036854775808,0]", 0, 0))}"#, 0, "no integer of 0"),
      (#"{"a":\#(bytes("[02]", 0, 2))}"#, 2, "at byte"),
      (#"{"a":\#(bytes("[4294967296,4294967296]", 0, 2))}"#, 2, "more numbers than can be"),
      (#"{"a":\#(bytes("[4294967296,4294967296,0]", 0, 0))}"#, 0, "more numbers than can be"),
      (
        #"{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}"#, 0,
        "more numbers than can be"
      ),
      (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0]}}"#, 2, "no beginning and end"),
      (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2,2]}}"#, 2, "no beginning and end"),
      (#"{"a":\#(bytes("[2]", 2, 0))}"#, 2, "no beginning and end"),
      (#"{"a":\#(bytes("[3]", 0, 2))}"#, 2, "span 2 bytes, and its shape [3] of U8 takes 3"),
      (#"{"a":\#(bytes("[1]", 1, 2))}"#, 2, "leave a gap"),
      (#"{"a":\#(two),"b":\#(bytes("[1]", 3, 4))}"#, 4, "of “b”: its bytes, 3..<4, leave a gap"),
      (#"{"a":\#(two),"b":\#(bytes("[1]", 1, 2))}"#, 2, "of “b”: its bytes, 1..<2, overlap"),
      (#"{"a":\#(two),"b":\#(two)}"#, 2, "overlap"),
      (#"{"a":\#(two),"b":\#(bytes("[0]", 1, 1))}"#, 2, "overlap"),
      (#"{"a":\#(two)}"#, 1, "take 2 bytes, and 1 follow"),
      (#"{"a":\#(two)}"#, 3, "take 2 bytes, and 3 follow"), ("{}", 1, "take 0 bytes, and 1 follow"),
      (#"{"__metadata__":[]}"#, 0, "of “__metadata__”: it is no object"),
      (#"{"__metadata__":{"a":1}}"#, 0, "the value of “a” is no text"),
      (#"{"__metadata__":{"a":"","a":""}}"#, 0, "“a” appears a second time"),
      (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "“__metadata__” appears a second time"),
    ])
  func refusal(header: String, data: Int, reason: String) throws {
    try expectDamage(file(header, data: data), reason)
  }

  @Test(
    "are refused for their first bytes",
    arguments: [
      ([], "it has 0 bytes, fewer than the 8"), ([2, 0, 0, 0, 0, 0, 0], "it has 7 bytes"),
      ([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "the header of 3 bytes ends behind the file of 10"),
      ([0x01, 0xE1, 0xF5, 0x05, 0, 0, 0, 0], "100000001, is above the allowed 100000000"),
      ([0x00, 0xE1, 0xF5, 0x05, 0, 0, 0, 0], "the header of 100000000 bytes ends behind"),
      ([255, 255, 255, 255, 255, 255, 255, 255], "is above the allowed"),
      ([4, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF, 0x22], "at byte 9, in the header, the text is"),
    ] as [([UInt8], String)])
  func beginning(bytes: [UInt8], reason: String) throws {
    try expectDamage(bytes, reason)
  }

  /// Both ways of reading refuse `bytes`, naming the file, the reason and a remedy.
  private func expectDamage(_ bytes: [UInt8], _ reason: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("damaged.safetensors")
    try AtomicFile.write(bytes, to: path)
    let errors = [
      #expect(throws: CounterspikeError.self) { try SafeTensorsFile(contentsOf: path) },
      #expect(throws: CounterspikeError.self) { try SafeTensorsFile(bytes: bytes, name: path) },
    ]
    for error in errors {
      let message = try #require(error?.message)
      #expect(error?.code == .damagedFile)
      #expect(message.contains("“\(path)”"))
      #expect(message.contains(reason), "\(message)")
      #expect(message.contains("; download, copy or save it again"))
    }
  }

  @Test("are not the same as files that cannot be read")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    for (path, reason) in [
      (folder.file("none"), "No such file or directory"), (folder.path, "it is a folder"),
      ("/dev/null", "it is a device"), (folder.file("a\u{0}b"), "Invalid argument"),
    ] {
      let error = #expect(throws: CounterspikeError.self) { try SafeTensorsFile(contentsOf: path) }
      #expect(error?.code == .unreadableFile)
      #expect(error?.message.contains("“\(path.excerpt)”: \(reason)") == true)
    }
  }

  @Test("never stop the program, however they are damaged", arguments: 0..<4 as Range<UInt64>)
  func fuzz(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let sound = SafeTensorsFile(
      entries: SafeTensorsTests.mixed, metadata: ["a": "\"é\n", "tau_m": "5"]
    ).encoded()
    let pieces: [String] = [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "-", "e9", ".", "0", "1", "99999",
      "null", "true", " ", "\u{0}", "é", "\"dtype\"", "F64", "U8",
    ]
    var accepted = 0
    for _ in 0..<1500 {
      var bytes = sound
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = Int.random(in: place...min(place + 12, bytes.count), using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        case 4:
          let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
          bytes.replaceSubrange(place..<min(place + piece.count, bytes.count), with: piece)
        default: bytes.removeSubrange(max(place, 1)...)
        }
      }
      do throws(CounterspikeError) {
        let file = try SafeTensorsFile(bytes: bytes, name: "fuzz")
        accepted += 1
        let again = try SafeTensorsFile(bytes: file.encoded(), name: "again")
        #expect(again.entries == file.entries && again.metadata == file.metadata)
      } catch {
        #expect(error.code == .damagedFile && error.message.contains("“fuzz”"))
      }
    }
    // Some changes touch nothing but scalars, names or text; most must be noticed.
    #expect(accepted > 0 && accepted < 1500)
  }
}
