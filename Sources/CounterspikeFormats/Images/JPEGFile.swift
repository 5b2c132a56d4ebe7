#if ImageFiles
  internal import CTurboJPEG
  internal import Counterspike

  /// Reading of JPEG files by libjpeg-turbo's own interface, in which no error jumps over Swift code.
  /// The only file that speaks to it.
  enum JPEGFile {
    /// Whatever is not quite as it should be is an error, and so are more scans than any image needs;
    /// the exact transform, so that all processors give the same pixels.
    private static let flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT

    static func header(_ bytes: [UInt8], path: String) throws(CounterspikeError) -> ImageFile.Header
    {
      let decoder = try unsafe started()
      defer { _ = unsafe tjDestroy(decoder) }
      return try unsafe header(bytes, path: path, decoder)
    }

    static func read(_ bytes: [UInt8], path: String) throws(CounterspikeError) -> ImageFile {
      let decoder = try unsafe started()
      defer { _ = unsafe tjDestroy(decoder) }
      let header = try unsafe header(bytes, path: path, decoder)
      var pixels = [UInt8](repeating: 0, count: header.width * header.height * header.channels)
      let format = header.channels == 3 ? TJPF_RGB : TJPF_GRAY
      let status = unsafe pixels.withUnsafeMutableBufferPointer { target in
        unsafe bytes.withUnsafeBufferPointer { source in
          unsafe tjDecompress2(
            decoder, source.baseAddress, UInt(source.count), target.baseAddress,
            Int32(header.width), 0, Int32(header.height), Int32(format.rawValue), flags)
        }
      }
      guard status == 0 else {
        throw ImageFile.damaged(path, "damaged JPEG data", unsafe reason(decoder))
      }
      return ImageFile(header: header, pixels: pixels)
    }

    private static func header(
      _ bytes: [UInt8], path: String, _ decoder: tjhandle
    ) throws(CounterspikeError) -> ImageFile.Header {
      var (width, height, sampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
      let status = unsafe bytes.withUnsafeBufferPointer { source in
        unsafe tjDecompressHeader3(
          decoder, source.baseAddress, UInt(source.count), &width, &height, &sampling, &colours)
      }
      guard status == 0 else {
        throw ImageFile.damaged(path, "a damaged JPEG header", unsafe reason(decoder))
      }
      guard colours != Int32(TJCS_CMYK.rawValue), colours != Int32(TJCS_YCCK.rawValue) else {
        throw ImageFile.damaged(
          path, "colours for print (CMYK), where grey or RGB are expected",
          remedy: "convert it to RGB, or remove it")
      }
      let header = ImageFile.Header(
        format: .jpeg, width: Int(width), height: Int(height),
        channels: colours == Int32(TJCS_GRAY.rawValue) ? 1 : 3)
      try ImageFile.check(header, path: path)
      return header
    }

    private static func started() throws(CounterspikeError) -> tjhandle {
      guard let decoder = unsafe tjInitDecompress() else {
        throw CounterspikeError(
          .libraryFailure, "libjpeg-turbo cannot be started; free some memory and try again")
      }
      return unsafe decoder
    }

    private static func reason(_ decoder: tjhandle) -> String {
      guard let text = unsafe tjGetErrorStr2(decoder) else { return "no reason is given" }
      return unsafe String(cString: text)
    }
  }
#endif
