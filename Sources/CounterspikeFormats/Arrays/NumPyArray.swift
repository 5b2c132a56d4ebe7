package import Counterspike

/// An array of numbers as NumPy writes it.
package struct NumPyArray {
  /// What errors call the file, of an archive with the array's name.
  package let path: String
  package let shape: [Int]
  package let type: NumPyType
  package let bytes: [UInt8]
  /// Where the first element stands.
  package let start: Int
  private let isFortranOrder: Bool

  /// - Throws: `damagedFile` for records, and for files shorter or longer than their header says.
  package init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
    let header = try NumPyHeader(bytes, path: path)
    guard !header.isStructured, let field = header.fields.first else {
      throw .damagedEvents(
        path, at: 10, "the array is one of records, where numbers are expected",
        "save a plain array of numbers")
    }
    var size = header.recordSize
    var isTooLarge = false
    for length in header.shape where !isTooLarge {
      (size, isTooLarge) = size.multipliedReportingOverflow(by: length)
    }
    guard !isTooLarge, size == bytes.count - header.end else {
      throw .damagedEvents(
        path, at: header.end,
        "\(bytes.count - header.end) bytes follow the header, which says an array of shape "
          + "\(header.shape) of \(header.recordSize) bytes each",
        "the file is truncated or too long: save the array again")
    }
    self.path = path
    self.bytes = bytes
    shape = header.shape
    type = field.type
    start = header.end
    isFortranOrder = header.isFortranOrder
  }

  package var count: Int { shape.reduce(1, *) }

  /// Whether the elements are whole numbers, such as pixels or labels.
  package var isWhole: Bool { type.kind == .unsigned || type.kind == .signed || isBoolean }

  package var isBoolean: Bool { type.kind == .boolean }

  /// Whether the elements are bytes, 0 … 255.
  package var isBytes: Bool { type.kind == .unsigned && type.size == 1 }

  /// What the elements are, for messages.
  package var typeText: String {
    let bits = 8 * type.size
    return switch type.kind {
    case .signed: "int\(bits)"
    case .unsigned: "uint\(bits)"
    case .float: "float\(bits)"
    case .boolean: "bool"
    case .time: "datetime64"
    case .other: "no numbers"
    }
  }

  /// All elements, the last index the fastest.
  ///
  /// - Throws: `damagedFile` for elements that are no numbers, and for those that are not finite or beyond
  ///   what 32 bits hold.
  package func floats() throws(CounterspikeError) -> [Float] {
    guard type.isNumber else { throw noNumbers() }
    var values: [Float] = []
    values.reserveCapacity(count)
    for place in places {
      let value = Float(type.number(bytes, at: place))
      guard value.isFinite else {
        throw .damagedEvents(
          path, at: place,
          "the value is \(type.number(bytes, at: place)), no finite number of 32 bits",
          "save finite numbers")
      }
      values.append(value)
    }
    return values
  }

  /// All elements as whole numbers, the last index the fastest.
  ///
  /// - Throws: `damagedFile` for others.
  package func integers() throws(CounterspikeError) -> [Int] {
    guard type.isNumber else { throw noNumbers() }
    var values: [Int] = []
    values.reserveCapacity(count)
    for place in places {
      guard let value = type.integer(bytes, at: place) else {
        throw .damagedEvents(
          path, at: place,
          "the value is \(type.number(bytes, at: place)), no whole number of 64 bits",
          "save whole numbers")
      }
      values.append(Int(value))
    }
    return values
  }

  /// All elements as bytes, the last index the fastest.
  ///
  /// - Precondition: ``isBytes``.
  package func pixels() -> [UInt8] {
    precondition(isBytes, "an array of \(typeText)")
    return isFortranOrder ? places.map { bytes[$0] } : Array(bytes[start...])
  }

  private func noNumbers() -> CounterspikeError {
    .damagedEvents(path, at: 10, "the array is not one of numbers", "save an array of numbers")
  }

  /// Where the elements stand, the last index the fastest.
  private var places: some Sequence<Int> {
    let size = type.size
    let strides: [Int]
    if isFortranOrder {
      strides = shape.indices.map { shape[..<$0].reduce(size, *) }
    } else {
      strides = shape.indices.map { shape[($0 + 1)...].reduce(size, *) }
    }
    return (0..<count).lazy.map { index in
      guard isFortranOrder else { return start + index * size }
      var rest = index
      var place = start
      for axis in shape.indices.reversed() {
        place += rest % shape[axis] * strides[axis]
        rest /= shape[axis]
      }
      return place
    }
  }

  // MARK: In archives

  /// A file in an archive.
  package struct Member {
    /// The array's name, without `.npy`.
    package let name: String
    /// What errors call it.
    package let path: String
    package let bytes: [UInt8]
  }

  /// No content packs better than this by deflate.
  private static let largestRatio = 1032
  private static let largestArchive = 1 << 34

  /// The arrays of an `.npz`.
  ///
  /// - Throws: `damagedFile`; `missingLibrary` in a build without libarchive.
  package static func members(
    of bytes: [UInt8], path: String
  ) throws(CounterspikeError) -> [Member] {
    guard bytes.has("PK\u{3}\u{4}") else {
      throw .damagedEvents(
        path, at: 0, "the file does not begin as an archive of arrays does",
        "put a file that numpy.savez wrote in its place")
    }
    let limit = min(largestArchive, bytes.count * largestRatio)
    return try PackedBytes.members(of: bytes, limit: limit, path: path).map { name, content in
      let name = name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
      return Member(name: name, path: "\(path): \(name)", bytes: content)
    }
  }
}
