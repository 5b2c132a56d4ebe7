import Counterspike
import CounterspikeData
import Testing

@Suite("IDX files")
struct IDXFileTests {
  @Test("of images and labels are read")
  func reading() throws {
    let pixels = randomBytes(2 * 3 * 4)
    let images = try IDXFile(bytes: idx([2, 3, 4], pixels), path: "f", content: .images)
    #expect(images.dimensions == [2, 3, 4])
    #expect(images.count == 2)
    #expect(Array(images.elements) == pixels)

    let labels = try IDXFile(bytes: idx([300], randomBytes(300)), path: "f", content: .labels)
    #expect(labels.dimensions == [300])
    #expect(Array(labels.elements) == randomBytes(300))
  }

  @Test(
    "that are damaged are refused by name, with what was found and expected",
    arguments: [
      ([], "it has 0 bytes, less than the header of an IDX file of images, which has 16"),
      ([0, 0, 8], "it has 3 bytes"),
      ([0, 0, 8, 3, 0, 0], "it has 6 bytes, and its header alone has 16"),
      (
        [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 40),
        "begins with 50 4B 03 04, where 00 00"
      ),
      (idx([1, 2, 2], [1, 2, 3, 4], type: 0x0D), "IDX type 0D (32-bit float) at byte 2"),
      (idx([1, 2, 2], [1, 2, 3, 4], type: 0x07), "IDX type 07 (unknown)"),
      (idx([4], [1, 2, 3, 4]), "has 1 dimensions at byte 3, where a file of images has 3"),
      (idx([1, 2, 2], [1, 2, 3]), "truncated: it has 19 bytes, and 20 are expected"),
      (idx([1, 2, 2], [1, 2, 3, 4, 5]), "too long: it has 21 bytes, and 20 are expected"),
      (idx([1, 0, 2], []), "empty: its header gives the sizes 1×0×2"),
      (idx([0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [1]), "truncated: it has 17 bytes"),
    ] as [([UInt8], String)])
  func damage(bytes: [UInt8], message: String) {
    let error = #expect(throws: CounterspikeError.self) {
      try IDXFile(bytes: bytes, path: "the/file", content: .images)
    }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains("the/file") == true)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }
}
