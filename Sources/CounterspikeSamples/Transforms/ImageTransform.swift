package import Counterspike
internal import CounterspikeKernels
internal import Foundation

/// One random change of an image: for every pixel of the result, the place in the original that it
/// is taken from.
///
/// The image is first shifted (a random crop of the padded image), then mirrored, then rotated
/// about its centre; the three are composed, so that each pixel is looked up once:
///
///     [x']   [ cos α  sin α] [x − cx]   [cx]
///     [y'] = [−sin α  cos α]·[y − cy] + [cy],   c = (size − 1)/2
///     source column = (W − 1 − x' if mirrored, else x') + columnOffset
///     source row    = y' + rowOffset
///
/// A positive angle α turns the image clockwise, rows being counted downwards. Whatever lies
/// outside of the original is black (raw value 0). Without rotation all places are whole numbers,
/// and the pixels are copied exactly; with it they are interpolated bilinearly.
package struct ImageTransform: Sendable, Equatable {
  /// Rows that the original is shifted up by; −cropPadding … cropPadding.
  package var rowOffset = 0
  /// Columns that the original is shifted to the left by; −cropPadding … cropPadding.
  package var columnOffset = 0
  /// Whether left and right are exchanged.
  package var isMirrored = false
  /// The angle that the image is turned by, in degrees.
  package var angle: Float = 0

  package init() {}

  /// Draws the change of one sample in one epoch, a function of the arguments alone.
  ///
  /// Each parameter has its own place in the random stream, so that switching one of them on or
  /// off leaves the others as they are.
  package init(_ settings: AugmentationSettings, seed: UInt64, epoch: Int, index: Int) {
    var random = RandomStream(seed: seed, purpose: .augmentation, epoch, index)
    let places = 2 * settings.cropPadding + 1
    rowOffset = random.integer(below: places) - settings.cropPadding
    columnOffset = random.integer(below: places) - settings.cropPadding
    let coin = random.integer(below: 2)
    isMirrored = settings.flip && coin == 1
    angle = (2 * random.uniform() - 1) * settings.rotation
  }

  /// Writes the changed image.
  ///
  /// - Parameters:
  ///   - pixels: raw pixels; the image's are `pixels[start ..< start + C·H·W]`, in the order
  ///     `[C, H, W]`.
  ///   - table: the value that each of the 256 raw pixel values stands for, shape `[C, 256]`; the
  ///     interpolation is between those, which is the same because normalization is linear.
  ///   - values: the result, shape `[C, H, W]`; every element is written.
  /// - Complexity: O(C·H·W), no allocation.
  package func apply(
    to pixels: borrowing Span<UInt8>, from start: Int, channels: Int, height: Int, width: Int,
    table: borrowing Span<Float>, into values: inout MutableSpan<Float>
  ) {
    if angle == 0 {
      copy(
        pixels, from: start, channels: channels, height: height, width: width, table: table,
        into: &values)
    } else {
      interpolate(
        pixels, from: start, channels: channels, height: height, width: width, table: table,
        into: &values)
    }
  }

  private func copy(
    _ pixels: borrowing Span<UInt8>, from start: Int, channels: Int, height: Int, width: Int,
    table: borrowing Span<Float>, into values: inout MutableSpan<Float>
  ) {
    let first = (isMirrored ? width - 1 : 0) + columnOffset
    let step = isMirrored ? -1 : 1
    var target = 0
    for channel in 0..<channels {
      let first256 = channel << 8
      let black = table[first256]
      for y in 0..<height {
        let row = y + rowOffset
        let rowStart = start + (channel * height + row) * width
        let isInside = row >= 0 && row < height
        var column = first
        for _ in 0..<width {
          values[target] =
            isInside && column >= 0 && column < width
            ? table[first256 + Int(pixels[rowStart + column])] : black
          column += step
          target += 1
        }
      }
    }
  }

  private func interpolate(
    _ pixels: borrowing Span<UInt8>, from start: Int, channels: Int, height: Int, width: Int,
    table: borrowing Span<Float>, into values: inout MutableSpan<Float>
  ) {
    // In double precision, so that the angle's sine hardly depends on the system's library.
    let radians = Double(angle) * .pi / 180
    let cosine = Float(cos(radians))
    let sine = Float(sin(radians))
    let centreX = Float(width - 1) / 2
    let centreY = Float(height - 1) / 2
    let sign: Float = isMirrored ? -1 : 1
    let shiftX = (isMirrored ? Float(width - 1) - centreX : centreX) + Float(columnOffset)
    let shiftY = centreY + Float(rowOffset)
    var target = 0
    for channel in 0..<channels {
      let plane = start + channel * height * width
      let first256 = channel << 8
      let black = table[first256]
      for y in 0..<height {
        let dy = Float(y) - centreY
        for x in 0..<width {
          let dx = Float(x) - centreX
          let sourceX = sign * (cosine * dx + sine * dy) + shiftX
          let sourceY = (cosine * dy - sine * dx) + shiftY
          let column = Self.floor(sourceX)
          let row = Self.floor(sourceY)
          let fractionX = sourceX - Float(column)
          let fractionY = sourceY - Float(row)

          // The four neighbours: top left, top right, bottom left, bottom right.
          var a = black
          var b = black
          var c = black
          var d = black
          let hasLeft = column >= 0 && column < width
          let hasRight = column >= -1 && column < width - 1
          if row >= 0 && row < height {
            let place = plane + row * width + column
            if hasLeft { a = table[first256 + Int(pixels[place])] }
            if hasRight { b = table[first256 + Int(pixels[place + 1])] }
          }
          if row >= -1 && row < height - 1 {
            let place = plane + (row + 1) * width + column
            if hasLeft { c = table[first256 + Int(pixels[place])] }
            if hasRight { d = table[first256 + Int(pixels[place + 1])] }
          }
          let top = a + fractionX * (b - a)
          let bottom = c + fractionX * (d - c)
          values[target] = top + fractionY * (bottom - top)
          target += 1
        }
      }
    }
  }

  /// The greatest integer that is not greater than `value`; without the call into the
  /// mathematical library that `rounded(.down)` is on x86-64 before SSE 4.1.
  @inline(__always)
  private static func floor(_ value: Float) -> Int {
    let truncated = Int(value)
    return Float(truncated) > value ? truncated - 1 : truncated
  }
}
