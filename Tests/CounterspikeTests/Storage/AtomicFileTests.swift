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

  @Test("removes what a killed program left behind, and nothing that a living one writes")
  func leftovers() throws {
    let folder = try TemporaryFolder()
    try Data([1]).write(to: URL(fileURLWithPath: folder.file(".counterspike-1f.tmp")))
    try Data([1]).write(to: URL(fileURLWithPath: folder.file("counterspike-1f.tmp")))
    let descriptor = open(folder.file(".counterspike-2e.tmp"), O_CREAT | O_WRONLY, 0o644)
    defer { close(descriptor) }
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    try AtomicFile.write([1], to: folder.file("new"))
    #expect(try folder.names == [".counterspike-2e.tmp", "counterspike-1f.tmp", "new"])
  }

  @Test("leaves a link and a folder with the name of a left-over alone")
  func strangeLeftovers() throws {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    try Data([7]).write(to: URL(fileURLWithPath: folder.file("kept")))
    try files.createSymbolicLink(
      atPath: folder.file(".counterspike-3.tmp"), withDestinationPath: folder.file("kept"))
    try files.createDirectory(
      atPath: folder.file(".counterspike-4.tmp"), withIntermediateDirectories: false)
    try AtomicFile.write([1], to: folder.file("new"))
    #expect(try folder.names == [".counterspike-3.tmp", ".counterspike-4.tmp", "kept", "new"])
    #expect(try bytes(of: folder.file("kept")) == [7])
  }

  @Test("is written by many at once in a folder that is looked through for left-overs")
  func crowd() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 {
        group.addTask {
          try AtomicFile.write([UInt8(number)], to: "\(path)/file\(number)")
        }
      }
      try await group.waitForAll()
    }
    #expect(try folder.names.count == 50)
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
    #expect(message.contains(path.excerpt) && message.contains(reason))
    #expect(message.contains("check that"))
    #expect(try folder.names == ["folder"])
  }
}
