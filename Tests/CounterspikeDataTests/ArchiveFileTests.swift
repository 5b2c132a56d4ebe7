#if Archives
  import Counterspike
  import CounterspikeData
  import Foundation
  import Testing

  @Suite("Archives")
  struct ArchiveFileTests {
    typealias Members = [(name: String, content: [UInt8])]

    static let members: Members = [
      ("a/", []), ("a/one.bin", randomBytes(300)), ("a/b/two.bin", randomBytes(100_000, seed: 2)),
      ("empty", []), ("c d/three", [3]),
    ]

    static let packings = [
      ("zip", "none"), ("7zip", "none"), ("paxr", "none"), ("paxr", "gzip"), ("paxr", "bzip2"),
      ("paxr", "xz"),
    ]

    static func unpack(
      _ bytes: [UInt8], in folder: TemporaryFolder,
      limits: ArchiveFile.Limits = ArchiveFile.Limits(), name: (String) -> String? = { $0 }
    ) throws {
      try folder.write(bytes, to: "the.archive")
      try ArchiveFile.unpack(
        [ArchiveFile(folder.path + "/the.archive", limits: limits)], into: folder.path + "/out",
        name: name)
    }

    /// All that is in the folder, at any depth.
    static func names(_ folder: TemporaryFolder) -> [String] {
      (FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? [])
        .compactMap { $0 as? String }.sorted()
    }

    @Test("are unpacked as they were packed", arguments: packings)
    func unpacking(format: String, filter: String) throws {
      let folder = try TemporaryFolder()
      try Self.unpack(
        Archives.packed(Self.members, format: format, filter: filter), in: folder)
      for (name, content) in Self.members where !name.hasSuffix("/") {
        #expect(try folder.read("out/" + name) == content, "\(name)")
      }
      // In place of what was there.
      try Self.unpack(Archives.packed([("other", [1])], format: format), in: folder)
      #expect(Self.names(folder) == ["out", "out/other", "the.archive"])
    }

    @Test("are unpacked in part, under other names")
    func selection() throws {
      let folder = try TemporaryFolder()
      try Self.unpack(Archives.zip(Self.members.filter { !$0.content.isEmpty }), in: folder) {
        $0.hasPrefix("a/") ? nil : "new/" + $0
      }
      #expect(
        Self.names(folder) == ["out", "out/new", "out/new/c d", "out/new/c d/three", "the.archive"])
    }

    @Test("are unpacked where folders are named twice, late, or with idle parts")
    func folders() throws {
      let folder = try TemporaryFolder()
      let bytes =
        Archives.tar("./", kind: "5") + Archives.tar("./a//b/./c", [1])
        + Archives.tar("a/b", kind: "5") + Archives.tar("a/", kind: "5")
        + Archives.tar("a", kind: "5") + Archives.tarEnd
      try Self.unpack(bytes, in: folder)
      #expect(try folder.read("out/a/b/c") == [1])
    }

    static let small: ArchiveFile.Limits = {
      var limits = ArchiveFile.Limits()
      limits.members = 3
      limits.fileBytes = 1000
      limits.totalBytes = 1500
      return limits
    }()

    static let thousand = [UInt8](repeating: 7, count: 1000)

    static let hostile: [(String, [UInt8], String)] = [
      ("a path that leads out", Archives.tar("a/../../x", [1]), "“a/../../x”, a path that leads"),
      ("the folder above", Archives.tar("..", kind: "5"), "“..”, a path that leads out"),
      ("a zip that leads out", Archives.zip([("../x", [1])]), "“../x”, a path that leads out"),
      ("an absolute path", Archives.tar("/tmp/x", [1]), "“/tmp/x”, an absolute path"),
      ("an absolute path in a zip", Archives.zip([("/x", [1])]), "“/x”, an absolute path"),
      ("a symbolic link", Archives.tar("a", kind: "2", link: "/etc/passwd"), "“a”, a link"),
      (
        "a symbolic link in a zip", Archives.zip([("a", Array("/etc".utf8))], mode: 0o120777),
        "“a”, a link"
      ),
      (
        "a hard link", Archives.tar("a", [1]) + Archives.tar("b", kind: "1", link: "a"),
        "“b”, a link"
      ),
      ("a device", Archives.tar("null", kind: "3"), "“null”, a device"),
      ("a pipe", Archives.tar("pipe", kind: "6"), "“pipe”, a device or something else"),
      (
        "a name twice", Archives.tar("a", [1]) + Archives.tar("./a", [2]),
        "“./a” twice, as files or as file and folder"
      ),
      (
        "a name twice in a zip", Archives.zip([("a", [1]), ("a", [2])]), "“a” twice"
      ),
      (
        "a file that is a folder", Archives.tar("a", [1]) + Archives.tar("a/b", [2]), "“a/b” twice"
      ),
      (
        "a folder that is a file", Archives.tar("a/b", [1]) + Archives.tar("a", [2]), "“a” twice"
      ),
      (
        "a huge size", Archives.tar("a", [1], size: 0o77_7777_7777),
        "1073741823 bytes or more in “a”, where at most 1000 are expected"
      ),
      (
        "a bomb",
        (try? Archives.packed([("a", [UInt8](repeating: 0, count: 900_000))], format: "zip")) ?? [],
        "900000 bytes or more in “a”"
      ),
      (
        "a bomb of many", Archives.zip([("a", Self.thousand), ("b", Self.thousand)]),
        "more than 1500 bytes up to “b”"
      ),
      (
        "a bomb of many in a tar",
        Archives.tar("a", Self.thousand) + Archives.tar("b", Self.thousand),
        "more than 1500 bytes up to “b”"
      ),
      (
        "too many", Archives.zip([("a", []), ("b", []), ("c", []), ("d", [])]),
        "more members than the 3"
      ),
      (
        "a size that is too small", Archives.zip([("a", Self.thousand)], size: 10), "“a”"
      ),
      ("a size that is too large", Archives.zip([("a", [1, 2, 3])], size: 900), "“a”"),
      (
        "a long name", Archives.zip([(String(repeating: "a", count: 256), [1])]),
        "aaa”, a longer name than files can have"
      ),
      ("a file without a name", Archives.tar("./", [1]), "“./”"),
      (
        "names that differ in case", Archives.zip([("a", [1]), ("A", [2])]), "“A” twice"
      ),
      (
        "a file and a folder that differ in case",
        Archives.tar("a", [1]) + Archives.tar("A/b", [2]),
        "“A/b” twice"
      ),
      (
        "a path that a header of its own leads out by",
        Archives.tar("x", Array("13 path=../x\n".utf8), kind: "x") + Archives.tar("a", [1]),
        "“../x”, a path that leads out"
      ),
      (
        "an absolute long name",
        Archives.tar("././@LongLink", Array("/tmp/x".utf8) + [0], kind: "L")
          + Archives.tar("a", [1]),
        "“/tmp/x”, an absolute path"
      ),
      (
        "a huge hole", Archives.sparse("a", size: 1 << 32),
        "4294967296 bytes or more in “a”, where at most 1000"
      ),
      (
        "a hole", Archives.sparse("a", size: 900), "0 bytes of “a”, where it says 900"
      ),
      (
        "a password", Archives.zip([("a", randomBytes(40))], flags: 0x0801), "damaged data in “a” ("
      ),
      ("no archive", randomBytes(600), "no sound beginning of a .zip, .7z or .tar"),
      ("nothing", [], "no sound beginning"),
      (
        "a name in another script", Archives.zip([("ä", [1])]), "a member whose name cannot be read"
      ),
    ]

    @Test("with hostile members are refused, and nothing is left", arguments: hostile.indices)
    func refusal(_ index: Int) throws {
      let (what, bytes, message) = Self.hostile[index]
      let folder = try TemporaryFolder()
      let isTar = bytes.count > 262 && Array(bytes[257..<262]) == Array("ustar".utf8)
      let error = #expect(throws: CounterspikeError.self, "\(what)") {
        try Self.unpack(bytes + (isTar ? Archives.tarEnd : []), in: folder, limits: Self.small)
      }
      #expect(error?.code == .damagedFile, "\(what): \(error?.code.description ?? "")")
      #expect(error?.message.hasPrefix("“\(folder.path)/the.archive” has ") == true)
      #expect(error?.message.contains(message) == true, "\(what): \(error?.message ?? "")")
      #expect(error?.message.contains("\n") == false)
      #expect(Self.names(folder) == ["the.archive"], "\(what)")
    }

    @Test(
      "that break off are refused, wherever",
      arguments: [("zip", "none"), ("7zip", "none"), ("paxr", "gzip"), ("paxr", "xz")])
    func truncation(format: String, filter: String) throws {
      let whole = try Archives.packed(
        [("a/one", randomBytes(3000)), ("a/two", randomBytes(2000, seed: 2))], format: format,
        filter: filter)
      for length in stride(from: 1, to: whole.count, by: 97) {
        let folder = try TemporaryFolder()
        #expect(throws: CounterspikeError.self, "\(length) of \(whole.count)") {
          try Self.unpack(Array(whole[..<length]), in: folder)
        }
        #expect(Self.names(folder) == ["the.archive"])
      }
    }

    @Test("in archives are not unpacked")
    func nesting() throws {
      let folder = try TemporaryFolder()
      let inner = Archives.zip([("../x", [1])])
      try Self.unpack(Archives.zip([("a/inner.zip", inner)]), in: folder)
      #expect(Self.names(folder) == ["out", "out/a", "out/a/inner.zip", "the.archive"])
      #expect(try folder.read("out/a/inner.zip") == inner)
    }

    @Test("that are a pipe, a folder or never end are refused as such", .timeLimit(.minutes(30)))
    func specialFiles() throws {
      let folder = try TemporaryFolder()
      #expect(mkfifo(folder.path + "/pipe.zip", 0o600) == 0)
      try folder.write([], to: "folder.zip/x")
      for (path, reason) in [
        (folder.path + "/pipe.zip", "it is a pipe"),
        (folder.path + "/folder.zip", "it is a folder"),
        ("/dev/zero", "it is a device"),
      ] {
        let error = #expect(throws: CounterspikeError.self) {
          try ArchiveFile.unpack([ArchiveFile(path)], into: folder.path + "/out")
        }
        #expect(error?.code == .unreadableFile)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(!folder.has("out"))
      }
    }

    @Test("that are absent, or cannot be unpacked there, are told of")
    func surroundings() throws {
      let folder = try TemporaryFolder()
      let absent = #expect(throws: CounterspikeError.self) {
        try ArchiveFile.unpack([ArchiveFile(folder.path + "/none.zip")], into: folder.path + "/out")
      }
      #expect(absent?.code == .unreadableFile)
      #expect(absent?.message.contains("none.zip") == true)
      try folder.write([1], to: "file")
      try folder.write(Archives.zip([("a", [1])]), to: "a.zip")
      let blocked = #expect(throws: CounterspikeError.self) {
        try ArchiveFile.unpack(
          [ArchiveFile(folder.path + "/a.zip")], into: folder.path + "/file/out")
      }
      #expect(blocked?.code == .unwritableFile)
    }
  }
#endif
