/// How an image lies in its file, as cameras note it in Exif's tag 0x0112.
///
/// The value says which sides of the picture the first row and the first column of the file are:
///
///     1 top, left      3 bottom, right   5 left, top      7 right, bottom
///     2 top, right     4 bottom, left    6 right, top     8 left, bottom
///
/// - Note: CIPA DC-008, “Exchangeable image file format”, 4.6.4; PNG specification, third edition, eXIf.
package struct ImageOrientation: Sendable, Equatable {
  static let upright = ImageOrientation(1)

  /// 1 … 8
  package let value: Int

  package init(_ value: Int) { self.value = (1...8).contains(value) ? value : 1 }

  /// What a file says; upright where it says nothing that can be read.
  package init(of bytes: [UInt8], format: ImageFile.Format) {
    let tags =
      switch format {
      case .jpeg: Self.tagsOfJPEG(bytes)
      case .png: Self.tagsOfPNG(bytes)
      }
    self.init(tags.flatMap { Self.value(in: bytes, $0) } ?? 1)
  }

  /// Whether width and height change places.
  var swapsSides: Bool { value >= 5 }

  /// Where in a file of `height`×`width` pixels the pixel at `row` and `column` of the picture stands.
  package func source(row: Int, column: Int, height: Int, width: Int) -> Int {
    let (y, x) =
      switch value {
      case 2: (row, width - 1 - column)
      case 3: (height - 1 - row, width - 1 - column)
      case 4: (height - 1 - row, column)
      case 5: (column, row)
      case 6: (height - 1 - column, row)
      case 7: (height - 1 - column, width - 1 - row)
      case 8: (column, width - 1 - row)
      default: (row, column)
      }
    return y * width + x
  }

  /// Where a JPEG file has its Exif data: in the first segment APP1 that begins with their name.
  private static func tagsOfJPEG(_ bytes: [UInt8]) -> Range<Int>? {
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
      let marker = bytes[offset + 1]
      // Fill bytes, and markers without a length.
      if marker == 0xFF {
        offset += 1
        continue
      }
      if marker == 0x01 || (0xD0...0xD7).contains(marker) {
        offset += 2
        continue
      }
      // The pixels begin.
      if marker == 0xDA || marker == 0xD9 { return nil }
      let end = offset + 2 + Int(bytes.littleEndian16(at: offset + 2).byteSwapped)
      guard end <= bytes.count, end >= offset + 4 else { return nil }
      if marker == 0xE1, bytes.has("Exif\0\0", at: offset + 4), offset + 10 <= end {
        return (offset + 10)..<end
      }
      offset = end
    }
    return nil
  }

  private static func tagsOfPNG(_ bytes: [UInt8]) -> Range<Int>? {
    var offset = 8
    while offset + 12 <= bytes.count {
      let length = Int(bytes.bigEndian32(at: offset))
      guard length <= bytes.count - offset - 12 else { return nil }
      if bytes.has("eXIf", at: offset + 4) { return (offset + 8)..<(offset + 8 + length) }
      offset += 12 + length
    }
    return nil
  }

  /// The orientation among the tags of the first directory, which are in the form of a TIFF file.
  private static func value(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
    let start = range.lowerBound
    let isLittle: Bool
    if bytes.has("II*\0", at: start) {
      isLittle = true
    } else if bytes.has("MM\0*", at: start) {
      isLittle = false
    } else {
      return nil
    }
    func number16(_ offset: Int) -> Int? {
      guard offset >= start, offset + 2 <= range.upperBound else { return nil }
      let number = bytes.littleEndian16(at: offset)
      return Int(isLittle ? number : number.byteSwapped)
    }
    func number32(_ offset: Int) -> Int? {
      guard offset >= start, offset + 4 <= range.upperBound else { return nil }
      return Int(isLittle ? bytes.littleEndian32(at: offset) : bytes.bigEndian32(at: offset))
    }
    guard let directory = number32(start + 4).map({ start + $0 }), let count = number16(directory)
    else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number16(place), let type = number16(place + 2) else { return nil }
      guard tag == 0x0112 else { continue }
      // A short number, or by some programs a long one.
      return type == 4 ? number32(place + 8) : type == 3 ? number16(place + 8) : nil
    }
    return nil
  }
}

extension ImageFile.Header {
  package func turned(_ orientation: ImageOrientation) -> ImageFile.Header {
    var header = self
    if orientation.swapsSides { swap(&header.width, &header.height) }
    return header
  }
}

extension ImageFile {
  /// The picture as it is to be looked at.
  package func turned(_ orientation: ImageOrientation) -> ImageFile {
    guard orientation != .upright else { return self }
    let turned = header.turned(orientation)
    let channels = header.channels
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count)
    for row in 0..<turned.height {
      for column in 0..<turned.width {
        let place = orientation.source(
          row: row, column: column, height: header.height, width: header.width)
        result += pixels[(place * channels)..<((place + 1) * channels)]
      }
    }
    return ImageFile(header: turned, pixels: result, isTransparent: isTransparent)
  }
}
