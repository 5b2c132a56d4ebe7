import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Gzip files")
struct GzipTests {
  static let content = randomBytes(200_000)

  @Test("are unpacked, whole or in several members")
  func unpacking() throws {
    #expect(
      try Gzip.content(of: gzip(Self.content), limit: 200_000, file: "f") == Self.content)
    let members =
      gzip(Array(Self.content[..<70_000])) + gzip([]) + gzip(Array(Self.content[70_000...]))
    #expect(try Gzip.content(of: members, limit: 200_000, file: "f") == Self.content)
  }

  @Test("of compressed blocks are unpacked beyond the first guess of their size")
  func growth() throws {
    let content = try Gzip.content(
      of: Self.threeMillionZeros(), limit: 3_000_000, file: "f")
    #expect(content.count == 3_000_000)
    #expect(content.allSatisfy { $0 == 0 })
  }

  @Test("that are none are taken as they are", arguments: [[], [0x1F], [0, 0, 8, 1]] as [[UInt8]])
  func plain(bytes: [UInt8]) throws {
    #expect(try Gzip.content(of: bytes, limit: 1, file: "f") == bytes)
  }

  @Test(
    "that are damaged are refused by name, with the place and the remedy",
    arguments: [
      ("truncated: its gzip data break off at byte 1000", Array(gzip(content)[..<1000])),
      ("truncated: its gzip data break off at byte 6", Array(gzip(content)[..<6])),
      ("truncated", gzip(content).dropLast(3)),
      ("truncated", gzip(content) + [0x1F, 0x8B, 8]),
      (
        "has 5 bytes after the end of its gzip data, at byte 33",
        gzip(Array(content[..<10])) + [1, 2, 3, 4, 5]
      ),
      ("has 1 bytes after the end", gzip(content) + [0]),
      ("corrupt", flipped(gzip(content), at: 5000)),
      ("corrupt", flipped(gzip(content), at: 12)),
      ("corrupt", flipped(gzip(content), at: 2)),
    ] as [(String, [UInt8])])
  func damage(message: String, bytes: [UInt8]) throws {
    let error = #expect(throws: CounterspikeError.self) {
      try Gzip.content(of: bytes, limit: 1_000_000, file: "the/file.gz")
    }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains("the/file.gz") == true)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("fetch it again") == true)
  }

  @Test("that expand beyond the limit are refused, and those that reach it are not")
  func limit() throws {
    let zeros = try Self.threeMillionZeros()
    #expect(throws: CounterspikeError.self) {
      try Gzip.content(of: zeros, limit: 2_999_999, file: "f")
    }
    #expect(throws: CounterspikeError.self) {
      try Gzip.content(of: gzip(Self.content) + gzip([1]), limit: 200_000, file: "f")
    }
  }

  static func flipped(_ bytes: [UInt8], at place: Int) -> [UInt8] {
    var bytes = bytes
    bytes[place] ^= 0xFF
    return bytes
  }

  /// Two compressed members of 1,500,000 zeros each, packed once more to keep them short here.
  static let packedTwice =
    "H4sIAAAAAAACA5Pv5mAAASbmtwcZGYGMJoX/6/M8HBgZRsEoGAWjYBQMevAhY9ap6L8Jj8UY5EeL"
    + "81EwCkbBKBgOxTkAITuyuJ4LAAA="

  static func threeMillionZeros() throws -> [UInt8] {
    let bytes = [UInt8](try #require(Data(base64Encoded: packedTwice)))
    return try Gzip.content(of: bytes, limit: 10_000, file: "f")
  }
}
