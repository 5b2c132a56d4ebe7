internal import CounterspikeFormats

/// A table of a FlatBuffer, of which nothing is believed: whatever is asked for is looked up within
/// bounds, or is not there.
///
///     table     4 bytes: how far before it its list of fields begins
///     fields    2 bytes: the list's size; 2 bytes: the table's; then for each field 2 bytes: where in the
///               table it stands, or 0 where it is left out
///     vector    4 bytes: the number of elements, then the elements; of texts, bytes
///
/// All numbers are little-endian. Texts and vectors stand elsewhere; a field has the distance.
///
/// - Note: the FlatBuffers internals, flatbuffers.dev.
struct FlatBuffer {
  private let bytes: [UInt8]
  private let end: Int
  private let table: Int
  private let fields: Range<Int>

  /// The root table of a buffer with its size before it: 4 bytes of the size, 4 bytes of the root's
  /// place, 4 letters that say what it is.
  ///
  /// - Parameter letters: what it must be.
  init?(_ bytes: [UInt8], at offset: Int, letters: StaticString) {
    guard offset >= 0, bytes.count - offset >= 12, bytes.has(letters, at: offset + 8) else {
      return nil
    }
    let start = offset + 4
    let size = Int(bytes.littleEndian32(at: offset))
    guard size >= 8, size <= bytes.count - start else { return nil }
    self.bytes = bytes
    end = start + size
    table = start + Int(bytes.littleEndian32(at: start))
    guard table <= end - 4 else { return nil }
    let list = table - Int(Int32(bitPattern: bytes.littleEndian32(at: table)))
    guard list >= start, list <= end - 4 else { return nil }
    let length = Int(bytes.littleEndian16(at: list))
    guard length >= 4, length <= end - list else { return nil }
    fields = (list + 4)..<(list + length)
  }

  /// The number of bytes up to the end of the buffer that begins at `offset`, its size included; `nil`:
  /// the file has fewer.
  static func size(_ bytes: [UInt8], at offset: Int) -> Int? {
    guard offset >= 0, bytes.count - offset >= 4 else { return nil }
    let size = 4 + Int(bytes.littleEndian32(at: offset))
    return size <= bytes.count - offset ? size : nil
  }

  /// Where field `index` stands, if it is not left out and has so many bytes.
  private func place(_ index: Int, size: Int) -> Int? {
    let entry = fields.lowerBound + 2 * index
    guard entry + 2 <= fields.upperBound else { return nil }
    let offset = Int(bytes.littleEndian16(at: entry))
    guard offset > 0, table + offset <= end - size else { return nil }
    return table + offset
  }

  func int32(_ index: Int) -> Int32? {
    place(index, size: 4).map { Int32(bitPattern: bytes.littleEndian32(at: $0)) }
  }

  func int64(_ index: Int) -> Int64? {
    place(index, size: 8).map { Int64(bitPattern: bytes.littleEndian64(at: $0)) }
  }

  /// Where the first element of a vector stands, and how many there are.
  func vector(_ index: Int, elementSize: Int) -> (start: Int, count: Int)? {
    guard let place = place(index, size: 4) else { return nil }
    let start = place + Int(bytes.littleEndian32(at: place))
    guard start <= end - 4 else { return nil }
    let count = Int(bytes.littleEndian32(at: start))
    guard count <= (end - start - 4) / elementSize else { return nil }
    return (start + 4, count)
  }

  func text(_ index: Int) -> String? {
    vector(index, elementSize: 1).map {
      String(decoding: bytes[$0.start..<($0.start + $0.count)], as: UTF8.self)
    }
  }
}
