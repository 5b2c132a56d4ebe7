import Counterspike
import CounterspikeData
import Dispatch
import Foundation
import Synchronization
import Testing

@Suite("Downloads", .timeLimit(.minutes(30)))
struct DownloadTests {
  static let content = randomBytes(300_000, seed: 7)

  static func file(_ server: LocalServer, checksum: String? = nil) -> DataCatalog.File {
    DataCatalog.File(
      name: "file.gz", url: server.address + "file.gz",
      downloadChecksum: checksum ?? Checksum.sha256(content))
  }

  @Test("arrive whole, report their progress, and are not repeated")
  func success() throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(files: ["file.gz": Self.content])
    defer { server.stop() }
    let reports = Mutex<[DownloadProgress]>([])
    let download = Download(file: Self.file(server), folder: folder.path + "/a/b")
    try download.run { report in reports.withLock { $0.append(report) } }
    try download.run()

    #expect(try folder.read("a/b/file.gz") == Self.content)
    #expect(!folder.has("a/b/file.gz.part"))
    #expect(server.ranges == [""])
    let received = reports.withLock { $0.map(\.receivedBytes) }
    #expect(received.last == 300_000)
    #expect(received == received.sorted())
    #expect(reports.withLock { $0.allSatisfy { $0.totalBytes == 300_000 && $0.file == "file.gz" } })
  }

  @Test("that are cut go on where they stopped, at once or when tried again")
  func resumption() throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(
      files: ["file.gz": Self.content],
      behaviours: [.cut(after: 100_000), .cut(after: 50_000), .serve])
    defer { server.stop() }
    let download = Download(file: Self.file(server), folder: folder.path)
    let error = #expect(throws: CounterspikeError.self) { try download.run(attempts: 1) }
    #expect(error?.code == .failedDownload)
    #expect(error?.message.contains("100000 bytes are kept in") == true, "\(error?.message ?? "")")
    #expect(try folder.read("file.gz.part") == Array(Self.content[..<100_000]))

    try download.run()
    #expect(try folder.read("file.gz") == Self.content)
    #expect(!folder.has("file.gz.part"))
    #expect(server.ranges == ["", "bytes=100000-", "bytes=150000-"])
  }

  @Test(
    "start over if the server sends the whole file instead of the rest",
    arguments: [3, content.count + 10])
  func ignoredRange(partSize: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write([UInt8](repeating: 1, count: partSize), to: "file.gz.part")
    let server = try LocalServer(files: ["file.gz": Self.content], behaviours: [.ignoreRange])
    defer { server.stop() }
    try Download(file: Self.file(server), folder: folder.path).run()
    #expect(try folder.read("file.gz") == Self.content)
    #expect(server.ranges == ["bytes=\(partSize)-"])
  }

  @Test("start over if the server sends another range than the rest")
  func wrongRange() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array(Self.content[..<9]), to: "file.gz.part")
    let server = try LocalServer(
      files: ["file.gz": Self.content], behaviours: [.wrongRange, .serve])
    defer { server.stop() }
    try Download(file: Self.file(server), folder: folder.path).run()
    #expect(try folder.read("file.gz") == Self.content)
    #expect(server.ranges == ["bytes=9-", ""])
  }

  @Test("finish with a partial file that is complete, and drop one that is too long")
  func completePart() throws {
    for (part, requests) in [(Self.content, 1), (Self.content + [1], 2)] {
      let folder = try TemporaryFolder()
      try folder.write(part, to: "file.gz.part")
      let server = try LocalServer(files: ["file.gz": Self.content])
      defer { server.stop() }
      try Download(file: Self.file(server), folder: folder.path).run()
      #expect(try folder.read("file.gz") == Self.content)
      #expect(server.ranges.count == requests)
    }
  }

  @Test("with a wrong checksum are removed and refused with both sums")
  func corruption() throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(files: ["file.gz": Self.content], behaviours: [.corrupt])
    defer { server.stop() }
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path).run()
    }
    var corrupt = Self.content
    corrupt[0] ^= 0xFF
    #expect(error?.code == .failedDownload)
    #expect(error?.message.contains(Checksum.sha256(Self.content)) == true)
    #expect(error?.message.contains(Checksum.sha256(corrupt)) == true)
    #expect(!folder.has("file.gz"))
    #expect(!folder.has("file.gz.part"))
  }

  @Test("that a server refuses name the address, the status and the remedy", arguments: [403, 500])
  func refusal(status: Int) throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(files: ["file.gz": Self.content], behaviours: [.refuse(status)])
    defer { server.stop() }
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path).run()
    }
    #expect(error?.code == .failedDownload)
    for part in [server.address + "file.gz", "HTTP status \(status)", folder.path] {
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    #expect(error?.remedy == .nameDataFolder)
    #expect(server.ranges.count == 1)
  }

  @Test("without a network name the address, the folder and a remedy")
  func noNetwork() throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(files: [:])
    server.stop()
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path).run()
    }
    #expect(error?.code == .failedDownload)
    for part in [server.address + "file.gz", folder.path] {
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    #expect(error?.remedy == .nameDataFolder)
    #expect(error?.cause != nil)
    #expect(!folder.has("file.gz.part"))
  }

  @Test("into a place that is no folder are refused")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "taken")
    let server = try LocalServer(files: ["file.gz": Self.content])
    defer { server.stop() }
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path + "/taken").run()
    }
    #expect(error?.code == .unwritableFile)
    #expect(server.ranges.isEmpty)
  }

  @Test("fill the cache with what it lacks of a data set")
  func dataSet() throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(files: Toy.files)
    defer { server.stop() }
    let locator = DataLocator(environment: ["XDG_CACHE_HOME": folder.path, "HOME": folder.path])
    let entry = Toy.entry(url: server.address)
    var settings = DataSettings()
    settings.mean = [0]
    settings.standardDeviation = [1]
    let first = try DataSet.load(settings, entry: entry, seed: 1, locator: locator)
    #expect(first.folder == locator.downloadFolder(of: entry))
    #expect(first.test.label(at: 0) == 2)
    #expect(server.ranges.count == 4)
    _ = try DataSet.load(settings, entry: entry, seed: 1, locator: locator)
    #expect(server.ranges.count == 4)
  }

  @Test("that are not possible tell where to get the files and where to put them")
  func localOnly() throws {
    let folder = try TemporaryFolder()
    let locator = DataLocator(environment: ["XDG_CACHE_HOME": folder.path, "HOME": folder.path])
    let error = #expect(throws: CounterspikeError.self) {
      try DataSet.load(DataSettings(), entry: Toy.entry(), seed: 1, locator: locator)
    }
    #expect(error?.code == .missingData && error?.remedy == .nameDataFolder)
    for part in ["t10k-labels-idx1-ubyte.gz", "the toy shop", locator.cacheFolder] {
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
  }

  @Test("of one file by several at once fetch it once", arguments: [2, 5])
  func race(count: Int) throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(files: ["file.gz": Self.content])
    defer { server.stop() }
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: count) { _ in
      do {
        try Download(file: Self.file(server), folder: folder.path).run()
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try folder.read("file.gz") == Self.content)
    #expect(server.ranges.count == 1)
    #expect(!folder.has("file.gz.part"))
  }

  static let slow: [(behaviour: LocalServer.Behaviour, kept: Range<Int>)] = [
    (.silent(seconds: 20), 0..<1), (.stall(seconds: 20), 150_000..<150_001),
    (.drip(seconds: 0.05), 1..<200),
  ]

  @Test(
    "that bring next to nothing end after the time that is set, and keep what came",
    arguments: slow.indices)
  func slowness(index: Int) throws {
    let (behaviour, kept) = Self.slow[index]
    let folder = try TemporaryFolder()
    let server = try LocalServer(files: ["file.gz": Self.content], behaviours: [behaviour])
    defer { server.stop() }
    let clock = ContinuousClock()
    let start = clock.now
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path, timeout: 1).run(attempts: 1)
    }
    #expect(error?.code == .failedDownload)
    #expect(
      error?.message.contains("fewer than 1024 bytes came in 1.0 seconds") == true,
      "\(error?.message ?? "")")
    // Far from the 20 s of the server, and of any time-out but the one that is set; a machine under
    // load takes its time.
    #expect(clock.now - start < .seconds(15))
    let part = folder.has("file.gz.part") ? try folder.read("file.gz.part") : []
    #expect(kept.contains(part.count) && part == Array(Self.content.prefix(part.count)))
  }

  @Test("that would take longer than their size allows end, and keep what came")
  func trickle() throws {
    let folder = try TemporaryFolder()
    // Half a minute in all, with never a stall.
    let server = try LocalServer(
      files: ["file.gz": Self.content], behaviours: [.drip(bytes: 2000, seconds: 0.2)])
    defer { server.stop() }
    let clock = ContinuousClock()
    let start = clock.now
    let error = #expect(throws: CounterspikeError.self) {
      try Download(
        file: Self.file(server), folder: folder.path, timeout: 1, leastRate: 50_000
      ).run(attempts: 1)
    }
    #expect(error?.code == .failedDownload)
    #expect(
      error?.message.contains(" seconds, fewer than 50000 a second; ") == true,
      "\(error?.message ?? "")")
    #expect(clock.now - start > .seconds(4) && clock.now - start < .seconds(25))
    let part = try folder.read("file.gz.part")
    #expect(part.count >= 2000 && part == Array(Self.content.prefix(part.count)))
    // What is slow and small enough arrives.
    let small = try LocalServer(
      files: ["file.gz": Array(Self.content[..<4000])],
      behaviours: [.drip(bytes: 2000, seconds: 0.2)])
    defer { small.stop() }
    try Download(
      file: Self.file(small, checksum: Checksum.sha256(Array(Self.content[..<4000]))),
      folder: folder.path + "/small", timeout: 1, leastRate: 50_000
    ).run(attempts: 1)
    #expect(try folder.read("small/file.gz").count == 4000)
  }

  @Test("follow a server that sends them on, and go on there where they stopped")
  func redirection() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array(Self.content[..<1000]), to: "file.gz.part")
    let other = try LocalServer(files: ["there": Self.content])
    defer { other.stop() }
    let server = try LocalServer(
      files: ["file.gz": Self.content], behaviours: [.redirect(to: other.address + "there")])
    defer { server.stop() }
    try Download(file: Self.file(server), folder: folder.path).run()
    #expect(try folder.read("file.gz") == Self.content)
    #expect(other.ranges == ["bytes=1000-"])
  }

  @Test("do not follow a server in circles")
  func circle() throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(
      files: ["file.gz": Self.content], behaviours: [.redirect(to: "/file.gz")])
    defer { server.stop() }
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path).run()
    }
    #expect(error?.code == .failedDownload)
    #expect(
      error?.message.contains("which is not followed") == true, "\(error?.message ?? "")")
    #expect(server.ranges.count == 6)
    #expect(!folder.has("file.gz") && !folder.has("file.gz.part"))
  }

  @Test("do not follow a server to a file of this machine, though it be the right one")
  func localRedirection() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.content, to: "secret")
    let server = try LocalServer(
      files: ["file.gz": Self.content],
      behaviours: [.redirect(to: "file://\(folder.path)/secret")])
    defer { server.stop() }
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path + "/cache").run()
    }
    #expect(error?.code == .failedDownload)
    #expect(!folder.has("cache/file.gz") && !folder.has("cache/file.gz.part"))
  }

  static let places = ["file.gz", "file.gz.part", ".file.gz.lock"]
  static let kinds = ["pipe", "folder", "link"]

  @Test(
    "are refused where a pipe, a folder or a link stands, without waiting or writing through it",
    arguments: places, kinds)
  func specialFiles(place: String, kind: String) throws {
    // A link to the complete file is as good as the file.
    if place == "file.gz", kind == "link" { return }
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/cache/\(place)"
    try folder.write([], to: "cache/other")
    try folder.write([1, 2, 3], to: "target")
    switch kind {
    case "pipe": #expect(mkfifo(path, 0o600) == 0)
    case "folder":
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    default:
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: folder.path + "/target")
    }
    let server = try LocalServer(files: ["file.gz": Self.content])
    defer { server.stop() }
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path + "/cache").run()
    }
    #expect(error?.code == .unwritableFile)
    #expect(error?.message.contains(place) == true, "\(error?.message ?? "")")
    #expect(server.ranges.isEmpty)
    #expect(try folder.read("target") == [1, 2, 3])
  }

  @Test("begin anew where the partial file is larger than the file can be")
  func hugePart() throws {
    let folder = try TemporaryFolder()
    try folder.write([UInt8](repeating: 0, count: 400_001), to: "file.gz.part")
    let server = try LocalServer(files: ["file.gz": Self.content])
    defer { server.stop() }
    try Download(file: Self.file(server), folder: folder.path, largestSize: 400_000).run()
    #expect(try folder.read("file.gz") == Self.content)
    #expect(server.ranges == [""])
  }

  @Test(
    "of more bytes than the file can have are broken off",
    arguments: [LocalServer.Behaviour.serve, .endless(bytes: 3_000_000)])
  func tooLarge(behaviour: LocalServer.Behaviour) throws {
    let folder = try TemporaryFolder()
    let server = try LocalServer(files: ["file.gz": Self.content], behaviours: [behaviour])
    defer { server.stop() }
    let error = #expect(throws: CounterspikeError.self) {
      try Download(file: Self.file(server), folder: folder.path, largestSize: 200_000).run()
    }
    #expect(error?.code == .failedDownload)
    #expect(
      error?.message.contains("where at most 200000 are expected") == true,
      "\(error?.message ?? "")")
    #expect(!folder.has("file.gz.part") && !folder.has("file.gz"))
  }
}
