import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Listings of folders")
struct FolderListingTests {
  @Test("pass over what is hidden or left behind by systems, and order names by their bytes")
  func names() throws {
    let folder = try TemporaryFolder()
    for name in [
      "b.png", "a.PNG", "B.png", "ä.png", ".hidden", "._a.png", "Thumbs.db", "desktop.ini",
      "__MACOSX/x.png", ".DS_Store", "z/x.png", "Z/x.png",
    ] { try folder.write([1], to: name) }
    let listing = try FolderListing(folder.path)
    #expect(listing.files.map(\.name) == ["B.png", "a.PNG", "b.png", "ä.png"])
    #expect(listing.folders.map(\.name) == ["Z", "z"] && listing.unreachable.isEmpty)
  }

  @Test("follow links, and tell those that lead nowhere or in a circle")
  func links() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2], to: "a/x.png")
    let manager = FileManager.default
    func link(_ name: String, to target: String) throws {
      try manager.createSymbolicLink(
        atPath: "\(folder.path)/\(name)", withDestinationPath: target)
    }
    try link("file.png", to: "a/x.png")
    try link("folder", to: "a")
    try link("broken.png", to: "nothing")
    try link("round.png", to: "round.png")
    let listing = try FolderListing(folder.path)
    #expect(listing.files.map(\.name) == ["file.png"] && listing.files[0].status.size == 2)
    #expect(listing.folders.map(\.name) == ["a", "folder"])
    #expect(listing.unreachable == ["broken.png", "round.png"].map { "\(folder.path)/\($0)" })
  }

  @Test("keep the bytes of names, and refuse two folders of one name as people read it")
  func canonicalNames() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], to: "cafe\u{301}/x")
    let listing = try FolderListing(folder.path)
    #expect(listing.folders.count == 1)
    #expect(Array(listing.folders[0].path.utf8).suffix(6) == Array("cafe\u{301}".utf8))
    try folder.write([1], to: "caf\u{E9}/x")
    let error = #expect(throws: CounterspikeError.self) { try FolderListing(folder.path) }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains("has two folders called “caf") == true)
  }

  @Test("tell what was left out, by reason")
  func leftOut() throws {
    let folder = try TemporaryFolder()
    for name in ["a.png", "b.webp", "c.WEBP", "d.gif", "e"] { try folder.write([1], to: name) }
    try folder.write([], to: "empty.png")
    try folder.write([1], to: "inner/f.png")
    var leftOut = LeftOut()
    let files = leftOut.samples(in: try FolderListing(folder.path), endings: ["png"])
    #expect(files.map(\.name) == ["a.png"])
    #expect(leftOut.count == 6)
    #expect(
      leftOut.remarks == [
        "4 files with other endings were left out (.gif, .webp, without ending)",
        "1 empty file was left out (“\(folder.path)/empty.png”)",
        "1 folder where none belongs was left out (“\(folder.path)/inner”)",
      ])
    #expect(LeftOut().remarks.isEmpty)
  }
}
