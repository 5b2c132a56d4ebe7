package import CounterspikeData

/// An image with its size in pixels.
package struct ImagePicture: Picture {
  let grid: PixelGrid
  let key: PictureKey

  /// The image as it is, greys not spread.
  package init(_ image: ImageFile) {
    let channels = image.header.channels
    let last = channels - 1
    let pixels = image.pixels
    grid = PixelGrid(
      width: image.header.width, height: image.header.height,
      pixels: stride(from: 0, to: pixels.count, by: channels).map {
        Colour(red: pixels[$0], green: pixels[$0 + last / 2], blue: pixels[$0 + last])
      })
    key = .none
  }

  /// Grey from the smallest value to the largest, or colours of three channels.
  ///
  /// - Parameter values: shape `[C, H, W]`, C 1 or 3.
  package init(_ values: [Float], shape: [Int]) {
    let range = ValueRange(values)
    let plane = shape[1] * shape[2]
    func colour(_ pixel: Int) -> Colour {
      func level(_ channel: Int) -> UInt8 {
        Colour.grey(range.share(values[channel * plane + pixel])).red
      }
      return shape[0] == 3
        ? Colour(red: level(0), green: level(1), blue: level(2)) : .grey(range.share(values[pixel]))
    }
    grid = PixelGrid(width: shape[2], height: shape[1], pixels: (0..<plane).map(colour))
    key =
      shape[0] == 3
      ? .none : .ramp(low: range.low, high: range.high, meaning: "value", Colour.grey)
  }

  /// The longest side in a drawing, in units.
  private static let longest = 512

  package func canvas(title: String) -> Canvas {
    let shown = grid.reduced(to: Self.longest)
    let factor = max(1.0, (256 / Double(max(shown.width, shown.height))).rounded(.down))
    let (boxWidth, boxHeight) = (Double(shown.width) * factor, Double(shown.height) * factor)
    let ticks = (Int(boxWidth / 50), Int(boxHeight / 40))
    let x = Axis(
      0, Double(grid.width), label: "x (pixels)", ticks: max(1, ticks.0), isWhole: true)
    let y = Axis(
      0, Double(grid.height), label: "y (pixels)", ticks: max(1, ticks.1), isWhole: true)
    let left = PictureFrame.margin + PlotArea.leftSpace(of: y)
    let size = key.size
    let frame = PictureFrame(
      title: title, width: left + max(boxWidth + 24, 80, size.width) + PictureFrame.margin)
    let keySpace = size.height > 0 ? size.height + 6 : 0
    var canvas = frame.canvas(
      height: PlotArea.topSpace + boxHeight + PlotArea.bottomSpace + keySpace)
    let box = Canvas.Box(
      x: left, y: frame.top + PlotArea.topSpace, width: boxWidth, height: boxHeight)
    canvas.pixels(shown, in: box)
    PlotArea(box: box, x: x, y: y, isTurned: true).drawAxes(on: &canvas)
    key.draw(on: &canvas, at: .init(left, box.y + boxHeight + PlotArea.bottomSpace + 4))
    return canvas
  }

  package func lines(columns: Int, colours: TerminalColours) -> [String] {
    grid.lines(columns: columns, colours: colours)
      + ["\(grid.width)×\(grid.height) pixels"] + key.lines(columns: columns, colours: colours)
  }
}

/// The smallest and the largest of some values; what is no finite number is left out.
struct ValueRange {
  let low: Double
  let high: Double

  init(_ values: some Sequence<Float>) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite {
      low = min(low, Double(value))
      high = max(high, Double(value))
    }
    (self.low, self.high) = low > high ? (0, 0) : (low, high)
  }

  /// 0 for the smallest value, 1 for the largest; of equal values 0.
  func share(_ value: Float) -> Double {
    guard high > low, value.isFinite else { return 0 }
    return (Double(value) - low) / (high - low)
  }
}
