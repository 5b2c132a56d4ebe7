internal import Counterspike
internal import CounterspikeData

/// Pictures side by side, each pixel a colour: an image, the events of a few time steps, or the
/// spikes of units in a row.
struct Picture {
  struct Colour: Equatable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8

    static let black = Colour(red: 0, green: 0, blue: 0)

    /// From 0 to 1.
    var brightness: Double {
      (0.3 * Double(red) + 0.59 * Double(green) + 0.11 * Double(blue)) / 255
    }

    var hexadecimal: String {
      "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  struct Tile {
    /// What stands below it.
    var caption: String
    /// Shape `[height, width]`.
    var pixels: [Colour]
  }

  let width: Int
  let height: Int
  let tiles: [Tile]

  private init(width: Int, height: Int, tiles: [Tile]) {
    self.width = width
    self.height = height
    self.tiles = tiles
  }

  /// Sample `index` of a source, as a network is shown it in the first epoch.
  init(_ source: any SampleSource, _ index: Int, tiles count: Int) {
    var values = [Float](repeating: 0, count: source.shape.reduce(1, *))
    var span = values.mutableSpan
    source.load(index, epoch: 0, into: &span)
    self.init(values, shape: source.shape, tiles: count)
  }

  /// A sample as a network is shown it.
  ///
  /// - Parameters:
  ///   - values: shape `[C, H, W]` or `[T, C, H, W]`.
  ///   - tiles: the most pictures that time steps are summed up in; where H is 1, there is one.
  init(_ values: [Float], shape: [Int], tiles count: Int) {
    if shape.count == 4, shape[2] == 1 {
      let raster = Self.raster(values, shape: shape)
      (width, height) = (raster.width, raster.height)
      tiles = [Tile(caption: "", pixels: raster.pixels)]
      return
    }
    height = shape[shape.count - 2]
    width = shape[shape.count - 1]
    let plane = width * height
    if shape.count == 3 {
      tiles = [Tile(caption: "", pixels: Self.image(values, channels: shape[0], plane: plane))]
      return
    }
    let steps = shape[0]
    let group = (steps + count - 1) / count
    let size = shape[1] * plane
    tiles = stride(from: 0, to: steps, by: group).map { first in
      let last = min(first + group, steps)
      var off = [Bool](repeating: false, count: plane)
      var on = off
      for step in first..<last {
        for pixel in 0..<plane {
          if values[step * size + pixel] != 0 { off[pixel] = true }
          if values[(step + 1) * size - plane + pixel] != 0 { on[pixel] = true }
        }
      }
      return Tile(
        caption: group == 1 ? "\(first + 1)" : "\(first + 1)–\(last)",
        pixels: zip(off, on).map { Self.colour(off: $0, on: $1) })
    }
  }

  /// The image as it is, greys not spread.
  init(_ image: ImageFile) {
    width = image.header.width
    height = image.header.height
    let channels = image.header.channels
    let last = channels - 1
    let pixels = image.pixels
    tiles = [
      Tile(
        caption: "",
        pixels: stride(from: 0, to: pixels.count, by: channels).map {
          Colour(red: pixels[$0], green: pixels[$0 + last / 2], blue: pixels[$0 + last])
        })
    ]
  }

  /// Grey from the smallest value to the largest, or colours of three channels.
  private static func image(_ values: [Float], channels: Int, plane: Int) -> [Colour] {
    let low = values.min() ?? 0
    let range = max((values.max() ?? 0) - low, .leastNormalMagnitude)
    func byte(_ index: Int) -> UInt8 { UInt8(255 * (values[index] - low) / range) }
    return (0..<plane).map { pixel in
      channels == 3
        ? Colour(
          red: byte(pixel), green: byte(plane + pixel), blue: byte(2 * plane + pixel))
        : Colour(red: byte(pixel), green: byte(pixel), blue: byte(pixel))
    }
  }

  /// The most columns and rows of a picture of spikes.
  static let rasterWidth = 80
  private static let rasterHeight = 70

  /// Units in a row: time to the right, unit 0 at the bottom; spikes, or greys from the smallest value
  /// to the largest, of several the mean.
  private static func raster(
    _ values: [Float], shape: [Int]
  ) -> (width: Int, height: Int, pixels: [Colour]) {
    // Channels of no width are units as well.
    let (steps, units) = (shape[0], shape[3] == 1 ? shape[1] : shape[3])
    let stepGroup = (steps + rasterWidth - 1) / rasterWidth
    let unitGroup = (units + rasterHeight - 1) / rasterHeight
    let width = (steps + stepGroup - 1) / stepGroup
    let height = (units + unitGroup - 1) / unitGroup
    var pixels = [Colour](repeating: .black, count: width * height)
    func place(_ index: Int) -> Int {
      let row = height - 1 - index % units / unitGroup
      let column = index / (values.count / steps) / stepGroup
      return row * width + column
    }
    // Spikes, or their numbers, are never negative and mostly none.
    if values.allSatisfy({ $0 >= 0 && $0.rounded() == $0 }) {
      for (index, value) in values.enumerated() where value != 0 {
        pixels[place(index)] = colour(off: false, on: true)
      }
      return (width, height, pixels)
    }
    var sums = [Float](repeating: 0, count: pixels.count)
    var counts = sums
    for (index, value) in values.enumerated() {
      sums[place(index)] += value
      counts[place(index)] += 1
    }
    let means = zip(sums, counts).map { $0 / max($1, 1) }
    return (width, height, image(means, channels: 1, plane: means.count))
  }

  /// ON is light blue, OFF orange, both white.
  private static func colour(off: Bool, on: Bool) -> Colour {
    switch (off, on) {
    case (false, false): .black
    case (true, false): Colour(red: 240, green: 140, blue: 40)
    case (false, true): Colour(red: 90, green: 180, blue: 255)
    case (true, true): Colour(red: 255, green: 255, blue: 255)
    }
  }
}

extension Picture {
  /// Lines for a terminal: two rows of pixels to a line.
  ///
  /// - Parameters:
  ///   - columns: characters that a line may have.
  ///   - colours: without any, what is bright is a block.
  func lines(columns: Int, colours: TerminalColours) -> [String] {
    guard width <= columns else {
      return reduced(by: (width + columns - 1) / columns)
        .lines(columns: columns, colours: colours)
    }
    let perLine = max(1, (columns + 2) / (width + 2))
    var lines: [String] = []
    for first in stride(from: 0, to: tiles.count, by: perLine) {
      let row = tiles[first..<min(first + perLine, tiles.count)]
      for y in stride(from: 0, to: height, by: 2) {
        lines.append(
          row.map { line(of: $0, at: y, colours: colours) }.joined(separator: "  "))
      }
      guard row.contains(where: { !$0.caption.isEmpty }) else { continue }
      lines.append(
        row.map { tile in
          tile.caption + String(repeating: " ", count: max(0, width - tile.caption.count))
        }.joined(separator: "  "))
    }
    return lines
  }

  /// Squares of pixels become one, their mean; what is left at the right and below is left out.
  private func reduced(by factor: Int) -> Picture {
    let (columns, rows) = (width / factor, max(height / factor, 1))
    return Picture(
      width: columns, height: rows,
      tiles: tiles.map { tile in
        Tile(
          caption: tile.caption,
          pixels: (0..<(columns * rows)).map { place in
            var (red, green, blue, count) = (0, 0, 0, 0)
            let top = place / columns * factor
            for y in top..<min(top + factor, height) {
              for x in (place % columns * factor)..<(place % columns * factor + factor) {
                let pixel = tile.pixels[y * width + x]
                red += Int(pixel.red)
                green += Int(pixel.green)
                blue += Int(pixel.blue)
                count += 1
              }
            }
            return Colour(
              red: UInt8(red / count), green: UInt8(green / count), blue: UInt8(blue / count))
          })
      })
  }

  private func line(of tile: Tile, at y: Int, colours: TerminalColours) -> String {
    var text = ""
    for x in 0..<width {
      let top = tile.pixels[y * width + x]
      let bottom = y + 1 < height ? tile.pixels[(y + 1) * width + x] : .black
      if colours != .none {
        text +=
          colours.sequence(
            (top.red, top.green, top.blue), on: (bottom.red, bottom.green, bottom.blue)) + "▀"
      } else {
        switch (top.brightness > 0.4, bottom.brightness > 0.4) {
        case (false, false): text += " "
        case (true, false): text += "▀"
        case (false, true): text += "▄"
        case (true, true): text += "█"
        }
      }
    }
    return text + colours.reset
  }

  /// All tiles as the pixels of one image, small ones enlarged by a whole factor, so that each of
  /// their pixels is a square of one colour; between tiles it is white.
  ///
  /// - Returns: pixels of shape `[height, width, 3]`, and the two.
  func raster() -> (pixels: [UInt8], width: Int, height: Int) {
    let perLine = min(tiles.count, 6)
    let rows = (tiles.count + perLine - 1) / perLine
    let factor = max(1, 256 / max(width, height))
    let gap = 2
    let total = (
      (perLine * (width + gap) - gap) * factor, (rows * (height + gap) - gap) * factor
    )
    var pixels = [UInt8](repeating: 255, count: total.0 * total.1 * 3)
    for (number, tile) in tiles.enumerated() {
      let left = number % perLine * (width + gap) * factor
      let top = number / perLine * (height + gap) * factor
      for y in 0..<(height * factor) {
        var place = ((top + y) * total.0 + left) * 3
        for x in 0..<(width * factor) {
          let colour = tile.pixels[y / factor * width + x / factor]
          pixels[place] = colour.red
          pixels[place + 1] = colour.green
          pixels[place + 2] = colour.blue
          place += 3
        }
      }
    }
    return (pixels, total.0, total.1)
  }

  /// A drawing, a unit square for each pixel that is not black.
  func svg(title: String) -> String {
    let perLine = min(tiles.count, 6)
    let rows = (tiles.count + perLine - 1) / perLine
    let (stepX, stepY) = (width + 2, height + 6)
    let total = (perLine * stepX + 2, rows * stepY + 2)
    let name = title.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(total.0) \(total.1)" \
      width="\(total.0 * 4)" height="\(total.1 * 4)" shape-rendering="crispEdges">
      <title>\(name)</title>
      <rect width="100%" height="100%" fill="#ffffff"/>

      """
    for (number, tile) in tiles.enumerated() {
      let left = number % perLine * stepX + 2
      let top = number / perLine * stepY + 2
      text += "<g transform=\"translate(\(left) \(top))\">\n"
      text += "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#000000\"/>\n"
      for (pixel, colour) in tile.pixels.enumerated() where colour != .black {
        text +=
          "<rect x=\"\(pixel % width)\" y=\"\(pixel / width)\" width=\"1\" height=\"1\" "
          + "fill=\"\(colour.hexadecimal)\"/>\n"
      }
      if !tile.caption.isEmpty {
        text += "<text y=\"\(height + 3)\" font-size=\"3\">\(tile.caption)</text>\n"
      }
      text += "</g>\n"
    }
    return text + "</svg>\n"
  }
}
