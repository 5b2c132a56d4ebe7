import Counterspike
import Foundation
import Testing

@Suite("Atomic file")
struct AtomicFileTests {
  @Test("replaces a file and leaves no other behind", arguments: [0, 1, 3_000_000])
  func replacement(count: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("last.bin")
    try AtomicFile.write([1, 2, 3], to: path)
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try AtomicFile.write(content, to: path)
    #expect(try bytes(of: path) == content)
    #expect(try folder.names == ["last.bin"])
  }

  @Test("puts what is appended one after another")
  func pieces() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("pieces")
    let floats: [Float] = [1]
    let rest: [UInt8] = [7]
    try AtomicFile.write(to: path) { (file) throws(CounterspikeError) in
      try file.append(floats.span)
      try file.append(rest.span)
    }
    #expect(try bytes(of: path) == [0, 0, 0x80, 0x3F, 7])
  }

  @Test("leaves the old file when writing is interrupted")
  func interruption() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("last.bin")
    try AtomicFile.write([1, 2, 3], to: path)
    let part = [UInt8](repeating: 9, count: 100_000)
    let error = #expect(throws: CounterspikeError.self) {
      try AtomicFile.write(to: path) { (file) throws(CounterspikeError) in
        try file.append(part.span)
        throw CounterspikeError(.diverged, "stopped halfway")
      }
    }
    #expect(error?.code == .diverged)
    #expect(try bytes(of: path) == [1, 2, 3])
    #expect(try folder.names == ["last.bin"])
  }

  @Test("leaves the old file when the program dies while writing")
  func death() async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("last.bin")
    try AtomicFile.write([1, 2, 3], to: path)
    await #expect(processExitsWith: .failure) { [path = path as String] in
      let part = [UInt8](repeating: 9, count: 100_000)
      try AtomicFile.write(to: path) { (file) throws(CounterspikeError) in
        try file.append(part.span)
        exit(EXIT_FAILURE)
      }
    }
    #expect(try bytes(of: path) == [1, 2, 3])
    #expect(try folder.names.count == 2)
  }

  @Test("shows the old file until all of the new one is written")
  func oldUntilDone() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("last.bin")
    try AtomicFile.write([1], to: path)
    var meanwhile: [UInt8]?
    try AtomicFile.write(to: path) { (file) throws(CounterspikeError) in
      try file.append([2 as UInt8, 3].span)
      meanwhile = try? bytes(of: path)
    }
    #expect(meanwhile == [1])
    #expect(try bytes(of: path) == [2, 3])
  }

  @Test("writes to a bare name, into the working folder")
  func bareName() throws {
    let name = "counterspike-test-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: name) }
    try AtomicFile.write([5], to: name)
    #expect(try bytes(of: name) == [5])
  }

  @Test(
    "names the path, the reason and a remedy when it cannot write",
    arguments: [
      ("no/such/folder/file", "No such file or directory"), ("folder", "Is a directory"),
      ("zero\u{0}byte", "Invalid argument"),
    ])
  func refusal(name: String, reason: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("folder"), withIntermediateDirectories: false)
    let path = folder.file(name)
    let error = #expect(throws: CounterspikeError.self) { try AtomicFile.write([1], to: path) }
    #expect(error?.code == .unwritableFile)
    let message = try #require(error?.message)
    #expect(message.contains(path) && message.contains(reason) && message.contains("check that"))
    #expect(try folder.names == ["folder"])
  }
}
