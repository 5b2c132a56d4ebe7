internal import Counterspike
internal import Foundation

/// A small picture that a page holds in itself.
package struct PagePicture: Sendable, Equatable {
  /// In pixels, one for each number that is shown.
  package let width: Int
  package let height: Int
  /// An address that holds the whole picture as a bitmap file (BMP), which browsers read without a
  /// library of ours.
  package let address: String

  init(_ image: PixelImage) {
    width = image.width
    height = image.height
    address = "data:image/bmp;base64," + Data(Self.bitmap(image)).base64EncodedString()
  }

  /// A bitmap file of 24 bits a pixel: a header of 14 bytes, one of 40, then rows from the lowest one up,
  /// each filled up to a multiple of four bytes.
  static func bitmap(_ image: PixelImage) -> [UInt8] {
    let row = (3 * image.width + 3) / 4 * 4
    let size = 54 + row * image.height
    func bytes(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var file: [UInt8] = Array("BM".utf8) + bytes(size, 4) + bytes(0, 4) + bytes(54, 4)
    file += bytes(40, 4) + bytes(image.width, 4) + bytes(image.height, 4)
    file += bytes(1, 2) + bytes(24, 2) + bytes(0, 4) + bytes(row * image.height, 4)
    file += [UInt8](repeating: 0, count: 16)
    for y in (0..<image.height).reversed() {
      for x in 0..<image.width {
        let colour = image[x, y]
        file += [colour.blue, colour.green, colour.red]
      }
      file += [UInt8](repeating: 0, count: row - 3 * image.width)
    }
    return file
  }
}

extension PixelImage {
  /// A sample as one sees it: a static input in grey or colours; of spike trains of pixels the sum over
  /// time, the second channel blue below 0; of other series time to the right and a row for each channel.
  ///
  /// - Parameters:
  ///   - values: in the order of `shape`.
  ///   - shape: `[C, H, W]` or `[T, C, H, W]`.
  init(sample values: [Float], shape: [Int]) {
    let (channels, height, width) = (
      shape[shape.count - 3], shape[shape.count - 2], shape[shape.count - 1]
    )
    let plane = height * width
    if shape.count == 4, plane == 1 {
      self.init(width: shape[0], height: channels)
      let shares = Self.shares(values)
      for place in values.indices {
        self[place / channels, place % channels] = .share(shares[place])
      }
      return
    }
    guard shape.count == 3 else {
      self.init(width: width, height: height)
      var sums = [Float](repeating: 0, count: plane)
      for (place, value) in values.enumerated() {
        let channel = place / plane % channels
        sums[place % plane] += channels == 2 && channel == 1 ? -value : value
      }
      let bound = sums.reduce(.leastNormalMagnitude) { max($0, abs($1)) }
      for place in sums.indices { pixels[place] = .signed(sums[place] / bound) }
      return
    }
    let shares = Self.shares(values)
    if plane == 1 {
      self.init(width: channels, height: 1)
      pixels = shares.map { .share($0) }
    } else if channels == 3 {
      self.init(width: width, height: height)
      func byte(_ place: Int) -> UInt8 { UInt8(255 * shares[place]) }
      for place in 0..<plane {
        pixels[place] = Colour(
          red: byte(place), green: byte(plane + place), blue: byte(2 * plane + place))
      }
    } else {
      // Channels one below the other.
      self.init(width: width, height: height * channels)
      pixels = shares.map { .grey($0) }
    }
  }

  /// The values from 0, the least, to 1, the largest; those that are no finite number are 0.
  private static func shares(_ values: [Float]) -> [Float] {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max(), high > low else {
      return values.map { _ in 0 }
    }
    return values.map { $0.isFinite ? ($0 - low) / (high - low) : 0 }
  }

  /// The weights of one unit of a first layer, its input channels one below the other, blue below 0 and
  /// orange above; of inputs without height and width the channels stand side by side.
  ///
  /// - Parameters:
  ///   - weights: `[C, H, W]` in this order; of more than eight channels of planes the first ones are drawn.
  ///   - bound: the magnitude that has the full colour.
  init(kernel weights: ArraySlice<Float>, shape: [Int], bound: Float) {
    let plane = shape[1] * shape[2]
    let scaled = weights.map { Colour.signed($0 / max(bound, .leastNormalMagnitude)) }
    if plane == 1 {
      self.init(width: shape[0], height: 1)
      pixels = scaled
    } else {
      let channels = min(shape[0], 8)
      self.init(width: shape[2], height: shape[1] * channels)
      pixels = Array(scaled.prefix(plane * channels))
    }
  }
}
