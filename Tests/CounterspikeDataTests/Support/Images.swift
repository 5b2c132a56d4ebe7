#if ImageFiles
  import CPNG
  import CTurboJPEG
  import CounterspikeData

  /// Image files made for tests, by the libraries that read them.
  enum Images {
    struct Failure: Error {}

    enum Kind: CaseIterable {
      case grey
      case greyAndAlpha
      case colour
      case colourAndAlpha

      var channels: Int {
        switch self {
        case .grey: 1
        case .greyAndAlpha: 2
        case .colour: 3
        case .colourAndAlpha: 4
        }
      }
    }

    /// - Parameter pixels: shape `[H, W, channels]`.
    static func png(
      _ pixels: [UInt8], width: Int, height: Int, kind: Kind = .grey
    ) throws -> [UInt8] {
      let image = UnsafeMutablePointer<png_image>.allocate(capacity: 1)
      image.initialize(to: png_image())
      defer {
        png_image_free(image)
        image.deallocate()
      }
      image.pointee.version = UInt32(PNG_IMAGE_VERSION)
      image.pointee.width = UInt32(width)
      image.pointee.height = UInt32(height)
      // Bit 0 is alpha, bit 1 colour.
      image.pointee.format = UInt32(kind.channels - 1)
      var size = 2048 + 2 * pixels.count
      var bytes = [UInt8](repeating: 0, count: size)
      guard png_image_write_to_memory(image, &bytes, &size, 0, pixels, 0, nil) != 0 else {
        throw Failure()
      }
      return Array(bytes.prefix(size))
    }

    /// One chunk of a PNG file.
    static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
      let body = Array(type.utf8) + content
      return EventFiles.big(Int64(content.count), 4) + body
        + EventFiles.big(Int64(Archive.checksum(body)), 4)
    }

    /// A PNG file by hand.
    ///
    /// - Parameters:
    ///   - data: lines of pixels, each behind a zero.
    static func png(
      width: Int, height: Int, depth: UInt8, type: UInt8, chunks: [UInt8] = [], data: [UInt8]
    ) -> [UInt8] {
      let header =
        EventFiles.big(Int64(width), 4) + EventFiles.big(Int64(height), 4)
        + [depth, type, 0, 0, 0]
      // What is in a gzip member, in zlib's wrapper.
      let deflated = Array(gzip(data).dropFirst(10).dropLast(8))
      var (a, b) = (1, 0)
      for byte in data {
        a = (a + Int(byte)) % 65521
        b = (b + a) % 65521
      }
      return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunks
        + chunk("IDAT", [0x78, 0x01] + deflated + EventFiles.big(Int64(b << 16 | a), 4))
        + chunk("IEND", [])
    }

    private enum Archive {
      static func checksum(_ bytes: [UInt8]) -> UInt32 {
        gzip(bytes).suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
      }
    }

    /// - Parameters:
    ///   - pixels: shape `[H, W, channels]`; four channels are CMYK.
    static func jpeg(
      _ pixels: [UInt8], width: Int, height: Int, channels: Int = 1, flags: Int32 = 0
    ) throws -> [UInt8] {
      guard let encoder = tjInitCompress() else { throw Failure() }
      defer { tjDestroy(encoder) }
      var bytes: UnsafeMutablePointer<UInt8>?
      var size: UInt = 0
      let format = channels == 1 ? TJPF_GRAY : channels == 3 ? TJPF_RGB : TJPF_CMYK
      let sampling = channels == 1 ? TJSAMP_GRAY : TJSAMP_444
      let status = tjCompress2(
        encoder, pixels, Int32(width), 0, Int32(height), Int32(format.rawValue), &bytes, &size,
        Int32(sampling.rawValue), 100, flags)
      defer { tjFree(bytes) }
      guard status == 0, let bytes else { throw Failure() }
      return Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
    }
  }
#endif
