#if ImageFiles
  import CTurboJPEG
  import Counterspike
  import CounterspikeData
  import Foundation
  import Testing

  @Suite("Image files")
  struct ImageFileTests {
    static let pixels = randomBytes(7 * 5 * 4)

    static func pixels(_ count: Int) -> [UInt8] { Array(pixels.prefix(count)) }

    @Test("of PNG are read pixel by pixel")
    func png() throws {
      let grey = try ImageFile(
        Images.png(Self.pixels(35), width: 7, height: 5), path: "grey.png")
      #expect(grey.header == .init(format: .png, width: 7, height: 5, channels: 1))
      #expect(grey.pixels == Self.pixels(35))
      let colour = try ImageFile(
        Images.png(Self.pixels(105), width: 7, height: 5, kind: .colour), path: "colour.png")
      #expect(colour.header == .init(format: .png, width: 7, height: 5, channels: 3))
      #expect(colour.pixels == Self.pixels(105))
    }

    @Test("of PNG lie on black where they are transparent")
    func transparency() throws {
      let grey = try ImageFile(
        Images.png([9, 255, 200, 0], width: 2, height: 1, kind: .greyAndAlpha), path: "a.png")
      #expect(grey.header.channels == 1 && grey.pixels == [9, 0])
      let colour = try ImageFile(
        Images.png([9, 8, 7, 255, 200, 200, 200, 0], width: 2, height: 1, kind: .colourAndAlpha),
        path: "a.png")
      #expect(colour.pixels == [9, 8, 7, 0, 0, 0] && colour.isTransparent)
      // 200·128/255 = 100.4
      let half = try ImageFile(
        Images.png([200, 128, 0, 128, 255, 1], width: 3, height: 1, kind: .greyAndAlpha),
        path: "a.png")
      #expect(half.pixels == [100, 0, 1] && half.isTransparent)
      let opaque = try ImageFile(
        Images.png([9, 255, 8, 255], width: 2, height: 1, kind: .greyAndAlpha), path: "a.png")
      #expect(opaque.pixels == [9, 8] && !opaque.isTransparent)
      let key = Images.png(
        width: 2, height: 1, depth: 8, type: 0, chunks: Images.chunk("tRNS", [0, 7]),
        data: [0, 7, 9])
      #expect(try ImageFile(key, path: "a.png").pixels == [0, 9])
    }

    @Test("of PNG are read at every depth, and by their palette")
    func depths() throws {
      // Two pixels of one bit, of two, of four; of 16 bits.
      for (depth, byte, expected) in [
        (1, 0b0100_0000, [0, 255]), (2, 0b0111_0000, [85, 255]), (4, 0x3F, [51, 255]),
      ] as [(UInt8, UInt8, [UInt8])] {
        let bytes = Images.png(width: 2, height: 1, depth: depth, type: 0, data: [0, byte])
        #expect(try ImageFile(bytes, path: "a.png").pixels == expected, "\(depth) bits")
      }
      let deep = Images.png(
        width: 2, height: 1, depth: 16, type: 0, data: [0, 0x40, 0x40, 0xFF, 0xFF])
      #expect(try ImageFile(deep, path: "a.png").pixels == [0x40, 0xFF])
      // 128/257 = 0.498, 129/257 = 0.502
      let edge = Images.png(
        width: 2, height: 1, depth: 16, type: 0, data: [0, 0, 128, 0, 129])
      #expect(try ImageFile(edge, path: "a.png").pixels == [0, 1])
      let palette = Images.png(
        width: 2, height: 1, depth: 8, type: 3,
        chunks: Images.chunk("PLTE", [1, 2, 3, 4, 5, 6]), data: [0, 1, 0])
      let found = try ImageFile(palette, path: "a.png")
      #expect(found.header.channels == 3 && found.pixels == [4, 5, 6, 1, 2, 3])
    }

    @Test("of PNG that Counterspike writes are read again")
    func writing() throws {
      let bytes = try PNGFile.bytes(of: Self.pixels(105), width: 7, height: 5)
      #expect(try ImageFile(bytes, path: "a.png").pixels == Self.pixels(105))
      let noise = randomBytes(3 * 300 * 200)
      let large = try PNGFile.bytes(of: noise, width: 300, height: 200)
      #expect(try ImageFile(large, path: "a.png").pixels == noise)
    }

    @Test("of JPEG are read, progressive or not")
    func jpeg() throws {
      for flags in [0, TJFLAG_PROGRESSIVE] {
        let grey = try ImageFile(
          Images.jpeg([UInt8](repeating: 100, count: 300), width: 20, height: 15, flags: flags),
          path: "grey.jpg")
        #expect(grey.header == .init(format: .jpeg, width: 20, height: 15, channels: 1))
        #expect(grey.pixels.allSatisfy { (99...101).contains($0) })
        let red = try ImageFile(
          Images.jpeg(
            (0..<300).flatMap { _ in [200, 20, 40] as [UInt8] }, width: 20, height: 15, channels: 3,
            flags: flags), path: "red.jpg")
        #expect(red.header.channels == 3)
        let isRed = stride(from: 0, to: 900, by: 3).allSatisfy {
          (198...202).contains(red.pixels[$0]) && (18...22).contains(red.pixels[$0 + 1])
            && (38...42).contains(red.pixels[$0 + 2])
        }
        #expect(isRed)
      }
    }

    @Test("of which only the header is read say the same")
    func header() throws {
      let bytes = try Images.png(Self.pixels(35), width: 7, height: 5)
      let file = try ImageFile(bytes, path: "a.png")
      #expect(try ImageFile.header(bytes, path: "a.png") == file.header)
      let other = try Images.jpeg(Self.pixels(105), width: 7, height: 5, channels: 3)
      #expect(
        try ImageFile.header(other, path: "a.jpg") == ImageFile(other, path: "a.jpg").header)
    }

    @Test("that are too large, of no use or no images are refused by what was expected")
    func refusals() throws {
      func expect(
        _ bytes: [UInt8], _ text: String, sourceLocation: SourceLocation = #_sourceLocation
      ) {
        let error = #expect(throws: CounterspikeError.self, sourceLocation: sourceLocation) {
          try ImageFile(bytes, path: "the/file.png")
        }
        #expect(error?.code == .damagedFile, sourceLocation: sourceLocation)
        #expect(
          error?.message.hasPrefix("“the/file.png” has \(text)") == true, "\(error?.message ?? "")",
          sourceLocation: sourceLocation)
      }
      expect([], "a beginning that is neither that of a PNG nor of a JPEG file")
      expect(Array("GIF89a".utf8), "a beginning that is neither")
      // 2³⁰ pixels, of which there are none.
      expect(
        Images.png(width: 32768, height: 32768, depth: 8, type: 0, data: [0]),
        "32768×32768 pixels, where 1 to 67108864 are expected")
      var jpeg = try Images.jpeg(Self.pixels(35), width: 7, height: 5)
      let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
      jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFD, 0xE8, 0xFD, 0xE8])
      expect(jpeg, "65000×65000 pixels, where 1 to 67108864 are expected")
      expect(
        try Images.jpeg(Self.pixels(140), width: 7, height: 5, channels: 4),
        "colours for print (CMYK), where grey or RGB are expected")
      let png = try Images.png(Self.pixels(35), width: 7, height: 5)
      var flipped = png
      flipped[png.count - 20] ^= 1
      expect(flipped, "damaged PNG data (")
    }

    @Test("that break off are refused, wherever")
    func truncation() throws {
      let noise = randomBytes(3 * 40 * 30)
      let png = try Images.png(noise, width: 40, height: 30, kind: .colour)
      let jpeg = try Images.jpeg(noise, width: 40, height: 30, channels: 3)
      for (bytes, last) in [(png, png.count - 12), (jpeg, jpeg.count - 2)] {
        for length in stride(from: 0, to: last, by: 37) {
          #expect(throws: CounterspikeError.self, "\(length) of \(bytes.count)") {
            try ImageFile(Array(bytes[..<length]), path: "a.png")
          }
        }
      }
    }

    static func image(_ pixels: [UInt8], width: Int, height: Int, channels: Int = 1) -> ImageFile {
      ImageFile(
        header: .init(format: .png, width: width, height: height, channels: channels),
        pixels: pixels)
    }

    @Test("become samples, channel by channel, grey or coloured")
    func channels() {
      let colour = Self.image([10, 20, 30, 200, 100, 50], width: 2, height: 1, channels: 3)
      #expect(colour.sample(size: nil, channels: 3) == [10, 200, 20, 100, 30, 50])
      // (299·10 + 587·20 + 114·30)/1000 = 18.15; (299·200 + 587·100 + 114·50)/1000 = 124.2
      #expect(colour.sample(size: nil, channels: 1) == [18, 124])
      let white = Self.image([255, 255, 255], width: 1, height: 1, channels: 3)
      #expect(white.sample(size: nil, channels: 1) == [255])
      let grey = Self.image([1, 2], width: 2, height: 1)
      #expect(grey.sample(size: nil, channels: 3) == [1, 2, 1, 2, 1, 2])
    }

    @Test("are cut to the square in the centre and averaged")
    func sizes() {
      // Three rows of 0, 90, 180 between columns that are cut off: (2·0 + 90)/3 and (90 + 2·180)/3.
      let row: [UInt8] = [7, 0, 90, 180, 9]
      let image = Self.image(row + row + row, width: 5, height: 3)
      #expect(
        image.sample(size: 3, channels: 1) == Array(([0, 90, 180] + [0, 90, 180] + [0, 90, 180])))
      #expect(image.sample(size: 2, channels: 1) == [30, 150, 30, 150])
      #expect(image.sample(size: 1, channels: 1) == [90])
      // (1 + 2 + 4 + 7)/4 = 3.5
      #expect(Self.image([1, 2, 4, 7], width: 2, height: 2).sample(size: 1, channels: 1) == [4])
      let tall = Self.image([1, 2, 3], width: 1, height: 3)
      #expect(tall.sample(size: 1, channels: 3) == [2, 2, 2])
    }

    @Test("keep their mean when they are averaged", arguments: [1, 2, 5, 12, 16, 23])
    func mean(size: Int) {
      let pixels = randomBytes(24 * 24)
      let sample = Self.image(pixels, width: 24, height: 24).sample(size: size, channels: 1)
      let mean = Double(pixels.reduce(0) { $0 + Int($1) }) / Double(pixels.count)
      let other = Double(sample.reduce(0) { $0 + Int($1) }) / Double(sample.count)
      #expect(abs(mean - other) <= 0.5)
    }
  }
#endif
