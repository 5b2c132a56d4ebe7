import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Folders of classes")
struct ClassFolderTests {
  static func load(
    _ folder: TemporaryFolder, seed: UInt64 = 1, set: String = "series-folder",
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    var settings = DataSettings()
    settings.set = set
    change(&settings)
    return try DataSet.load(
      settings, entry: DataCatalog.entry(named: set), timeSteps: 2, seed: seed,
      locator: DataLocator(
        folder: folder.path,
        environment: ["HOME": folder.path, "XDG_CACHE_HOME": folder.path + "/cache"]))
  }

  /// Series that each have a value of their own.
  static func folder(_ names: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (index, name) in names.enumerated() {
      try folder.write(Array("\(index),1\n\(index),2\n".utf8), to: name)
    }
    return folder
  }

  static func names(_ classes: String..., count: Int) -> [String] {
    classes.flatMap { name in (0..<count).map { "\(name)/\($0).csv" } }
  }

  @Test("that lie directly in the folder are divided by the seed, class by class")
  func flat() throws {
    let folder = try Self.folder(Self.names("cat", "dog", count: 10))
    let data = try Self.load(folder) { $0.testShare = 0.3 }
    #expect(data.classNames == ["cat", "dog"])
    #expect(data.training.count == 14 && data.test.count == 6)
    for label in 0..<2 {
      #expect((0..<6).count { data.test.label(at: $0) == label } == 3)
    }
    func values(_ data: DataSet) -> [Float] {
      (0..<data.test.count).map { data.test.values($0)[0] }
    }
    let fixed: (inout DataSettings) -> Void = {
      $0.testShare = 0.3
      $0.mean = [0]
      $0.standardDeviation = [1]
    }
    let first = try Self.load(folder, fixed)
    let training = Set((0..<14).map { first.training.values($0)[0] })
    #expect(training.isDisjoint(with: values(first)) && training.count == 14)
    #expect(try values(Self.load(folder, fixed)) == values(first))
    #expect(try values(Self.load(folder, seed: 2, fixed)) != values(first))
    let remark =
      "no folder test: 6 of 20 samples are for testing, drawn by the seed (data.testShare: 0.3)"
    #expect(data.remarks.contains(remark), "\(data.remarks)")
  }

  @Test("that are small keep a sample of each class to train and to test with")
  func smallShare() throws {
    let data = try Self.load(try Self.folder(Self.names("cat", "dog", count: 2)))
    #expect(data.training.count == 2 && data.test.count == 2)
    let single = try Self.folder(["cat/1.csv", "dog/1.csv"])
    let error = #expect(throws: CounterspikeError.self) { try Self.load(single) }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message.contains("leaves none of 2 samples to test with") == true)
    let events = try TemporaryFolder()
    for name in Self.names("left", "right", count: 4) {
      try events.write(Array("1,2,3,1\n5,3,2,0\n".utf8), to: name)
    }
    let recordings = try Self.load(events, set: "event-folder") { $0.testShare = 0.5 }
    #expect(recordings.training.count == 4 && recordings.test.count == 4)
  }

  @Test("may have a part for validation, and no part for testing")
  func validation() throws {
    let names =
      Self.names("train/a", "train/b", count: 5) + Self.names("Val/a", "Val/b", count: 2)
    let data = try Self.load(try Self.folder(names)) { $0.testShare = 0.2 }
    #expect(data.training.count == 8 && data.test.count == 2 && data.validation?.count == 4)
    let whole = try Self.load(try Self.folder(names + Self.names("test/a", "test/b", count: 3))) {
      $0.encoding.kind = .rate
    }
    #expect(whole.training.count == 10 && whole.test.count == 6 && whole.validation?.count == 4)
    #expect(whole.validation?.values(0).allSatisfy { $0 == 0 || $0 == 1 } == true)
  }

  @Test("are matched as people read their names, and found by the names' own bytes")
  func canonicalNames() throws {
    let data = try Self.load(
      try Self.folder(
        Self.names("train/caf\u{E9}", "train/the", "test/cafe\u{301}", "test/the", count: 2)))
    #expect(data.training.count == 4 && data.test.count == 4)
    #expect((0..<4).map { data.test.label(at: $0) } == [0, 1, 0, 1])
  }

  @Test("with nothing to learn or to test are told as what they are")
  func remarks() throws {
    let one = try Self.load(try Self.folder(Self.names("train/a", "test/a", count: 2)))
    #expect(one.remarks.contains { $0.hasPrefix("there is one class only, “a”") })
    let few = try Self.load(
      try Self.folder(["train/a/1.csv", "train/b/1.csv", "train/b/2.csv", "test/b/1.csv"]))
    #expect(few.remarks.contains("one training sample only of the class “a”"))
    #expect(few.remarks.contains { $0.hasPrefix("no test samples of the class") })
    let copies = try Self.folder(Self.names("train/a", "train/b", "test/a", "test/b", count: 2))
    try copies.write(Array("0,1\n0,2\n".utf8), to: "test/a/0.csv")
    try copies.write(Array("0,1\n0,2\n".utf8), to: "train/b/1.csv")
    let remarks = try Self.load(copies).remarks
    #expect(
      remarks.contains {
        $0.hasPrefix("1 test or validation sample is a copy of one of another part")
      })
    #expect(remarks.contains { $0.hasPrefix("1 sample is a copy of one of another class") })
    #expect(
      try Self.load(Self.folder(Self.names("train/a", "train/b", "test/a", "test/b", count: 2)))
        .remarks.isEmpty)
  }

  @Test("that are laid out otherwise are refused with what is understood and what was found")
  func unclear() throws {
    let folder = try Self.folder(Self.names("test/a", "test/b", count: 1))
    let error = #expect(throws: CounterspikeError.self) { try Self.load(folder) }
    #expect(error?.code == .missingData)
    for text in [
      "understood are train/CLASS/FILE and test/CLASS/FILE", "or CLASS/FILE alone",
      "the folders “test” and 0 files",
    ] { #expect(error?.message.contains(text) == true, "\(error?.message ?? "")") }
    // What a run knows of its data makes a test part enough.
    let data = try Self.load(folder) {
      $0.classes = ["a", "b"]
      $0.mean = [0]
      $0.standardDeviation = [1]
    }
    #expect(data.training.count == 0 && data.test.count == 2)
  }

  @Test("tell what is left out of them")
  func leftOut() throws {
    let folder = try Self.folder(
      Self.names("train/a", "train/b", "test/a", "test/b", count: 2) + ["train/9.csv"])
    try folder.write([1], to: "train/a/x.mat")
    try folder.write([1], to: "train/a/._0.csv")
    #expect(
      try Self.load(folder).remarks == [
        "1 file with another ending was left out (.mat)",
        "1 file outside of the class folders was left out (“\(folder.path)/train/9.csv”)",
      ])
  }
}
