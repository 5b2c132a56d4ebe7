package import Counterspike

/// A file in the IDX format of MNIST: an array of unsigned bytes with a short header.
///
///     offset 0      0x00 0x00
///     offset 2      type of the elements: 0x08 is unsigned byte, the only one read here
///     offset 3      number of dimensions n
///     offset 4      n sizes, each four bytes, big-endian, the slowest-varying dimension first
///     offset 4+4n   the elements, as many as the product of the sizes; the file ends there
///
/// - Note: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", file formats.
package struct IDXFile: Sendable {
  /// What a file holds, and so how many dimensions it has.
  package enum Content: Sendable {
    /// `[count, height, width]`.
    case images
    /// `[count]`.
    case labels

    var dimensionCount: Int {
      switch self {
      case .images: 3
      case .labels: 1
      }
    }

    package var name: String {
      switch self {
      case .images: "images"
      case .labels: "labels"
      }
    }
  }

  /// The names of the other element types, for messages.
  private static let typeNames: [UInt8: String] = [
    0x09: "signed byte", 0x0B: "16-bit integer", 0x0C: "32-bit integer", 0x0D: "32-bit float",
    0x0E: "64-bit float",
  ]

  /// The file's path, for messages.
  package let path: String
  /// The size of each dimension, the slowest-varying first.
  package let dimensions: [Int]
  /// The header and the elements.
  package let bytes: [UInt8]

  /// Where in `bytes` the elements begin.
  package var headerSize: Int { 4 + 4 * dimensions.count }
  /// The size of the first dimension: the number of images or labels.
  package var count: Int { dimensions[0] }
  /// All elements, in the file's order.
  package var elements: ArraySlice<UInt8> { bytes[headerSize...] }

  /// Reads the header and checks the file's length against it.
  ///
  /// - Parameters:
  ///   - bytes: the content of the file, unpacked.
  ///   - path: the file's path, for messages.
  ///   - content: what the file should hold.
  /// - Throws: `damagedFile`, naming the file, what was found, what was expected and the remedy.
  package init(
    bytes: [UInt8], path: String, content: Content
  ) throws(CounterspikeError) {
    let dimensionCount = content.dimensionCount
    let headerSize = 4 + 4 * dimensionCount
    let again = "remove it and fetch it again"

    guard bytes.count >= 4 else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” is truncated: it has \(bytes.count) bytes, less than the header of an IDX file "
          + "of \(content.name), which has \(headerSize); \(again)")
    }
    guard bytes[0] == 0, bytes[1] == 0 else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” is no IDX file: it begins with \(hexadecimal(bytes[..<4])), where "
          + "00 00 08 0\(dimensionCount) is expected of a file of \(content.name); "
          + "put the right file in its place")
    }
    guard bytes[2] == 0x08 else {
      let type = Self.typeNames[bytes[2]] ?? "unknown"
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” has elements of IDX type \(hexadecimal(bytes[2...2])) (\(type)) at byte 2; only "
          + "08 (unsigned byte) is read: convert it, or put the right file in its place")
    }
    guard bytes[3] == dimensionCount else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” has \(bytes[3]) dimensions at byte 3, where a file of \(content.name) has "
          + "\(dimensionCount); perhaps files of images and labels were swapped: "
          + "put the right file in its place")
    }
    guard bytes.count >= headerSize else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” is truncated: it has \(bytes.count) bytes, and its header alone has "
          + "\(headerSize); \(again)")
    }

    let dimensions = (0..<dimensionCount).map { dimension in
      bytes[(4 + 4 * dimension)..<(8 + 4 * dimension)].reduce(0) { $0 << 8 | Int($1) }
    }
    guard !dimensions.contains(0) else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” is empty: its header gives the sizes \(shapeText(dimensions)) at byte 4, where "
          + "every size must be at least 1; \(again)")
    }
    var expected = headerSize
    var product = 1
    for size in dimensions {
      let (value, overflow) = product.multipliedReportingOverflow(by: size)
      product = overflow ? Int.max - headerSize : value
    }
    expected += product
    guard bytes.count == expected else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” is \(bytes.count < expected ? "truncated" : "too long"): it has \(bytes.count) "
          + "bytes, and \(expected) are expected by its header for \(shapeText(dimensions)) "
          + "\(content.name); \(again)")
    }

    self.path = path
    self.dimensions = dimensions
    self.bytes = bytes
  }
}

/// `[28, 28]` as `28×28`.
package func shapeText(_ shape: some Sequence<Int>) -> String {
  shape.map(String.init).joined(separator: "×")
}

/// Bytes as two-digit hexadecimal numbers with spaces between them.
private func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
  bytes.map { byte in
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
  }.joined(separator: " ")
}
