#if ImageFiles
  import Counterspike
  import CounterspikeData
  import Testing

  @Suite("Orientation of images")
  struct ImageOrientationTests {
    /// Tags in the form of a TIFF file; the first one is none that matters.
    static func tags(_ value: Int, isLittle: Bool, type: Int = 3) -> [UInt8] {
      func number(_ value: Int, _ count: Int) -> [UInt8] {
        isLittle ? EventFiles.little(Int64(value), count) : EventFiles.big(Int64(value), count)
      }
      let content = type == 3 ? number(value, 2) + [0, 0] : number(value, 4)
      return Array((isLittle ? "II" : "MM").utf8) + number(42, 2) + number(8, 4) + number(2, 2)
        + number(0x0100, 2) + number(3, 2) + number(1, 4) + number(7, 2) + [0, 0]
        + number(0x0112, 2) + number(type, 2) + number(1, 4) + content + number(0, 4)
    }

    static func png(_ tags: [UInt8], isLast: Bool = false) -> [UInt8] {
      // 1 2 3 over 4 5 6
      let chunk = Images.chunk("eXIf", tags)
      let bytes = Images.png(
        width: 3, height: 2, depth: 8, type: 0, chunks: isLast ? [] : chunk,
        data: [0, 1, 2, 3, 0, 4, 5, 6])
      return isLast ? Array(bytes.dropLast(12)) + chunk + bytes.suffix(12) : bytes
    }

    @Test(
      "is heeded for all eight values, in both byte orders",
      arguments: [
        (1, [1, 2, 3, 4, 5, 6]), (2, [3, 2, 1, 6, 5, 4]), (3, [6, 5, 4, 3, 2, 1]),
        (4, [4, 5, 6, 1, 2, 3]), (5, [1, 4, 2, 5, 3, 6]), (6, [4, 1, 5, 2, 6, 3]),
        (7, [6, 3, 5, 2, 4, 1]), (8, [3, 6, 2, 5, 1, 4]), (0, [1, 2, 3, 4, 5, 6]),
        (9, [1, 2, 3, 4, 5, 6]),
      ] as [(Int, [UInt8])])
    func values(value: Int, expected: [UInt8]) throws {
      for isLittle in [true, false] {
        for type in [3, 4] {
          let tags = Self.tags(value, isLittle: isLittle, type: type)
          for bytes in [Self.png(tags), Self.png(tags, isLast: true)] {
            let image = try ImageFile(bytes, path: "a.png")
            let isTurned = (5...8).contains(value)
            #expect(image.header.width == (isTurned ? 2 : 3))
            #expect(image.header.height == (isTurned ? 3 : 2))
            #expect(image.pixels == expected)
            #expect(try ImageFile.header(bytes, path: "a.png") == image.header)
          }
        }
      }
    }

    @Test("of JPEG files stands in the first segment of Exif, behind others")
    func jpeg() throws {
      // The left half is dark.
      let pixels = (0..<128).map { UInt8($0 % 16 < 8 ? 20 : 220) }
      let plain = try Images.jpeg(pixels, width: 16, height: 8)
      func segment(_ content: [UInt8]) -> [UInt8] {
        [0xFF, 0xE1] + EventFiles.big(Int64(content.count + 2), 2) + content
      }
      func image(_ value: Int) throws -> ImageFile {
        let exif = segment(Array("Exif\0\0".utf8) + Self.tags(value, isLittle: false))
        let other = segment(Array("http://ns.adobe.com/xap/1.0/\0".utf8))
        return try ImageFile(
          Array(plain.prefix(2)) + other + exif + plain.dropFirst(2), path: "a.jpg")
      }
      let clockwise = try image(6)
      #expect(clockwise.header.width == 8 && clockwise.header.height == 16)
      #expect(clockwise.pixels.prefix(64).allSatisfy { $0 < 60 })
      #expect(clockwise.pixels.suffix(64).allSatisfy { $0 > 180 })
      let upside = try image(3)
      #expect(upside.pixels.indices.allSatisfy { (upside.pixels[$0] > 120) == ($0 % 16 < 8) })
      #expect(try image(1).pixels == ImageFile(plain, path: "a.jpg").pixels)
    }

    @Test("that is damaged counts as none")
    func damage() throws {
      let tags = Self.tags(6, isLittle: true)
      for length in 0..<(tags.count - 6) {
        let image = try ImageFile(Self.png(Array(tags.prefix(length))), path: "a.png")
        #expect(image.header.width == (length >= 32 ? 2 : 3), "\(length) of \(tags.count)")
      }
      var far = tags
      far.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
      #expect(try ImageFile(Self.png(far), path: "a.png").header.width == 3)
    }
  }
#endif
