import Counterspike
import CounterspikeData
import Testing

@Suite("The search for data files")
struct DataLocatorTests {
  @Test("goes from the environment over the system's folder to the cache, sub-folders first")
  func order() {
    let environment = ["COUNTERSPIKE_DATA": "/e", "HOME": "/h", "XDG_CACHE_HOME": "/x"]
    let folders = DataLocator(environment: environment)
      .searchedFolders(of: Toy.entry(systemFolder: "/s"))
    #if os(macOS)
      let cache = "/h/Library/Caches/counterspike"
    #else
      let cache = "/x/counterspike"
    #endif
    #expect(folders == ["/e/toy", "/e", "/s/toy", "/s", cache + "/toy", cache])
    #expect(
      DataLocator(folder: "/f", environment: environment)
        .searchedFolders(of: Toy.entry(systemFolder: "/s")) == ["/f/toy", "/f"])
  }

  #if !os(macOS)
    @Test(
      "takes the cache from XDG_CACHE_HOME if that is absolute, else from the home folder",
      arguments: [
        (["HOME": "/h"], "/h/.cache/counterspike"),
        (["HOME": "/h", "XDG_CACHE_HOME": "relative"], "/h/.cache/counterspike"),
        (["HOME": "/h", "XDG_CACHE_HOME": "/x"], "/x/counterspike"),
      ])
    func cache(environment: [String: String], folder: String) {
      #expect(DataLocator(environment: environment).cacheFolder == folder)
    }
  #endif

  @Test("finds the first folder that has all files, under any of their names")
  func finding() throws {
    let folder = try TemporaryFolder()
    let entry = Toy.entry(systemFolder: folder.path + "/system")
    let locator = DataLocator(environment: [
      "COUNTERSPIKE_DATA": folder.path + "/environment", "HOME": folder.path,
      "XDG_CACHE_HOME": folder.path + "/cache",
    ])
    // A folder that is named and not there is a mistake, and no reason to download.
    let absent = #expect(throws: CounterspikeError.self) { try locator.locate(entry) }
    #expect(absent?.code == .missingData)
    #expect(
      absent?.message.contains("$COUNTERSPIKE_DATA names “\(folder.path)/environment”, which")
        == true
    )
    try folder.write([], to: "environment/other")
    #expect(try locator.locate(entry) == nil)

    // One file is missing there, and one name belongs to a folder.
    try Toy.write(
      to: folder, under: "environment/", leavingOut: "t10k-labels-idx1-ubyte.gz")
    try folder.write([], to: "environment/t10k-labels-idx1-ubyte/other")
    try Toy.write(to: folder, under: "cache/counterspike/toy/")
    #if !os(macOS)
      #expect(try locator.locate(entry)?.folder == folder.path + "/cache/counterspike/toy")
    #endif

    for name in ["train-images.idx3", "train-labels.idx1", "t10k-images.idx3"] {
      try folder.write([], to: "system/\(name)-ubyte")
    }
    try folder.write([], to: "system/t10k-labels-idx1-ubyte")
    let location = try #require(try locator.locate(entry))
    #expect(location.folder == folder.path + "/system")
    let paths = entry.files.map { location.path(of: $0) }
    #expect(paths.first == folder.path + "/system/train-images.idx3-ubyte")
    #expect(paths.last == folder.path + "/system/t10k-labels-idx1-ubyte")
  }

  @Test("does not leave the folder that the caller names")
  func explicitFolder() throws {
    let folder = try TemporaryFolder()
    try Toy.write(to: folder, under: "system/")
    try Toy.write(
      to: folder, under: "mine/toy/", leavingOut: "t10k-labels-idx1-ubyte.gz")
    let entry = Toy.entry(systemFolder: folder.path + "/system")

    let incomplete = #expect(throws: CounterspikeError.self) {
      try DataLocator(folder: folder.path + "/mine", environment: [:]).locate(entry)
    }
    #expect(incomplete?.code == .missingData)
    #expect(
      incomplete?.message.hasPrefix(
        "the data folder “\(folder.path)/mine” lacks t10k-labels-idx1-ubyte.gz of Toy") == true,
      "\(incomplete?.message ?? "")")

    let absent = #expect(throws: CounterspikeError.self) {
      try DataLocator(folder: folder.path + "/none", environment: [:]).locate(entry)
    }
    #expect(absent?.code == .missingData)
    #expect(absent?.message.contains("no data folder “\(folder.path)/none”;") == true)
  }
}
