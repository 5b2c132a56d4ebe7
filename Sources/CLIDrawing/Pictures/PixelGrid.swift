/// Pixels in rows.
struct PixelGrid: Equatable {
  let width: Int
  let height: Int
  /// Shape `[height, width]`.
  var pixels: [Colour]

  /// - Precondition: at least one pixel, and as many as width and height say.
  init(width: Int, height: Int, pixels: [Colour]) {
    precondition(
      pixels.count == width * height && !pixels.isEmpty,
      "\(pixels.count) pixels for \(width)×\(height)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  subscript(x: Int, y: Int) -> Colour { pixels[y * width + x] }

  /// A picture of at most `side` pixels on each side: squares of pixels become one, their mean; at the
  /// right and below there may be less than a square.
  func reduced(to side: Int) -> PixelGrid {
    reduced(by: (max(width, height) + side - 1) / side)
  }

  func reduced(by factor: Int) -> PixelGrid {
    guard factor > 1 else { return self }
    let (columns, rows) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
    return PixelGrid(
      width: columns, height: rows,
      pixels: (0..<(columns * rows)).map { place in
        var (red, green, blue, count) = (0, 0, 0, 0)
        let (left, top) = (place % columns * factor, place / columns * factor)
        for y in top..<min(top + factor, height) {
          for x in left..<min(left + factor, width) {
            let pixel = self[x, y]
            red += Int(pixel.red)
            green += Int(pixel.green)
            blue += Int(pixel.blue)
            count += 1
          }
        }
        return Colour(
          red: UInt8(red / count), green: UInt8(green / count), blue: UInt8(blue / count))
      })
  }
}
