/// The smallest multiple of the kernels' width that holds `channels`.
package func paddedChannels(_ channels: Int) -> Int {
  (channels + FloatBuffer.octet - 1) / FloatBuffer.octet * FloatBuffer.octet
}

/// Between the public order `[…, C, H, W]` and the kernels' `[…, H, W, C]` with padded channels.
package enum Layout {
  /// One image, channels first, into a channels-last slice whose padding stays as it is.
  package static func channelsLast(
    _ image: FloatSlice, into result: FloatSlice, channels: Int, height: Int, width: Int,
    channelStride: Int
  ) {
    precondition(
      image.count == channels * height * width
        && result.count == height * width * channelStride,
      "an image \(channels)×\(height)×\(width) in other slices")
    let pixels = height * width
    for c in 0..<channels {
      for pixel in 0..<pixels {
        result.pointer[pixel * channelStride + c] = image.pointer[c * pixels + pixel]
      }
    }
  }

  /// The images of a channels-last slice, `[images, C, H, W]`, without the padding.
  package static func channelsFirst(
    _ slice: FloatSlice, images: Int, channels: Int, height: Int, width: Int, channelStride: Int
  ) -> [Float] {
    let pixels = height * width
    precondition(
      slice.count == images * pixels * channelStride,
      "\(images) images \(channels)×\(height)×\(width) in a slice of \(slice.count)")
    var result = [Float](repeating: 0, count: images * channels * pixels)
    for image in 0..<images {
      let from = slice.pointer + image * pixels * channelStride
      for c in 0..<channels {
        for pixel in 0..<pixels {
          result[(image * channels + c) * pixels + pixel] = from[pixel * channelStride + c]
        }
      }
    }
    return result
  }
}
