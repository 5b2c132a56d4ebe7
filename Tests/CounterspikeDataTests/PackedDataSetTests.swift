#if Archives
  import Counterspike
  import CounterspikeData
  import Foundation
  import Synchronization
  import Testing

  @Suite("Packed data sets")
  struct PackedDataSetTests {
    /// The toy data set in an archive with a folder `all`, beside files of another one.
    static let archive = Archives.zip(
      Toy.files.sorted { $0.key < $1.key }.map { (name: "all/" + $0.key, content: $0.value) }
        + [("all/other-idx3-ubyte.gz", [1]), ("readme.txt", [2])])

    static func entry(url: String? = nil, checksum: String? = nil) -> DataCatalog.Entry {
      var entry = Toy.entry()
      entry.archives = [
        DataCatalog.Archive(name: "toy.zip", url: url, checksum: checksum, folder: "all")
      ]
      return entry
    }

    /// N-MNIST's archives with a recording or two.
    static func write(to folder: TemporaryFolder, under prefix: String = "") throws {
      for (part, labels) in [("Train", [7, 0]), ("Test", [2])] {
        let members = labels.map { label in
          let stream = EventFiles.random(300, seed: UInt64(label))
          return (name: "\(part)/\(label)/0000\(label).bin", content: EventFiles.atisBinary(stream))
        }
        try folder.write(
          Archives.zip([("\(part)/", [])] + members + [("__MACOSX/x", [1])]),
          to: "\(prefix)\(part).zip")
      }
    }

    static func locator(_ folder: TemporaryFolder, _ name: String? = "/data") -> DataLocator {
      DataLocator(
        folder: name.map { folder.path + $0 },
        environment: ["HOME": folder.path, "XDG_CACHE_HOME": folder.path + "/cache"])
    }

    static func load(
      _ entry: DataCatalog.Entry, _ folder: TemporaryFolder, _ name: String? = "/data",
      progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws -> DataSet {
      try DataSet.load(
        DataSettings(), entry: entry, seed: 1, locator: locator(folder, name), progress: progress)
    }

    /// The folders of the cache that archives were unpacked into.
    static func unpacked(_ folder: TemporaryFolder) throws -> [String] {
      let cache = locator(folder).cacheFolder + "/unpacked"
      return try FileManager.default.contentsOfDirectory(atPath: cache)
        .filter { !$0.hasSuffix(".lock") }.sorted()
    }

    /// Runs `body` on several threads at once; returns what each threw.
    static func atOnce(
      _ count: Int, _ body: @escaping @Sendable (_ index: Int) throws -> Void
    ) -> [String] {
      let failures = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: count) { index in
        do {
          try body(index)
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
      return failures.withLock { $0 }
    }

    @Test("that several unpack at once are unpacked once, and found by all", arguments: 1...8)
    func race(round: Int) throws {
      let folder = try TemporaryFolder()
      try Self.write(to: folder, under: "data/")
      let entry = try DataCatalog.entry(named: "nmnist")
      let unpackings = Mutex(0)
      // What somebody left who was killed.
      let path = Self.locator(folder).cacheFolder + "/unpacked"
      let place = UnpackedFolder(
        entry, from: folder.path + "/data", locator: Self.locator(folder))
      try folder.write([1], to: String(place.path.dropFirst(folder.path.count)) + "-0.tmp/half")
      let failures = Self.atOnce(4) { _ in
        let data = try Self.load(entry, folder) { report in
          if report.activity == .unpacking { unpackings.withLock { $0 += 1 } }
        }
        #expect(data.training.count == 2 && data.test.count == 1)
      }
      #expect(failures == [])
      #expect(unpackings.withLock { $0 } == 2)  // the two archives, once
      #expect(try Self.unpacked(folder) == [URL(fileURLWithPath: place.path).lastPathComponent])
      #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("with a member that no recording is as large as are refused before it is written")
    func largeMember() throws {
      let folder = try TemporaryFolder()
      try Self.write(to: folder, under: "data/")
      try folder.write(
        Archives.zip([("Train/3/00001.bin", [UInt8](repeating: 0, count: 1 << 20))]),
        to: "data/Train.zip")
      let error = #expect(throws: CounterspikeError.self) {
        try Self.load(DataCatalog.entry(named: "nmnist"), folder)
      }
      #expect(error?.code == .damagedFile)
      #expect(
        error?.message.contains(
          "1048576 bytes or more in “Train/3/00001.bin”, where at most 262144")
          == true, "\(error?.message ?? "")")
      #expect(try Self.unpacked(folder) == [])
    }

    @Test("of recordings are unpacked into the cache, once")
    func recordings() throws {
      let folder = try TemporaryFolder()
      try Self.write(to: folder, under: "data/")
      let entry = try DataCatalog.entry(named: "nmnist")
      #expect(try Self.locator(folder).locate(entry)?.isPacked == true)
      let reports = Mutex<[DownloadProgress]>([])
      let data = try Self.load(entry, folder) { report in reports.withLock { $0.append(report) } }
      #expect((0..<2).map { data.training.label(at: $0) } == [0, 7])
      #expect(data.test.count == 1)
      let unpacked = try Self.unpacked(folder)
      #expect(unpacked.count == 1)
      #expect(data.folder == Self.locator(folder).cacheFolder + "/unpacked/" + unpacked[0])
      #expect(reports.withLock { $0.map(\.file) } == ["Train.zip", "Test.zip"])
      #expect(
        reports.withLock { $0 }.allSatisfy {
          $0.activity == .unpacking && $0.receivedBytes == $0.totalBytes
        })

      let location = try #require(try Self.locator(folder).locate(entry))
      #expect(location.folder == data.folder && !location.isPacked)
      let again = try Self.load(entry, folder) { _ in Issue.record("unpacked again") }
      #expect(again.training.values(0) == data.training.values(0))
      // The folder of the archives is left as it was.
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/data").sorted()
          == ["Test.zip", "Train.zip"])

      // Other archives in the same place are other data.
      try folder.write(
        Archives.zip([("Train/3/00001.bin", EventFiles.atisBinary(EventFiles.random(9)))]),
        to: "data/Train.zip")
      #expect(try Self.load(entry, folder).training.label(at: 0) == 3)
      #expect(try Self.unpacked(folder).count == 1)
      #expect(try Self.unpacked(folder) != unpacked)
    }

    @Test("are read from the files that are wanted, and those alone are unpacked")
    func images() throws {
      let folder = try TemporaryFolder()
      try folder.write(Self.archive, to: "data/toy/toy.zip")
      let data = try Self.load(Self.entry(), folder)
      #expect(try data.images().training.pixels(at: 5) == Array(Toy.trainingImages[80...]))
      let names = try FileManager.default.contentsOfDirectory(atPath: try #require(data.folder))
      #expect(Set(names) == Set(Toy.files.keys))
    }

    @Test("are not unpacked where the files are beside them")
    func besides() throws {
      let folder = try TemporaryFolder()
      try Toy.write(to: folder, under: "data/")
      try folder.write([1], to: "data/toy.zip")
      #expect(try Self.load(Self.entry(), folder).folder == folder.path + "/data")
    }

    @Test("are downloaded, checked and unpacked")
    func download() throws {
      let folder = try TemporaryFolder()
      let server = try LocalServer(files: ["toy.zip": Self.archive])
      defer { server.stop() }
      let entry = Self.entry(
        url: server.address + "toy.zip", checksum: Checksum.sha256(Self.archive))
      let data = try Self.load(entry, folder, nil)
      #expect(data.training.count == 6)
      #expect(data.folder?.contains("/unpacked/toy-") == true)
      _ = try Self.load(entry, folder, nil)
      #expect(server.ranges.count == 1)
    }

    @Test("with another content than the catalog's, or without all files, are refused")
    func damage() throws {
      let folder = try TemporaryFolder()
      func message(_ entry: DataCatalog.Entry) -> String {
        let error = #expect(throws: CounterspikeError.self) { try Self.load(entry, folder) }
        #expect(error?.code == .damagedFile)
        return error?.message ?? ""
      }
      try folder.write(Self.archive, to: "data/toy.zip")
      let expected = String(repeating: "0", count: 64)
      let other = message(Self.entry(checksum: expected))
      #expect(other.contains("/data/toy.zip” is not toy.zip of Toy, or damaged: its SHA-256 is"))
      #expect(other.contains(expected))

      try folder.write(Archives.zip([("all/readme", [1])]), to: "data/toy.zip")
      #expect(
        message(Self.entry()).contains("/data/toy.zip” has not all of train-images-idx3-ubyte.gz"))
      try folder.write(Archives.zip([("../readme", [1])]), to: "data/toy.zip")
      #expect(message(Self.entry()).contains("/data/toy.zip” has “../readme”"))
      #expect(try Self.unpacked(folder).isEmpty)
    }

    @Test("that were not unpacked to the end are cleaned up by the next who unpacks")
    func interruption() throws {
      let folder = try TemporaryFolder()
      try Self.write(to: folder, under: "data/")
      let entry = try DataCatalog.entry(named: "nmnist")
      let first = try #require(try Self.load(entry, folder).folder)
      try FileManager.default.moveItem(atPath: first, toPath: first + "-1.tmp")
      try FileManager.default.copyItem(atPath: first + "-1.tmp", toPath: first + "-2.tmp")
      #expect(try Self.locator(folder).locate(entry)?.isPacked == true)
      #expect(try Self.load(entry, folder).folder == first)
      let name = URL(fileURLWithPath: first).lastPathComponent
      #expect(try Self.unpacked(folder) == [name])
    }
  }
#endif
