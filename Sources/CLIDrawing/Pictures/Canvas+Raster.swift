extension Canvas {
  /// The drawing as red, green and blue bytes, shape `[height, width, 3]`: two pixels a unit.
  package func raster() -> (pixels: [UInt8], width: Int, height: Int) {
    var raster = Raster(
      width: Int((width * Raster.scale).rounded(.up)),
      height: Int((height * Raster.scale).rounded(.up)))
    for shape in shapes {
      switch shape {
      case .rectangle(let box, let colour): raster.fill(box, colour)
      case .line(let points, let colour, let width):
        for (start, end) in zip(points, points.dropFirst()) {
          raster.line(start, end, colour, thickness: width * Raster.scale)
        }
      case .circle(let centre, let radius, let colour):
        raster.circle(centre, radius: radius, colour)
      case .pixels(let grid, let box): raster.pixels(grid, in: box)
      case .text(let text): raster.text(text)
      }
    }
    return (raster.bytes, raster.width, raster.height)
  }
}

/// Pixels that shapes are painted on; what is outside is left out.
private struct Raster {
  /// Pixels a unit of the drawing.
  static let scale = 2.0

  let width: Int
  let height: Int
  private(set) var bytes: [UInt8]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    bytes = [UInt8](repeating: 255, count: width * height * 3)
  }

  private mutating func set(_ x: Int, _ y: Int, _ colour: Colour) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    let place = (y * width + x) * 3
    bytes[place] = colour.red
    bytes[place + 1] = colour.green
    bytes[place + 2] = colour.blue
  }

  private mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>, _ colour: Colour) {
    for y in rows.clamped(to: 0..<height) {
      for x in columns.clamped(to: 0..<width) { set(x, y, colour) }
    }
  }

  private static func range(_ start: Double, _ length: Double) -> Range<Int> {
    let first = Int((start * scale).rounded())
    return first..<max(first, Int(((start + length) * scale).rounded()))
  }

  mutating func fill(_ box: Canvas.Box, _ colour: Colour) {
    fill(Self.range(box.x, box.width), Self.range(box.y, box.height), colour)
  }

  mutating func circle(_ centre: Canvas.Point, radius: Double, _ colour: Colour) {
    let (x, y, radius) = (centre.x * Self.scale, centre.y * Self.scale, radius * Self.scale)
    for row in Int(y - radius)...Int(y + radius) {
      for column in Int(x - radius)...Int(x + radius) {
        let (dx, dy) = (Double(column) + 0.5 - x, Double(row) + 0.5 - y)
        if dx * dx + dy * dy <= radius * radius { set(column, row, colour) }
      }
    }
  }

  /// Squares along the line, so near to each other that there is no gap.
  mutating func line(
    _ start: Canvas.Point, _ end: Canvas.Point, _ colour: Colour, thickness: Double
  ) {
    let size = max(1, Int(thickness.rounded()))
    let (x, y) = (start.x * Self.scale, start.y * Self.scale)
    let (dx, dy) = (end.x * Self.scale - x, end.y * Self.scale - y)
    let steps = max(1, Int(max(abs(dx), abs(dy)).rounded(.up)))
    for step in 0...steps {
      let share = Double(step) / Double(steps)
      let left = Int((x + share * dx - Double(size) / 2).rounded())
      let top = Int((y + share * dy - Double(size) / 2).rounded())
      fill(left..<(left + size), top..<(top + size), colour)
    }
  }

  /// Each of the box's pixels shows the one of the grid that it lies in.
  mutating func pixels(_ grid: PixelGrid, in box: Canvas.Box) {
    let (columns, rows) = (Self.range(box.x, box.width), Self.range(box.y, box.height))
    for y in rows {
      for x in columns {
        set(
          x, y,
          grid[
            (x - columns.lowerBound) * grid.width / columns.count,
            (y - rows.lowerBound) * grid.height / rows.count])
      }
    }
  }

  mutating func text(_ text: Canvas.Text) {
    let dot = Int(Self.scale)
    let box = text.box
    var x = Int((box.x * Self.scale).rounded())
    // The seventh row of a letter stands on the base line.
    let top = Int((text.place.y * Self.scale).rounded()) - 7 * dot
    for character in text.text {
      let cells = String(character).cells
      for (column, row) in BitmapFont.dots(of: character) {
        let place = (x + column * dot, top + row * dot)
        fill(
          place.0..<(place.0 + dot + (text.isBold ? dot / 2 : 0)), place.1..<(place.1 + dot),
          text.colour)
      }
      x += cells * Int(Canvas.characterWidth) * dot
    }
  }
}
