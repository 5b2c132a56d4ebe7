package import Counterspike

/// An image from a .png or .jpg file.
///
/// Pixels are as the file has them, 8 bits each and by sRGB where it says otherwise: deeper ones are
/// rounded, a palette is looked up, and the picture is turned as Exif says it was taken. What is
/// transparent lies on black: value v of opacity α, 0 … 255, becomes v·α/255, rounded.
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
  /// Whether the file has pixels that are not opaque.
  package let isTransparent: Bool

  /// - Precondition: as many pixels as the header says.
  package init(header: Header, pixels: [UInt8], isTransparent: Bool = false) {
    precondition(
      pixels.count == header.width * header.height * header.channels,
      "\(pixels.count) pixels are not \(header.height)×\(header.width)×\(header.channels)")
    self.header = header
    self.pixels = pixels
    self.isTransparent = isTransparent
  }

  /// Reads all of a file.
  ///
  /// - Throws: `unreadableFile`; `damagedFile`, naming the file and what was expected; `missingLibrary`
  ///   in a build without the package trait ImageFiles.
  package init(contentsOf path: String) throws(CounterspikeError) {
    self = try ImageFile(try WholeFile.bytes(of: path, as: .image), path: path)
  }

  /// Reads the content of a file; errors call it `path`.
  package init(_ bytes: [UInt8], path: String) throws(CounterspikeError) {
    #if ImageFiles
      let format = try Self.format(of: bytes, path: path)
      let file =
        switch format {
        case .png: try PNGFile.read(bytes, path: path)
        case .jpeg: try JPEGFile.read(bytes, path: path)
        }
      self = file.turned(ImageOrientation(of: bytes, format: format))
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
      let format = try format(of: bytes, path: path)
      let header =
        switch format {
        case .png: try PNGFile.header(bytes, path: path)
        case .jpeg: try JPEGFile.header(bytes, path: path)
        }
      return header.turned(ImageOrientation(of: bytes, format: format))
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
  package static func check(_ header: Header, path: String) throws(CounterspikeError) {
    let (pixels, isTooMuch) = header.width.multipliedReportingOverflow(by: header.height)
    guard header.width > 0, header.height > 0, !isTooMuch, pixels <= pixelLimit else {
      throw damaged(
        path, "\(header.width)×\(header.height) pixels, where 1 to \(pixelLimit) are expected")
    }
  }

  /// - Parameter cause: a library's words.
  package static func damaged(
    _ path: String, _ what: String, _ cause: String? = nil,
    remedy: String = "remove it, or put a sound image in its place"
  ) -> CounterspikeError {
    CounterspikeError(
      .damagedFile,
      "“\(path.excerpt)” has \(what)\(cause.map { " (\($0.excerpt))" } ?? ""); \(remedy)")
  }

  static func unsupported(_ path: String) -> CounterspikeError {
    CounterspikeError(
      .missingLibrary,
      "“\(path.excerpt)” is an image, and this build lacks the package trait ImageFiles; build it "
        + "with the trait, libpng and libjpeg-turbo")
  }
}
