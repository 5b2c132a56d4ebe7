#if ImageFiles
  internal import CPNG
  package import Counterspike

  /// Reading and writing of PNG files by libpng's simplified interface, in which no error jumps over
  /// Swift code. The only file that speaks to libpng.
  package enum PNGFile {
    package static func header(_ bytes: [UInt8], path: String) throws(CounterspikeError)
      -> ImageFile.Header
    {
      try unsafe reading(bytes, path: path) { (_, header) throws(CounterspikeError) in header }
    }

    package static func read(_ bytes: [UInt8], path: String) throws(CounterspikeError) -> ImageFile
    {
      try unsafe reading(bytes, path: path) { (image, header) throws(CounterspikeError) in
        let isOpaque = unsafe image.pointee.format & UInt32(PNG_FORMAT_FLAG_ALPHA) == 0
        let bands = header.channels + (isOpaque ? 0 : 1)
        var pixels = [UInt8](repeating: 0, count: header.width * header.height * bands)
        // 16 bits are then rounded, and not taken for linear light.
        unsafe image.pointee.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
        unsafe image.pointee.format =
          (header.channels == 3 ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0)
          | (isOpaque ? 0 : UInt32(PNG_FORMAT_FLAG_ALPHA))
        let isRead = unsafe pixels.withUnsafeMutableBytes { target in
          unsafe png_image_finish_read(image, nil, target.baseAddress, 0, nil)
        }
        guard isRead != 0 else {
          throw ImageFile.damaged(path, "damaged PNG data", unsafe message(image))
        }
        guard !isOpaque else { return ImageFile(header: header, pixels: pixels) }
        return onBlack(pixels, header)
      }
    }

    /// - Parameter pixels: shape `[H, W, C + 1]`; the last band is the opacity.
    private static func onBlack(_ pixels: [UInt8], _ header: ImageFile.Header) -> ImageFile {
      let channels = header.channels
      var result = [UInt8](repeating: 0, count: header.width * header.height * channels)
      var isTransparent = false
      for pixel in 0..<(header.width * header.height) {
        let opacity = Int(pixels[pixel * (channels + 1) + channels])
        isTransparent = isTransparent || opacity < 255
        for channel in 0..<channels {
          let value = Int(pixels[pixel * (channels + 1) + channel])
          result[pixel * channels + channel] = UInt8((value * opacity + 127) / 255)
        }
      }
      return ImageFile(header: header, pixels: result, isTransparent: isTransparent)
    }

    /// A PNG file.
    ///
    /// - Parameters:
    ///   - pixels: shape `[H, W, 3]`, red, green and blue.
    /// - Throws: `libraryFailure`.
    /// - Precondition: as many pixels as width and height say.
    package static func bytes(
      of pixels: [UInt8], width: Int, height: Int
    ) throws(CounterspikeError) -> [UInt8] {
      precondition(
        pixels.count == width * height * 3 && !pixels.isEmpty,
        "\(pixels.count) pixels are not \(height)×\(width)×3")
      let image = unsafe blank()
      defer { unsafe release(image) }
      unsafe image.pointee.width = UInt32(width)
      unsafe image.pointee.height = UInt32(height)
      unsafe image.pointee.format = UInt32(PNG_FORMAT_FLAG_COLOR)
      // Stored without compression and some more: an upper bound of any PNG file.
      var size = 1024 + (pixels.count + height) * 101 / 100
      var bytes = [UInt8](repeating: 0, count: size)
      let isWritten = unsafe bytes.withUnsafeMutableBytes { target in
        unsafe pixels.withUnsafeBytes { source in
          unsafe png_image_write_to_memory(
            image, target.baseAddress, &size, 0, source.baseAddress, 0, nil)
        }
      }
      guard isWritten != 0 else {
        throw CounterspikeError(
          .libraryFailure,
          "libpng cannot write an image of \(width)×\(height) pixels: \(unsafe message(image))")
      }
      bytes.removeLast(bytes.count - size)
      return bytes
    }

    /// Calls `body` when libpng has read all that is before the pixels.
    private static func reading<Result>(
      _ bytes: [UInt8], path: String,
      _ body: (UnsafeMutablePointer<png_image>, ImageFile.Header) throws(CounterspikeError) ->
        Result
    ) throws(CounterspikeError) -> Result {
      let image = unsafe blank()
      defer { unsafe release(image) }
      // libpng keeps the address until the last pixel is read.
      return try unsafe bytes.withUnsafeBufferPointer { (source) throws(CounterspikeError) in
        guard
          unsafe png_image_begin_read_from_memory(image, source.baseAddress, source.count) != 0
        else { throw ImageFile.damaged(path, "damaged PNG data", unsafe message(image)) }
        let isColoured = unsafe image.pointee.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0
        let header = unsafe ImageFile.Header(
          format: .png, width: Int(image.pointee.width), height: Int(image.pointee.height),
          channels: isColoured ? 3 : 1)
        try ImageFile.check(header, path: path)
        return try unsafe body(image, header)
      }
    }

    /// At an address that stays: libpng notes it.
    private static func blank() -> UnsafeMutablePointer<png_image> {
      let image = UnsafeMutablePointer<png_image>.allocate(capacity: 1)
      unsafe image.initialize(to: png_image())
      unsafe image.pointee.version = UInt32(PNG_IMAGE_VERSION)
      return unsafe image
    }

    private static func release(_ image: UnsafeMutablePointer<png_image>) {
      unsafe png_image_free(image)
      unsafe image.deallocate()
    }

    private static func message(_ image: UnsafeMutablePointer<png_image>) -> String {
      unsafe withUnsafeBytes(of: &image.pointee.message) { text in
        unsafe String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
      }
    }
  }
#endif
