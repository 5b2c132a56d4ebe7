extension [UInt8] {
  /// The 32-bit number at `offset`, least significant byte first.
  package func littleEndian32(at offset: Int) -> UInt32 {
    UInt32(self[offset]) | UInt32(self[offset + 1]) << 8 | UInt32(self[offset + 2]) << 16
      | UInt32(self[offset + 3]) << 24
  }

  /// The 64-bit number at `offset`, least significant byte first.
  package func littleEndian64(at offset: Int) -> UInt64 {
    UInt64(littleEndian32(at: offset)) | UInt64(littleEndian32(at: offset + 4)) << 32
  }

  /// The 32-bit number at `offset`, most significant byte first.
  package func bigEndian32(at offset: Int) -> UInt32 {
    littleEndian32(at: offset).byteSwapped
  }

  /// The 16-bit number at `offset`, least significant byte first.
  package func littleEndian16(at offset: Int) -> UInt16 {
    UInt16(self[offset]) | UInt16(self[offset + 1]) << 8
  }

  /// Whether the bytes from `offset` on are those of `text`.
  package func has(_ text: StaticString, at offset: Int = 0) -> Bool {
    let bytes = Array("\(text)".utf8)
    return offset >= 0 && bytes.count <= count - offset
      && self[offset..<(offset + bytes.count)].elementsEqual(bytes)
  }

  /// Where the line that begins at `offset` ends, line feed included; `nil` if it has none.
  package func endOfLine(at offset: Int) -> Int? {
    self[offset...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
  }
}
