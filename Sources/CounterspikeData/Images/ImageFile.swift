package import Counterspike

/// A still image from a .png or .jpg file.
///
/// Pixels are as the file has them, 8 bits each and by sRGB where it says otherwise: deeper ones are
/// rounded, what is transparent lies on black, a palette is looked up. How a camera was held (Exif)
/// is not heeded.
package struct ImageFile: Sendable, Equatable {
  /// The formats that are read.
  package enum Format: String, Sendable, CaseIterable {
    case png = "PNG"
    case jpeg = "JPEG"

    /// How the names of files end, without the dot.
    package var fileExtensions: [String] {
      switch self {
      case .png: ["png"]
      case .jpeg: ["jpg", "jpeg"]
      }
    }

    /// The format of a file by its first bytes.
    package init?(of bytes: [UInt8]) {
      if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
        self = .png
      } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
        self = .jpeg
      } else {
        return nil
      }
    }
  }

  /// What a file says of itself before its pixels.
  package struct Header: Sendable, Equatable {
    package var format: Format
    package var width: Int
    package var height: Int
    /// 1: grey; 3: red, green, blue.
    package var channels: Int

    package init(format: Format, width: Int, height: Int, channels: Int) {
      self.format = format
      self.width = width
      self.height = height
      self.channels = channels
    }
  }

  /// The most pixels that an image may have, 2²⁶; checked before memory is taken for them.
  package static let pixelLimit = 1 << 26

  /// How the names of all files end that are read, without the dot.
  package static let fileExtensions = Format.allCases.flatMap(\.fileExtensions)

  package let header: Header
  /// Shape `[H, W, C]`.
  package let pixels: [UInt8]

  /// - Precondition: as many pixels as the header says.
  package init(header: Header, pixels: [UInt8]) {
    precondition(
      pixels.count == header.width * header.height * header.channels,
      "\(pixels.count) pixels are not \(header.height)×\(header.width)×\(header.channels)")
    self.header = header
    self.pixels = pixels
  }

  /// Reads all of a file.
  ///
  /// - Throws: `unreadableFile`; `damagedFile`, naming the file and what was expected; `missingData`
  ///   where Counterspike was built without the libraries for images.
  package init(contentsOf path: String) throws(CounterspikeError) {
    self = try ImageFile(try WholeFile.bytes(of: path, as: .image), path: path)
  }

  /// Reads the content of a file; errors call it `path`.
  package init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
    #if ImageFiles
      switch try Self.format(of: bytes, path: path) {
      case .png: self = try PNGFile.read(bytes, path: path)
      case .jpeg: self = try JPEGFile.read(bytes, path: path)
      }
    #else
      throw Self.unsupported(path)
    #endif
  }

  /// Reads what a file says of itself, and no more of it than that.
  ///
  /// - Throws: as ``init(contentsOf:)``.
  package static func header(
    _ bytes: [UInt8], path: String
  ) throws(CounterspikeError) -> Header {
    #if ImageFiles
      switch try format(of: bytes, path: path) {
      case .png: try PNGFile.header(bytes, path: path)
      case .jpeg: try JPEGFile.header(bytes, path: path)
      }
    #else
      throw unsupported(path)
    #endif
  }

  private static func format(
    of bytes: [UInt8], path: String
  ) throws(CounterspikeError) -> Format {
    guard let format = Format(of: bytes) else {
      throw damaged(path, "a beginning that is neither that of a PNG nor of a JPEG file")
    }
    return format
  }

  /// Refuses sizes that nobody can mean.
  static func check(_ header: Header, path: String) throws(CounterspikeError) {
    let (pixels, isTooMuch) = header.width.multipliedReportingOverflow(by: header.height)
    guard header.width > 0, header.height > 0, !isTooMuch, pixels <= pixelLimit else {
      throw damaged(
        path, "\(header.width)×\(header.height) pixels, where 1 to \(pixelLimit) are expected")
    }
  }

  /// - Parameter cause: a library's words.
  static func damaged(
    _ path: String, _ what: String, _ cause: String? = nil
  ) -> CounterspikeError {
    CounterspikeError(
      .damagedFile,
      "\(path) has \(what)\(cause.map { " (\($0.excerpt))" } ?? ""); remove it, or put a sound image "
        + "in its place.")
  }

  static func unsupported(_ path: String) -> CounterspikeError {
    CounterspikeError(
      .missingData,
      "\(path) is an image, and this Counterspike was built without the trait ImageFiles; build it "
        + "with libpng and libjpeg-turbo, which Scripts/setup installs.")
  }
}
